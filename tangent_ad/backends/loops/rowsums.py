"""Sums along an axis, element by element.

In: derived code for Numba, the elements of its arrays.  Out: the same, where the sums of the rows of an array are made
in a nest of loops:

    terms = a - np.sum(y * y, axis=1)                      t = np.empty(n)
                                                           for i in range(n):
                                                               total = 0.0
                                                               for j in range(d):
                                                                   total += y[i, j] * y[i, j]
                                                               t[i] = total
                                                           terms = a - t

Numba makes an array of what is summed, and adds it up column by column.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.forms import Axis
from tangent_ad.backends.loops.elements import Elements, NoElement, Pos, Writer
from tangent_ad.core import nodes as n
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import changed, map_body, map_expr, same_body, statements, subexpressions
from tangent_ad.simplify.context import is_pure

Length = Callable[[Axis, n.Name, int, int], n.Expr]
ZERO, ONE = n.Const(0), n.Const(1)


def sum_rows(fn: n.Function, elements: Elements, fresh: Fresh, length: Length) -> n.Function:
    """`fn` (numbered) with sums of rows in loops.

    Parameters: the elements of its arrays; free names; the length of an axis of an array at a statement.
    """
    if not any(_rows(e) is not None for stmt in statements(fn.body) for e in _inside(stmt)):
        return fn
    body = map_body(fn.body, lambda _, stmt: _summed(stmt, elements, fresh, length))
    return fn if same_body(body, fn.body) else replace(fn, body=body)


def _inside(stmt: n.Stmt) -> tuple[n.Expr, ...]:
    """What a statement surely computes, in whatever order."""
    if not isinstance(stmt, (n.Assign, n.AugAssign, n.Return)) or stmt.value is None or not is_pure(stmt.value):
        return ()
    if not isinstance(stmt, n.Return) and not is_pure(stmt.target):
        return ()
    parts = subexpressions(stmt.value)
    return () if any(isinstance(e, (n.IfExp, n.BoolOp)) for e in parts) else parts


def _rows(expr: n.Expr) -> n.Expr | None:
    """What is summed along its last axis of two."""
    match expr:
        case n.Call(fn=np.sum, args=(rows,), keywords=(("axis", n.Const(value=int() as axis)),)) if axis in (1, -1):
            return rows
    return None


def _summed(stmt: n.Stmt, elements: Elements, fresh: Fresh, length: Length) -> tuple[n.Stmt, ...]:
    ahead: list[n.Stmt] = []
    for part in dict.fromkeys(_inside(stmt)):
        rows = _rows(part)
        nest = None if rows is None else _nest(rows, stmt.num, elements, fresh, length)
        if nest is None:
            continue
        made, name = nest
        ahead += made
        found = part

        def swap(e: n.Expr, found: n.Expr = found, name: n.Name = name) -> n.Expr:
            return name if e == found else e

        stmt = changed(stmt, value=map_expr(stmt.value, swap))  # type: ignore[attr-defined]
    if not ahead:
        return (stmt,)
    first = changed(ahead[0], info=replace(stmt.info, trailing=None))
    return (first, *ahead[1:], changed(stmt, info=replace(stmt.info, comments=())))


def _nest(
    rows: n.Expr, num: int, elements: Elements, fresh: Fresh, length: Length
) -> tuple[list[n.Stmt], n.Name] | None:
    """The loops that sum the rows, and the name of the sums; None if elements cannot be written."""
    shape, kind = elements.shape(rows), elements.forms.kinds.at(rows)
    if shape is None or len(shape) != 2 or None in shape or kind.dtype != "float":
        return None
    counters = n.Name(""), n.Name("")
    leaves: list[tuple[n.Name, Pos]] = []

    def array(name: n.Name, pos: Pos) -> n.Expr:
        leaves.append((name, pos))
        places = tuple(_at(step, counters) for step in pos)
        return n.Index(name, places[0] if len(places) == 1 else n.Tuple(places))

    def number(expr: n.Expr) -> n.Expr:
        if not isinstance(expr, (n.Name, n.Const, n.Global)):
            raise NoElement
        return expr

    try:
        elements.element(rows, ((0, 0), (1, 0)), Writer(array, number))
        lengths = [_length(k, shape[k], leaves, num, elements, length) for k in range(2)]
        counters = n.Name(fresh.take("i")), n.Name(fresh.take("j"))
        value = elements.element(rows, ((0, 0), (1, 0)), Writer(array, number))
    except NoElement:
        return None
    sums, total = n.Name(fresh.take("t")), n.Name(fresh.take("total"))
    inner = n.For(counters[1], ZERO, lengths[1], ONE, (n.AugAssign(total, operator.add, value),))
    body = (n.Assign(total, n.Const(0.0)), inner, n.Assign(n.Index(sums, counters[0]), total))
    made = n.Call(np.empty, "np.empty", (lengths[0],))
    return [n.Assign(sums, made), n.For(counters[0], ZERO, lengths[0], ONE, body)], sums


def _at(step: object, counters: tuple[n.Name, n.Name]) -> n.Expr:
    if not isinstance(step, tuple):
        if isinstance(step, (n.Name, n.Const)):
            return step
        raise NoElement
    if step[1]:
        raise NoElement  # a part of an axis
    return counters[step[0]]


def _length(
    k: int, axis: Axis, leaves: list[tuple[n.Name, Pos]], num: int, elements: Elements, length: Length
) -> n.Expr:
    """How long the k-th axis is, by an array that has it."""
    for name, pos in leaves:
        form = elements.forms.table.get(name.id)
        for d, at in enumerate(pos):
            if at == (k, 0) and form is not None and form.shape is not None and form.shape[d] == axis:
                return length(axis, name, d, num)
    raise NoElement
