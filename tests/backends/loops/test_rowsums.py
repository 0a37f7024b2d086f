"""Sums of rows are made element by element in compiled text, where their elements are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.backends.python import load
from tests.backends.loops.test_loops import copied, same, text_of
from tests.hunt.compare import agree

numba = pytest.importorskip("numba")


def squares(x):
    return np.sum(x * x, axis=1)


def whole(x):
    return np.sum(x, axis=-1)


def twice(x):
    return np.sum(np.exp(x), axis=1) * np.sum(x - 1.0, axis=1) + np.sum(np.exp(x), axis=1)


def with_rows(x, w):
    """w is one row, or as many."""
    return 2.0 - np.sum(x * w, axis=1)


def columns(x):
    """The rows of the transpose."""
    return np.sum(x.T * x.T, axis=1)


def into_itself(x, k: int):
    x[:, 0] = np.sum(x * x, axis=1)
    x[:, k] += np.sum(x + x[0, 0], axis=1)
    return x


def of_a_part(x, k: int):
    return np.sum(x[k:] * x[k:], axis=1) + np.sum(x[:, 1:], axis=1)[k:]


def a_row_of_three(x, k: int):
    y = np.zeros((2,) + x.shape)
    y[k] = x
    return np.sum(y[k] * x, axis=1)


def other_axis(x):
    return np.sum(x * x, axis=0)


def integers(x, w):
    """An integer sum is no sum of floats."""
    return np.sum(w, axis=1) + np.sum(x * w, axis=1)


def chosen(x):
    """The sum is made in one case only."""
    y = np.zeros(x.shape[0])
    y[:] = np.sum(x * x, axis=1) if x.shape[1] > 1 else y
    return y


def range_is_taken(x):
    range = np.sum(x * x, axis=1)
    return range


TABLE = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -0.25]])
CASES: list[tuple[Any, tuple[Any, ...], bool]] = [
    (squares, (TABLE,), True),
    (squares, (np.zeros((0, 3)),), True),
    (squares, (np.zeros((2, 0)),), True),
    (squares, (np.asfortranarray(TABLE),), True),
    (squares, (np.array([[np.inf, 1.0], [np.nan, 1.0]]),), True),
    (whole, (TABLE,), True),
    (whole, (TABLE[:, ::2],), True),
    (twice, (TABLE,), True),
    (with_rows, (TABLE, TABLE[0]), False),
    (with_rows, (TABLE, TABLE), False),
    (with_rows, (TABLE, TABLE[:, :1]), False),
    (with_rows, (TABLE, 2.0), True),
    (columns, (TABLE,), True),
    (into_itself, (TABLE, 1), True),
    (into_itself, (TABLE, -1), True),
    (of_a_part, (TABLE, 1), False),
    (a_row_of_three, (TABLE, 1), False),
    (other_axis, (TABLE,), False),
    (integers, (TABLE, np.array([[1, 2, 3], [4, 5, 6]])), False),
    (chosen, (TABLE,), False),
    (range_is_taken, (TABLE,), False),
    (squares, (TABLE.astype(np.float32),), False),
]


@pytest.mark.parametrize(("f", "args", "taken"), CASES, ids=[f.__name__ for f, *_ in CASES])
def test_values(f: Any, args: tuple[Any, ...], taken: bool) -> None:
    text = text_of(f, args)
    assert ("total" in text) == taken
    with np.errstate(all="ignore"):
        wanted = f(*copied(args))
        made = load(text, f.__name__, {"np": np})
        same(made(*copied(args)), wanted)
        if f is not chosen:  # Numba does not know it
            same(numba.njit(made, error_model="numpy")(*copied(args)), wanted)


def test_text() -> None:
    assert text_of(squares, (TABLE,)).split("\n\n\n")[-1].splitlines()[1:] == [
        "    t = np.empty(x.shape[0])",
        "    for i in range(x.shape[0]):",
        "        total = 0.0",
        "        for j in range(x.shape[1]):",
        "            total += x[i, j] * x[i, j]",
        "        t[i] = total",
        "    return t",
    ]


def distances(x, mu):
    total = 0.0
    for k in range(mu.shape[0]):
        y = x - mu[k]
        total += np.sum(np.exp(-np.sum(y * y, axis=1)))
    return total


def test_derivatives() -> None:
    agree(distances, TABLE, 0.5 * TABLE + 0.1, jit=True)
    agree(distances, np.zeros((0, 3)), TABLE, jit=True)
    assert ad.grad(distances, "mu", jit=True)(TABLE, TABLE).shape == TABLE.shape
