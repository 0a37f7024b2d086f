"""Short arrays as numbers.

In: a function in normal form, its kinds.  Out: the function where an array of the function's own, made with a small
constant length, is one number for each element:

    v = np.zeros(2)                   v_0 = 0.0
    v[0] = x * y                      v_1 = 0.0
    v[1] = v[0] * x                   v_0 = x * y
    z = v[0] + v[1]                   v_1 = v_0 * x
                                      z = v_0 + v_1

Its elements alone are read and written, each by a constant index, so nobody shares its memory.  If it is returned, it
is made there.  What is stored is a number for certain; as an element it was NumPy's float64, and it stays one: NumPy's
divisions and powers give inf where Python's raise.  Compiled code has the one float64.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.indexed import asked_whole, element_of
from tangent_ad.analyses.kinds import Kinds
from tangent_ad.core import nodes as n
from tangent_ad.core.names import Fresh
from tangent_ad.core.order import number
from tangent_ad.core.spelling import SYMBOL
from tangent_ad.core.walk import changed, expressions, map_body, map_expr, map_expressions, statements, subexpressions
from tangent_ad.frontend.pure import all_names
from tangent_ad.modes.copies import propagated, without_aliases

LONGEST = 8
FILLED = {np.zeros: 0.0, np.empty: 0.0, np.ones: 1.0}


def short_arrays(
    fn: n.Function, kinds: Kinds, kinds_of: Callable[[n.Function], Kinds], compiled: bool = False
) -> tuple[n.Function, Kinds]:
    """`fn` (numbered) with numbers in the place of short arrays, and its kinds; `fn` itself if there are none, or if
    what they say of the parameters would be lost.  `compiled`: numbers divide in one way, whatever they are."""
    if not any(_length(stmt) for stmt in statements(fn.body)):
        return fn, kinds
    plain, of_plain = without_aliases(fn, lambda stmt: _length(stmt) is not None), kinds
    if plain is not fn:
        of_plain = kinds_of(plain)
    lengths = _candidates(plain, of_plain, compiled)
    if not lengths:
        return fn, kinds
    splitter = _Splitter(plain, of_plain, lengths, compiled)
    parts = frozenset(part for names in splitter.parts.values() for part in names)
    made = number(propagated(splitter.run(), parts))
    found = kinds_of(made)
    if set(found.presumed) != set(kinds.presumed):
        return fn, kinds
    for stmt in statements(made.body):
        values = [found.at(stmt.num, value) for value in _converted(stmt)]
        values += [found.defined(stmt.num, name) for name in bound_by(stmt) if name in parts]
        if not all(kind.is_number for kind in values):
            return fn, kinds
    return made, found


def _converted(stmt: n.Stmt) -> tuple[n.Expr, ...]:
    match stmt:
        case n.Assign(value=n.Call(fn=np.float64, args=(value,))):
            return (value,)
    return ()


def _candidates(fn: n.Function, kinds: Kinds, compiled: bool) -> dict[str, int]:
    """The names of the arrays, with their lengths."""
    lengths: dict[str, int] = {}
    others = {p.name for p in fn.params}
    for stmt in statements(fn.body):
        length = _length(stmt)
        for name in bound_by(stmt):
            if length is None or lengths.setdefault(name, length) != length:
                others.add(name)
    lengths = {name: length for name, length in lengths.items() if name not in others}
    read: set[str] = set()
    for stmt in statements(fn.body) if lengths else ():
        read |= _elements_read(stmt)
        for name in _whole(stmt, lengths, kinds):
            lengths.pop(name, None)
        for name in _of_other_types(stmt, kinds, compiled):
            lengths.pop(name, None)
    return {name: length for name, length in lengths.items() if name in read}


def _length(stmt: n.Stmt) -> int | None:
    found = _displayed(stmt)
    if found is not None and 1 <= len(found[1]) <= LONGEST:
        return len(found[1])
    match stmt:
        case n.Assign(target=n.Name(), value=n.Call(fn=fn, args=(shape,), keywords=())) if fn in FILLED:
            if isinstance(shape, n.Tuple) and len(shape.elts) == 1:
                shape = shape.elts[0]
            if isinstance(shape, n.Const) and type(shape.value) is int and 1 <= shape.value <= LONGEST:
                return shape.value
    return None


def _displayed(stmt: n.Stmt) -> tuple[str, tuple[n.Expr, ...]] | None:
    """The name and the elements of `v = np.array([a, b])`."""
    match stmt:
        case n.Assign(
            target=n.Name(id=name),
            value=n.Call(fn=np.array, args=(n.List(elts=elts) | n.Tuple(elts=elts),), keywords=()),
        ):
            return name, elts
    return None


def _of_other_types(stmt: n.Stmt, kinds: Kinds, compiled: bool) -> tuple[str, ...]:
    """The array that is made of what may not have the type of its elements: Python's numbers, ints, float32."""
    found = _displayed(stmt)
    if found is None:
        return ()
    held = [kinds.at(stmt.num, e) for e in found[1]]
    return () if compiled and all(kind.is_number and kind.dtype == "float" for kind in held) else (found[0],)


def _elements_read(stmt: n.Stmt) -> set[str]:
    target = stmt.target if isinstance(stmt, n.Assign) else None
    return {
        part.value.id
        for expr in expressions(stmt)
        if expr is not target
        for part in subexpressions(expr)
        if isinstance(part, n.Index) and isinstance(part.value, n.Name)
    }


def _whole(stmt: n.Stmt, lengths: dict[str, int], kinds: Kinds) -> set[str]:
    """The arrays of which `stmt` asks more than elements that it names, or stores what may be no number."""
    found: set[str] = set()
    todo: list[n.Expr] = []
    match stmt:
        case n.Assign(target=n.Name(id=name), value=value) if name in lengths:
            todo.append(value)
        case n.Assign(target=n.Index(value=n.Name(id=name)), value=value) if name in lengths:
            if not _is_plain_number(kinds, stmt.num, value):
                found.add(name)
        case n.AugAssign(target=n.Index(value=n.Name(id=name)), fn=fn, value=value) if name in lengths:
            if fn not in (operator.add, operator.sub) or not _is_plain_number(kinds, stmt.num, value):
                found.add(name)
        case n.Return(value=n.Name(id=name)) if name in lengths:
            return set()
    return found | asked_whole(todo or expressions(stmt), lengths)


def _is_plain_number(kinds: Kinds, num: int, value: n.Expr) -> bool:
    kind = kinds.at(num, value)
    return kind.is_number and kind.dtype in ("float", "float32", "int", "bool", None)


class _Splitter:
    def __init__(self, fn: n.Function, kinds: Kinds, lengths: dict[str, int], compiled: bool) -> None:
        self.fn, self.kinds = fn, kinds
        fresh = Fresh(all_names(fn))
        self.parts = {name: [fresh.take(f"{name}_{k}") for k in range(count)] for name, count in lengths.items()}
        self.convert = not compiled

    def run(self) -> n.Function:
        return replace(self.fn, body=map_body(self.fn.body, self.rewrite))

    def rewrite(self, _: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        parts = self.parts
        value: n.Expr
        match stmt:
            case n.Assign(target=n.Name(id=name), value=n.Call(fn=np.array, args=(value,))) if name in parts:
                assert isinstance(value, (n.List, n.Tuple))
                values = [self.inside(e) for e in value.elts]
                made: list[n.Stmt] = [n.Assign(n.Name(part), e) for part, e in zip(parts[name], values, strict=True)]
            case n.Assign(target=n.Name(id=name), value=n.Call(fn=fn)) if name in parts:
                zero = self.element(n.Const(FILLED[fn]))
                made = [n.Assign(n.Name(part), zero) for part in parts[name]]
            case n.Assign(target=n.Index(value=n.Name(id=name)), value=value) if name in parts:
                double = self.kinds.at(stmt.num, value).dtype == "float"
                made = [n.Assign(self.of_element(stmt.target), self.element(self.inside(value), double))]
            case n.AugAssign(target=n.Index(value=n.Name(id=name)), fn=fn, value=value) if name in parts:
                part = self.of_element(stmt.target)
                made = [n.Assign(part, n.Call(fn, SYMBOL[fn], (part, self.inside(value))))]
            case n.Return(value=n.Name(id=name)) if name in parts:
                count = n.Call(np.empty, "np.empty", (n.Const(len(parts[name])),))
                made = [n.Assign(n.Name(name), count)]
                for k, one in enumerate(parts[name]):
                    made.append(n.Assign(n.Index(n.Name(name), n.Const(k)), n.Name(one)))
                made.append(stmt)
            case _:
                return (map_expressions(stmt, lambda e: map_expr(e, self.of_element)),)
        others = replace(stmt.info, comments=())
        return (changed(made[0], info=stmt.info), *(changed(s, info=others) for s in made[1:]))

    def inside(self, value: n.Expr) -> n.Expr:
        return map_expr(value, self.of_element)

    def of_element(self, e: n.Expr) -> n.Expr:
        return element_of(e, self.parts)

    def element(self, value: n.Expr, double: bool = True) -> n.Expr:
        """The value as an element holds it."""
        return n.Call(np.float64, "np.float64", (value,)) if self.convert or not double else value
