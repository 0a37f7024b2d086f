"""Adjoints of sums over one axis, in plain NumPy.

In: expressions of derived code, forms and kinds.  Out: `unreduce(g, x, axis=k) * y`, for a y that has the shape of
x, is `g[:, None] * y`: the product stretches g.  Factors that are numbers stay with g, which is smaller.
"""

from __future__ import annotations

import operator

import numpy as np

from tangent_ad.analyses.named import Forms
from tangent_ad.core import nodes as n
from tangent_ad.runtime import helpers
from tangent_ad.simplify.context import binary

EVERYTHING = n.Slice()


def stretched_product(a: n.Expr, b: n.Expr, forms: Forms) -> n.Expr | None:
    """`a * b` where one of the two is a sum's adjoint in the other's shape."""
    for x, y in ((a, b), (b, a)):
        found = _small(x, forms)
        if found is not None and _fills(found[1], y, forms):
            return binary(operator.mul, *((found[0], y) if x is a else (y, found[0])))
    return None


def stretched_term(target: n.Expr, value: n.Expr, forms: Forms) -> n.Expr | None:
    """What to add to a place of the shape in which `value` is a sum's adjoint."""
    found = _small(value, forms)
    return found[0] if found is not None and _fills(found[1], target, forms) else None


def _small(expr: n.Expr, forms: Forms) -> tuple[n.Expr, n.Expr] | None:
    """A sum's adjoint before it was stretched, with an axis for that, and the array in whose shape it was."""
    found = _unstretched(expr, forms)
    if found is None:
        return None
    g, call = found
    x, axis = call.args[1], dict(call.keywords).get("axis")
    rank, small = forms.kinds.at(x), forms.kinds.at(g)
    if not (isinstance(axis, n.Const) and type(axis.value) is int and rank.has_rank and rank.rank):
        return None
    k = axis.value % rank.rank
    if not small.has_rank or small.rank != rank.rank - 1 or not -rank.rank <= axis.value < rank.rank:
        return None
    if k == 0 or small.rank == 0:
        return g, x
    return n.Index(g, n.Tuple((*(EVERYTHING,) * k, n.Const(None)))), x


def _unstretched(expr: n.Expr, forms: Forms) -> tuple[n.Expr, n.Call] | None:
    """`expr` without the stretching of the one sum's adjoint in it, times numbers; and that adjoint."""
    match expr:
        case n.Call(fn=helpers.unreduce, args=(g, _), keywords=(("axis", _),)):
            return g, expr
        case n.Call(fn=operator.neg, args=(a,)):
            inner = _unstretched(a, forms)
            return None if inner is None else (n.Call(operator.neg, "-", (inner[0],)), inner[1])
        case n.Call(fn=operator.mul | operator.truediv as fn, args=(a, b)):
            inner = _unstretched(a, forms) if forms.kinds.at(b).is_number else None
            if inner is not None:
                return binary(fn, inner[0], b), inner[1]
            inner = _unstretched(b, forms) if forms.kinds.at(a).is_number and fn is operator.mul else None
            return None if inner is None else (binary(fn, a, inner[0]), inner[1])
    return None


def _fills(x: n.Expr, y: n.Expr, forms: Forms) -> bool:
    """Has `y` surely the shape of the array `x`?"""
    return forms.kinds.at(y).is_array and (x == y or forms.same(x, y))


def zeros(g: n.Expr, x: n.Expr, forms: Forms) -> n.Expr | None:
    """`np.zeros_like(x)` for zeros of size 1 that are broadcast to a floating array x."""
    match g:
        case n.Call(fn=np.zeros, args=(n.Tuple(elts=elts),)) if all(e == n.Const(1) for e in elts):
            kind = forms.kinds.at(x)
            if isinstance(x, n.Name) and kind.has_rank and kind.rank == len(elts) and is_floating(x, forms):
                return n.Call(np.zeros_like, "np.zeros_like", (x,))
    return None


def is_floating(x: n.Expr, forms: Forms) -> bool:
    """Does the array surely hold floating-point numbers?"""
    dtype = forms.of(x).dtype
    strong = dtype is not None and any(isinstance(atom, str) and atom != "bool" for atom in dtype)
    return strong or forms.kinds.at(x).dtype in ("float", "float32")
