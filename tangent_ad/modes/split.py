"""Webs apart: one name for each web.

In: a function in normal form and its webs.  Out: the function in which a name that is used for unrelated values (an
array first, another array or a number later) has a name for each.  It is asked for where sharing a name hides that two
values have nothing to do with each other: an alias outlives its owner's name, a compiled variable would have two types.
"""

from __future__ import annotations

from dataclasses import replace

from tangent_ad.analyses.webs import PARAMETER, Webs
from tangent_ad.core import nodes as n
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import changed, map_body, map_expr, map_expressions
from tangent_ad.frontend.pure import all_names


def split_webs(fn: n.Function, webs: Webs) -> n.Function:
    """`fn` (numbered) with every web under a name of its own; the first keeps the user's."""
    fresh = Fresh(all_names(fn))
    names: dict[int, str] = {}
    first: set[str] = set()
    for (num, name), web in sorted(webs.of_def.items(), key=lambda item: (item[0][0], item[0][1])):
        if web not in names:
            names[web] = name if name not in first or num == PARAMETER else fresh.take(name)
            first.add(name)

    def rewrite(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        num = stmt.num

        def read(expr: n.Expr) -> n.Expr:
            if isinstance(expr, n.Name) and (num, expr.id) in webs.of_read:
                return replace(expr, id=names[webs.of_read[(num, expr.id)]])
            return expr

        def bound(expr: n.Expr) -> n.Expr:
            if isinstance(expr, n.Name):
                return replace(expr, id=names[webs.of_def[(num, expr.id)]])
            if isinstance(expr, n.Tuple):
                return n.Tuple(tuple(bound(e) for e in expr.elts))
            return map_expr(expr, read)

        target = getattr(stmt, "target", None)
        made = map_expressions(stmt, lambda expr: map_expr(expr, read))
        if target is not None:
            made = changed(made, target=bound(target))
        return (made,)

    return replace(fn, body=map_body(fn.body, rewrite))
