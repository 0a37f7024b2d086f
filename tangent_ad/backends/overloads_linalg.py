"""The runtime helpers of linear algebra and of products under Numba.

In: nothing; importing this module needs Numba.  Out: overloads, as in `overloads`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import overload

from tangent_ad.backends.overloads import Body, is_none, rank
from tangent_ad.runtime import helpers


@overload(helpers.matmul_left, strict=False)
def _matmul_left(g: Any, a: Any, b: Any) -> Body | None:
    if rank(a) == 1 and rank(b) == 1:
        return lambda g, a, b: g * b
    if rank(a) == 1 and rank(b) == 2:
        return lambda g, a, b: np.dot(np.ascontiguousarray(b), np.ascontiguousarray(g))
    if rank(a) == 2 and rank(b) == 1:
        return lambda g, a, b: np.outer(g, b)
    if rank(a) == 2 and rank(b) == 2:
        return lambda g, a, b: np.dot(np.ascontiguousarray(g), np.ascontiguousarray(b.T))
    return None


@overload(helpers.matmul_right, strict=False)
def _matmul_right(g: Any, a: Any, b: Any) -> Body | None:
    if rank(a) == 1 and rank(b) == 1:
        return lambda g, a, b: a * g
    if rank(a) == 1 and rank(b) == 2:
        return lambda g, a, b: np.outer(a, g)
    if rank(a) == 2 and rank(b) == 1:
        return lambda g, a, b: np.dot(np.ascontiguousarray(a.T), np.ascontiguousarray(g))
    if rank(a) == 2 and rank(b) == 2:
        return lambda g, a, b: np.dot(np.ascontiguousarray(a.T), np.ascontiguousarray(g))
    return None


@overload(helpers.dot_left, strict=False)
def _dot_left(g: Any, a: Any, b: Any, inner: Any = False) -> Body | None:
    if rank(a) == 0:
        return lambda g, a, b, inner=False: np.sum(g * b)
    if rank(b) == 0:
        return lambda g, a, b, inner=False: g * b
    if rank(b) == 1:
        if rank(a) == 1:
            return lambda g, a, b, inner=False: g * b
        return lambda g, a, b, inner=False: np.outer(g, b)

    def impl(g: Any, a: Any, b: Any, inner: Any = False) -> Any:
        return np.dot(np.ascontiguousarray(g), np.ascontiguousarray(b) if inner else np.ascontiguousarray(b.T))

    return impl if rank(a) <= 2 and rank(b) == 2 else None


@overload(helpers.dot_right, strict=False)
def _dot_right(g: Any, a: Any, b: Any, inner: Any = False) -> Body | None:
    if rank(b) == 0:
        return lambda g, a, b, inner=False: np.sum(g * a)
    if rank(a) == 0 or (rank(a) == 1 and rank(b) == 1):
        return lambda g, a, b, inner=False: g * a
    if rank(a) == 1:
        return lambda g, a, b, inner=False: np.outer(g, a) if inner else np.outer(a, g)
    if rank(b) == 1:
        return lambda g, a, b, inner=False: np.dot(np.ascontiguousarray(a.T), np.ascontiguousarray(g))

    def impl(g: Any, a: Any, b: Any, inner: Any = False) -> Any:
        if inner:
            return np.dot(np.ascontiguousarray(g.T), np.ascontiguousarray(a))
        return np.dot(np.ascontiguousarray(a.T), np.ascontiguousarray(g))

    return impl if rank(a) == 2 and rank(b) == 2 else None


@overload(helpers.solve_transposed, strict=False)
def _solve_transposed(a: Any, g: Any, b: Any) -> Body | None:
    if rank(a) == 2:
        return lambda a, g, b: np.linalg.solve(np.ascontiguousarray(a.T), np.ascontiguousarray(g))
    return None


@overload(helpers.cofactor, strict=False)
def _cofactor(a: Any) -> Body | None:
    if rank(a) != 2:
        return None

    def impl(a: Any) -> Any:
        u, s, vt = np.linalg.svd(np.ascontiguousarray(a))
        sign = np.linalg.det(u) * np.linalg.det(vt)  # of double precision, whatever u is
        others = np.ones_like(s)
        for k in range(len(s)):
            for j in range(len(s)):
                if j != k:
                    others[k] = others[k] * s[j]
            others[k] = others[k] * sign
        return np.dot(u * others, vt)

    return impl


@overload(helpers.det_sign, strict=False)
def _det_sign(a: Any) -> Body | None:
    return (lambda a: np.linalg.slogdet(np.ascontiguousarray(a))[0]) if rank(a) == 2 else None


@overload(helpers.log_abs_det, strict=False)
def _log_abs_det(a: Any) -> Body | None:
    return (lambda a: np.linalg.slogdet(np.ascontiguousarray(a))[1]) if rank(a) == 2 else None


@overload(helpers.prod_others, strict=False)
def _prod_others(x: Any, axis: Any = None) -> Body | None:
    if not is_none(axis) or rank(x) == 0:
        return (lambda x, axis=None: x - x + 1.0) if rank(x) == 0 else None

    def impl(x: Any, axis: Any = None) -> Any:
        flat = x.copy().reshape(x.size)
        out = np.ones_like(flat)
        left = right = 1.0
        for k in range(flat.size):
            out[k] *= left
            left *= flat[k]
            j = flat.size - 1 - k
            out[j] *= right
            right *= flat[j]
        return out.reshape(x.shape)

    return impl


@overload(helpers.prod_pairs, strict=False)
def _prod_pairs(x: Any, h: Any, axis: Any = None) -> Body | None:
    if not is_none(axis) or rank(x) == 0:
        return (lambda x, h, axis=None: 0.0 * h) if rank(x) == 0 else None

    def impl(x: Any, h: Any, axis: Any = None) -> Any:
        rows, steps = x.copy().reshape(x.size), h.copy().reshape(x.size)
        out = np.zeros_like(rows)
        for k in range(rows.size):
            value, slope = 1.0, 0.0
            for j in range(rows.size):
                if j != k:
                    value, slope = value * rows[j], slope * rows[j] + value * steps[j]
            out[k] = slope
        return out.reshape(x.shape)

    return impl


@overload(helpers.cumprod_jvp, strict=False)
def _cumprod_jvp(x: Any, h: Any, axis: Any = None) -> Body | None:
    if rank(x) == 0 or (rank(x) > 1 and not is_none(axis)):
        return None

    def impl(x: Any, h: Any, axis: Any = None) -> Any:
        rows, steps = x.copy().reshape(x.size), h.copy().reshape(x.size)
        out = np.empty_like(rows)
        value, slope = 1.0, 0.0
        for k in range(rows.size):
            value, slope = value * rows[k], slope * rows[k] + value * steps[k]
            out[k] = slope
        return out

    return impl


@overload(helpers.cumprod_vjp, strict=False)
def _cumprod_vjp(g: Any, x: Any, axis: Any = None) -> Body | None:
    if rank(x) == 0 or (rank(x) > 1 and not is_none(axis)):
        return None

    def impl(g: Any, x: Any, axis: Any = None) -> Any:
        rows = x.copy().reshape(x.size)
        before = np.cumprod(rows)
        out = np.empty_like(rows)
        after = 0.0
        for k in range(rows.size - 1, -1, -1):
            after = g[k] + after
            out[k] = after * before[k - 1] if k > 0 else after
            after = after * rows[k]
        return out.reshape(x.shape)

    return impl
