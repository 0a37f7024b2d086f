"""Rules of functions that rearrange, copy and make arrays.

In: nothing.  Out: entries in the registry.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from tangent_ad.core.build import Sym, call, sym
from tangent_ad.core.kinds import INT, OTHER, Kind, tuple_of
from tangent_ad.errors import RefusedError
from tangent_ad.rules import shapes
from tangent_ad.rules.registry import custom, linear, refused, zero
from tangent_ad.rules.shapes import UNKNOWN, const, dtype_class, elements, kind_of, made, rank_of
from tangent_ad.rules.sums import spread, sum_to
from tangent_ad.runtime import helpers


def shape_of(x: Any) -> Any:
    """The shape of x: the attribute where x is an array."""
    return x.shape if isinstance(x, Sym) and kind_of(x).is_array else np.shape(x)


def reshaped(g: Any, x: Any) -> Any:
    """g in the shape of x; a number if x is one."""
    if rank_of(x) == 0:
        return sum_to(g, x)
    out = np.reshape(g, shape_of(x))
    return out if kind_of(x).is_array else out[()]


def undiagonal(g: Any, x: Any, offset: Any = 0) -> Any:
    """Zeros of the shape of x with g on a diagonal."""
    return call(helpers.undiagonal, "undiagonal", g, x, *(() if const(offset) == 0 else (offset,)))


def _transpose_back(g: Any, a: Any, axes: Any = None) -> Any:
    order = const(axes)
    if order is None:
        return g.T if isinstance(g, Sym) else np.transpose(g)
    if order is UNKNOWN or not all(isinstance(k, int) for k in order):
        raise RefusedError("np.transpose: the axes must be literal numbers")
    rank = len(order)
    return np.transpose(g, tuple(int(k) for k in np.argsort([k % rank for k in order])))


def _roll_back(g: Any, a: Any, shift: Any, axis: Any = None) -> Any:
    parts = elements(shift)
    back = -shift if parts is None else tuple(-p for p in parts)
    return np.roll(g, back) if const(axis) is None else np.roll(g, back, axis)


def _triangle(fn: Callable[..., Any]) -> Callable[..., Any]:
    def back(g: Any, m: Any, k: Any = 0) -> Any:
        made = fn(g) if const(k) == 0 else fn(g, k)
        return made if rank_of(m) is not None else sum_to(made, m)  # a row counts as every row of a square

    return back


def _triangle_kind(m: Any, k: Any = 0) -> Kind:
    if rank_of(m) in (0, 1):
        raise RefusedError("np.tril and np.triu are supported from two dimensions on")
    return shapes.like(m)


def _squeeze_kind(a: Any, axis: Any = None) -> Kind:
    rank, where = rank_of(a), const(axis)
    dtype = shapes.dtype_of(kind_of(a))
    if rank is None or where is None or where is UNKNOWN:
        return Kind("value", dtype, None)
    return Kind("value", dtype, rank - len(shapes.axes_of(where, rank)) or None)


def _expand_kind(a: Any, axis: Any) -> Kind:
    rank, where = rank_of(a), const(axis)
    more = len(where) if isinstance(where, tuple) else 1
    known = rank is not None and where is not UNKNOWN
    return Kind("value", shapes.dtype_of(kind_of(a)), rank + more if known and rank is not None else -1)


def _diag_kind(v: Any, k: Any = 0) -> Kind:
    rank = rank_of(v)
    if rank is not None and rank not in (1, 2):
        raise RefusedError("np.diag needs an array of one or two dimensions")
    return Kind("value", shapes.dtype_of(kind_of(v)), None if rank is None else 3 - rank)


def _diag_back(g: Any, v: Any, k: Any = 0) -> Any:
    if rank_of(v) == 1:
        return np.diag(g) if const(k) == 0 else np.diag(g, k)
    return undiagonal(g, v, k)


def _two_dimensional(name: str, rank: int) -> Callable[..., Kind]:
    def rule(a: Any, offset: Any = 0) -> Kind:
        if rank_of(a) not in (None, 2):
            raise RefusedError(f"{name} is supported of 2-dimensional arrays")
        return Kind(
            "value", shapes.summed(shapes.dtype_of(kind_of(a))) if rank == 0 else shapes.dtype_of(kind_of(a)), rank
        )

    return rule


def _cast_kind(a: Any, dtype: Any, copy: Any = True) -> Kind:
    return shapes.like(a).with_dtype(dtype_class(dtype))


def _full_back(g: Any, shape: Any, fill_value: Any, dtype: Any = None) -> Any:
    return np.sum(g) if kind_of(fill_value).is_number else sum_to(g, fill_value)


def _full_kind(shape: Any, fill_value: Any, dtype: Any = None) -> Kind:
    given = const(dtype) is not None
    return made(shape, dtype_class(dtype) if given else shapes.dtype_of(kind_of(fill_value)))


def _full_like_back(g: Any, a: Any, fill_value: Any, dtype: Any = None) -> Any:
    return _full_back(g, a, fill_value)


def _like_kind(a: Any, *rest: Any) -> Kind:
    """zeros_like, full_like: the dtype of the first argument, or of the last if it is given (not None)."""
    dtype = rest[-1] if rest else None
    kind = shapes.same(a)
    return kind if const(dtype) is None else kind.with_dtype(dtype_class(dtype))


def _made_kind(shape: Any, dtype: Any = None) -> Kind:
    return made(shape, "float" if const(dtype) is None else dtype_class(dtype))


def _eye_kind(N: Any, M: Any = None, k: Any = 0, dtype: Any = None) -> Kind:
    return Kind("value", "float" if const(dtype) is None else dtype_class(dtype), 2)


def _arange_kind(start: Any, stop: Any = None, step: Any = None) -> Kind:
    return Kind("value", shapes.promoted(*(kind_of(a) for a in (start, stop, step) if const(a) is not None)), 1)


def _linspace_kind(start: Any, stop: Any, num: Any = 50) -> Kind:
    rank = shapes.join_ranks(kind_of(start), kind_of(stop))
    return Kind("value", "float", rank + 1 if rank is not None and rank >= 0 else -1)


def _linspace(start: Any, stop: Any, num: Any) -> Any:
    return call(np.linspace, "np.linspace", start, stop, num)


def _linspace_jvp(y: Any, dots: Any, start: Any, stop: Any, num: Any = 50) -> Any:
    given = zip(dots[:2], (start, stop), strict=True)
    first, last = (d if d is not None else 0.0 if kind_of(x).is_number else spread(0.0, x) for d, x in given)
    return _linspace(first, last, num)


def _linspace_vjp(g: Any, y: Any, start: Any, stop: Any, num: Any = 50) -> tuple[Any, ...]:
    if not (kind_of(start).rank in (0, None) and kind_of(stop).rank in (0, None)):
        raise RefusedError("np.linspace between arrays is not supported", hint="start + (stop - start) * weights")
    if isinstance(g, Sym):
        num = sym(num)
    weights = [_linspace(a, b, num) for a, b in ((1.0, 0.0), (0.0, 1.0))]
    # np.vdot refuses an adjoint of more elements, which arrays in place of the two numbers would bring
    return lambda: np.vdot(g, weights[0]), lambda: np.vdot(g, weights[1]), None


def _item_kind(a: Any, *index: Any) -> Kind:
    return Kind("value", shapes.dtype_of(kind_of(a)), 0)


def _shape_kind(a: Any) -> Kind:
    rank = rank_of(a)
    return Kind("tuple", elts=None) if rank is None else tuple_of(*(INT,) * rank)


def _rearranging() -> None:
    linear(np.transpose, _transpose_back, kind=shapes.same, result="view")
    linear(np.swapaxes, lambda g, a, axis1, axis2: np.swapaxes(g, axis1, axis2), kind=shapes.same, result="view")
    linear(
        np.moveaxis,
        lambda g, a, source, destination: np.moveaxis(g, destination, source),
        kind=shapes.same,
        result="view",
    )
    linear(np.flip, lambda g, m, axis=None: np.flip(g, axis), kind=shapes.same, result="view")
    linear(
        np.reshape,
        lambda g, a, shape: reshaped(g, a),
        kind=lambda a, shape: made(shape, shapes.dtype_of(kind_of(a))),
        result="maybe",
    )
    flat = lambda a: Kind("value", shapes.dtype_of(kind_of(a)), 1)  # noqa: E731
    linear(np.ravel, lambda g, a: reshaped(g, a), kind=flat, result="maybe")
    linear(np.ndarray.flatten, lambda g, a: reshaped(g, a), kind=flat)
    linear(np.squeeze, lambda g, a, axis=None: reshaped(g, a), kind=_squeeze_kind, result="maybe")
    linear(np.expand_dims, lambda g, a, axis: reshaped(g, a), kind=_expand_kind, result="view")
    linear(
        np.broadcast_to,
        lambda g, array, shape: sum_to(g, array),
        kind=lambda array, shape: made(shape, shapes.dtype_of(kind_of(array))),
        result="maybe",
    )
    linear(np.roll, _roll_back, kind=shapes.same)
    linear(np.tril, _triangle(np.tril), kind=_triangle_kind)
    linear(np.triu, _triangle(np.triu), kind=_triangle_kind)
    linear(np.diag, _diag_back, kind=_diag_kind, result="maybe")
    linear(
        np.diagonal,
        lambda g, a, offset=0: undiagonal(g, a, offset),
        kind=_two_dimensional("np.diagonal", 1),
        result="maybe",
    )
    linear(np.trace, lambda g, a, offset=0: undiagonal(g, a, offset), kind=_two_dimensional("np.trace", 0))


def _typed(dtype: str) -> Callable[..., Kind]:
    """np.float32(x) and the like: of a number a number, of an array an array."""
    return lambda x: shapes.like(x).with_dtype(dtype) if kind_of(x).form == "value" else Kind("value", dtype)


def _cast_back(g: Any, x: Any) -> Any:
    numbers = kind_of(g).is_number and kind_of(x).is_number
    return g if numbers and kind_of(x).dtype == "float" else sum_to(g, x)


def _copying() -> None:
    linear(np.copy, lambda g, a: g, kind=shapes.same)
    linear(np.ndarray.astype, lambda g, a, dtype, *, copy=True: sum_to(g, a), kind=_cast_kind, result="maybe")
    linear(np.ndarray.item, lambda g, a: reshaped(g, a), kind=_item_kind)
    for fn, name in ((np.float64, "float"), (np.float32, "float32")):
        linear(fn, _cast_back, kind=_typed(name), spelling=f"np.{fn.__name__}")
    for whole in (np.int64, np.int32, np.intp):
        zero(whole, lambda x: None, _typed("int"), spelling=f"np.{whole.__name__}")


def _making() -> None:
    linear(np.full, _full_back, kind=_full_kind, argnums=(1,))
    linear(np.full_like, _full_like_back, kind=_like_kind_full, argnums=(1,))
    for fn in (np.zeros, np.ones, np.empty):
        zero(fn, lambda shape, dtype=None: None, _made_kind)
    for like in (np.zeros_like, np.ones_like, np.empty_like):
        zero(like, lambda a, dtype=None: None, _like_kind)
    zero(np.eye, lambda N, M=None, k=0, dtype=None: None, _eye_kind)
    zero(np.identity, lambda n, dtype=None: None, lambda n, dtype: _eye_kind(n, dtype=dtype))
    refused(
        np.arange,
        lambda start, stop=None, step=None: None,
        _arange_kind,
        "np.arange cannot start, stop or step at a differentiated value; write start + step * np.arange(n)",
    )
    custom(np.linspace, jvp=_linspace_jvp, vjp=_linspace_vjp, kind=_linspace_kind)


def _like_kind_full(a: Any, fill_value: Any, dtype: Any = None) -> Kind:
    return _like_kind(a, dtype)


def _asking() -> None:
    zero(np.shape, lambda a: None, _shape_kind, spelling=".shape")
    zero(np.size, lambda a, axis=None: None, shapes.number("int"), spelling=".size")
    zero(np.ndim, lambda a: None, shapes.number("int"), spelling=".ndim")
    zero(len, lambda a: None, shapes.number("int"))
    zero(np.ndarray.dtype, lambda a: None, lambda a: OTHER, spelling=".dtype")
    zero(np.result_type, lambda *xs: None, lambda *xs: OTHER)
    zero(operator.index, lambda a: None, shapes.number("int"))


_rearranging()
_copying()
_making()
_asking()
