"""Object arrays of dual numbers that stay what they are.

In: arrays, numbers.  Out: `Arr`, an ndarray subclass: NumPy itself does its views, aliases, broadcasting and in-place
writes; `Arr` only sees to it that floating results are object arrays of duals and never quietly float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.oracle.dual import Dual, lift

_lift_all = np.frompyfunc(lift, 1, 1)


class Arr(np.ndarray):
    """An array in the oracle: dtype object (duals, where the program sees float64), or an integer or bool dtype."""

    @property
    def dtype(self) -> np.dtype[Any]:  # type: ignore[override]
        real = np.ndarray.dtype.__get__(self)  # type: ignore[attr-defined]
        return np.dtype(float) if real.kind == "O" else real

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **keywords: Any) -> Any:
        plain = [base(x) for x in inputs]
        if method == "__call__" and ufunc is np.matmul:
            return matmul(*inputs)
        if any(isinstance(x, Dual) or (isinstance(x, np.ndarray) and x.dtype == object) for x in plain):
            plain = [_objects(x) for x in plain]
        if out is not None:
            getattr(ufunc, method)(*plain, out=tuple(base(o) for o in out), **keywords)
            return out[0] if len(out) == 1 else out
        return wrap(getattr(ufunc, method)(*plain, **keywords))

    def __setitem__(self, index: Any, value: Any) -> None:
        if np.ndarray.dtype.__get__(self).kind == "O":  # type: ignore[attr-defined]
            value = _lift_all(np.asarray(base(value), dtype=object))
        base(self)[index] = value

    def fill(self, value: Any) -> None:
        self[...] = value


def base(x: Any) -> Any:
    """x as NumPy's own class, sharing memory."""
    return x.view(np.ndarray) if isinstance(x, Arr) else x


def wrap(x: Any) -> Any:
    """A result as the oracle holds it: floating arrays become duals, others are marked, floats are dressed."""
    if isinstance(x, np.ndarray):
        if x.dtype.kind == "f":
            x = _lift_all(x.astype(object)) if x.size else x.astype(object)
        return np.asarray(x).view(Arr) if isinstance(x, np.ndarray) else x
    if isinstance(x, (float, np.floating)):
        return lift(x)
    return x


def duals(x: Any) -> Any:
    """x (number, array, nested lists of both) as duals: a `Dual` or an `Arr` of them, in fresh memory."""
    made = _lift_all(np.array(base(x), dtype=object))
    return made.view(Arr) if isinstance(made, np.ndarray) else made


def is_float(x: Any) -> bool:
    """True if the program sees a floating value."""
    if isinstance(x, np.ndarray):
        return base(x).dtype.kind in "fO"
    return isinstance(x, (Dual, float, np.floating))


def _objects(x: Any) -> Any:
    return x.astype(object) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x


def matmul(a: Any, b: Any) -> Any:
    """a @ b by products and sums, so that empty axes give zeros."""
    a, b = base(a), base(b)
    if not (is_float(a) or is_float(b)):
        return wrap(np.matmul(a, b))
    left = a[None, :] if a.ndim == 1 else a
    right = b[:, None] if b.ndim == 1 else b
    if left.shape[-1] != right.shape[-2]:
        raise ValueError(f"matmul: {a.shape} and {b.shape} do not fit")
    terms = np.asarray(left, dtype=object)[..., :, :, None] * np.asarray(right, dtype=object)[..., None, :, :]
    result = duals(np.add.reduce(terms, axis=-2))
    if a.ndim == 1:
        result = result[..., 0, :]
    if b.ndim == 1:
        result = result[..., 0]
    return result
