"""Captured values as text that gives exactly them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_ad.emit.constants import LARGEST, constant_lines, constant_text
from tangent_ad.errors import RefusedError

VALUES: list[Any] = [
    None,
    True,
    -3,
    10**30,
    0.1,
    -0.0,
    1e-320,
    float("inf"),
    float("-inf"),
    float("nan"),
    "a 'quoted' \"text\"\n",
    (),
    (1,),
    (1.5, (None, "x")),
    np.float32(0.1),
    np.float64("-inf"),
    np.float16(0.1),
    np.int8(-3),
    np.uint64(2**64 - 1),
    np.bool_(True),
    np.dtype("float32"),
    np.array(2.5),
    np.array([0.1, np.nan, -np.inf, -0.0]),
    np.array([[True, False]]),
    np.array([0.1], np.float32),
    np.array([2**63], np.uint64),
    np.zeros((0, 3)),
    np.zeros((2, 0), np.int32),
    np.arange(24.0).reshape(2, 3, 4).T,
    np.linspace(0.0, 1.0, 50),
    np.linspace(0.0, 1.0, 60).reshape(3, 20),
    np.linspace(0.0, 1.0, LARGEST),
    (np.array([1.5]), np.float32(2.0)),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda v: type(v).__name__)
def test_the_text_gives_the_value(value: Any) -> None:
    space: dict[str, Any] = {"np": np}
    lines = constant_lines("k", value)
    exec("\n".join(lines), space)
    same(space["k"], value)
    assert max(map(len, lines)) <= 120 or len(lines) == 1


def same(found: Any, value: Any) -> None:
    assert type(found) is type(value)
    if isinstance(value, tuple):
        assert len(found) == len(value)
        for a, b in zip(found, value, strict=True):
            same(a, b)
    elif isinstance(value, np.ndarray | np.generic):
        assert found.dtype == value.dtype and found.shape == value.shape
        assert found.tobytes() == value.tobytes(), "to the last bit"
    elif isinstance(value, float):
        assert np.float64(found).tobytes() == np.float64(value).tobytes()
    else:
        assert found == value


def test_rows_on_lines_of_their_own() -> None:
    lines = constant_lines("table", np.linspace(0.0, 1.0, 60).reshape(3, 20))
    assert (lines[0], lines[-2:]) == ("table = np.array(", ["    dtype=np.float64,", ")"])
    assert sum("[" in line for line in lines[1:-2]) == 3
    assert constant_lines("k", np.arange(3)) == ["k = np.array([0, 1, 2], dtype=np.int64)"]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (np.zeros(LARGEST + 1), "1001 elements"),
        (np.zeros(2, complex), "an array of complex128"),
        (1j, "a complex"),
        ({"a": 1}, "a dict"),
        ([1, 2], "a list"),
        (np.array(["a"]), "an array of"),
        (np.array([None]), "an array of object"),
        ((1.0, object()), "a object"),
        (np.longdouble(1.0), "a longdouble"),
        (np.dtype(">f4"), "a Float32DType"),
    ],
)
def test_what_is_no_constant(value: Any, says: str) -> None:
    with pytest.raises(RefusedError, match=f"`k` .*{says}") as found:
        constant_text("k", value)
    assert found.value.hint == "pass `k` as an argument"
