"""Conditions that Numba could decide by itself, around appends to lists."""

from __future__ import annotations

import numpy as np
import pytest

import tangent_ad as ad

pytest.importorskip("numba")


def never(x, n: int):
    c = 0
    while c < 0 and n > 0:
        x[::-1] *= np.abs(x) + 0.5
        c += 1
    return np.sum(x * x)


LIMIT = 1.5


def by_constant(x, n: int):
    for _ in range(n):
        if LIMIT < 1.0:
            x = x * np.sin(x)
        else:
            x = x * np.cos(x)
    return np.sum(x)


@pytest.mark.parametrize("f", [never, by_constant])
def test_a_list_of_which_all_appends_are_unreachable(f) -> None:
    x = np.array([0.3, -0.4, 0.9])
    expected = ad.grad(f)(x, 2)
    np.testing.assert_allclose(ad.grad(f, jit=True)(x, 2), expected, rtol=1e-12)
