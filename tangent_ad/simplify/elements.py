"""Short arrays of the compiler's own, as numbers.

In: derived code.  Out: an array made with a small constant length, whose elements alone are read and written, each by
a constant index, is one variable for each element:

    out_bar = np.zeros(2)                     out_0_bar = 0.0
    out_bar[k] += 1.0                         out_1_bar = 0.0
    t_bar = out_bar[1]                        out_0_bar += 1.0 * (k == 0)
                                              out_1_bar += 1.0 * (k == 1)
                                              t_bar = out_1_bar

A number may also be added to the element that the variable of a loop over such indices says.
"""

from __future__ import annotations

import operator
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.indexed import asked_whole, element_of
from tangent_ad.core import nodes as n
from tangent_ad.core.names import Fresh
from tangent_ad.core.order import ordered
from tangent_ad.core.walk import changed, expressions, map_body, map_expr, map_expressions, statements
from tangent_ad.frontend.pure import all_names
from tangent_ad.simplify.context import SHADOW, Context
from tangent_ad.simplify.first import assign_first

LONGEST = 8


def split_arrays(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with numbers in the place of short arrays."""
    lengths = _candidates(fn, context)
    if not lengths:
        return fn
    fresh = Fresh(all_names(fn))
    parts = {name: tuple(fresh.take(_element(name, k)) for k in range(length)) for name, length in lengths.items()}

    def rewrite(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        match stmt:
            case n.Assign(target=n.Name(id=name)) if name in parts:
                made: list[n.Stmt] = [n.Assign(n.Name(part), n.Const(0.0)) for part in parts[name]]
            case n.AugAssign(target=n.Index(value=n.Name(id=name), index=n.Name() as at), value=value) if name in parts:
                made = []
                for k, part in enumerate(parts[name]):
                    here = n.Call(operator.eq, "==", (at, n.Const(k)))
                    made.append(n.AugAssign(n.Name(part), stmt.fn, n.Call(operator.mul, "*", (value, here))))
            case _:
                return (map_expressions(stmt, lambda e: map_expr(e, lambda part: element_of(part, parts))),)
        others = replace(stmt.info, comments=())
        return (changed(made[0], info=stmt.info), *(changed(s, info=others) for s in made[1:]))

    made = ordered(replace(fn, body=map_body(fn.body, rewrite)))
    return assign_first(made, replace(context, names=None))


def _element(name: str, k: int) -> str:
    """`x_bar` has the elements `x_0_bar`, `x_1_bar`: the adjoints of those of x."""
    found = SHADOW.search(name)
    return f"{name}_{k}" if found is None else f"{name[: found.start()]}_{k}_{found.group(1)}"


def _candidates(fn: n.Function, context: Context) -> dict[str, int]:
    """The arrays that can be split, with their lengths."""
    lengths: dict[str, int] = {}
    counted: dict[str, int] = {}
    others = {p.name for p in fn.params} | context.user_names
    for stmt in statements(fn.body):
        length = _length(stmt)
        below = _below(stmt)
        for name in bound_by(stmt):
            if length is not None and lengths.setdefault(name, length) == length and name not in counted:
                continue
            if below is not None and name not in lengths:
                counted[name] = max(below, counted.get(name, 0))
                continue
            others.add(name)
    lengths = {name: length for name, length in lengths.items() if name not in others}
    counted = {name: below for name, below in counted.items() if name not in others}
    for stmt in statements(fn.body) if lengths else ():
        for name in _whole(stmt, lengths, counted):
            del lengths[name]
    return lengths


def _length(stmt: n.Stmt) -> int | None:
    """The length of the array of float64 that is made."""
    match stmt:
        case n.Assign(
            target=n.Name(),
            value=n.Call(fn=np.zeros | np.empty, args=(n.Const(value=int() as length),), keywords=()),
        ) if type(length) is int and 1 <= length <= LONGEST:
            return length
    return None


def _below(stmt: n.Stmt) -> int | None:
    """The number that the variable of a loop stays below, if it begins at 0."""
    match stmt:
        case n.For(start=n.Const(value=0), stop=n.Const(value=int() as stop), step=n.Const(value=1)):
            return stop
    return None


def _whole(stmt: n.Stmt, lengths: dict[str, int], counted: dict[str, int]) -> set[str]:
    """The arrays of which `stmt` asks more than elements that it names."""
    match stmt:
        case n.Assign(target=n.Name(id=name)) if name in lengths:
            return set()
        case n.AugAssign(
            target=n.Index(value=n.Name(id=name), index=n.Name(id=at)),
            fn=operator.add | operator.sub,
            value=n.Const(value=float() as number),
        ) if name in lengths and np.isfinite(number) and counted.get(at, LONGEST + 1) <= lengths[name]:
            return set()
    return asked_whole(expressions(stmt), lengths)
