"""Rules of the runtime helpers, so that emitted code can be differentiated again.

In: nothing.  Out: entries in the registry.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tangent_ad.core.build import call
from tangent_ad.core.kinds import OTHER, Kind
from tangent_ad.errors import RefusedError
from tangent_ad.rules import shapes
from tangent_ad.rules.arrays import undiagonal
from tangent_ad.rules.linalg import product_left, product_right, solve_transposed, transposed
from tangent_ad.rules.registry import custom, linear, zero
from tangent_ad.rules.shapes import const, kind_of, rank_of
from tangent_ad.rules.sums import spread, sum_to
from tangent_ad.runtime import helpers


def _third(name: str) -> RefusedError:
    return RefusedError(f"this derivative of {name} is of too high an order", hint="a loop over the elements")


def _unreduce_back(h: Any, g: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    if kind_of(x).is_number and const(keepdims) is False:
        return h
    keywords = {} if const(axis) is None else {"axis": axis}
    return np.sum(h, **keywords) if const(keepdims) is False else np.sum(h, **keywords, keepdims=keepdims)


def _dot_left_g(h: Any, g: Any, a: Any, b: Any, inner: Any = False) -> Any:
    return np.dot(h, b) if const(inner) is False else np.inner(h, b)


def _dot_left_b(h: Any, g: Any, a: Any, b: Any, inner: Any = False) -> Any:
    return call(helpers.dot_right, "dot_right", g, h, b, *(() if const(inner) is False else (True,)))


def _dot_right_g(h: Any, g: Any, a: Any, b: Any, inner: Any = False) -> Any:
    return np.dot(a, h) if const(inner) is False else np.inner(a, h)


def _dot_right_a(h: Any, g: Any, a: Any, b: Any, inner: Any = False) -> Any:
    return call(helpers.dot_left, "dot_left", g, a, h, *(() if const(inner) is False else (True,)))


def _undiagonal_back(h: Any, g: Any, x: Any, offset: Any = 0) -> Any:
    """Its own adjoint: what it does depends on the number of dimensions of the second argument."""
    return undiagonal(h, g, offset)


def _solve_transposed_jvp(w: Any, dots: Any, a: Any, g: Any, b: Any) -> Any:
    a_dot, g_dot, _ = dots
    if a_dot is None:
        return None if g_dot is None else solve_transposed(a, g_dot, b)
    moved = transposed(a_dot) @ w
    return solve_transposed(a, -moved if g_dot is None else g_dot - moved, b)


def _solve_transposed_vjp(h: Any, w: Any, a: Any, g: Any, b: Any) -> tuple[Any, ...]:
    def solved() -> Any:
        return solve_transposed(transposed(a), h, b)

    return lambda: -product_left(w, a, solved()), solved, None


def _matmul_kind(which: int) -> Callable[..., Kind]:
    """The rank of the operand whose adjoint it is; the dtype of what is multiplied."""

    def rule(g: Any, a: Any, b: Any, inner: Any = False) -> Kind:
        own, other = (a, b) if which == 1 else (b, a)
        kind = kind_of(own)
        rank = kind.rank if kind.form == "value" and kind.rank != 0 else None
        return Kind("value", shapes.floating(shapes.promoted(kind_of(g), kind_of(other))), rank)

    return rule


def _add_at_jvp(y: Any, dots: Any, buffer: Any, index: Any, g: Any) -> Any:
    return None if dots[2] is None else call(helpers.add_at, "add_at", dots[0], index, dots[2])


def _add_at_vjp(bar: Any, y: Any, buffer: Any, index: Any, g: Any) -> tuple[Any, ...]:
    """`bar` is the adjoint of the buffer, which stays as it is; what was added gets what stands at the index."""
    return None, None, lambda: sum_to(bar[index], g)


def _pairs(x: Any, h: Any, axis: Any) -> Any:
    return call(helpers.prod_pairs, "prod_pairs", x, h, *(() if const(axis) is None else (axis,)))


def _refuse_first(name: str, linear_part: Callable[..., Any]) -> dict[str, Any]:
    """A helper `f(x, h, axis)` that is linear in h; its derivative in x is refused."""

    def jvp(y: Any, dots: Any, x: Any, h: Any, axis: Any = None) -> Any:
        if dots[0] is not None:
            raise _third(name)
        return linear_part("jvp", dots[1], x, axis)

    def refuse() -> Any:
        raise _third(name)

    def vjp(g: Any, y: Any, x: Any, h: Any, axis: Any = None) -> tuple[Any, ...]:
        return refuse, lambda: linear_part("vjp", g, x, axis), None

    return {"jvp": jvp, "vjp": vjp}


def _cumprod(mode: str, t: Any, x: Any, axis: Any) -> Any:
    keywords = {} if const(axis) is None else {"axis": axis}
    if mode == "jvp":
        return call(helpers.cumprod_jvp, "cumprod_jvp", x, t, **keywords)
    return call(helpers.cumprod_vjp, "cumprod_vjp", t, x, **keywords)


def _cumprod_vjp_jvp(y: Any, dots: Any, g: Any, x: Any, axis: Any = None) -> Any:
    if dots[1] is not None:
        raise _third("np.cumprod")
    return _cumprod("vjp", dots[0], x, axis)


def _cumprod_vjp_vjp(h: Any, y: Any, g: Any, x: Any, axis: Any = None) -> tuple[Any, ...]:
    def refuse() -> Any:
        raise _third("np.cumprod")

    return lambda: _cumprod("jvp", h, x, axis), refuse, None


def _cofactor_jvp(y: Any, dots: Any, a: Any) -> Any:
    inverse = transposed(np.linalg.inv(a))
    return _inner(y, dots[0], a) * inverse - y @ transposed(dots[0]) @ inverse


def _cofactor_vjp(g: Any, y: Any, a: Any) -> tuple[Any, ...]:
    def build() -> Any:
        inverse = transposed(np.linalg.inv(a))
        return y * _inner(g, inverse, a) - inverse @ transposed(g) @ y

    return (build,)


def _inner(x: Any, y: Any, a: Any) -> Any:
    """The sum of the products of two matrices, ready to multiply a third; of each pair where `a` may be a stack."""
    if rank_of(a) == 2:
        return np.sum(x * y)
    return np.sum(x * y, axis=(-2, -1), keepdims=True)


def _scan_kind(x: Any, h: Any, axis: Any = None) -> Kind:
    return shapes.like(x) if const(axis) is not None else Kind("value", shapes.dtype_of(kind_of(x)), 1)


def _unreduce_kind(g: Any, x: Any, *rest: Any) -> Kind:
    return shapes.second(g, x).with_dtype(shapes.dtype_of(kind_of(g)))


def _stored_kind(value: Any, x: Any) -> Kind:
    return kind_of(x) if kind_of(x).is_array else kind_of(value).with_dtype(None)


def _broadcasting() -> None:
    linear(helpers.sum_to, lambda h, g, x: spread(h, g), kind=shapes.second, result="maybe", spelling="sum_to")
    linear(helpers.spread, lambda h, g, x: sum_to(h, g), kind=shapes.second, spelling="spread")
    linear(helpers.unreduce, _unreduce_back, kind=_unreduce_kind, spelling="unreduce")
    linear(helpers.copy_of, lambda h, x: h, kind=shapes.like, spelling="copy_of")
    linear(helpers.stored_in, lambda h, value, x: h, kind=_stored_kind, result="maybe", spelling="stored_in")
    custom(
        helpers.add_at,
        jvp=_add_at_jvp,
        vjp=_add_at_vjp,
        kind=lambda buffer, index, g: OTHER,
        writes=(0,),
        spelling="add_at",
    )
    custom(
        np.add.at,
        jvp=_add_at_jvp,
        vjp=_add_at_vjp,
        kind=lambda a, indices, b: OTHER,
        writes=(0,),
        spelling="np.add.at",
    )


def _products() -> None:
    linear(
        helpers.matmul_left,
        lambda h, g, a, b: call(operator.matmul, "@", h, b),
        lambda h, g, a, b: product_right(g, h, b),
        argnums=(0, 2),
        kind=_matmul_kind(1),
        spelling="matmul_left",
    )
    linear(
        helpers.matmul_right,
        lambda h, g, a, b: call(operator.matmul, "@", a, h),
        lambda h, g, a, b: product_left(g, a, h),
        argnums=(0, 1),
        kind=_matmul_kind(2),
        spelling="matmul_right",
    )
    linear(helpers.dot_left, _dot_left_g, _dot_left_b, argnums=(0, 2), kind=_matmul_kind(1), spelling="dot_left")
    linear(helpers.dot_right, _dot_right_g, _dot_right_a, argnums=(0, 1), kind=_matmul_kind(2), spelling="dot_right")
    linear(helpers.undiagonal, _undiagonal_back, kind=_undiagonal_kind, spelling="undiagonal")
    custom(
        helpers.solve_transposed,
        jvp=_solve_transposed_jvp,
        vjp=_solve_transposed_vjp,
        kind=lambda a, g, b: shapes.like(g),
        spelling="solve_transposed",
    )
    custom(helpers.cofactor, jvp=_cofactor_jvp, vjp=_cofactor_vjp, kind=shapes.like, spelling="cofactor")


def _undiagonal_kind(g: Any, x: Any, offset: Any = 0) -> Kind:
    rank = rank_of(x)
    return Kind("value", shapes.floating(shapes.dtype_of(kind_of(g))), rank)


def _shares() -> None:
    zero(
        helpers.share,
        lambda x, y, axis=None, keepdims=False: None,
        lambda x, y, axis, keepdims: shapes.same(x).with_dtype(shapes.floating(shapes.dtype_of(kind_of(x)))),
        spelling="share",
    )
    custom(
        helpers.prod_others,
        jvp=lambda y, dots, x, axis=None: _pairs(x, dots[0], axis),
        vjp=lambda g, y, x, axis=None: (lambda: _pairs(x, g, axis), None),
        kind=lambda x, axis: shapes.same(x),
        spelling="prod_others",
    )
    custom(
        helpers.prod_pairs,
        **_refuse_first("np.prod", lambda mode, t, x, axis: _pairs(x, t, axis)),
        kind=lambda x, h, axis: shapes.same(x),
        spelling="prod_pairs",
    )
    custom(
        helpers.cumprod_jvp,
        **_refuse_first("np.cumprod", _cumprod),
        kind=_scan_kind,
        spelling="cumprod_jvp",
    )
    custom(
        helpers.cumprod_vjp,
        jvp=_cumprod_vjp_jvp,
        vjp=_cumprod_vjp_vjp,
        kind=lambda g, x, axis: shapes.second(g, x),
        spelling="cumprod_vjp",
    )


_broadcasting()
_products()
_shares()
