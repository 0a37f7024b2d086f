"""What the iterations of a nest of loops do.

In: loops in each other of which the innermost holds plain arithmetic on elements.  Out: `Nest`, if no iteration needs
another one: they only add to the same numbers and elements.  Then their order is free.

Each array that is written is either only added to, wherever (`scattered`), or each iteration has its own element of it
and touches no other.  An index that may be negative is no one's own: it may mean another iteration's element.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field

import numpy as np

from tangent_ad.analyses.apart import Relations
from tangent_ad.analyses.indexed import index_parts
from tangent_ad.analyses.live import Names
from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import names_read, subexpressions

SUMS = (operator.add, operator.sub)
UPDATES = (*SUMS, operator.mul, operator.truediv)
ARITHMETIC = (*UPDATES, operator.neg, operator.pos)
BOUNDS = (operator.add, operator.sub, operator.mul, operator.floordiv, max, min, np.shape, len)
UP, DOWN = n.Const(1), n.Const(-1)

Step = tuple[n.Expr | None, int]
Place = tuple[Step, ...]
"""Of each axis where on it: a name (None: nothing) and what is added to it."""


class NotFree(Exception):
    """The iterations may need each other, or do more than is looked at."""


@dataclass(frozen=True)
class Access:
    name: str
    place: Place
    how: str
    """ "read", "write" or "add"."""


@dataclass
class Nest:
    """`sums`: numbers that iterations only add to; `private`: numbers that each iteration has for itself; `once`: those
    of them that it binds once; `arrays`: accesses by array; `scattered`: the arrays that are only added to."""

    loops: tuple[n.For, ...]
    sums: frozenset[str] = frozenset()
    private: frozenset[str] = frozenset()
    once: frozenset[str] = frozenset()
    arrays: dict[str, list[Access]] = field(default_factory=dict)
    scattered: frozenset[str] = frozenset()
    array_of: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> tuple[n.Stmt, ...]:
        return self.loops[-1].body

    @property
    def written(self) -> frozenset[str]:
        return frozenset(name for name, found in self.arrays.items() if any(a.how != "read" for a in found))

    def places(self, array: str) -> set[Place]:
        return {access.place for access in self.arrays[array]}


def loops_of(stmt: n.Stmt) -> tuple[n.For, ...]:
    """The loops that stand in each other with nothing beside them, down to one that holds no other."""
    found: list[n.For] = []
    while isinstance(stmt, n.For):
        found.append(stmt)
        if len(stmt.body) != 1 or not isinstance(stmt.body[0], n.For):
            break
        stmt = stmt.body[0]
    simple = found and all(isinstance(s, (n.Assign, n.AugAssign)) for s in found[-1].body)
    return tuple(found) if simple else ()


def array_names(stmt: n.For) -> set[str]:
    """The arrays of which elements are mentioned in a loop."""
    parts = (p for s in loops_of(stmt)[-1].body for e in (s.target, s.value) for p in subexpressions(e))  # type: ignore[attr-defined]
    return {p.value.id for p in parts if isinstance(p, n.Index) and isinstance(p.value, n.Name)}


def read_nest(loops: tuple[n.For, ...], kinds: NameKinds, known: Relations, behind: Names) -> Nest | None:
    """What the loops do, if their order is free; `known` of arrays ahead of them; `behind`: the names live there."""
    try:
        return _Reader(loops, kinds, behind).read(known)
    except NotFree:
        return None


@dataclass
class _Reader:
    loops: tuple[n.For, ...]
    kinds: NameKinds
    behind: Names
    accesses: list[Access] = field(default_factory=list)
    assigned: dict[str, int] = field(default_factory=dict)
    sums: set[str] = field(default_factory=set)

    def read(self, known: Relations) -> Nest:
        body = self.loops[-1].body
        self.counters = {loop.target.id for loop in self.loops}
        self.bound = {s.target.id for s in body if isinstance(s.target, n.Name)}  # type: ignore[attr-defined]
        if len(self.counters) < len(self.loops) or self.counters & self.bound:
            raise NotFree
        for loop in self.loops:
            self._bounds(loop)
        for stmt in body:
            self._statement(stmt)
        if self.sums & self.assigned.keys():
            raise NotFree
        if any(name in self.behind for name in (*self.counters, *self.assigned)):
            raise NotFree
        nest = Nest(self.loops, frozenset(self.sums), frozenset(self.assigned))
        nest.once = frozenset(name for name, count in self.assigned.items() if count == 1)
        self._arrays(nest, known)
        return nest

    def _bounds(self, loop: n.For) -> None:
        if loop.step not in (UP, DOWN):
            raise NotFree
        for end in (loop.start, loop.stop):
            if names_read(end) & (self.bound | self.counters):
                raise NotFree
            for part in subexpressions(end):
                match part:
                    case n.Const() | n.Name() | n.Index(value=n.Call(fn=np.shape)):
                        pass
                    case n.Call(fn=fn, keywords=()) if fn in BOUNDS:
                        pass
                    case _:
                        raise NotFree

    # statements -------------------------------------------------------------------------------------------------

    def _statement(self, stmt: n.Stmt) -> None:
        match stmt:
            case n.Assign(target=n.Name(id=name), value=value, annotation=None):
                self._number(value)
                self._is_float(name)
                self.assigned[name] = self.assigned.get(name, 0) + 1
            case n.AugAssign(target=n.Name(id=name), fn=fn, value=value):
                self._number(value)
                self._is_float(name)
                if name in self.assigned and fn in UPDATES:
                    self.assigned[name] += 1
                elif fn in SUMS:
                    self.sums.add(name)
                else:
                    raise NotFree
            case n.Assign(target=n.Index() as target, value=value, annotation=None):
                self._number(value)
                self._element(target, "write")
            case n.AugAssign(target=n.Index() as target, fn=fn, value=value) if fn in UPDATES:
                self._number(value)
                self._element(target, "add" if fn in SUMS else "write")
            case _:
                raise NotFree

    def _is_float(self, name: str) -> None:
        kind = self.kinds.of(name)
        if not kind.is_number or kind.dtype != "float":
            raise NotFree

    def _number(self, expr: n.Expr) -> None:
        """Take note of what a value reads."""
        match expr:
            case n.Const(value=value) if type(value) in (int, float):
                pass
            case n.Name(id=name):
                kind = self.kinds.of(name)
                if not kind.is_number or kind.dtype not in ("float", "int"):
                    raise NotFree
                if name in self.bound and name not in self.assigned:  # of another iteration, or a sum
                    raise NotFree
            case n.Index():
                self._element(expr, "read")
            case n.Call(fn=fn, args=args, keywords=()) if fn in ARITHMETIC:
                for arg in args:
                    self._number(arg)
            case _:
                raise NotFree

    def _element(self, expr: n.Index, how: str) -> None:
        if not isinstance(expr.value, n.Name):
            raise NotFree
        name, place = expr.value.id, tuple(map(self._step, index_parts(expr.index)))
        kind = self.kinds.of(name)
        if not kind.is_array or kind.dtype != "float" or kind.rank != len(place):
            raise NotFree
        self.accesses.append(Access(name, place, how))

    def _step(self, part: n.Expr) -> Step:
        away = 0
        if isinstance(part, n.Call) and part.fn in SUMS and len(part.args) == 2:
            count = part.args[1]
            if not (isinstance(count, n.Const) and type(count.value) is int):
                raise NotFree
            away, part = count.value if part.fn is operator.add else -count.value, part.args[0]
        if isinstance(part, n.Const) and type(part.value) is int:
            return None, away + part.value
        if not isinstance(part, n.Name) or part.id in self.bound:
            raise NotFree
        kind = self.kinds.of(part.id)
        if not kind.is_number or kind.dtype != "int":
            raise NotFree
        return part, away

    # arrays -----------------------------------------------------------------------------------------------------

    def _arrays(self, nest: Nest, known: Relations) -> None:
        names = {access.name for access in self.accesses}
        written = {access.name for access in self.accesses if access.how != "read"}
        for name in names:
            others = {name} | {other for other in names if (name, other) in known.same}
            nest.array_of[name] = min(others)
            apart = {other for other in names if (name, other) in known.apart}
            if name in written and names - others - apart:
                raise NotFree
        for access in self.accesses:
            nest.arrays.setdefault(nest.array_of[access.name], []).append(access)
        scattered = set()
        for array in nest.written:
            if all(access.how == "add" for access in nest.arrays[array]):
                scattered.add(array)
            elif not self._is_own(nest.places(array)):
                raise NotFree
        nest.scattered = frozenset(scattered)

    def _is_own(self, places: set[Place]) -> bool:
        """Is it one element, another one in each iteration?"""
        if len(places) > 1:
            return False
        (place,) = places
        return all(
            any(base == loop.target and away + least >= 0 for base, away in place)
            for loop in self.loops
            if (least := least_of(loop)) is not None
        ) and all(least_of(loop) is not None for loop in self.loops)


def least_of(loop: n.For) -> int | None:
    """The least value of the loop's variable, if that is a constant."""
    end, away = (loop.start, 0) if loop.step == UP else (loop.stop, 1)
    return end.value + away if isinstance(end, n.Const) and type(end.value) is int else None
