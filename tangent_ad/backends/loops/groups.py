"""Statements that can be one nest of loops.

In: the statements of a block.  Out: `Group`s: consecutive statements that go over one shape.

Each statement of a nest does for one element after the other what it did for all of them.  So no element may be read or
written by two of them, one of which writes it, except in the same iteration; and what they read besides stays what it
is.  Statements between them go ahead (names of views, numbers) or follow (what is made of sums).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace

import numpy as np

from tangent_ad.analyses.apart import Relations
from tangent_ad.analyses.effects import needed_content
from tangent_ad.analyses.forms import Shape
from tangent_ad.analyses.indexed import index_parts
from tangent_ad.backends.loops.elements import PASSING, Elements, NoElement, Pos, Writer
from tangent_ad.backends.loops.objects import Objects, Root
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import map_expr, names_read, subexpressions
from tangent_ad.simplify.context import is_fresh, is_pure

UPDATES = (operator.add, operator.sub, operator.mul, operator.truediv)
MAKING = (np.copy, np.where, np.zeros_like)
PLAIN = (operator.add, operator.sub, operator.mul, operator.truediv, operator.neg)


@record(frozen=True)
class Access:
    """A place that is read or written in each iteration."""

    root: Root
    token: Hashable
    name: str
    pos: Pos
    writes: bool


@record(frozen=True)
class Item:
    """A statement of a nest, of which `target` and `value` mean whole arrays: `name = value` of an array that is made
    ("make"), `target = value` or, with `fn`, an augmented assignment of a place ("store"), the sum of `value` that
    `stmt` takes ("sum"; `alone`: it is all that the statement gives to its name, which nothing else needs)."""

    how: str
    target: n.Expr
    value: n.Expr
    stmt: n.Stmt
    fn: Callable[..., object] | None = None
    alone: bool = False


@dataclass
class _Draft:
    """What one more statement would add to a group."""

    accesses: list[Access] = field(default_factory=list)
    mentioned: set[str] = field(default_factory=set)
    numbers: list[n.Expr] = field(default_factory=list)


@dataclass
class Group:
    """`ahead`: statements that run before the nest, each with the number of items before it; `made`: the arrays that
    items make, with their dtypes; `mentioned`: names that the nest needs from outside; `settled`: names that are bound
    behind the nest; `again`: those of `made` that had been mentioned; `numbers`: what is computed before the nest;
    `drafts`: what each item has added; `length`: how many of `stmts` there are up to the last item."""

    shape: Shape = ()
    stmts: list[n.Stmt] = field(default_factory=list)
    ahead: list[tuple[int, n.Stmt]] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    accesses: list[Access] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)
    mentioned: set[str] = field(default_factory=set)
    settled: set[str] = field(default_factory=set)
    again: set[str] = field(default_factory=set)
    numbers: list[n.Expr] = field(default_factory=list)
    bound_ahead: set[str] = field(default_factory=set)
    drafts: list[_Draft] = field(default_factory=list)
    length: int = 0

    @property
    def identity(self) -> Pos:
        return tuple((k, 0) for k in range(len(self.shape)))

    def add(self, draft: _Draft, shape: Shape, item: Item) -> None:
        self.shape = shape
        self.accesses += draft.accesses
        self.mentioned |= draft.mentioned
        self.numbers += [e for e in draft.numbers if e not in self.numbers]
        self.items.append(item)
        self.drafts.append(draft)
        self.stmts.append(item.stmt)
        self.length = len(self.stmts)

    def fills(self) -> list[Group]:
        """Groups of one store each: of those of its arrays that are kept as a part of a larger one."""
        found: list[Group] = []
        for item, draft in zip(self.items, self.drafts, strict=True):
            if is_fill(item) and not names_read(item.value) & self.made.keys():
                found.append(Group())
                found[-1].add(draft, self.shape, item)
        return found


@dataclass
class Grouper:
    """Finds the groups of one block.  `apart`: what is known of arrays ahead of a statement."""

    elements: Elements
    objects: Objects
    apart: Callable[[int], Relations]

    def grown(self, group: Group, stmt: n.Stmt) -> bool:
        """Add a statement to the group, if it may be added."""
        self.elements.made = dict.fromkeys(group.made, group.shape)
        try:
            return self._grow(group, stmt)
        except NoElement:
            return False
        finally:
            self.elements.made = {}

    def _grow(self, group: Group, stmt: n.Stmt) -> bool:
        kinds = self.elements.forms.kinds
        if isinstance(stmt, n.Assign) and stmt.annotation is not None:
            return False
        match stmt:
            case n.Assign(target=n.Name(id=name), value=value) | n.AugAssign(target=n.Name(id=name), value=value) if (
                kinds.of(name).is_number
            ):
                return self._summed(group, stmt, name, value) or self._ahead(group, stmt, name)
            case n.Assign(target=n.Name(id=name), value=value) if kinds.of(name).is_array:
                if self._is_made(value):
                    return self._make(group, stmt, name, value)
                return self._ahead(group, stmt, name)
            case n.Assign(target=n.Index() as target, value=value):
                return self._store(group, stmt, target, value, None)
            case n.AugAssign(target=(n.Index() | n.Name()) as target, fn=fn, value=value) if fn in UPDATES:
                return self._store(group, stmt, target, value, fn)
        return False

    def _is_made(self, value: n.Expr) -> bool:
        """Is it a new array, element by element?"""
        return is_fresh(value) and isinstance(value, n.Call) and (value.fn in PASSING or value.fn in MAKING)

    # kinds of statements ----------------------------------------------------------------------------------------

    def _make(self, group: Group, stmt: n.Stmt, name: str, value: n.Expr) -> bool:
        kind = self.elements.forms.kinds.at(value)
        mine = self.elements.forms.kinds.of(name)
        if kind.dtype not in ("float", "bool") or mine.dtype != kind.dtype or mine.rank != kind.rank:
            return False
        draft = _Draft()
        value = self.objects.resolved(value)
        shape = self._checked(group, value, draft)
        if shape is None:
            return False
        if name in group.settled or not self._may(group, stmt, shape, draft):
            return False
        group.add(draft, shape, Item("make", n.Name(name), value, stmt))
        if name in group.mentioned | group.bound_ahead and name not in group.made:
            group.again.add(name)
        group.made[name] = kind.dtype
        return True

    def _store(
        self, group: Group, stmt: n.Stmt, target: n.Expr, value: n.Expr, fn: Callable[..., object] | None
    ) -> bool:
        kinds = self.elements.forms.kinds
        place = kinds.at(target)
        if not place.is_array or place.dtype != "float" or kinds.at(value).dtype not in ("float", "int", "bool"):
            return False
        value, target = self.objects.resolved(value), self.objects.resolved(target)
        shape = self.elements.shape(target)
        if not _is_sure(shape) or not shape or (group.items and shape != group.shape):
            return False
        draft = _Draft()
        whole = replace(group, shape=shape)
        mine = self.elements.shape(value)
        if mine is None or not _fits(mine, shape):
            return False
        start = len(shape) - len(mine)
        axes = zip(mine, shape[start:], whole.identity[start:], strict=True)
        pos = tuple(n.Const(0) if a == 1 and b != 1 else at for a, b, at in axes)
        self.elements.element(value, pos, self._reader(whole, draft))
        if fn is not None:
            self.elements.element(target, whole.identity, self._reader(whole, draft))
        self.elements.element(target, whole.identity, self._reader(whole, draft, writes=True))
        if not self._may(group, stmt, shape, draft):
            return False
        group.add(draft, shape, Item("store", target, value, stmt, fn))
        return True

    def _summed(self, group: Group, stmt: n.Stmt, name: str, value: n.Expr) -> bool:
        """`name += c * np.sum(values)`: the sum is made in the nest, the rest behind it."""
        sums = [e for e in subexpressions(value) if is_sum(e)]
        if len(sums) != 1 or not isinstance(stmt, (n.Assign, n.AugAssign)):
            return False
        (call,) = sums
        assert isinstance(call, n.Call)
        inside = self.objects.resolved(call.args[0])
        draft = _Draft()
        shape = self._checked(group, inside, draft)
        if (
            not shape
            or self.elements.forms.kinds.at(inside).dtype != "float"
            or not self._may(group, stmt, shape, draft)
        ):
            return False
        alone = isinstance(stmt, n.Assign) and value is call
        alone = alone and name not in group.mentioned | draft.mentioned | group.bound_ahead | group.settled
        rest = map_expr(value, lambda e: n.Const(0.0) if e is call else e)
        others = names_read(rest) | {name}
        if not all(self.elements.forms.kinds.of(other).is_number for other in others) or not is_pure(rest):
            return False
        draft.mentioned |= others
        group.add(draft, shape, Item("sum", n.Name(name), inside, stmt, alone=alone))
        group.settled.add(name)
        return True

    def _ahead(self, group: Group, stmt: n.Stmt, name: str) -> bool:
        """A number, or a name for a view, that the nest does not change."""
        value = stmt.value  # type: ignore[attr-defined]
        kinds = self.elements.forms.kinds
        read = names_read(value) | ({name} if isinstance(stmt, n.AugAssign) else set())
        if name in group.mentioned or name in group.made or name in group.settled:
            return False
        if read & (group.made.keys() | group.settled) or not is_pure(value):
            return False
        if kinds.of(name).is_array:
            base = value
            while isinstance(base, n.Index):
                parts = index_parts(base.index)
                if not all(isinstance(p, n.Slice) or kinds.at(p).is_number for p in parts):
                    return False
                if any(self._reads_written(group, p) for p in parts):
                    return False
                base = base.value
            if not isinstance(base, n.Name):
                return False
        elif self._reads_written(group, value):
            return False
        group.ahead.append((len(group.items), stmt))
        group.bound_ahead.add(name)
        group.stmts.append(stmt)
        return True

    # what they read and write -----------------------------------------------------------------------------------

    def _checked(self, group: Group, value: n.Expr, draft: _Draft) -> Shape | None:
        """The shape of the elements that are read, which the group has, too."""
        shape = self.elements.shape(value)
        if not _is_sure(shape) or not shape or (group.items and shape != group.shape):
            return None
        whole = replace(group, shape=shape)
        self.elements.element(value, whole.identity, self._reader(whole, draft))
        return shape

    def _reader(self, group: Group, draft: _Draft, writes: bool = False) -> Writer:
        def array(name: n.Name, pos: Pos) -> n.Expr:
            if name.id in group.made:
                if pos != group.identity:
                    raise NoElement
                return name
            if any(isinstance(at, n.Expr) and not self._is_simple(at) for at in pos):
                raise NoElement
            draft.mentioned |= {name.id}.union(*(names_read(at) for at in pos if isinstance(at, n.Expr)))
            found = Access(self.objects.root(name.id), self.objects.token(name.id), name.id, pos, writes)
            draft.accesses.append(found)
            return name

        def number(expr: n.Expr) -> n.Expr:
            draft.mentioned |= names_read(expr)
            if names_read(expr) & group.made.keys():
                raise NoElement
            if self._is_simple(expr):
                for part in subexpressions(expr):
                    if isinstance(part, n.Index):
                        self._note(part, draft)
            elif not is_pure(expr) or self._reads_written(group, expr):
                raise NoElement
            else:
                draft.numbers.append(expr)
            return expr

        return Writer(array, number)

    def _note(self, place: n.Index, draft: _Draft) -> None:
        base: n.Expr = place
        while isinstance(base, n.Index):
            base = base.value
        for name in names_read(base):
            root = self.objects.root(name)
            draft.accesses.append(Access(root, self.objects.token(name), name, (place.index,), False))

    def _is_simple(self, expr: n.Expr) -> bool:
        """A number that costs nothing to compute again for each element."""
        kinds = self.elements.forms.kinds
        match expr:
            case n.Name() | n.Const() | n.Global():
                return kinds.at(expr).is_number
            case n.Call(fn=fn, args=args, keywords=()):
                return fn in PLAIN and all(map(self._is_simple, args))
            case n.Index(value=n.Name(), index=index):
                return kinds.at(expr).is_number and all(map(self._is_simple, index_parts(index)))
        return False

    def _reads_written(self, group: Group, value: n.Expr) -> bool:
        roots = {access.root for access in group.accesses if access.writes}
        return any(self.objects.root(name) in roots for name in needed_content(value))

    def _may(self, group: Group, stmt: n.Stmt, shape: Shape, draft: _Draft) -> bool:
        """May the nest do this, too?"""
        if draft.mentioned & group.settled:
            return False
        axes = frozenset(range(len(shape)))
        written = [a for a in draft.accesses if a.writes]
        pairs = [(a, b) for a in group.accesses for b in draft.accesses if a.writes or b.writes]
        own = [(a, b) for a in draft.accesses for b in written if a is not b]
        if not all(a.root != b.root or _is_same_place(a, b, axes) for a, b in pairs):
            return False
        return all(a.root != b.root or _is_same_place(a, b, axes) or self._apart(a, b, stmt) for a, b in own)

    def _apart(self, a: Access, b: Access, stmt: n.Stmt) -> bool:
        """Are the two certainly different arrays when the statement runs?"""
        return not isinstance(stmt, n.AugAssign) and (a.name, b.name) in self.apart(stmt.num).apart


def _is_same_place(a: Access, b: Access, axes: frozenset[int]) -> bool:
    """Are the two accesses to one element only in the same iteration?"""
    if a.token != b.token:
        return False
    return a.pos == b.pos and {at[0] for at in a.pos if isinstance(at, tuple)} == axes


def is_fill(item: Item) -> bool:
    """Is it `saved[i] = x` of an array, or of a part of one?"""
    place, value = item.target, item.value
    while isinstance(place, n.Index) and not any(isinstance(p, n.Slice) for p in index_parts(place.index)):
        place = place.value
    while isinstance(value, n.Index):
        value = value.value
    whole = isinstance(item.target, n.Index) and isinstance(place, n.Name) and isinstance(value, n.Name)
    return item.how == "store" and item.fn is None and whole


def is_sum(expr: n.Expr) -> bool:
    return isinstance(expr, n.Call) and expr.fn is np.sum and len(expr.args) == 1 and not expr.keywords


def _is_sure(shape: Shape | None) -> bool:
    return shape is not None and None not in shape


def _fits(shape: Shape, place: Shape) -> bool:
    """Can a value of this shape surely be stored in the place?"""
    lead = len(place) - len(shape)
    return lead >= 0 and all(a in (1, b) for a, b in zip(shape, place[lead:], strict=True))
