"""Rules of products and of `np.linalg`.

In: nothing.  Out: entries in the registry.  Where the ranks are known the adjoints are plain products; where not, a
helper decides when the program runs.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tangent_ad.core.build import Sym, call
from tangent_ad.core.kinds import Kind, tuple_of
from tangent_ad.errors import RefusedError
from tangent_ad.rules import shapes
from tangent_ad.rules.arrays import reshaped
from tangent_ad.rules.kinks import nonzero
from tangent_ad.rules.registry import custom, linear
from tangent_ad.rules.shapes import UNKNOWN, const, kind_of, rank_of
from tangent_ad.rules.sums import sum_to, unreduced
from tangent_ad.runtime import helpers


def transposed(a: Any) -> Any:
    """The matrix, or each matrix of a stack, transposed."""
    if rank_of(a) == 2:
        return a.T
    return np.swapaxes(a, -1, -2)


def product_left(g: Any, a: Any, b: Any, helper: Callable[..., Any] = helpers.matmul_left) -> Any:
    """The adjoint of a in a @ b."""
    ranks = rank_of(a), rank_of(b)
    if ranks == (2, 2):
        return g @ b.T
    if ranks == (1, 2):
        return b @ g
    if ranks == (2, 1):
        return np.outer(g, b)
    return g * b if ranks == (1, 1) else call(helper, helper.__name__, g, a, b)


def product_right(g: Any, a: Any, b: Any, helper: Callable[..., Any] = helpers.matmul_right) -> Any:
    """The adjoint of b in a @ b."""
    ranks = rank_of(a), rank_of(b)
    if ranks in ((2, 2), (2, 1)):
        return a.T @ g
    if ranks == (1, 2):
        return np.outer(a, g)
    return g * a if ranks == (1, 1) else call(helper, helper.__name__, g, a, b)


def _dot_left(g: Any, a: Any, b: Any) -> Any:
    if rank_of(a) == 0:
        return g * b if rank_of(b) == 0 else np.sum(g * b)
    return g * b if rank_of(b) == 0 else product_left(g, a, b, helpers.dot_left)


def _dot_right(g: Any, a: Any, b: Any) -> Any:
    if rank_of(b) == 0:
        return g * a if rank_of(a) == 0 else np.sum(g * a)
    return g * a if rank_of(a) == 0 else product_right(g, a, b, helpers.dot_right)


def _inner_left(g: Any, a: Any, b: Any) -> Any:
    ranks = rank_of(a), rank_of(b)
    if ranks in ((2, 2), (1, 2)):
        return g @ b
    if 0 in ranks or ranks in ((1, 1), (2, 1)):
        return _dot_left(g, a, b)
    return call(helpers.dot_left, "dot_left", g, a, b, True)


def _inner_right(g: Any, a: Any, b: Any) -> Any:
    ranks = rank_of(a), rank_of(b)
    if ranks == (2, 2):
        return g.T @ a
    if ranks == (1, 2):
        return np.outer(g, a)
    if 0 in ranks or ranks in ((1, 1), (2, 1)):
        return _dot_right(g, a, b)
    return call(helpers.dot_right, "dot_right", g, a, b, True)


def _outer_left(g: Any, a: Any, b: Any) -> Any:
    if rank_of(a) == 1:
        return g @ (b if rank_of(b) == 1 else np.ravel(b))
    return reshaped(g @ np.ravel(b), a)


def _outer_right(g: Any, a: Any, b: Any) -> Any:
    if rank_of(b) == 1:
        return (a if rank_of(a) == 1 else np.ravel(a)) @ g
    return reshaped(np.ravel(a) @ g, b)


def _vdot_back(g: Any, x: Any, other: Any) -> Any:
    """The adjoint of x in np.vdot(x, other): the arrays are read flat, whatever their shapes."""
    if rank_of(x) == rank_of(other) and rank_of(x) in (0, 1):
        return g * other
    return reshaped(g * np.ravel(other), x)


def _product_kind(scalars: bool, flat: bool = False) -> Callable[..., Kind]:
    """matmul, dot, inner: the two contracted axes disappear."""

    def rule(a: Any, b: Any) -> Kind:
        kinds = kind_of(a), kind_of(b)
        dtype, p, q = shapes.promoted(*kinds), rank_of(a), rank_of(b)
        if not scalars and 0 in (p, q):
            raise RefusedError("@ needs arrays on both sides", hint="*")
        if p is None or q is None:
            return Kind("value", dtype, None)
        if p == 0 or q == 0:
            return Kind("value", dtype, max(p, q))
        if scalars:
            return Kind("value", dtype, p + q - 2)
        return Kind("value", dtype, max(p, q) - (min(p, q) == 1))

    return rule


def solve_transposed(a: Any, g: Any, b: Any) -> Any:
    """The solution w of a.T w = g, where g has the shape of np.linalg.solve(a, b)."""
    p, q = rank_of(a), rank_of(b)
    if p == 2 or (p is not None and q is not None and q > 1):
        return np.linalg.solve(transposed(a), g)
    if p is not None and q == 1:
        raise RefusedError("np.linalg.solve of several matrices with one vector is not supported", hint="b[:, None]")
    return call(helpers.solve_transposed, "solve_transposed", a, g, b)


def _solve(a: Any, rhs: Any, b: Any) -> Any:
    """np.linalg.solve(a, rhs), where rhs has the shape of np.linalg.solve(a, b)."""
    return np.linalg.solve(a, rhs) if rank_of(a) == 2 else solve_transposed(transposed(a), rhs, b)


def _solve_jvp(y: Any, dots: Any, a: Any, b: Any) -> Any:
    a_dot, b_dot = dots
    if a_dot is None:
        return np.linalg.solve(a, b_dot)
    moved = a_dot @ y
    return _solve(a, -moved if b_dot is None else b_dot - moved, b)


def _solve_vjp(g: Any, y: Any, a: Any, b: Any) -> tuple[Any, ...]:
    def of_b() -> Any:
        w = solve_transposed(a, g, b)
        return w if rank_of(a) == 2 and rank_of(b) in (1, 2) else sum_to(w, b)

    return lambda: -product_left(solve_transposed(a, g, b), a, y), of_b


def _solve_kind(a: Any, b: Any) -> Kind:
    p, q = rank_of(a), rank_of(b)
    known = p is not None and q is not None
    rank = q if q == 1 and p == 2 else max(p or 0, q or 0) - (q == 1) if known else -1
    return Kind("value", shapes.floating(shapes.promoted(kind_of(a), kind_of(b))), rank)


def _matrix_kind(less: int) -> Callable[..., Kind]:
    def rule(a: Any) -> Kind:
        rank = rank_of(a)
        if rank in (0, 1):
            raise RefusedError("a matrix is needed here")
        dtype = shapes.floating(shapes.dtype_of(kind_of(a)))
        return Kind("value", dtype, rank - less if rank is not None else None if less else -1)

    return rule


def _cofactor(a: Any) -> Any:
    return call(helpers.cofactor, "cofactor", a)


def _as_scale(g: Any, a: Any) -> Any:
    """g, one number for each matrix of a, ready to be multiplied with the matrices."""
    return g if rank_of(a) == 2 else np.expand_dims(g, (-2, -1))


def _det_jvp(y: Any, dots: Any, a: Any) -> Any:
    product = _cofactor(a) * dots[0]
    return np.sum(product) if rank_of(a) == 2 else np.sum(product, axis=(-2, -1))


def _det_vjp(g: Any, y: Any, a: Any) -> tuple[Any, ...]:
    return (lambda: _as_scale(g, a) * _cofactor(a),)


def _component(g: Any, k: int) -> Any:
    """One component of the adjoint of a tuple."""
    return g[k] if isinstance(g, (Sym, tuple, list)) else g


def _slogdet_kind(a: Any) -> Kind:
    kind = _matrix_kind(2)(a)
    return tuple_of(kind, kind)


def _slogdet_jvp(y: Any, dots: Any, a: Any) -> Any:
    product = transposed(np.linalg.inv(a)) * dots[0]
    total = np.sum(product) if rank_of(a) == 2 else np.sum(product, axis=(-2, -1))
    return (np.zeros_like(_component(y, 0)), total)


def _slogdet_vjp(g: Any, y: Any, a: Any) -> tuple[Any, ...]:
    return (lambda: _as_scale(_component(g, 1), a) * transposed(np.linalg.inv(a)),)


def _inv_jvp(y: Any, dots: Any, a: Any) -> Any:
    return -(y @ dots[0] @ y)


def _inv_vjp(g: Any, y: Any, a: Any) -> tuple[Any, ...]:
    flipped = transposed(y) if rank_of(a) != 2 else y.T
    return (lambda: -(flipped @ g @ flipped),)


def _euclidean(x: Any, ord: Any, axis: Any) -> None:
    """Refuse the norms that are not the root of a sum of squares."""
    order, where = const(ord), const(axis)
    vector = rank_of(x) == 1 or isinstance(where, int)
    if order is not None and order != "fro" and not (order == 2 and vector):
        raise RefusedError("only the Euclidean norm of vectors and the Frobenius norm are differentiated")


def _norm_kind(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Kind:
    return shapes.reduced(shapes.floating)(x, axis, keepdims=keepdims)


def _norm_jvp(y: Any, dots: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    _euclidean(x, ord, axis)
    keywords: dict[str, Any] = {} if const(axis) is None else {"axis": axis}
    if const(keepdims) is not False:
        keywords["keepdims"] = keepdims
    return np.sum(x * dots[0], **keywords) / nonzero(y)


def _norm_vjp(g: Any, y: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> tuple[Any, ...]:
    _euclidean(x, ord, axis)
    if const(axis) is UNKNOWN or const(keepdims) is UNKNOWN:
        raise RefusedError("np.linalg.norm: axis and keepdims must be literals")
    return lambda: x * unreduced(g / nonzero(y), x, axis, keepdims), None, None, None


def _declare() -> None:
    for fn in (operator.matmul, np.matmul):
        linear(
            fn,
            lambda g, a, b: product_left(g, a, b),
            lambda g, a, b: product_right(g, a, b),
            argnums=(0, 1),
            kind=_product_kind(scalars=False),
        )
    linear(np.dot, _dot_left, _dot_right, argnums=(0, 1), kind=_product_kind(scalars=True))
    linear(np.inner, _inner_left, _inner_right, argnums=(0, 1), kind=_product_kind(scalars=True))
    linear(
        np.outer,
        _outer_left,
        _outer_right,
        argnums=(0, 1),
        kind=lambda a, b: Kind("value", shapes.promoted(kind_of(a), kind_of(b)), 2),
    )
    linear(
        np.vdot,
        lambda g, a, b: _vdot_back(g, a, b),
        lambda g, a, b: _vdot_back(g, b, a),
        argnums=(0, 1),
        kind=lambda a, b: Kind("value", shapes.promoted(kind_of(a), kind_of(b)), 0),
    )
    custom(np.linalg.solve, jvp=_solve_jvp, vjp=_solve_vjp, kind=_solve_kind)
    custom(np.linalg.inv, jvp=_inv_jvp, vjp=_inv_vjp, kind=_matrix_kind(0))
    custom(np.linalg.det, jvp=_det_jvp, vjp=_det_vjp, kind=_matrix_kind(2))
    custom(np.linalg.slogdet, jvp=_slogdet_jvp, vjp=_slogdet_vjp, kind=_slogdet_kind)
    custom(np.linalg.norm, jvp=_norm_jvp, vjp=_norm_vjp, kind=_norm_kind)


_declare()
