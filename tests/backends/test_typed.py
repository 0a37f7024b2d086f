"""Products of matrices of two dtypes compile, and give what NumPy gives."""

from __future__ import annotations

import numpy as np
import pytest

import tangent_ad as ad

SINGLE = np.array([[1.5, 0.3, -0.2], [0.1, 0.9, 0.4], [0.7, -0.6, 2.0]], np.float32)


def solved(x):
    wide = 4.0 * np.eye(3)
    return np.sum(np.linalg.solve(wide + x[0] * SINGLE, np.tan(np.float32(0.3) * x)))


def multiplied(x):
    wide = np.ones((3, 3)) * x[1]
    return np.sum(np.sign(x) @ np.abs(wide) + wide @ x + SINGLE @ x)


def dotted(x):
    wide = np.arange(9.0).reshape(3, 3) * x[2]
    return np.sum(np.dot(wide, x)) + np.sum(np.dot(SINGLE, wide) * x) + np.dot(x, wide[0])


@pytest.mark.parametrize("f", [solved, multiplied, dotted], ids=lambda f: f.__name__)
def test_operands_of_two_dtypes(f) -> None:
    x = np.array([0.4, -0.7, 1.1], np.float32)
    exact = ad.grad(f)(x.astype(float))
    for jit in (False, True):
        value, found = ad.value_and_grad(f, jit=jit)(x)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, exact, rtol=2e-6, atol=1e-6)
        np.testing.assert_allclose(value, f(x), rtol=2e-6)
