"""Functions of another module, with its own constants and closures, that `test_joint` calls."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

RATE = 0.7


def decay(x, steps=3):
    for _ in range(steps):
        x = x - 0.1 * RATE * np.sin(x)
    return x


def maker(rate: float) -> Callable[..., float]:
    def grow(x):
        for _ in range(2):
            x = x + rate * x * x
        return x

    return grow
