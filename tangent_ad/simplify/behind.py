"""Linear maps taken behind the loops that sum their images.

In: derived code.  Out: where a loop adds `e * c` to an adjoint, and c is the same in all its iterations, e is summed,
and the sums are multiplied once behind the loop:

    for p in range(n):                                     y_bar_sum = np.zeros(K)
        for k in range(K):                                 for p in range(n):
            y_bar = ...                                        for k in range(K):
            for j in range(d):                                     y_bar_sum[k] += ...
                u_bar[j] -= y_bar * W[k, j]                if n > 0:
                                                               for k in range(K):
                                                                   y_bar = y_bar_sum[k]
                                                                   for j in range(d):
                                                                       u_bar[j] -= y_bar * W[k, j]

Where everything is finite, that is the same up to rounding.  Where a term or a factor is not, neither sum is.  Without
iterations nothing is added, while zero times infinity would be (and an index may not exist): hence the condition.
What is added stands in no branch, so that each sum has a term of each iteration.  It pays where an inner loop is left
with less to do; the array of the sums is made only where there is one of its shape already.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from tangent_ad.analyses.defs import bound_by, surely_runs
from tangent_ad.analyses.live import Live, find_live
from tangent_ad.analyses.named import Forms
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import FLOATING
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import bodies, changed, expressions, map_names, names_read, replace_bodies, statements
from tangent_ad.frontend.pure import all_names
from tangent_ad.simplify.context import SHADOW, Context, binary, is_pure, is_shadow
from tangent_ad.simplify.forming import find_forms
from tangent_ad.simplify.memory import Memory, find_memory, names_alone

Path = tuple[n.For, ...]
ZERO, ONE, BEFORE = n.Const(0), n.Const(1), n.Const(-1)
NEEDED = {"np", "range", "max"}


def take_behind(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with linear maps behind the loops."""
    loops = [stmt for stmt in fn.body if isinstance(stmt, n.For) and _adds_inside(stmt)]
    local = {p.name for p in fn.params}.union(*map(bound_by, statements(fn.body))) if loops else NEEDED
    if NEEDED & local:
        return fn
    forms = find_forms(fn, context)
    memory = find_memory(fn, forms.kinds)
    known = _Known(forms, memory, names_alone(fn, memory), context.user_names, find_live(fn), Fresh(all_names(fn)))
    found = {loop.num: _Loop(loop, known).split() for loop in loops}
    if not any(found.values()):
        return fn
    return replace(fn, body=tuple(s for stmt in fn.body for s in found.get(stmt.num) or (stmt,)))


def _adds_inside(loop: n.For) -> bool:
    """Does a loop in the loop add to an adjoint?"""
    inner = (s for s in statements(loop.body) if isinstance(s, n.For))
    return any(_adjoint(s) is not None for other in inner for s in other.body)


def _adjoint(stmt: n.Stmt) -> str | None:
    """The adjoint to an element of which a statement adds."""
    match stmt:
        case n.AugAssign(target=n.Index(value=n.Name(id=name)), fn=operator.add | operator.sub) if is_shadow(name):
            return name
    return None


@record(frozen=True)
class _Known:
    """What is known of the function; `alone`: names that share memory with no other."""

    forms: Forms
    memory: Memory
    alone: frozenset[str]
    user_names: frozenset[str]
    live: Live
    fresh: Fresh


@record(frozen=True)
class _Map:
    """`stmt` adds what is linear in `factor`; `path`: the loops around it, inside the one that sums."""

    stmt: n.AugAssign
    path: Path
    factor: str


@dataclass
class _Sum:
    """A factor that is summed: where it is bound, the maps of it, the name of the sums (with no index, of a number)."""

    stmt: n.Assign
    path: Path
    maps: list[_Map] = field(default_factory=list)
    name: str = ""

    @property
    def place(self) -> n.Expr:
        counters = tuple(loop.target for loop in self.path)
        name = n.Name(self.name)
        return n.Index(name, counters[0] if len(counters) == 1 else n.Tuple(counters)) if counters else name


class _Loop:
    """A loop that may sum."""

    def __init__(self, loop: n.For, known: _Known) -> None:
        self.loop, self.known, self.forms = loop, known, known.forms
        every = tuple(statements(loop.body))
        self.bound = Counter(name for stmt in (loop, *every) for name in bound_by(stmt))
        self.written = known.memory.effects[loop.num].writes
        self.steady = dict(_unconditional(loop.body, ()))
        self.by_num = {stmt.num: stmt for stmt in every}
        self.summed = self._summed(every)

    def _summed(self, every: tuple[n.Stmt, ...]) -> frozenset[str]:
        """The adjoints that the loop does nothing but add to."""
        added, other = set[str](), set[str](self.bound)
        for stmt in every:
            name = _adjoint(stmt)
            if name is not None and isinstance(stmt, n.AugAssign) and isinstance(stmt.target, n.Index):
                added.add(name)
                other |= names_read(stmt.target.index) | names_read(stmt.value)
            else:
                other.update(*map(names_read, expressions(stmt)))
        return frozenset(added - other) & self.known.alone - self.known.user_names

    def split(self) -> tuple[n.Stmt, ...]:
        """The statements for the loop, if it is better split."""
        test = self.test()
        found = self.sums() if test is not None else {}
        if test is None or not found:
            return ()
        for name, one in found.items():
            one.name = self.known.fresh.take(f"{SHADOW.sub(lambda m: '_' + m.group(1), name)}_sum")
        moved = {one.stmt.num for s in found.values() for one in s.maps}
        used = self.used(moved)
        first = [n.Assign(n.Name(one.name), self.zeros(one)) for one in found.values()]
        maps: tuple[n.Stmt, ...] = self.maps(self.loop.body, moved, found)
        behind = maps if surely_runs(self.loop) else (n.If(test, maps),)
        return (*first, changed(self.loop, body=self.left(self.loop.body, moved, found, used)), *behind)

    def test(self) -> n.Expr | None:
        """Does the loop run?  None where that cannot be said."""
        start, stop, step = self.loop.start, self.loop.stop, self.loop.step
        if self.bound.keys() & (names_read(start) | names_read(stop)):
            return None
        if not (is_pure(start) and is_pure(stop)) or self.known.memory.reads(n.Tuple((start, stop))) & self.written:
            return None
        count = _count(self.loop)
        if count is not None:
            return binary(operator.gt, count, ZERO)
        if step == ONE:
            return binary(operator.gt, stop, start)
        return binary(operator.gt, start, stop) if step == BEFORE else None

    # what can be taken behind -----------------------------------------------------------------------------------

    def sums(self) -> dict[str, _Sum]:
        """The factors to sum, by name."""
        found: dict[str, _Sum] = {}
        for num, path in self.steady.items():
            one = self.map_of(num, path)
            if one is None:
                continue
            if one.factor not in found:
                at = self.factor(one.factor)
                if at is None:
                    continue
                found[one.factor] = at
            at = found[one.factor]
            if at.stmt.num < num and at.path == path[: len(at.path)]:
                at.maps.append(one)
        return {
            name: one
            for name, one in found.items()
            if any(len(m.path) > len(one.path) for m in one.maps) and self.may_run_again(one)
        }

    def map_of(self, num: int, path: Path) -> _Map | None:
        """A statement that adds what is linear in a factor and else the same in each iteration."""
        stmt = self.by_num[num]
        if not isinstance(stmt, n.AugAssign) or not isinstance(stmt.target, n.Index):
            return None
        name = _adjoint(stmt)
        if name is None or name not in self.summed or not self.forms.kinds.at(stmt.target).is_number:
            return None
        counters = {loop.target.id for loop in path}
        varying = (names_read(stmt.value) & self.bound.keys()) - counters
        if len(varying) != 1 or not is_pure(stmt.value):
            return None
        (factor,) = varying
        fixed = (stmt.target.index, stmt.value, *(e for loop in path for e in (loop.start, loop.stop, loop.step)))
        if names_read(stmt.target.index) & self.bound.keys() - counters or not is_pure(stmt.target.index):
            return None
        if not _is_linear(stmt.value, factor) or self.known.memory.reads(n.Tuple(fixed)) & self.written:
            return None
        return _Map(stmt, path, factor)

    def factor(self, name: str) -> _Sum | None:
        """Where a factor gets its one value of an iteration of the loops around that."""
        if self.bound[name] != 1 or name in self.known.user_names:
            return None
        kind = self.forms.kinds.of(name)
        if not kind.is_number or not (kind.dtype in FLOATING or (kind.dtype is None and is_shadow(name))):
            return None
        for num, path in self.steady.items():
            stmt = self.by_num[num]
            if isinstance(stmt, n.Assign) and stmt.target == n.Name(name):
                return _Sum(stmt, path) if self.has_room(path) else None
        return None

    def has_room(self, path: Path) -> bool:
        """Can the sums of such loops lie in an array that is no larger than another one?"""
        counts = [_count(loop) for loop in path]
        axes = Counter[object]()
        for count in counts:
            if count is None or names_read(count) & self.bound.keys():
                return False
            axis = self.forms.size(count) if is_pure(count) else None
            if axis is None:
                return False
            axes[axis] += 1
        shapes = (form.shape for form in self.forms.table.values() if form.shape is not None)
        return not path or any(not axes - Counter[object](shape) for shape in shapes)

    def may_run_again(self, one: _Sum) -> bool:
        """May the loops of the maps run behind the loop?  Their counters, and the factor, are bound by them alone, and
        nobody asks for the last values."""
        behind = self.known.live.after[self.loop.num]
        for m in one.maps:
            counters = set[str]()
            for loop in m.path:
                bounds = (loop.start, loop.stop, loop.step)
                if loop.target.id in behind or loop.target.id in _bound_in_body(loop):
                    return False
                if any(names_read(e) & self.bound.keys() - counters for e in bounds) or not all(map(is_pure, bounds)):
                    return False
                counters.add(loop.target.id)
        assert isinstance(one.stmt.target, n.Name)
        return one.stmt.target.id not in behind

    # what is written --------------------------------------------------------------------------------------------

    def used(self, moved: set[int]) -> set[str]:
        """The names that the loop reads without the maps."""
        return {
            name
            for stmt in statements(self.loop.body)
            if stmt.num not in moved
            for e in expressions(stmt)
            if not (isinstance(stmt, n.Assign) and e is stmt.target and isinstance(e, n.Name))
            for name in names_read(e)
        }

    def zeros(self, one: _Sum) -> n.Expr:
        lengths = tuple(self.length(loop) for loop in one.path)
        if not lengths:
            return n.Const(0.0)
        shape = lengths[0] if len(lengths) == 1 else n.Tuple(lengths)
        return n.Call(np.zeros, "np.zeros", (shape,))

    def length(self, loop: n.For) -> n.Expr:
        count = _count(loop)
        assert count is not None
        axis = self.forms.size(count)
        whole = isinstance(axis, int) and axis >= 0
        if whole or (isinstance(axis, tuple) and axis[0] == "of"):
            return count
        return n.Call(max, "max", (count, ZERO))

    def left(
        self, body: tuple[n.Stmt, ...], moved: set[int], sums: dict[str, _Sum], used: set[str]
    ) -> tuple[n.Stmt, ...]:
        """The body with sums in the place of maps."""
        found: list[n.Stmt] = []
        starts = {one.stmt.num: one for one in sums.values()}
        for stmt in body:
            if stmt.num in moved:
                continue
            if stmt.num in starts:
                one, value = starts[stmt.num], stmt.value  # type: ignore[attr-defined]
                if one.stmt.target.id in used:  # type: ignore[attr-defined]
                    found += (stmt, n.AugAssign(one.place, operator.add, one.stmt.target))
                else:
                    found.append(n.AugAssign(one.place, operator.add, value, info=stmt.info))
                continue
            if inner := bodies(stmt):
                stmt = replace_bodies(stmt, tuple(self.left(b, moved, sums, used) for b in inner))
                if isinstance(stmt, n.For) and not stmt.body:
                    continue
            found.append(stmt)
        return tuple(found)

    def maps(self, body: tuple[n.Stmt, ...], moved: set[int], sums: dict[str, _Sum]) -> tuple[n.Stmt, ...]:
        """The maps of the sums, in loops of their own."""
        found: list[n.Stmt] = []
        starts = {one.stmt.num: one for one in sums.values()}
        numbers = {name: n.Name(one.name) for name, one in sums.items() if not one.path}
        for stmt in body:
            if stmt.num in moved:
                found.append(_renamed(stmt, numbers))
            elif stmt.num in starts and starts[stmt.num].path:
                one = starts[stmt.num]
                found.append(n.Assign(one.stmt.target, one.place))
            elif isinstance(stmt, n.For) and (inner := self.maps(stmt.body, moved, sums)):
                if all(isinstance(s, n.Assign) for s in inner):
                    continue
                count = _count(stmt)
                bounds = (stmt.start, stmt.stop, stmt.step) if count is None else (ZERO, count, ONE)
                found.append(n.For(stmt.target, *bounds, inner))
        return tuple(found)


def _bound_in_body(loop: n.For) -> frozenset[str]:
    return frozenset(name for stmt in statements(loop.body) for name in bound_by(stmt))


def _renamed(stmt: n.Stmt, names: dict[str, n.Name]) -> n.Stmt:
    assert isinstance(stmt, n.AugAssign)
    return changed(stmt, value=map_names(stmt.value, lambda name: names.get(name.id, name)))


def _unconditional(body: tuple[n.Stmt, ...], path: Path) -> Iterator[tuple[int, Path]]:
    """The statements that run in each iteration of all loops around them, and these loops."""
    for stmt in body:
        if isinstance(stmt, n.For):
            yield from _unconditional(stmt.body, (*path, stmt))
        elif not bodies(stmt):
            yield stmt.num, path


def _count(loop: n.For) -> n.Expr | None:
    """N, if the loop goes through the numbers from 0 to N, up or down."""
    if loop.start == ZERO and loop.step == ONE:
        return loop.stop
    match loop:
        case n.For(start=n.Call(fn=operator.sub, args=(count, one)), stop=stop, step=step):
            return count if (one, stop, step) == (ONE, BEFORE, BEFORE) else None
    return None


def _is_linear(value: n.Expr, factor: str) -> bool:
    """Is the value linear in the factor, with nothing added to that?"""
    match value:
        case n.Name(id=name):
            return name == factor
        case n.Call(fn=operator.neg, args=(a,)):
            return _is_linear(a, factor)
        case n.Call(fn=operator.mul, args=(a, b)):
            held = [factor in names_read(e) for e in (a, b)]
            return held != [True, True] and _is_linear(a if held[0] else b, factor)
        case n.Call(fn=operator.truediv, args=(a, b)):
            return factor not in names_read(b) and _is_linear(a, factor)
        case n.Call(fn=operator.add | operator.sub, args=(a, b)):
            return _is_linear(a, factor) and _is_linear(b, factor)
    return False
