"""Rules of reductions and scans: sum, mean, prod, max, min, var, std, cumsum, cumprod, any, all, argmax, ...

In: nothing.  Out: entries in the registry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tangent_ad.core.build import call
from tangent_ad.core.kinds import Kind
from tangent_ad.rules import shapes
from tangent_ad.rules.kinks import nonzero
from tangent_ad.rules.registry import custom, linear, zero
from tangent_ad.rules.shapes import const, kind_of, rank_of
from tangent_ad.rules.sums import count, spread, unreduce, unreduced
from tangent_ad.runtime import helpers

Rule = Callable[..., Any]


def _keywords(axis: Any, keepdims: Any) -> dict[str, Any]:
    """The keywords of a reduction that say something."""
    given = {} if const(axis) is None else {"axis": axis}
    return given if const(keepdims) is False else {**given, "keepdims": keepdims}


def _sum_vjp(g: Any, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return unreduce(g, a, axis, keepdims)


def _mean_vjp(g: Any, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return unreduce(g, a, axis, keepdims) / count(a, axis)


def _share(x: Any, y: Any, axis: Any, keepdims: Any) -> Any:
    return call(helpers.share, "share", x, y, **_keywords(axis, keepdims))


def _extremum_jvp(y: Any, dots: Any, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return np.sum(_share(a, y, axis, keepdims) * dots[0], **_keywords(axis, keepdims))


def _extremum_vjp(g: Any, y: Any, a: Any, axis: Any = None, *, keepdims: Any = False) -> tuple[Any, ...]:
    return lambda: _share(a, y, axis, keepdims) * unreduced(g, a, axis, keepdims), None


def _others(a: Any, axis: Any) -> Any:
    return call(helpers.prod_others, "prod_others", a, **_keywords(axis, False))


def _prod_jvp(y: Any, dots: Any, a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return np.sum(_others(a, axis) * dots[0], **_keywords(axis, keepdims))


def _prod_vjp(g: Any, y: Any, a: Any, axis: Any = None, *, keepdims: Any = False) -> tuple[Any, ...]:
    return lambda: _others(a, axis) * unreduced(g, a, axis, keepdims), None


def _centred(a: Any, axis: Any) -> Any:
    if const(axis) is None:
        return a - np.mean(a)
    return a - np.mean(a, axis=axis, keepdims=True)


def _var_jvp(y: Any, dots: Any, a: Any, axis: Any = None, *, ddof: Any = 0, keepdims: Any = False) -> Any:
    total = np.sum(_centred(a, axis) * dots[0], **_keywords(axis, keepdims))
    return 2.0 * total / (count(a, axis) - ddof)


def _var_vjp(g: Any, y: Any, a: Any, axis: Any = None, *, ddof: Any = 0, keepdims: Any = False) -> tuple[Any, ...]:
    scaled = lambda: 2.0 * _centred(a, axis) * unreduced(g, a, axis, keepdims) / (count(a, axis) - ddof)  # noqa: E731
    return scaled, None


def _std_jvp(y: Any, dots: Any, a: Any, axis: Any = None, *, ddof: Any = 0, keepdims: Any = False) -> Any:
    total = np.sum(_centred(a, axis) * dots[0], **_keywords(axis, keepdims))
    return total / nonzero(y) / (count(a, axis) - ddof)


def _std_vjp(g: Any, y: Any, a: Any, axis: Any = None, *, ddof: Any = 0, keepdims: Any = False) -> tuple[Any, ...]:
    def scaled() -> Any:
        ratio = unreduced(g / nonzero(y), a, axis, keepdims)
        return _centred(a, axis) * ratio / (count(a, axis) - ddof)

    return scaled, None


def _cumsum_vjp(g: Any, a: Any, axis: Any = None) -> Any:
    """The sum from the end: the total minus what came before would cancel, so the array is flipped."""
    rank = rank_of(a)
    if rank == 1:
        return np.cumsum(g[::-1])[::-1]
    if const(axis) is None:
        shape = call(np.shape, ".shape" if kind_of(a).is_array else "np.shape", a)
        return np.reshape(np.cumsum(g[::-1])[::-1], shape)
    return np.flip(np.cumsum(np.flip(g, axis), axis=axis), axis)


def _scan_kind(a: Any, axis: Any = None) -> Kind:
    kind = kind_of(a)
    dtype = shapes.summed(shapes.dtype_of(kind))
    return Kind("value", dtype, 1 if const(axis) is None else kind.rank if kind.is_array else None)


def _cumprod_jvp(y: Any, dots: Any, a: Any, axis: Any = None) -> Any:
    return call(helpers.cumprod_jvp, "cumprod_jvp", a, dots[0], **_keywords(axis, False))


def _cumprod_vjp(g: Any, y: Any, a: Any, axis: Any = None) -> tuple[Any, ...]:
    return lambda: call(helpers.cumprod_vjp, "cumprod_vjp", g, a, **_keywords(axis, False)), None


def _diff_vjp(g: Any, a: Any) -> Any:
    edge = np.zeros_like(a[:1])
    return np.concatenate((edge, g)) - np.concatenate((g, edge))


def _diff_kind(a: Any) -> Kind:
    if rank_of(a) != 1:
        raise shapes.RefusedError("np.diff: only arrays known to be 1-dimensional are supported")
    return kind_of(a)


def _builtin_sum_kind(x: Any) -> Kind:
    kind = kind_of(x)
    if kind.form == "tuple" or kind.is_number:
        raise shapes.RefusedError("sum() is supported of an array", hint="a + b + ...")
    dtype = shapes.summed(shapes.dtype_of(kind))
    return Kind("value", dtype, kind.rank - 1 if kind.rank is not None and kind.rank > 0 else None)


def _index_kind(a: Any, axis: Any = None, *, keepdims: Any = False) -> Kind:
    return shapes.reduced(lambda dtype: "int")(a, axis, keepdims=keepdims)


def _declare() -> None:
    fn: Any
    summed, real, same = shapes.reduced(shapes.summed), shapes.reduced(shapes.floating), shapes.reduced(lambda d: d)
    linear(np.sum, _sum_vjp, kind=summed)
    linear(np.mean, _mean_vjp, kind=real)
    custom(np.prod, jvp=_prod_jvp, vjp=_prod_vjp, kind=summed)
    for fn in {np.max: 0, np.amax: 0, np.min: 0, np.amin: 0}:
        custom(fn, jvp=_extremum_jvp, vjp=_extremum_vjp, kind=same)
    custom(np.var, jvp=_var_jvp, vjp=_var_vjp, kind=real)
    custom(np.std, jvp=_std_jvp, vjp=_std_vjp, kind=real)
    linear(np.cumsum, _cumsum_vjp, kind=_scan_kind)
    custom(np.cumprod, jvp=_cumprod_jvp, vjp=_cumprod_vjp, kind=_scan_kind)
    linear(np.diff, _diff_vjp, kind=_diff_kind)
    linear(sum, lambda g, x: spread(g, x), kind=_builtin_sum_kind)
    for fn in (np.any, np.all):
        zero(fn, lambda a, axis=None, *, keepdims=False: None, shapes.reduced(lambda d: "bool"))
    zero(np.count_nonzero, lambda a, axis=None, *, keepdims=False: None, shapes.reduced(lambda d: "int"))
    for fn in (np.argmax, np.argmin):
        zero(fn, lambda a, axis=None, *, keepdims=False: None, _index_kind)
    zero(np.argsort, lambda a, axis=-1: None, lambda a, axis: shapes.same(a).with_dtype("int"))


_declare()
