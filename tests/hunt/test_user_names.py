"""Parameters and variables that have the name of a helper, or of a builtin that derived text calls."""

from __future__ import annotations

import numpy as np

import tangent_ad as ad
from tests.hunt.compare import agree


def helpers_as_parameters(x, np_bar, t, x_bar, k, grow, spread, sum_to):
    t2 = x * t * k
    x_saved = t2 * np_bar + grow * spread * sum_to
    return x_saved * x_bar * x


def length(x, len, n):
    for i in range(0, n, 2):
        x = x * x[i] * len
    return x


def sliced(x, slice, index):
    bool = x[index, 1:] * slice
    y = np.zeros((4, 4))
    for i in range(4):
        if x[i, 0] * slice > 0.1:
            y[i, 1:] += x[index[0], 1:] * slice
        slice = slice * x[1, 1]
    return y, bool


def test_parameters() -> None:
    numbers = [0.3, 1.2, 0.7, 2.0, -0.4, 1.5, 0.8, 1.1]
    agree(helpers_as_parameters, *numbers)
    agree(helpers_as_parameters, *numbers, jit=True)
    agree(length, np.array([0.5, 1.2, 0.9]), 1.2, 3, jit=True)
    agree(sliced, np.linspace(0.5, 1.5, 16).reshape(4, 4), 1.2, np.array([1, 1, 2]))


def test_nested() -> None:
    def cubic(x, spread):
        return spread * spread * x * x * x

    assert ad.grad(ad.grad(cubic))(2.0, 3.0) == 108.0
