"""Sums over the rows of a product.

In: derived code.  Out: `b_bar += np.sum(y_bar @ W.T, axis=0)` is `b_bar += np.sum(y_bar, axis=0) @ W.T`, under a
condition that there are rows; so is `np.sum(2.0 * y_bar * w, axis=0)` where w is one row: what is the same for all rows
multiplies their sum.

Where everything is finite, that is the same up to rounding.  Where a term or a factor is not, neither sum is.  But
without rows nothing is added, while zero times infinity would be: hence the condition, and hence only additions are
rewritten, which can be left out.
"""

from __future__ import annotations

import operator
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.named import Forms
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import FLOATING
from tangent_ad.core.walk import changed, map_body, statements, subexpressions
from tangent_ad.simplify.context import Context, binary, is_pure, is_shadow
from tangent_ad.simplify.forming import find_forms

FIRST = n.Const(0)


def sum_rows(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with rows summed before they are multiplied."""
    if not any(isinstance(stmt, n.AugAssign) and _product(stmt.value) is not None for stmt in statements(fn.body)):
        return fn
    forms = find_forms(fn, context)

    def rewrite(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        made = _summed(stmt, forms, context.user_names) if isinstance(stmt, n.AugAssign) else None
        if made is None:
            return (stmt,)
        value, rows = made
        test = binary(operator.gt, n.Index(n.Call(np.shape, ".shape", (rows,)), FIRST), FIRST)
        inner = changed(stmt, value=value, info=replace(stmt.info, comments=(), trailing=None))
        return (n.If(test, (inner,), info=stmt.info),)

    return replace(fn, body=map_body(fn.body, rewrite))


def _product(value: n.Expr) -> n.Call | None:
    """The product whose rows are summed."""
    match value:
        case n.Call(
            fn=np.sum,
            args=(n.Call(fn=operator.matmul | operator.mul, args=(_, _)) as product,),
            keywords=(("axis", axis),),
        ):
            return product if axis == FIRST and is_pure(product) else None
    return None


def _summed(stmt: n.AugAssign, forms: Forms, user_names: frozenset[str]) -> tuple[n.Expr, n.Name] | None:
    """The sum of the factor that has rows, times the other; and a name with as many rows."""
    product, target = _product(stmt.value), stmt.target
    while isinstance(target, n.Index):
        target = target.value
    ours = isinstance(target, n.Name) and is_shadow(target.id) and target.id not in user_names
    if product is None or not ours or stmt.fn not in (operator.add, operator.sub):
        return None
    a, b = product.args
    turned = product.fn is operator.mul and forms.kinds.at(a).rank != 2
    if turned:
        a, b = b, a
    other, rows = forms.kinds.at(b), _with_rows(a, forms)
    if rows is None or other.form != "value" or other.rank != (2 if product.fn is operator.matmul else 1):
        return None
    adjoint = isinstance(a, n.Name) and is_shadow(a.id) and a.id not in user_names
    sure = adjoint and (forms.kinds.at(a).dtype == "float" or other.dtype == "float32")
    if not _is_table(a, forms) or not (sure or forms.equals(a, product)):
        return None  # it would be summed with less precision than the product has
    total = _total(a, forms)
    return (binary(product.fn, b, total) if turned else binary(product.fn, total, b)), rows


def _is_table(a: n.Expr, forms: Forms) -> bool:
    kind = forms.kinds.at(a)
    return kind.rank == 2 and kind.dtype in FLOATING


def _total(a: n.Expr, forms: Forms) -> n.Expr:
    """The sum of the rows, times the numbers in `a`."""
    match a:
        case n.Call(fn=operator.mul, args=(number, b)) if forms.kinds.at(number).is_number:
            if _is_table(b, forms) and forms.equals(b, a):
                return binary(operator.mul, number, _total(b, forms))
    return n.Call(np.sum, "np.sum", (a,), (("axis", FIRST),))


def _with_rows(a: n.Expr, forms: Forms) -> n.Name | None:
    """A name in `a` of an array of its shape."""
    if isinstance(a, n.Name):
        return a
    return next((e for e in subexpressions(a) if isinstance(e, n.Name) and forms.same(e, a)), None)
