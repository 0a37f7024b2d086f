"""Nests of loops, written.

In: a group of statements that can be a nest.  Out: the nest, if it is worth one.
"""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import dataclass, field, replace

import numpy as np

from tangent_ad.analyses.defs import Definitions
from tangent_ad.analyses.forms import UNKNOWN, Axis
from tangent_ad.analyses.live import Live
from tangent_ad.analyses.named import Forms
from tangent_ad.backends.loops.elements import PASSING, Elements, Pos, Step
from tangent_ad.backends.loops.elements import Writer as Parts
from tangent_ad.backends.loops.groups import Access, Group, Item, is_fill, is_sum
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import changed, map_body, map_expr, map_expressions, names_read, statements, subexpressions
from tangent_ad.simplify.algebra import integer
from tangent_ad.simplify.context import binary

COUNTERS = "ijklpqrs"
ZERO = n.Const(0.0)


def lengths_in(fn: n.Function, defs: Definitions, forms: Forms) -> dict[Axis, tuple[int, str]]:
    """Names that hold lengths, and from which statement on."""
    found: dict[Axis, tuple[int, str]] = {}
    for name, axis in forms.sizes.items():
        at = defs.sole_definition(name)
        if axis is not None and at is not None and any(stmt.num == at for stmt in fn.body):
            found[axis] = min(found.get(axis, (at, name)), (at, name))
    return found


def length_of(lengths: dict[Axis, tuple[int, str]], axis: Axis, array: n.Name, d: int, num: int) -> n.Expr:
    """The length of an axis, the d-th one of an array, by its name if it has one before statement `num`."""
    at, name = lengths.get(axis, (num, ""))
    if at < num:
        return n.Name(name)
    return n.Index(n.Call(np.shape, ".shape", (array,)), n.Const(d))


@record(frozen=True)
class Span:
    """What a counter goes through, and the length of that."""

    begin: int
    stop: n.Expr
    size: n.Expr


@dataclass
class Writing:
    """`lengths`: names of lengths; `numbers`: the names that are nothing but numbers of nests."""

    elements: Elements
    live: Live
    fresh: Fresh
    lengths: dict[Axis, tuple[int, str]]
    counters: list[str] = field(default_factory=list)
    numbers: frozenset[str] = frozenset()

    def is_worth(self, group: Group) -> bool:
        """Does a nest save an array, or a walk through a part of one whose rows are apart, or a store of an array in a
        part of a larger one, for which Numba asks what need not be asked?"""
        fills = all(map(is_fill, group.items))
        if not fills and not any(self._works(item) for item in group.items):
            return False
        if any(self._span(group, k) is None for k in range(len(group.shape))) or not _goes_by_rows(group):
            return False
        if fills:
            return True
        kept = self._kept(group)
        saved = [item for item in group.items if item.how == "make" and _target(item) not in kept]
        summed = [item for item in group.items if item.how == "sum" and not isinstance(item.value, n.Name)]
        return bool(saved or summed) or any(self._is_apart(a, group) for a in group.accesses)

    def _works(self, item: Item) -> bool:
        calls = (e.fn for e in subexpressions(item.value) if isinstance(e, n.Call))
        return item.fn is not None or any(fn in PASSING or fn is np.where for fn in calls)

    def _is_apart(self, access: Access, group: Group) -> bool:
        """Is it a part of an array whose rows do not follow each other in memory?"""
        known = self.elements.forms.table.get(access.name, UNKNOWN).shape
        if known is None or len(known) != len(access.pos):
            return False
        inner = [
            (axis, group.shape[at[0]]) for axis, at in zip(known, access.pos, strict=True) if isinstance(at, tuple)
        ]
        return any(whole != axis for whole, axis in inner[1:])

    def _kept(self, group: Group) -> frozenset[str]:
        """The arrays that are still needed behind the nest."""
        behind = self.live.after[group.items[-1].stmt.num]
        return frozenset(name for name in group.made if name in behind)

    # bounds -----------------------------------------------------------------------------------------------------

    def _span(self, group: Group, k: int) -> Span | None:
        """What the k-th counter goes through."""
        begins = Counter(at[1] for a in group.accesses for at in a.pos if isinstance(at, tuple) and at[0] == k)
        wish = min(begins, key=lambda p: (-begins[p], p), default=0)
        axis, num = group.shape[k], group.stmts[0].num
        if isinstance(axis, int):
            return Span(0, n.Const(axis), n.Const(axis))
        found: list[tuple[int, n.Expr]] = []
        for access in group.accesses:
            shape = self.elements.forms.table.get(access.name, UNKNOWN).shape
            if shape is None or len(shape) != len(access.pos):
                continue
            for d, at in enumerate(access.pos):
                less = _less(shape[d], axis)
                if isinstance(at, tuple) and at[0] == k and less is not None:
                    found.append((less, self._length(shape[d], n.Name(access.name), d, num)))
        if not found:
            return None
        less, length = max(found, key=lambda one: (isinstance(one[1], n.Name), -one[0]))
        begin = wish if wish <= less else 0
        size = _shorter(length, less)
        if less:
            size = n.Call(max, "max", (size, n.Const(0)))
        return Span(begin, _shorter(length, less - begin), size)

    def _length(self, axis: Axis, array: n.Name, d: int, num: int) -> n.Expr:
        return length_of(self.lengths, axis, array, d, num)

    # the nest ---------------------------------------------------------------------------------------------------

    def nest(self, group: Group) -> list[n.Stmt]:
        """The statements of the group with a nest."""
        self.elements.made = dict.fromkeys(group.made, group.shape)
        spans = [span for k in range(len(group.shape)) if (span := self._span(group, k)) is not None]
        counters = [n.Name(self._counter(k)) for k in range(len(spans))]
        ahead = [stmt for index, stmt in group.ahead if index < len(group.items)]
        body, before, behind, first = list[n.Stmt](), list[n.Stmt](), list[n.Stmt](), list[n.Stmt]()
        replaced: list[tuple[n.Expr, n.Expr]] = []
        for expr in group.numbers:
            held = n.Name(self.fresh.take("t"))
            first.append(n.Assign(held, expr))
            replaced.append((expr, held))
        kept, spelled, now = self._kept(group), dict[str, str](), set[str]()
        for name in sorted(group.made):
            if name in group.again or (name not in kept and name not in self.numbers):
                spelled[name] = self.fresh.take(name)
            if name in kept:
                sizes = tuple(span.size for span in spans)
                shape = sizes[0] if len(sizes) == 1 else n.Tuple(sizes)
                truth = (n.Global("np.bool_", np.bool_),) if group.made[name] == "bool" else ()
                array = n.Name(spelled.get(name, name))
                before.append(n.Assign(array, n.Call(np.empty, "np.empty", (shape, *truth))))
                if name in spelled:
                    behind.append(n.Assign(n.Name(name), array))

        def at(step: Step | n.Expr) -> n.Expr:
            if isinstance(step, n.Expr):
                return step
            counter, away = counters[step[0]], step[1] - spans[step[0]].begin
            if away == 0:
                return counter
            return binary(operator.add if away > 0 else operator.sub, counter, n.Const(abs(away)))

        def array_at(name: n.Name, pos: Pos) -> n.Expr:
            if name.id in now:
                name = n.Name(spelled.get(name.id, name.id))
                if name.id in scalars:
                    return name
            places = tuple(map(at, pos))
            return n.Index(name, places[0] if len(places) == 1 else n.Tuple(places))

        def number(expr: n.Expr) -> n.Expr:
            return next((held for known, held in replaced if known == expr), expr)

        scalars = {spelled.get(name, name) for name in group.made if name not in kept}
        parts = Parts(array_at, number)
        totals: list[n.Stmt] = []
        for item in group.items:
            value = self._element(item.value, group, parts)
            if item.how == "sum":
                total, after = self._total(item)
                totals.append(n.Assign(total, ZERO))
                behind = [*behind, after] if after is not None else behind
                body.append(n.AugAssign(total, operator.add, value, info=item.stmt.info))
                continue
            if item.how == "make":
                now.add(_target(item))
            place = self.elements.element(item.target, group.identity, parts)
            if item.fn is None:
                body.append(n.Assign(place, value, info=item.stmt.info))
            else:
                body.append(n.AugAssign(place, item.fn, value, info=item.stmt.info))
        nest: tuple[n.Stmt, ...] = tuple(body)
        for counter, span in reversed(list(zip(counters, spans, strict=True))):
            nest = (n.For(counter, n.Const(span.begin), span.stop, n.Const(1), nest),)
        needed = group.mentioned.union(*(names_read(span.stop) for span in spans))
        made = [*self._needed(ahead, needed, group), *first, *before, *totals, *nest, *behind]
        self.elements.made = {}
        return _commented(made, group)

    def _counter(self, k: int) -> str:
        while len(self.counters) <= k:
            free = (c for c in COUNTERS if c not in self.fresh)
            self.counters.append(self.fresh.take(next(free, "i")))
        return self.counters[k]

    def _element(self, value: n.Expr, group: Group, parts: Parts) -> n.Expr:
        """The element of a value that may have fewer axes than the nest, or shorter ones."""
        shape = self.elements.shape(value)
        assert shape is not None
        lead = len(group.shape) - len(shape)
        axes = zip(shape, group.shape[lead:], group.identity[lead:], strict=True)
        return self.elements.element(value, tuple(n.Const(0) if a == 1 and b != 1 else p for a, b, p in axes), parts)

    def _total(self, item: Item) -> tuple[n.Name, n.Stmt | None]:
        """The name of a sum, and the statement that takes it."""
        assert isinstance(item.target, n.Name)
        if item.alone:
            return item.target, None
        total = n.Name(self.fresh.take("total"))
        stmt = map_expressions(item.stmt, lambda e: map_expr(e, lambda part: total if is_sum(part) else part))
        return total, changed(stmt, info=replace(stmt.info, comments=(), trailing=None))

    def _needed(self, ahead: list[n.Stmt], needed: set[str] | frozenset[str], group: Group) -> list[n.Stmt]:
        """The statements ahead of the nest without the views that it does not need."""
        behind, found = self.live.after[group.items[-1].stmt.num], list[n.Stmt]()
        for stmt in reversed(ahead):
            assert isinstance(stmt, (n.Assign, n.AugAssign)) and isinstance(stmt.target, n.Name)
            name = stmt.target.id
            if self.elements.forms.kinds.of(name).is_array and name not in behind and name not in needed:
                continue
            needed = needed | names_read(stmt.value)
            found.insert(0, stmt)
        return found


def _target(item: Item) -> str:
    assert isinstance(item.target, n.Name)
    return item.target.id


def _goes_by_rows(group: Group) -> bool:
    """Are not all arrays transposed?  Numba's own loops go over them as well as ours then."""
    counters = [[at[0] for at in a.pos if isinstance(at, tuple)] for a in group.accesses]
    several = [found for found in counters if len(found) > 1]
    return not several or any(found == sorted(found) for found in several)


def _less(whole: Axis, axis: Axis) -> int | None:
    """How much shorter than `whole` the axis is, if it is an axis of `x[p:-q]` on it."""
    if whole is None or whole == axis:
        return None if whole is None else 0
    match axis:
        case ("less", root, count) if isinstance(count, int):
            if whole == root:
                return count
            match whole:
                case ("less", same, fewer) if same == root and isinstance(fewer, int) and fewer < count:
                    return count - fewer
    return None


def _shorter(length: n.Expr, less: int) -> n.Expr:
    return integer(binary(operator.sub, length, n.Const(less))) if less else length


def _commented(made: list[n.Stmt], group: Group) -> list[n.Stmt]:
    """The statements with the comments of those that are gone, and of the first one ahead of all."""
    here = {id(s.info) for stmt in made for s in statements((stmt,))}
    gone = [s for s in group.stmts[: group.length] if id(s.info) not in here or s is group.stmts[0]]
    comments = tuple(line for s in gone for line in s.info.comments)
    if not comments:
        return made
    first = group.stmts[0].info

    def bare(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        return (changed(stmt, info=replace(first, comments=())),) if stmt.info is first else (stmt,)

    head, *rest = map_body(tuple(made), bare)
    return [changed(head, info=replace(head.info, comments=comments)), *rest]
