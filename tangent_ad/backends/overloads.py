"""The runtime helpers under Numba.

In: nothing; importing this module needs Numba.  Out: every function of `runtime.helpers` that a compiled derivative may
call has an overload, so the text that plain Python runs compiles unchanged.

A body depends on the ranks of its arguments, so most are printed for them: loops over `range(n)` for every axis.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload, register_jitable

from tangent_ad.runtime import helpers

Body = Callable[..., Any]


def printed(lines: list[str], head: str, **names: Any) -> Body:
    """The function `def <head>:` with these lines as its body."""
    text = f"def {head}:\n" + "\n".join("    " + line for line in lines)
    scope: dict[str, Any] = {"np": np, **names}
    exec(text, scope)
    made: Body = scope[head.partition("(")[0]]
    return made


def rank(t: Any) -> int:
    """The rank of a type: 0 for numbers."""
    return t.ndim if isinstance(t, types.Array) else 0


def is_number(t: Any) -> bool:
    return isinstance(types.unliteral(t), types.Number | types.Boolean)


def is_none(t: Any) -> bool:
    return t is None or isinstance(t, types.NoneType) or (isinstance(t, types.Omitted) and t.value is None)


def element(t: Any) -> Any:
    """The Numba type of the elements."""
    return t.dtype if isinstance(t, types.Array) else types.unliteral(t)


def floating(t: Any, otherwise: Any = None) -> Any:
    """The floating type that goes with a value: its own, or float64 where it has none."""
    own = element(t)
    if isinstance(own, types.Float):
        return own
    return types.float64 if otherwise is None else floating(otherwise)


def numpy_type(t: Any) -> Any:
    return np.float32 if t == types.float32 else np.float64


def counters(count: int) -> list[str]:
    return [f"i{k}" for k in range(count)]


def nest(count: int, extent: str, inner: list[str]) -> list[str]:
    """`inner` within loops over the axes; `extent` is the expression of an axis's length, with `{k}`."""
    lines = [" " * 4 * k + f"for i{k} in range({extent.format(k=k)}):" for k in range(count)]
    return lines + [" " * 4 * count + line for line in inner]


def index(parts: list[str]) -> str:
    return "[" + ", ".join(parts) + "]" if parts else "[()]"


def spreading(g: Any, count: int) -> list[str]:
    """Statements that fill `out`, of that many axes, with g broadcast to its shape.

    Loops, because Numba takes seconds to compile `out[:] = g`.
    """
    at, lead = index(counters(count)), count - rank(g)
    if not isinstance(g, types.Array):
        return nest(count, "out.shape[{k}]", [f"out{at} = g"])
    if lead < 0:
        return ["raise ValueError('an array has too many axes to be broadcast')"]
    lines = [f"s{k} = 0 if g.shape[{k}] == 1 else 1" for k in range(rank(g))]
    misfit = " or ".join(f"(s{k} == 1 and g.shape[{k}] != out.shape[{k + lead}])" for k in range(rank(g)))
    lines += [f"if {misfit or False}:", "    raise ValueError('shapes do not broadcast together')"]
    source = index([f"i{k + lead} * s{k}" for k in range(rank(g))])
    return lines + nest(count, "out.shape[{k}]", [f"out{at} = g{source}"])


@overload(helpers.copy_of, strict=False)
def _copy_of(x: Any) -> Body | None:
    if isinstance(x, types.Array):
        return lambda x: x.copy()
    return lambda x: x


@overload(helpers.stored_in, strict=False)
def _stored_in(value: Any, x: Any) -> Body | None:
    if not isinstance(x, types.Array):
        return lambda value, x: value
    lines = ["g = value", "out = np.empty(x.shape, x.dtype)", *spreading(value, rank(x)), "return out"]
    return printed(lines, "stored_in(value, x)")


@overload(helpers.sum_to, strict=False)
def _sum_to(g: Any, x: Any) -> Body | None:
    dtype = numpy_type(floating(x, None if is_number(x) else g))
    nx, ng = rank(x), rank(g)
    if not isinstance(x, types.Array):
        if not isinstance(g, types.Array):
            return printed(["return dtype(g)"], "sum_to(g, x)", dtype=dtype)
        lines = ["total = dtype(0.0)", *nest(ng, "g.shape[{k}]", [f"total += g{index(counters(ng))}"]), "return total"]
        return printed(lines, "sum_to(g, x)", dtype=dtype)
    if ng < nx:
        lines = ["out = np.empty(x.shape, dtype)", *spreading(g, nx), "return out"]
        return printed(lines, "sum_to(g, x)", dtype=dtype)
    lines = []
    fits = isinstance(g, types.Array) and g.layout == "C" and g.mutable and g.dtype == floating(x, g) and ng == nx
    if fits:
        lines += ["if g.shape == x.shape:", "    return g"]
    lines.append("out = np.zeros(x.shape, dtype)")
    lead = ng - nx
    lines += [f"s{k} = 0 if x.shape[{k}] == 1 else 1" for k in range(nx)]
    place = index([f"i{lead + k} * s{k}" for k in range(nx)])
    lines.append("if " + " or ".join(f"(g.shape[{lead + k}] == 1 and x.shape[{k}] != 1)" for k in range(nx)) + ":")
    lines += ["    " + line for line in _stretching(ng, lead, place)]
    lines.append("else:")
    lines += ["    " + line for line in nest(ng, "g.shape[{k}]", [f"out{place} += g{index(counters(ng))}"])]
    return printed([*lines, "return out"], "sum_to(g, x)", dtype=dtype)


def _stretching(ng: int, lead: int, place: str) -> list[str]:
    """Statements that add up g where axes of size 1 stand for longer ones: zeros that nobody has spread yet."""
    lines = [f"n{k} = g.shape[{k}]" for k in range(ng)]
    lines += [f"n{k} = x.shape[{k - lead}] if n{k} == 1 else n{k}" for k in range(lead, ng)]
    source = index([f"i{k} % g.shape[{k}]" for k in range(ng)])
    return lines + nest(ng, "n{k}", [f"out{place} += g{source}"])


@overload(helpers.spread, strict=False)
def _spread(g: Any, x: Any) -> Body | None:
    dtype = numpy_type(floating(x, g))
    if not isinstance(x, types.Array):
        dtype = numpy_type(floating(x))
        value = "g" if not isinstance(g, types.Array) else "g.item()"
        return printed([f"return dtype({value})"], "spread(g, x)", dtype=dtype)
    lines = ["out = np.empty(x.shape, dtype)", *spreading(g, rank(x)), "return out"]
    return printed(lines, "spread(g, x)", dtype=dtype)


def _reduced_flags(axis: Any, count: int) -> list[str]:
    """Statements that set `r0`, `r1`, ...: is the axis reduced?"""
    if isinstance(axis, types.BaseTuple):
        tests = ["axis[{j}] == {k} or axis[{j}] == {k} - {n}".replace("{j}", str(j)) for j in range(len(axis))]
        test = " or ".join(tests)
    else:
        test = "axis == {k} or axis == {k} - {n}"
    return [f"r{k} = " + test.format(k=k, n=count) for k in range(count)]


def _kept_shape(count: int) -> str:
    return "(" + "".join(f"1 if r{k} else x.shape[{k}], " for k in range(count)) + ")"


@overload(helpers.unreduce, strict=False)
def _unreduce(g: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Body | None:
    head = "unreduce(g, x, axis=None, keepdims=False)"
    n, dtype = rank(x), numpy_type(floating(g, x))
    if n == 0:
        return printed(["return g" if is_number(g) else "return g.item()"], head)
    if is_none(axis):
        value = "g" if is_number(g) else "g.item()"
        return printed([f"return np.full(x.shape, dtype({value}))"], head, dtype=dtype)
    lines = _reduced_flags(axis, n)
    lines.append(f"shape = {_kept_shape(n)}")
    lines.append("h = np.full(shape, g)" if is_number(g) else "h = np.ascontiguousarray(g).reshape(shape)")
    place = index([f"0 if r{k} else i{k}" for k in range(n)])
    lines.append("out = np.empty(x.shape, dtype)")
    lines += [*nest(n, "x.shape[{k}]", [f"out{index(counters(n))} = h{place}"]), "return out"]
    return printed(lines, head, dtype=dtype)


@overload(helpers.share, strict=False)
def _share(x: Any, y: Any, axis: Any = None, keepdims: Any = False) -> Body | None:
    head, n, dtype = "share(x, y, axis=None, keepdims=False)", rank(x), numpy_type(floating(x))
    if n == 0:
        return printed(["return dtype(1.0)"], head, dtype=dtype)
    if is_none(axis):
        value = "y" if is_number(y) else "y.item()"
        at = index(counters(n))
        lines = [f"top = {value}", "count = 0"]
        lines += nest(n, "x.shape[{k}]", [f"if x{at} == top:", "    count += 1"])
        lines += ["out = np.zeros(x.shape, dtype)", "weight = dtype(1.0 / count) if count else dtype(np.nan)"]
        lines += nest(n, "x.shape[{k}]", [f"if x{at} == top or count == 0:", f"    out{at} = weight"])
        return printed([*lines, "return out"], head, dtype=dtype)
    lines = [*_reduced_flags(axis, n), f"shape = {_kept_shape(n)}"]
    lines += ["top = np.full(shape, y)" if is_number(y) else "top = np.ascontiguousarray(y).reshape(shape)"]
    lines += ["count = np.zeros(shape)", "out = np.zeros(x.shape, dtype)"]
    lines += [f"s{k} = 0 if r{k} else 1" for k in range(n)]
    at, up = index(counters(n)), index([f"i{k} * s{k}" for k in range(n)])
    lines += nest(n, "x.shape[{k}]", [f"if x{at} == top{up}:", f"    count{up} += 1.0"])
    lines += nest(n, "x.shape[{k}]", [f"if x{at} == top{up} or count{up} == 0.0:", f"    out{at} = 1.0 / count{up}"])
    return printed([*lines, "return out"], head, dtype=dtype)


@overload(helpers.undiagonal, strict=False)
def _undiagonal(g: Any, x: Any, offset: Any = 0) -> Body | None:
    n, dtype = rank(x), numpy_type(floating(g, x))
    if n == 0:
        return lambda g, x, offset=0: np.sum(np.diag(g, offset))
    if n == 1:
        return lambda g, x, offset=0: np.diag(g, offset).copy()
    if n != 2:
        return None
    value = "g" if is_number(g) else "g[k]"
    lines = ["out = np.zeros(x.shape, dtype)", "i, j = max(-offset, 0), max(offset, 0)", "k = 0"]
    lines += ["while i < x.shape[0] and j < x.shape[1]:", f"    out[i, j] = {value}"]
    lines += ["    i, j, k = i + 1, j + 1, k + 1", "return out"]
    return printed(lines, "undiagonal(g, x, offset=0)", dtype=dtype)


@register_jitable
def _positions(shape: Any, at: Any) -> Any:
    """Which elements, counted row by row, an index picks; flat."""
    size = 1
    for extent in shape:
        size *= extent
    return np.arange(size).reshape(shape)[at]


def _picks_one(buffer: Any, at: Any) -> bool:
    """Does the index pick one element?  True for as many integers as there are axes."""
    parts = list(at) if isinstance(at, types.BaseTuple) else [at]
    return len(parts) == rank(buffer) and all(isinstance(types.unliteral(p), types.Integer) for p in parts)


def _flat_place(count: int) -> tuple[list[str], str]:
    """Statements that make counters of the flat position `p`, and the index they form."""
    lines = []
    for k in range(count - 1, 0, -1):
        lines += [f"i{k} = p % shape[{k}]", f"p = p // shape[{k}]"]
    return [*lines, "i0 = p"], index(counters(count))


@overload(helpers.add_at, strict=False)
def _add_at(buffer: Any, index: Any, g: Any) -> Body | None:
    if not isinstance(buffer, types.Array):
        return None
    if _picks_one(buffer, index):

        def one(buffer: Any, index: Any, g: Any) -> None:
            buffer[index] += g

        return one
    lines, place = _flat_place(rank(buffer))
    body = ["shape = buffer.shape", "picked = _positions(shape, index)"]
    body += ["flat, values = picked.ravel(), spread(g, picked).ravel()"]
    body += ["for k in range(flat.size):", "    p = flat[k]"]
    body += ["    " + line for line in [*lines, f"buffer{place} += values[k]"]]
    return printed(body, "add_at(buffer, index, g)", spread=helpers.spread, _positions=_positions)


_LAST = [
    "picked = _positions(shape, index)",
    "flat = picked.ravel()",
    "last = np.full(buffer.size, -1)",
    "for k in range(flat.size):",
    "    last[flat[k]] = k",
]


@overload(helpers.read_last, strict=False)
def _read_last(buffer: Any, index: Any) -> Body | None:
    if not isinstance(buffer, types.Array):
        return None
    if _picks_one(buffer, index):
        return lambda buffer, index: buffer[index]
    lines, place = _flat_place(rank(buffer))
    body = ["shape = buffer.shape", *_LAST, "out = np.zeros(flat.size, buffer.dtype)"]
    body += ["for k in range(flat.size):", "    p = flat[k]", "    if last[p] == k:"]
    body += ["        " + line for line in [*lines, f"out[k] = buffer{place}"]]
    body.append("return out.reshape(picked.shape)")
    return printed(body, "read_last(buffer, index)", _positions=_positions)


@overload(helpers.place_last, strict=False)
def _place_last(g: Any, buffer: Any, index: Any) -> Body | None:
    if not isinstance(buffer, types.Array):
        return None
    lines, place = _flat_place(rank(buffer))
    body = ["shape = buffer.shape", "out = np.zeros(shape, dtype)"]
    dtype = numpy_type(floating(buffer, g))
    if _picks_one(buffer, index):
        return printed([*body, "out[index] = g", "return out"], "place_last(g, buffer, index)", dtype=dtype)
    body += [*_LAST, "values = np.ascontiguousarray(g).ravel()"]
    body += ["for k in range(flat.size):", "    p = flat[k]", "    if last[p] == k:"]
    body += ["        " + line for line in [*lines, f"out{place} = values[k]"]]
    return printed([*body, "return out"], "place_last(g, buffer, index)", dtype=dtype, _positions=_positions)


@overload(helpers.stop_gradient, strict=False)
def _stop_gradient(x: Any) -> Body | None:
    return lambda x: x


@register_jitable
def _extent(x: Any) -> Any:
    """The addresses between which the elements of an array lie."""
    low = np.int64(x.ctypes.data)
    high = low + x.itemsize
    for k in range(x.ndim):
        step = x.strides[k] * (x.shape[k] - 1)
        if step < 0:
            low += step
        else:
            high += step
    return low, high


@overload(np.may_share_memory, strict=False)
def _may_share_memory(a: Any, b: Any) -> Body | None:
    if not (isinstance(a, types.Array) and isinstance(b, types.Array)):
        return lambda a, b: False

    def impl(a: Any, b: Any) -> Any:
        if a.size == 0 or b.size == 0:
            return False
        first, last = _extent(a)
        start, stop = _extent(b)
        return first < stop and start < last

    return impl
