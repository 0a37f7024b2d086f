"""How kept values lie: under a name, in an array, on a list."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import statements
from tangent_ad.emit.text import body_text
from tests.hunt.compare import agree
from tests.modes.reverse.broken import derivative


def kept(f: Any, *wrt: str, **options: Any) -> dict[str, str]:
    """For each name of which a value is kept, how."""
    return {value.name: how for value, (how, _) in derivative(f, *wrt, **options).sweeps.kept_as.items()}


def outside_loops(x: float):
    y = np.sin(x)
    z = y * y
    y = np.cos(z)
    return y * z


def counted(x: float, m: int):
    for _ in range(m):
        x = x * np.sin(x)
    return x


def triangular(x: float, m: int):
    for i in range(m, 0, -1):
        for _ in range(i, m + 1):
            x = x * np.sin(x)
    return x


def uncounted(x: float, m: int):
    while x < 3.0 + m:
        x = x + np.exp(0.1 * x)
    return x


def steps_of_two(x: float, m: int):
    for i in range(0, m, 2):
        x = x * np.sin(x) + i
    return x


def in_a_while(x: float, m: int):
    while x < 3.0 + m:
        for _ in range(m):
            x = x + np.exp(0.1 * x)
        x = x + 1.0
    return x


def arrays(u: Float[np.ndarray, "n"], m: int):
    for _ in range(m):
        u = u * np.sin(u)
    return np.sum(u)


def whole_numbers(x: float, m: int):
    k = 7
    for _ in range(m):
        k = (k * 5 + 1) % 11
        x = x * np.sin(x) + 0.01 * k * x
    return x


@pytest.mark.parametrize(
    ("f", "how"),
    [(outside_loops, "name"), (counted, "array"), (triangular, "array"), (uncounted, "list"), (steps_of_two, "list"),
     (in_a_while, "list"), (arrays, "list")],
)  # fmt: skip
def test_how(f: Any, how: str) -> None:
    name = f.__code__.co_varnames[0]
    assert set(kept(f, name).values()) == {how}


@pytest.mark.parametrize("f", [counted, triangular, uncounted, steps_of_two, in_a_while, whole_numbers])
def test_values(f: Any) -> None:
    for m in (0, 1, 2, 5):
        agree(f, 0.7, m)


def test_without_arrays_all_lies_on_lists() -> None:
    assert set(kept(triangular, "x", without=frozenset(("preallocate",))).values()) == {"list"}


def test_whole_numbers_come_back_as_python_numbers() -> None:
    """NumPy's would wrap around where Python's do not."""
    found = derivative(whole_numbers, "x")
    lines = [body_text((s,)).splitlines()[-1] for s in statements(found.made.body) if isinstance(s, n.Assign)]
    restored = [line for line in lines if "k_saved[" in line and not line.startswith("k_saved[")]
    assert restored and all("int(k_saved[" in line for line in restored)
    made = [line for line in lines if line.startswith("k_saved = ")]
    assert len(made) == len(restored) and all("np.int64" in line for line in made)


def test_sizes_are_never_negative() -> None:
    agree(counted, 0.7, -3)
    agree(triangular, 0.7, -3)
