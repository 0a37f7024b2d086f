"""Numbers that may be the caller's own arrays without axes are not added to in place.

In: derived code.  Out: `x = x + e` for `x += e` where x may still be the very object that came in as an argument.
"""

from __future__ import annotations

from dataclasses import replace

from tangent_ad.analyses.lent import Lent
from tangent_ad.analyses.webs import find_webs
from tangent_ad.core import nodes as n
from tangent_ad.core.spelling import SYMBOL
from tangent_ad.core.walk import map_body, statements
from tangent_ad.simplify.context import Context, kinds_of


def spare_lent(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) without augmented assignments of what may be an argument; compiled code is never given an array
    for a number."""
    if context.typed or not any(isinstance(s, n.AugAssign) and type(s.target) is n.Name for s in statements(fn.body)):
        return fn
    kinds = kinds_of(fn, context)
    lent = Lent(fn, find_webs(fn), lambda _, expr: kinds.at(expr).form == "tuple")

    def rewrite(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        if not isinstance(stmt, n.AugAssign) or type(stmt.target) is not n.Name or kinds.at(stmt.target).is_array:
            return (stmt,)
        if not lent.parameters(stmt.num, stmt.target):
            return (stmt,)
        value = n.Call(stmt.fn, SYMBOL[stmt.fn], (stmt.target, stmt.value))
        return (n.Assign(stmt.target, value, info=stmt.info, num=stmt.num),)

    return replace(fn, body=map_body(fn.body, rewrite))
