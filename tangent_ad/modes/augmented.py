"""Augmented assignment of a name, by its kind.

In: a function in normal form and its kinds.  Out: the function with `x op= e` written as what it means: a new value
for a number, a write into all of `x` for an array.  Where the kind is not known the statement stays.
"""

from __future__ import annotations

import operator
from dataclasses import replace

from tangent_ad.analyses.kinds import Kinds
from tangent_ad.core import nodes as n
from tangent_ad.core.names import Fresh
from tangent_ad.core.spelling import SYMBOL
from tangent_ad.core.walk import map_body, number, statements
from tangent_ad.frontend.pure import all_names


def resolve_augmented(fn: n.Function, kinds: Kinds) -> n.Function:
    """`fn` without augmented assignments of names whose kind is known; `fn` itself if there are none."""
    if not any(isinstance(stmt, n.AugAssign) and isinstance(stmt.target, n.Name) for stmt in statements(fn.body)):
        return fn
    fresh = Fresh(all_names(fn))

    def rewrite(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        if not isinstance(stmt, n.AugAssign) or not isinstance(stmt.target, n.Name):
            return (stmt,)
        kind, x = kinds.at(stmt.num, stmt.target), stmt.target
        value = n.Call(stmt.fn, SYMBOL[stmt.fn], (x, stmt.value))
        if kind.is_number:
            return (n.Assign(x, value, info=stmt.info),)
        if not kind.is_array:
            return (stmt,)
        everything = n.Index(x, n.Const(Ellipsis))
        if stmt.fn in (operator.add, operator.sub):
            return (n.AugAssign(everything, stmt.fn, stmt.value, info=stmt.info),)
        t = n.Name(fresh.take("t"))
        return (n.Assign(t, value, info=stmt.info), n.Assign(everything, t, info=replace(stmt.info, comments=())))

    body = map_body(fn.body, rewrite)
    return fn if body is fn.body else number(replace(fn, body=body))
