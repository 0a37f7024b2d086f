"""Rules of functions that join several arrays or numbers: concatenate, stack, hstack, vstack, column_stack, array.

In: nothing.  Out: entries in the registry.  The tuple is one argument; its tangent and its adjoint are tuples with one
entry for each element (nested as the argument is, for `np.array`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tangent_ad.core.build import Sym, call
from tangent_ad.core.kinds import Kind
from tangent_ad.errors import RefusedError
from tangent_ad.rules import shapes
from tangent_ad.rules.arrays import reshaped, shape_of
from tangent_ad.rules.registry import custom
from tangent_ad.rules.shapes import UNKNOWN, const, dtype_class, elements, kind_of, rank_of
from tangent_ad.rules.sums import sum_to

ALL = slice(None)


def _parts(arrays: Any) -> list[Any]:
    parts = elements(arrays)
    if parts is None:
        raise RefusedError("the arrays to join must be written as a tuple or list")
    if any(elements(p) is not None for p in parts):
        raise RefusedError("a list or tuple among the arrays to join", hint="np.array([...]) for it")
    return parts


def _dots(parts: list[Any], dots: Any) -> tuple[Any, ...]:
    """The tangents, with zeros where an element has none."""
    given = list(dots) if isinstance(dots, (tuple, list)) else elements(dots)
    if given is None or len(given) != len(parts):
        raise RefusedError("the tangent of a tuple must be a tuple")
    return tuple(np.zeros_like(p) if d is None else d for p, d in zip(parts, given, strict=True))


def _place(axis: int, where: Any) -> Any:
    """The index that takes `where` on an axis."""
    if axis == 0:
        return where
    return (ALL,) * axis + (where,) if axis > 0 else (Ellipsis, where) + (ALL,) * (-axis - 1)


def _literal_axis(axis: Any) -> Any:
    value = const(axis)
    if value is not None and (value is UNKNOWN or not isinstance(value, int)):
        raise RefusedError("the axis along which arrays are joined must be a literal number")
    return value


def _runs(lengths: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Start and stop of each of the pieces that stand one after the other."""
    start: Any = 0
    for length in lengths:
        yield start, start + length
        start = start + length


def _extent(x: Any, axis: int) -> Any:
    return shape_of(x)[axis]


def _size(x: Any) -> Any:
    return x.size if isinstance(x, Sym) and kind_of(x).is_array else np.size(x)


def _concatenate_vjp(g: Any, y: Any, arrays: Any, axis: Any = 0) -> tuple[Any, ...]:
    parts, where = _parts(arrays), _literal_axis(axis)
    if where is None:
        pieces = [reshaped(g[lo:hi], p) for p, (lo, hi) in zip(parts, _runs([_size(p) for p in parts]), strict=True)]
    else:
        pieces = [g[_place(where, slice(lo, hi))] for lo, hi in _cuts([_extent(p, where) for p in parts])]
    return tuple(pieces), None


def _cuts(lengths: list[Any]) -> Iterator[tuple[Any, Any]]:
    for k, (lo, hi) in enumerate(_runs(lengths)):
        yield (None if k == 0 else lo), (None if k == len(lengths) - 1 else hi)


def _concatenate_jvp(y: Any, dots: Any, arrays: Any, axis: Any = 0) -> Any:
    keywords = {} if const(axis) == 0 else {"axis": axis}
    return call(np.concatenate, "np.concatenate", _dots(_parts(arrays), dots[0]), **keywords)


def _joined_kind(parts: list[Any], rank: int | None) -> Kind:
    return Kind("value", shapes.promoted(*(kind_of(p) for p in parts)), rank)


def _common_rank(parts: list[Any], name: str) -> int | None:
    """The rank that all elements share, as far as known."""
    ranks = {rank_of(p) for p in parts} - {None}
    if len(ranks) > 1:
        raise RefusedError(f"{name}: the arrays must have the same number of dimensions")
    return ranks.pop() if ranks else None


def _concatenate_kind(arrays: Any, axis: Any = 0) -> Kind:
    parts = _parts(arrays)
    if const(axis) is None:
        return _joined_kind(parts, 1)
    return _joined_kind(parts, _common_rank(parts, "np.concatenate") or -1)


def _stack_vjp(g: Any, y: Any, arrays: Any, axis: Any = 0) -> tuple[Any, ...]:
    where = _literal_axis(axis)
    return tuple(g[_place(where, k)] for k, _ in enumerate(_parts(arrays))), None


def _stack_jvp(y: Any, dots: Any, arrays: Any, axis: Any = 0) -> Any:
    keywords = {} if const(axis) == 0 else {"axis": axis}
    return call(np.stack, "np.stack", _dots(_parts(arrays), dots[0]), **keywords)


def _stack_kind(arrays: Any, axis: Any = 0) -> Kind:
    parts = _parts(arrays)
    rank = _common_rank(parts, "np.stack")
    return _joined_kind(parts, -1 if rank is None else rank + 1)


def _side_by_side(name: str, plan: Callable[[Any, Any, int], tuple[Any, Any]]) -> Callable[..., Any]:
    """The adjoint of hstack and the like; `plan(x, start, rank)` gives x's index in the result and its extent."""

    def vjp(g: Any, y: Any, tup: Any) -> tuple[Any, ...]:
        parts, pieces, start = _parts(tup), [], 0
        for p in parts:
            rank = rank_of(p)
            if rank is None:
                raise RefusedError(f"{name}: the number of dimensions of each array must be known; use np.concatenate")
            index, extent = plan(p, start, rank)
            pieces.append(g[index])
            start = start + extent
        return (tuple(pieces),)

    return vjp


def _hstack_plan(x: Any, start: Any, rank: int) -> tuple[Any, Any]:
    if rank == 0:
        return start, 1
    extent = _extent(x, min(rank - 1, 1))
    return _place(min(rank - 1, 1), slice(start, start + extent)), extent


def _vstack_plan(x: Any, start: Any, rank: int) -> tuple[Any, Any]:
    if rank < 2:
        return (start if rank else (start, 0)), 1
    return slice(start, start + _extent(x, 0)), _extent(x, 0)


def _column_plan(x: Any, start: Any, rank: int) -> tuple[Any, Any]:
    if rank < 2:
        return ((ALL, start) if rank else (0, start)), 1
    return (ALL, slice(start, start + _extent(x, 1))), _extent(x, 1)


def _side_kind(least: int) -> Callable[..., Kind]:
    def rule(tup: Any) -> Kind:
        parts = _parts(tup)
        ranks = [rank_of(p) for p in parts]
        known = [r for r in ranks if r is not None]
        return _joined_kind(parts, -1 if len(known) < len(ranks) else max(least, *known, least))

    return rule


def _side_jvp(fn: Callable[..., Any], spelling: str) -> Callable[..., Any]:
    return lambda y, dots, tup: call(fn, spelling, _dots(_parts(tup), dots[0]))


def _array_dots(x: Any, dot: Any) -> Any:
    parts = elements(x)
    if parts is None:
        return np.zeros_like(x) if dot is None else dot
    given = elements(dot) if dot is not None else [None] * len(parts)
    if given is None or len(given) != len(parts):
        raise RefusedError("the tangent of a list must be a list")
    return tuple(_array_dots(p, d) for p, d in zip(parts, given, strict=True))


def _array_jvp(fn: Callable[..., Any], spelling: str) -> Callable[..., Any]:
    def jvp(y: Any, dots: Any, a: Any, dtype: Any = None) -> Any:
        keywords = {} if const(dtype) is None else {"dtype": dtype}
        return call(fn, spelling, _array_dots(a, dots[0]), **keywords)

    return jvp


def _array_pieces(g: Any, x: Any, index: tuple[int, ...]) -> Any:
    parts = elements(x)
    if parts is not None:
        return tuple(_array_pieces(g, p, (*index, k)) for k, p in enumerate(parts))
    return g[index if len(index) != 1 else index[0]] if index else sum_to(g, x)


def _array_vjp(g: Any, y: Any, a: Any, dtype: Any = None) -> tuple[Any, ...]:
    return _array_pieces(g, a, ()), None


def _array_kind(a: Any, dtype: Any = None) -> Kind:
    kind = _nested_kind(a)
    if elements(a) is None and kind.is_number:
        kind = Kind("value", kind.dtype, None)  # np.array(2.0) is a 0-dimensional array
    return kind if const(dtype) is None else kind.with_dtype(dtype_class(dtype))


def _nested_kind(x: Any) -> Kind:
    parts = elements(x)
    if parts is None:
        kind = kind_of(x)
        if kind.form not in ("value", "any"):
            raise RefusedError("np.array is supported of arrays and of lists of numbers or arrays")
        return kind if kind.form == "value" else Kind("value")
    if not parts:
        return Kind("value", "float", 1)
    kinds = [_nested_kind(p) for p in parts]
    rank = {k.rank for k in kinds}
    only = rank.pop() if len(rank) == 1 else None
    return Kind("value", shapes.promoted(*kinds), only + 1 if only is not None and only >= 0 else -1)


def _contiguous_kind(a: Any, dtype: Any = None) -> Kind:
    kind = _array_kind(a, dtype)
    return kind if kind.is_array else Kind("value", kind.dtype, -1)


def _declare() -> None:
    custom(np.concatenate, jvp=_concatenate_jvp, vjp=_concatenate_vjp, kind=_concatenate_kind)
    custom(np.stack, jvp=_stack_jvp, vjp=_stack_vjp, kind=_stack_kind)
    for fn, plan, least in (
        (np.hstack, _hstack_plan, 1),
        (np.vstack, _vstack_plan, 2),
        (np.column_stack, _column_plan, 2),
    ):
        spelling = f"np.{fn.__name__}"
        custom(fn, jvp=_side_jvp(fn, spelling), vjp=_side_by_side(spelling, plan), kind=_side_kind(least))
    for maker, result in ((np.array, "fresh"), (np.asarray, "maybe"), (np.ascontiguousarray, "maybe")):
        kind = _contiguous_kind if maker is np.ascontiguousarray else _array_kind
        custom(maker, jvp=_array_jvp(maker, f"np.{maker.__name__}"), vjp=_array_vjp, kind=kind, result=result)


_declare()
