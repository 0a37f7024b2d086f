"""Nests of loops over elements, written.

In: nests whose order is free.  Out: their statements in the form that compiles best.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tangent_ad.backends.nests.reading import SUMS, UP, Nest, Place, least_of
from tangent_ad.core import nodes as n
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import changed
from tangent_ad.simplify.algebra import integer
from tangent_ad.simplify.context import binary
from tangent_ad.storage.extents import not_negative

FURTHEST = 8
"""The greatest first value of a counter for which rows have unused elements ahead."""


@dataclass
class Writing:
    fresh: Fresh

    def nest(self, nest: Nest) -> list[n.Stmt]:
        """The nest, upwards; by rows if it is worth that."""
        loops = tuple(map(upwards, nest.loops))
        if not goes_by_rows(nest):
            return [_nested(loops[:-1], (changed(loops[-1], body=nest.body),))]
        counter, stop = loops[-1].target, not_negative(loops[-1].stop)
        moved = {id(stmt) for stmt in _moved(nest)}
        ahead, main, behind = list[n.Stmt](), list[n.Stmt](), list[n.Stmt]()
        tail: list[list[n.AugAssign]] = []
        rows: dict[str, n.Expr] = {}

        def row(wish: str, fn: object, spelling: str) -> n.Name:
            made = n.Name(self.fresh.take(f"{wish}_row"))
            ahead.append(n.Assign(made, n.Call(fn, spelling, (stop,))))  # type: ignore[arg-type]
            return made

        for stmt in nest.body:
            if isinstance(stmt, n.AugAssign) and id(stmt) in moved:
                value = stmt.value
                name = value.id if isinstance(value, n.Name) else ""
                if name in rows and name in nest.once:
                    value = rows[name]
                elif name in nest.private or not isinstance(value, (n.Name, n.Const)):
                    value = n.Index(row(name or "t", np.empty, "np.empty"), counter)
                    main.append(n.Assign(value, stmt.value))
                    if name:
                        rows[name] = value
                if not tail or tail[-1][0].target != stmt.target:
                    tail.append([])
                tail[-1].append(replace(stmt, value=value))
            elif isinstance(stmt, n.AugAssign) and isinstance(stmt.target, n.Name) and stmt.target.id in nest.sums:
                total = stmt.target
                if total.id not in rows:
                    held = row(total.id, np.zeros, "np.zeros")
                    rows[total.id] = n.Index(held, counter)
                    behind.append(n.AugAssign(total, operator.add, n.Call(np.sum, "np.sum", (held,))))
                main.append(replace(stmt, target=rows[total.id]))
            else:
                main.append(stmt)
        others = [changed(loops[-1], body=tuple(stmts), info=n.NO_INFO) for stmts in tail]
        made = _nested(loops[:-1], (changed(loops[-1], body=tuple(main)), *others))
        if ahead:  # the comments stand above all of it
            ahead[0] = changed(ahead[0], info=made.info)
            made = replace(made, info=replace(made.info, comments=(), trailing=None))
        return [*ahead, made, *behind]


def merged(last: n.Stmt, before: Nest, stmt: n.Stmt, nest: Nest) -> n.Stmt | None:
    """One nest for two that only add to one array, by rows: `last`, which is written, and `stmt` behind it."""
    if len(nest.loops) != 2 or len(before.loops) != 2 or not isinstance(last, n.For) or stmt.info.comments:
        return None
    for one in (before, nest):
        if one.sums or one.private or len(one.written) != 1 or one.written != one.scattered:
            return None
    head, inner = map(upwards, nest.loops)
    if _names_added(nest) != _names_added(before) or len(_names_added(nest)) > 1 or not _is_same_head(last, head):
        return None
    if any(_moved(nest)):
        return None
    return changed(last, body=(*last.body, inner))


def upwards(loop: n.For) -> n.For:
    """The loop over the same values, counting upwards."""
    if loop.step == UP:
        return loop
    start, stop = (integer(binary(operator.add, end, UP)) for end in (loop.stop, loop.start))
    return replace(loop, start=start, stop=stop, step=UP)


def goes_by_rows(nest: Nest) -> bool:
    """Is it the adjoint of a stencil along the rows of arrays, with sums or several places that hold it up?"""
    inner, least = nest.loops[-1], least_of(nest.loops[-1])
    if len(nest.loops) < 2 or least is None or not 0 <= least <= FURTHEST:
        return False
    for array, accesses in nest.arrays.items():
        for access in accesses:
            *front, back = (base == inner.target for base, _ in access.place)
            if any(front) or (array in nest.written and not back):
                return False
    shifted = any(_is_shifted(nest.places(array)) for array in nest.arrays)
    return any(_moved(nest)) or (shifted and bool(nest.sums) and bool(nest.written))


def _is_shifted(places: set[Place]) -> bool:
    """Are there two places that are a constant number of elements apart?"""
    return len({tuple(base for base, _ in place) for place in places}) < len(places)


def _moved(nest: Nest) -> Iterator[n.AugAssign]:
    """The statements that add to other places of an array than the first that does."""
    first: dict[str, n.Expr] = {}
    for stmt in nest.body:
        if isinstance(stmt, n.AugAssign) and isinstance(stmt.target, n.Index) and stmt.fn in SUMS:
            array = nest.array_of[stmt.target.value.id]  # type: ignore[attr-defined]
            if array in nest.scattered and first.setdefault(array, stmt.target) != stmt.target:
                yield stmt


def _nested(loops: tuple[n.For, ...], body: tuple[n.Stmt, ...]) -> n.For:
    """`body` in the loops."""
    for loop in reversed(loops):
        body = (changed(loop, body=body),)
    (made,) = body
    assert isinstance(made, n.For)
    return made


def _names_added(nest: Nest) -> frozenset[str]:
    return frozenset(
        name for array in nest.scattered for name in {a.name for a in nest.arrays[array] if a.how == "add"}
    )


def _is_same_head(a: n.For, b: n.For) -> bool:
    return (a.target, a.start, a.stop, a.step) == (b.target, b.start, b.stop, b.step)
