"""Augmented assignment of a name, by its kind.

In: a function in normal form and its kinds.  Out: the function with `x op= e` written as what it means: a new value
for a number, a write into all of `x` for an array.  Where the kind is not known the statement stays; where it is known
besides that nobody shares the memory of `x`, it is a new value, of the dtype that an array keeps.
"""

from __future__ import annotations

import operator
from dataclasses import replace

from tangent_ad.analyses.dtypes import changing_dtype
from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.kinds import Kinds
from tangent_ad.core import nodes as n
from tangent_ad.core.names import Fresh
from tangent_ad.core.order import number
from tangent_ad.core.spelling import SYMBOL
from tangent_ad.core.walk import map_body, statements
from tangent_ad.frontend.pure import all_names
from tangent_ad.runtime import helpers


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


def dtypes_kept(facts: Facts) -> n.Function:
    """The function with `x op= e` of a name of unknown kind, where it may change the dtype of a new value, as
    `t = x op e; x = stored_in(t, x)`; itself if there are none.  That x is shared with nobody was checked."""
    fn = facts.fn
    changing = changing_dtype(fn, facts.webs, frozenset(facts.wrt))
    if not changing:
        return fn
    fresh = Fresh(all_names(fn))

    def rewrite(num: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        if stmt.num not in changing or not isinstance(stmt, n.AugAssign):
            return (stmt,)
        t = n.Name(fresh.take("t"))
        value = n.Call(stmt.fn, SYMBOL[stmt.fn], (stmt.target, stmt.value))
        kept = n.Call(helpers.stored_in, "stored_in", (t, stmt.target))
        return (n.Assign(t, value, info=stmt.info), n.Assign(stmt.target, kept, info=replace(stmt.info, comments=())))

    return number(replace(fn, body=map_body(fn.body, rewrite)))
