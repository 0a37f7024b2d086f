"""Elements that are added to while they are zero.

In: derived code.  Out: of an adjoint array that begins as zeros, the first addition to an element is a store:

    x_bar = np.zeros_like(x)                              x_bar = np.zeros_like(x)
    x_bar[0] += a                                         x_bar[0] = a
    x_bar[2] -= b                                         x_bar[2] = -b
    x_bar[0] += c                                         x_bar[0] += c

In a loop over the elements (`for k in range(n): x_bar[k] += a`) each addition is the first.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.defs import bound_by, mentioned_within
from tangent_ad.analyses.indexed import index_parts, never_negative
from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import bodies, expressions, names_read, replace_bodies, statements
from tangent_ad.simplify.context import Context, binary, is_shadow, kinds_of
from tangent_ad.simplify.memory import Memory, find_memory

Stmts = tuple[n.Stmt, ...]


def store_first(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered), whose sums in elements begin with their first terms."""
    if not any(_zeros(stmt, context.user_names) for stmt in statements(fn.body)):
        return fn
    kinds = kinds_of(fn, context)
    stores = Stores(kinds, find_memory(fn, kinds))

    def block(body: Stmts) -> Stmts:
        inner = tuple(replace_bodies(s, tuple(map(block, bodies(s)))) if bodies(s) else s for s in body)
        return stores.block(inner, {}, context.user_names)[0]

    return replace(fn, body=block(fn.body))


def _zeros(stmt: n.Stmt, user_names: frozenset[str]) -> str | None:
    """The adjoint that is made of zeros."""
    match stmt:
        case n.Assign(target=n.Name(id=name), value=n.Call(fn=fn)) if fn in (np.zeros, np.zeros_like):
            return name if is_shadow(name) and name not in user_names else None
    return None


@record(frozen=True)
class Zeros:
    """An array that began as zeros, and those of its elements that may not be zero any more; the last statement that
    has to do with it, by its place in the block."""

    name: str
    stored: frozenset[tuple[int, ...]] = frozenset()
    last: int = -1


@record(frozen=True)
class Stores:
    """What is known of names and their memory."""

    kinds: NameKinds
    memory: Memory

    def block(
        self, body: Stmts, zeros: Mapping[str, Zeros], user_names: frozenset[str]
    ) -> tuple[Stmts, dict[str, Zeros]]:
        """`body` with stores for first additions.

        Parameters: the arrays that are zero ahead of it, by the class of their memory; names that are not the
            compiler's: of what they hold in `body` nothing is presumed.
        Returns: the statements; the arrays that still are zero behind them, but for elements that were stored.
        """
        known, found = dict(zeros), list[n.Stmt]()
        for at, stmt in enumerate(body):
            for place in self.classes(mentioned_within(stmt)) & known.keys():
                stmt, rest = self.touched(stmt, known.pop(place), place)
                if rest is not None:
                    known[place] = replace(rest, last=at)
            name = _zeros(stmt, user_names)
            if name is not None and name not in names_read(stmt.value):  # type: ignore[attr-defined]
                known[self.class_of(name)] = Zeros(name, last=at)
            found.append(stmt)
        return tuple(found), known

    def class_of(self, name: str) -> str:
        return self.memory.class_of.get(name, name)

    def classes(self, names: Iterable[str]) -> frozenset[str]:
        return frozenset(map(self.class_of, names))

    def touched(self, stmt: n.Stmt, zeros: Zeros, place: str) -> tuple[n.Stmt, Zeros | None]:
        """The statement, which mentions the array, as a store if it may be one; and what is zero behind it."""
        if isinstance(stmt, n.For):
            return self.in_loops(stmt, zeros, place), None
        if not isinstance(stmt, (n.Assign, n.AugAssign)) or not isinstance(stmt.target, n.Index):
            return stmt, None
        index = stmt.target.index
        if stmt.target.value != n.Name(zeros.name) or place in self.classes(names_read(stmt.value) | names_read(index)):
            return stmt, None
        key = _constant(index)
        if key is not None and all(len(key) == len(other) for other in zeros.stored):
            return (stmt if key in zeros.stored else as_store(stmt)), replace(zeros, stored=zeros.stored | {key})
        return (as_store(stmt) if not zeros.stored and self.is_element(index) else stmt), None

    def is_element(self, index: n.Expr) -> bool:
        """Is the index of integers alone?"""
        kinds = [self.kinds.at(part) for part in index_parts(index)]
        return all(kind.is_number and kind.dtype == "int" for kind in kinds)

    def in_loops(self, loop: n.For, zeros: Zeros, place: str) -> n.For:
        """The loop with a store, if all that it does to the array is one addition to an element of each iteration."""
        inside = list(statements(loop.body))
        uses = [s for s in inside if place in self.classes(_named(s))]
        if zeros.stored or len(uses) != 1 or not isinstance(uses[0], n.AugAssign):
            return loop
        use = uses[0]
        target = use.target
        if not isinstance(target, n.Index) or target.value != n.Name(zeros.name):
            return loop
        around = _loops_around(loop, use)
        parts = index_parts(target.index)
        counters = [inner.target.id for inner in around or ()]
        bound = [name for s in inside for name in bound_by(s)]
        steady = all(bound.count(k) == (k != loop.target.id) and n.Name(k) in parts for k in counters)
        if not around or not steady or not all(map(never_negative, around)) or not self.is_element(target.index):
            return loop
        if place in self.classes(names_read(use.value) | names_read(target.index)):
            return loop
        made = as_store(use)

        def rewrite(body: Stmts) -> Stmts:
            return tuple(
                made if s is use else replace_bodies(s, tuple(map(rewrite, bodies(s)))) if bodies(s) else s
                for s in body
            )

        found = replace_bodies(loop, (rewrite(loop.body),))
        assert isinstance(found, n.For)
        return found


def _constant(index: n.Expr) -> tuple[int, ...] | None:
    """The index, if it is of numbers that count from the beginning."""
    found = [part.value for part in index_parts(index) if isinstance(part, n.Const) and type(part.value) is int]
    return tuple(found) if len(found) == len(index_parts(index)) and min(found, default=-1) >= 0 else None


def as_store(stmt: n.Assign | n.AugAssign) -> n.Stmt:
    """`x_bar[i] += e` where x_bar[i] is zero."""
    if isinstance(stmt, n.Assign) or stmt.fn not in (operator.add, operator.sub):
        return stmt
    value = stmt.value if stmt.fn is operator.add else _negative(stmt.value)
    return n.Assign(stmt.target, value, info=stmt.info, num=stmt.num)


def _negative(value: n.Expr) -> n.Expr:
    match value:
        case n.Call(fn=operator.neg, args=(a,)):
            return a
        case n.Call(fn=operator.sub, args=(a, b)):
            return binary(operator.sub, b, a)
    return n.Call(operator.neg, "-", (value,))


def _named(stmt: n.Stmt) -> frozenset[str]:
    """The names in the statement itself."""
    return frozenset().union(*map(names_read, expressions(stmt)))


def _loops_around(loop: n.For, stmt: n.Stmt) -> list[n.For] | None:
    """The loops in `loop` that hold the statement, itself included; None if one of them is not over a range."""
    for inner in loop.body:
        if inner is stmt:
            return [loop]
        if any(s is stmt for s in statements((inner,))):
            return _within(inner, stmt, [loop])
    return None


def _within(outer: n.Stmt, stmt: n.Stmt, around: list[n.For]) -> list[n.For] | None:
    while outer is not stmt:
        if isinstance(outer, n.While):
            return None
        if isinstance(outer, n.For):
            around.append(outer)
        outer = next(s for body in bodies(outer) for s in body if any(t is stmt for t in statements((s,))))
    return around
