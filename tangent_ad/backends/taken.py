"""Which arrays of a derived function can lie in memory that the caller gives.

In: a derived function in its last form, the kinds of its parameters.  Out: the arrays, where the first of them is made,
and the lengths that must be known there.

An array can if `np.empty` makes it once, outside of all branches and loops, in float64, with extents that are known
where the first of them is made and not negative, and if no result can share its memory; so can the zeros in which its
tangents lie.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.defs import bound_by
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import Kind
from tangent_ad.core.walk import expressions, names_read, statements
from tangent_ad.runtime import helpers
from tangent_ad.simplify.context import Context, is_pure, kinds_of
from tangent_ad.simplify.memory import find_memory, sources


@record(frozen=True)
class Reader:
    """typed: kinds come from compiled types, which settle the dtypes and the form of the workspace; compiled: the text
    is for Numba, which prints no numbers into messages."""

    typed: bool = False
    compiled: bool = False


PLAIN = Reader()
TYPED, COMPILED = Reader(typed=True, compiled=True), Reader(compiled=True)


@record(frozen=True)
class Block:
    """An array that is taken.

    made: by which expression.  shape; size: how many elements it has.  is_row: its shape is a number.  zeros: whether
    it begins with zeros.
    """

    made: n.Expr
    shape: n.Expr
    size: n.Expr
    is_row: bool
    zeros: bool = False


@record(frozen=True)
class Taken:
    """at: where the first array is made, in the body; moved: statements that move there, by number; blocks: the arrays,
    by the numbers of the statements that make them."""

    at: int
    moved: dict[int, n.Stmt]
    blocks: dict[int, Block]


class Behind:
    """What the statements that stay between bind, write and read."""

    def __init__(self) -> None:
        self.binds: set[str] = set()
        self.writes: set[str] = set()
        self.reads: set[str] = set()


class Search:
    """Finds the arrays that lie in the workspace, and what must move to where the first of them is made."""

    def __init__(self, fn: n.Function, given: Mapping[str, Kind], reader: Reader) -> None:
        self.fn, self.given, self.reader = fn, given, reader
        self.kinds = kinds = kinds_of(fn, Context(kinds=given))
        self.memory = memory = find_memory(fn, kinds)
        last = fn.body[-1]
        value = last.value if isinstance(last, n.Return) and last.value is not None else n.Const(None)
        parts = [part for part in _parts(value) if not kinds.at(part).is_number]
        self.returned = {memory.class_of.get(name, name) for part in parts for name in sources(part, kinds)}
        self.values: dict[str, list[n.Expr | None]] = {}
        for stmt in statements(fn.body):
            for name in bound_by(stmt):
                self.values.setdefault(name, []).append(stmt.value if isinstance(stmt, n.Assign) else None)

    def search(self) -> Taken:
        """The arrays that are taken; the first that can be always is."""
        found: dict[int, Block] = {}
        for k, stmt in enumerate(self.fn.body):
            block = self.block(stmt) or self.zeros(stmt, found)
            if block is not None:
                found[k] = block
        if not found:
            return Taken(0, {}, {})
        at = min(found)
        moved: dict[int, n.Stmt] = {}
        taken: dict[int, Block] = {}
        behind, wanted = Behind(), self.wanted(found)
        for k, stmt in enumerate(self.fn.body[at:], at):
            if k in found and not self.changed_by(behind, found[k].made):
                taken[stmt.num] = found[k]
            elif wanted.intersection(bound_by(stmt)) and self.moves(behind, stmt):
                moved[stmt.num] = stmt
                continue
            effect = self.memory.effects[stmt.num]
            behind.binds |= effect.binds
            behind.writes |= effect.writes
            behind.reads |= {name for s in statements((stmt,)) for e in expressions(s) for name in names_read(e)}
        return Taken(at, moved, taken)

    def wanted(self, found: Mapping[int, Block]) -> set[str]:
        """The names of which the lengths are made, and those of which these are."""
        names = {name for block in found.values() for name in names_read(block.made)}
        for stmt in reversed(self.fn.body[min(found) : max(found)]):
            if isinstance(stmt, n.Assign) and names.intersection(bound_by(stmt)) and _is_length(stmt.value):
                names |= names_read(stmt.value)
        return names

    def changed_by(self, behind: Behind, value: n.Expr) -> bool:
        """Does what stays between change the value?"""
        return bool(names_read(value) & behind.binds or self.memory.reads(value) & behind.writes)

    def moves(self, behind: Behind, stmt: n.Stmt) -> bool:
        """Can it stand before what stays between?  So that lengths are known there."""
        if not isinstance(stmt, n.Assign) or not isinstance(stmt.target, (n.Name, n.Tuple)) or stmt.info.comments:
            return False
        bound = frozenset(bound_by(stmt))
        if bound & (behind.binds | behind.reads) or not _is_length(stmt.value) or not is_pure(stmt.value):
            return False
        return not self.changed_by(behind, stmt.value)

    def block(self, stmt: n.Stmt) -> Block | None:
        """What a statement makes that can lie in the workspace."""
        match stmt:
            case n.Assign(target=n.Name(id=name), value=n.Call(fn=np.empty, args=(shape, *dtype), keywords=())):
                if self.memory.class_of.get(name, name) in self.returned or len(dtype) > 1:
                    return None
                size = self.size(shape)
                if size is None or not names_read(size):  # a few elements
                    return None
                if dtype and not self.is_double(dtype[0]):
                    return None
                is_row = not isinstance(shape, n.Tuple) and self.kinds.at(shape).is_number
                return Block(stmt.value, shape, size, is_row)
        return None

    def is_double(self, dtype: n.Expr) -> bool:
        """Is it surely float64?  In plain Python nobody knows it of an argument."""
        match dtype:
            case n.Global(value=np.float64):
                return True
            case n.Call(fn=np.ndarray.dtype, args=(n.Name() as x,)):
                return self.reader.typed and self.kinds.at(x).dtype == "float"
        return False

    def zeros(self, stmt: n.Stmt, found: Mapping[int, Block]) -> Block | None:
        """A block of zeros in the shape of another: the tangent of a tape."""
        match stmt:
            case n.Assign(target=n.Name(id=name), value=n.Call(fn=helpers.spread, args=(zero, n.Name(id=like)))):
                for k, block in found.items():
                    made = self.fn.body[k]
                    if isinstance(made, n.Assign) and made.target == n.Name(like) and zero == n.Const(0.0):
                        alone = (
                            len(self.values[like]) == 1 and self.memory.class_of.get(name, name) not in self.returned
                        )
                        return replace(block, zeros=True) if alone else None
        return None

    def size(self, shape: n.Expr) -> n.Expr | None:
        """How many elements an array of that shape has; None if an extent may be negative, or cannot be told."""
        match shape:
            case n.Tuple(elts=elts):
                if not all(self.is_length(e) for e in elts):
                    return None
                return _product(elts)
            case n.Call(fn=operator.add, args=(a, b)) if not self.kinds.at(shape).is_number:
                sizes = [self.size(a), self.size(b)]
                return None if sizes[0] is None or sizes[1] is None else _product([s for s in sizes if s is not None])
            case n.Call(fn=np.shape, args=(n.Name() as x,)) if self.kinds.at(x).is_array:
                return n.Call(np.size, ".size", (x,))
        return shape if self.is_length(shape) else None

    def is_length(self, e: n.Expr, deep: int = 4) -> bool:
        """Is it surely an integer that is not negative?"""
        match e:
            case n.Const(value=int() as value):
                return not isinstance(value, bool) and value >= 0
            case n.Call(fn=f, args=(n.Name(),)) if f is len or f is np.size:
                return True
            case n.Call(fn=f, args=args) if f is max and len(args) == 2:
                return any(self.is_length(arg, deep) for arg in args)
            case n.Index(value=n.Call(fn=np.shape), index=n.Const()):
                return True
            case n.Call(fn=f, args=(a, b)) if f in (operator.add, operator.mul):
                return self.is_length(a, deep) and self.is_length(b, deep)
            case n.Name(id=name) if deep and name not in self.given:
                return all(v is not None and self._is_length_of(v, deep) for v in self.values.get(name, [None]))
        return False

    def _is_length_of(self, value: n.Expr, deep: int) -> bool:
        return (isinstance(value, n.Call) and value.fn is np.shape) or self.is_length(value, deep - 1)


def _parts(value: n.Expr) -> list[n.Expr]:
    """The results in a result."""
    return [part for e in value.elts for part in _parts(e)] if isinstance(value, n.Tuple) else [value]


def _is_length(value: n.Expr) -> bool:
    """Does it ask for nothing but lengths and numbers?  Anything else need not be asked earlier than it was."""
    match value:
        case n.Name() | n.Const():
            return True
        case n.Call(fn=f, args=(n.Name(),)) if f in (len, np.shape, np.size):
            return True
        case n.Call(fn=f, args=args) if f in (max, min, operator.add, operator.sub, operator.mul):
            return all(map(_is_length, args))
        case n.Index(value=n.Call(fn=np.shape, args=(n.Name(),)), index=n.Const()):
            return True
    return False


def _product(factors: Sequence[n.Expr]) -> n.Expr:
    found: n.Expr | None = None
    for factor in factors:
        if factor != n.Const(1):
            found = factor if found is None else n.Call(operator.mul, "*", (found, factor))
    return n.Const(1) if found is None else found
