"""Rows that are filled where they lie.

In: derived code.  Out: an array that is made of zeros in each iteration, and stored as a row at its end, is that row:

    x_jac = np.empty(out.shape + x.shape, x.dtype)        x_jac = np.zeros(out.shape + x.shape, x.dtype)
    for k in range(n):                                    for k in range(n):
        x_bar = np.zeros_like(x)                              x_bar = x_jac[k]
        x_bar[i] += t                                         x_bar[i] += t
        x_jac[k] = x_bar

The rows are those of the loops' own counters, so that each is filled once; nobody else sees the array meanwhile.  Where
each iteration surely adds to the first elements of the row, and to no others, it stores these and clears the others:

        x_bar = x_jac[k]
        x_bar[0] = t
        x_bar[1:] = 0.0
"""

from __future__ import annotations

import operator
from collections import Counter
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import changed, expressions, names_read, replace_bodies, statements
from tangent_ad.simplify.context import Context, kinds_of
from tangent_ad.simplify.memory import find_memory
from tangent_ad.simplify.stores import Stores, Zeros


def fill_rows(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered), whose rows are filled in place."""
    kinds = kinds_of(fn, context)
    made: list[n.Stmt] = list(fn.body)
    for at, loop in enumerate(fn.body):
        counters, body = _nest(loop)
        stores = _stores(body, counters) if counters else ()
        if not stores:
            continue
        uses = _Uses(fn, kinds)
        for bar, place in stores:
            jac = place.value
            assert isinstance(jac, n.Name)
            zeros = [s for s in body if _is_zeros(s, bar)]
            news = [k for k, s in enumerate(made[:at]) if _is_new(s, jac.id, len(counters), kinds)]
            if len(zeros) != 1 or len(news) != 1:
                continue
            zero, new = zeros[0], made[news[0]]
            assert isinstance(zero, n.Assign) and isinstance(new, n.Assign)
            assert isinstance(zero.value, n.Call) and isinstance(new.value, n.Call)
            like = zero.value.args[0]
            if like != _like(new.value) or names_read(like) & uses.bound_in(fn.body[news[0] : at + 1]):
                continue
            if not all(uses.once(name) for name in (bar, jac.id, *(k.id for k in counters))):
                continue
            unseen = uses.unseen(jac.id, fn.body[news[0] + 1 : at], loop)
            if unseen and uses.alone(bar, jac.id) and uses.only_in(loop, bar):
                inner = _filled(_nest(made[at])[1], zero.num, bar, place)
                inner, whole = _stored(inner, bar, zero.num, uses.stores, context)
                if not whole:
                    made[news[0]] = changed(new, value=replace(new.value, fn=np.zeros, spelling="np.zeros"))
                made[at] = _around(made[at], inner)
    return replace(fn, body=tuple(made))


def _stored(
    body: tuple[n.Stmt, ...], bar: str, row: int, stores: Stores, context: Context
) -> tuple[tuple[n.Stmt, ...], bool]:
    """The body with stores in the row, which is bound by the statement of that number; do they fill it?"""
    at = next(k for k, s in enumerate(body) if s.num == row)
    place, kind = stores.class_of(bar), stores.kinds.of(bar)
    behind, zeros = stores.block(body[at + 1 :], {place: Zeros(bar)}, context.user_names)
    stored = zeros[place].stored if place in zeros else frozenset()
    count = len(stored)
    if not count or stored != {(k,) for k in range(count)} or not kind.is_array or kind.rank != 1:
        return (*body[: at + 1], *behind), False
    rest = n.Assign(n.Index(n.Name(bar), n.Slice(n.Const(count))), n.Const(0.0))
    last = zeros[place].last + 1
    return (*body[: at + 1], *behind[:last], rest, *behind[last:]), True


def _nest(loop: n.Stmt) -> tuple[list[n.Name], tuple[n.Stmt, ...]]:
    """The counters of loops from 0 on, each of which holds the next and nothing else; what the last of them holds."""
    counters: list[n.Name] = []
    body: tuple[n.Stmt, ...] = (loop,)
    while len(body) == 1 and isinstance(inner := body[0], n.For) and inner.start == n.Const(0) and _is_one(inner.step):
        counters.append(inner.target)
        body = inner.body
    return counters, body


def _is_one(step: n.Expr) -> bool:
    return isinstance(step, n.Const) and type(step.value) is int and step.value == 1


def _stores(body: tuple[n.Stmt, ...], counters: list[n.Name]) -> list[tuple[str, n.Index]]:
    """The names that are stored at the end of a body, and the rows where they are."""
    found: list[tuple[str, n.Index]] = []
    row: n.Expr = counters[0] if len(counters) == 1 else n.Tuple(tuple(counters))
    for stmt in reversed(body):
        match stmt:
            case n.Assign(target=n.Index(value=n.Name(), index=index) as place, value=value) if index == row:
                if isinstance(value, n.Name):
                    found.append((value.id, place))
                continue
        break
    return found


def _is_zeros(stmt: n.Stmt, name: str) -> bool:
    match stmt:
        case n.Assign(target=n.Name(id=target), value=n.Call(fn=np.zeros_like, args=(n.Name(),), keywords=())):
            return target == name
    return False


def _is_new(stmt: n.Stmt, name: str, axes: int, kinds: NameKinds) -> bool:
    """Is it `name = np.empty(shape + x.shape, x.dtype)` with a shape of so many axes?"""
    match stmt:
        case n.Assign(
            target=n.Name(id=target),
            value=n.Call(
                fn=np.empty,
                args=(
                    n.Call(fn=operator.add, args=(lead, n.Call(fn=np.shape, args=(n.Name(id=x),)))),
                    n.Call(fn=np.ndarray.dtype, args=(n.Name(id=same),)),
                ),
                keywords=(),
            ),
        ) if target == name and x == same:
            return _length(lead, kinds) == axes
    return False


def _length(shape: n.Expr, kinds: NameKinds) -> int | None:
    match shape:
        case n.Tuple(elts=elts):
            return len(elts)
        case n.Call(fn=np.shape, args=(n.Name(id=name),)):
            kind = kinds.of(name)
            return kind.rank if kind.is_array and kind.has_rank else None
    return None


def _like(new: n.Call) -> n.Expr:
    dtype = new.args[1]
    assert isinstance(dtype, n.Call)
    return dtype.args[0]


class _Uses:
    """Where the names of a function stand."""

    def __init__(self, fn: n.Function, kinds: NameKinds) -> None:
        every = tuple(statements(fn.body))
        self.params = {p.name for p in fn.params}
        self.memory = find_memory(fn, kinds)
        self.stores = Stores(kinds, self.memory)
        self.classes = Counter(self.memory.class_of.values())
        self.bound = Counter(name for s in every for name in bound_by(s))
        self.mentions = self.counted(fn.body)

    def counted(self, body: tuple[n.Stmt, ...]) -> Counter[str]:
        return Counter(name for s in statements(body) for e in expressions(s) for name in names_read(e))

    def bound_in(self, body: tuple[n.Stmt, ...]) -> set[str]:
        return {name for s in statements(body) for name in bound_by(s)}

    def once(self, name: str) -> bool:
        """Is the name bound by one statement?"""
        return self.bound[name] == 1 and name not in self.params

    def alone(self, bar: str, jac: str) -> bool:
        """Does nobody else share memory with the two?"""
        names = {bar, jac}
        held = {self.memory.class_of.get(name, name) for name in names}
        return all(name in names for name, found in self.memory.class_of.items() if found in held)

    def only_in(self, loop: n.Stmt, name: str) -> bool:
        return self.counted((loop,))[name] == self.mentions[name]

    def unseen(self, jac: str, between: tuple[n.Stmt, ...], loop: n.Stmt) -> bool:
        """Does the array stand nowhere but in its one store, until the loop is done?"""
        return self.counted(between)[jac] == 0 and self.counted((loop,))[jac] == 1


def _filled(body: tuple[n.Stmt, ...], zero: int, bar: str, place: n.Index) -> tuple[n.Stmt, ...]:
    """The body with the name of a row in the place of its zeros, and without its store."""
    store = n.Assign(place, n.Name(bar))
    kept = (s for s in body if not (isinstance(s, n.Assign) and (s.target, s.value) == (place, store.value)))
    return tuple(changed(s, value=place) if s.num == zero else s for s in kept)


def _around(loop: n.Stmt, inner: tuple[n.Stmt, ...]) -> n.Stmt:
    """The nest of loops with another body in the innermost."""
    body = loop.body if isinstance(loop, n.For) else ()
    deeper = len(body) == 1 and isinstance(body[0], n.For) and _nest(body[0])[0]
    return replace_bodies(loop, ((_around(body[0], inner),) if deeper else inner,))
