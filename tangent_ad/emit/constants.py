"""Captured values as text.

In: a name and the value that a function captured.  Out: the lines that bind the name to exactly that value, the same on
every machine and Python version; or a refusal.
"""

from __future__ import annotations

import math
import textwrap
from typing import Any

import numpy as np

from tangent_ad.errors import RefusedError

LARGEST = 1000
"""More elements than this are data, not a constant."""

WIDTH = 120
DTYPES = frozenset(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)) | frozenset(
    ("bool", "float16", "float32", "float64")
)


def constant_lines(name: str, value: Any) -> list[str]:
    """The lines that say `name = value`.

    Parameters: the name; a number, string, None, NumPy number, dtype, small array, or tuple of these.
    Returns: the lines, at most 120 columns wide where that can be.
    Raises: RefusedError if the value cannot be printed exactly or is too large.

    >>> constant_lines("k", 0.1), constant_lines("m", np.float32(0.5))
    (['k = 0.1'], ['m = np.float32(0.5)'])
    >>> constant_lines("a", np.array([[1, 2]]))
    ['a = np.array([[1, 2]], dtype=np.int64)']
    """
    line = f"{name} = {constant_text(name, value)}"
    if len(line) <= WIDTH or not isinstance(value, np.ndarray) or value.size == 0:
        return [line]
    # a row of the array begins on a line of its own
    whole = _nested(value.tolist()).replace("], [", "],\n[")
    inner = [
        line
        for row in whole.split("\n")
        for line in textwrap.wrap(row, WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    ]
    rows = [*inner[:-1], f"{inner[-1]},", f"dtype={_dtype(value.dtype)},"]
    return [f"{name} = np.array(", *(f"    {row}" for row in rows), ")"]


def constant_text(name: str, value: Any) -> str:
    """An expression that gives `value`; `name` is for messages."""
    if value is None or type(value) in (bool, int, str):
        return repr(value)
    if type(value) is float:
        return _number(value)
    if isinstance(value, np.generic) and value.dtype.name in DTYPES:
        return f"{_dtype(value.dtype)}({_number(value.item())})"
    if isinstance(value, np.dtype) and value.name in DTYPES and value.isnative:
        return f'np.dtype("{value.name}")'
    if type(value) is tuple:
        parts = [constant_text(name, part) for part in value]
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
    if type(value) is np.ndarray and value.dtype.name in DTYPES:
        if value.size > LARGEST:
            raise RefusedError(
                f"the captured array `{name}` has {value.size} elements, too many to write into a module",
                hint=f"pass `{name}` as an argument",
            )
        if value.size == 0:
            return f"np.zeros({value.shape}, dtype={_dtype(value.dtype)})"
        return f"np.array({_nested(value.tolist())}, dtype={_dtype(value.dtype)})"
    kind = f"an array of {value.dtype}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
    raise RefusedError(
        f"the captured value `{name}` is {kind}, which cannot be written into a module",
        hint=f"pass `{name}` as an argument",
    )


def _dtype(dtype: np.dtype[Any]) -> str:
    return "np.bool_" if dtype.name == "bool" else f"np.{dtype.name}"


def _number(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "np.nan" if math.isnan(value) else "np.inf" if value > 0 else "-np.inf"
    return repr(value)


def _nested(value: Any) -> str:
    return f"[{', '.join(_nested(part) for part in value)}]" if isinstance(value, list) else _number(value)
