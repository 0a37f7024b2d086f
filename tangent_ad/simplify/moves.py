"""Adjoint arrays handed on.

In: derived code.  Out: the same without copies of adjoint arrays that nobody uses behind the copy: `v_bar =
copy_of(u_bar)` is `v_bar = u_bar` where u_bar is bound anew before it is read.

An adjoint array that shares its memory with no other name keeps it to itself that way: it only changes its name.  So
the reverse of `u, v = v, u` is the same exchange of the adjoints.
"""

from __future__ import annotations

from dataclasses import replace

from tangent_ad.analyses.live import find_live
from tangent_ad.analyses.webs import reads_of
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import expressions, map_body, map_expr, map_expressions, statements, subexpressions
from tangent_ad.runtime import helpers
from tangent_ad.simplify.context import Context, is_shadow, kinds_of
from tangent_ad.simplify.memory import find_memory, names_alone


def move_adjoints(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with fewer copies."""
    if not any(_copies(stmt) for stmt in statements(fn.body)):
        return fn
    own = _own(fn, context)
    live = find_live(fn, reads_of)

    def moved(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        if not _copies(stmt):
            return (stmt,)
        match stmt:
            case n.Assign(target=n.Name(id=name), value=n.Call(fn=helpers.copy_of, args=(n.Name(id=source),))):
                if source in own and name in own and source != name and source not in live.after[stmt.num]:
                    return (replace(stmt, value=n.Name(source)),)
            case n.Return(value=value) if value is not None:
                return (replace(stmt, value=_returned(value, own)),)
        return (map_expressions(stmt, lambda e: map_expr(e, _spread)),)

    return replace(fn, body=map_body(fn.body, moved))


def _copies(stmt: n.Stmt) -> bool:
    return any(isinstance(p, n.Call) and p.fn is helpers.copy_of for e in expressions(stmt) for p in subexpressions(e))


def _own(fn: n.Function, context: Context) -> frozenset[str]:
    """The adjoints that share memory with no other name."""
    alone = names_alone(fn, find_memory(fn, kinds_of(fn, context)))
    given = {p.name for p in fn.params}
    return frozenset(name for name in alone - given - context.user_names if is_shadow(name))


def _spread(expr: n.Expr) -> n.Expr:
    """`spread(copy_of(g), x)` copies once more."""
    match expr:
        case n.Call(fn=helpers.spread, args=(n.Call(fn=helpers.copy_of, args=(g,)), x)):
            return replace(expr, args=(g, x))
    return expr


def _returned(value: n.Expr, own: frozenset[str]) -> n.Expr:
    """What is returned, without copies of arrays that stand there once."""
    names = [p.id for p in subexpressions(value) if isinstance(p, n.Name)]

    def bare(expr: n.Expr) -> n.Expr:
        match expr:
            case n.Call(fn=helpers.copy_of, args=(n.Name(id=source),)) if source in own and names.count(source) == 1:
                return n.Name(source)
        return _spread(expr)

    return map_expr(value, bare)
