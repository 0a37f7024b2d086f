"""Slices in variables."""

from __future__ import annotations

import numpy as np

from tests.hunt.compare import agree

rng = np.random.default_rng(8)


def heads(x, w, count):
    n, d = x.shape
    out = np.zeros((n, d))
    for h in range(count):
        part = slice(h * (d // count), (h + 1) * (d // count))
        out[:, part] = np.tanh(x[:, part] @ w[part].T) @ w[part]
    return np.sum(out * x)


def overlapping(x, n):
    head, middle, every_other = slice(n), slice(1, n), slice(None, None, 2)
    y = x.copy()
    y[head] *= x[0]
    y[middle] += y[head][: n - 1] ** 2
    y[every_other] = np.sin(y[every_other]) * y[middle][0]
    return y


def test_bounds_of_one_to_three() -> None:
    agree(heads, rng.standard_normal((3, 4)), rng.standard_normal((4, 2)), 2)
    agree(overlapping, rng.standard_normal(5), 3)
    agree(overlapping, rng.standard_normal(5), 3, jit=True)
