"""Copies that the compiler made.

In: derived code.  Out: `copy_of(x)` is `x.copy()` for an array, and x alone where an operation makes new memory of it,
as `x_bar[i].copy()` is; a copy in the user's own text stands as it was written.
"""

from __future__ import annotations

import operator
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.defs import base_name
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import expressions, map_body, map_expr, map_expressions, subexpressions
from tangent_ad.runtime import helpers
from tangent_ad.simplify.context import Context, kinds_of

MAKING = (operator.add, operator.sub, operator.mul, operator.truediv, operator.neg, operator.matmul, helpers.spread)


def settle_copies(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with fewer copies."""
    kinds = kinds_of(fn, context)

    def source(expr: n.Expr) -> n.Expr:
        """What an operation may read in the place of `expr`."""
        match expr:
            case n.Call(fn=helpers.copy_of, args=(made,)):
                return made
            case n.Call(fn=np.copy, args=(n.Index() | n.Name() as made,), keywords=()):
                base = base_name(made)
                return expr if base is None or base in context.user_names else made
        return expr

    def fold(expr: n.Expr) -> n.Expr:
        if isinstance(expr, n.Call) and expr.fn in MAKING and any(map(_is_copy, expr.args)):
            return replace(expr, args=tuple(map(source, expr.args)))
        return expr

    def plain(expr: n.Expr) -> n.Expr:
        if not isinstance(expr, n.Call) or expr.fn is not helpers.copy_of:
            return expr
        kind = kinds.at(expr.args[0])
        if kind.is_array and kind.has_rank:  # what only is indexed under the same name may be a number elsewhere
            return n.Call(np.copy, ".copy()", expr.args)
        return expr

    def rewrite(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        if not any(_is_copy(part) for e in expressions(stmt) for part in subexpressions(e)):
            return (stmt,)
        return (map_expressions(map_expressions(stmt, lambda e: map_expr(e, fold)), lambda e: map_expr(e, plain)),)

    return replace(fn, body=map_body(fn.body, rewrite))


def _is_copy(expr: n.Expr) -> bool:
    return type(expr) is n.Call and expr.fn in (helpers.copy_of, np.copy)
