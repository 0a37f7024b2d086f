"""The form in which Numba compiles a derivative: products of two dtypes and joins of lists give what NumPy gives."""

from __future__ import annotations

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree

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


X, Y = np.array([0.5, 0.9, 0.2]), np.array([0.0, 1.0, 2.0])


def of_pythons_types(x):
    cell = np.floor(3.0 * x).astype(int)
    w = 3.0 * x - cell
    above = (w > 0.5).astype(float) + np.array([1, 2, 3], dtype=float)
    found = np.zeros(len(x), dtype=bool)
    total = np.zeros(len(x), int) + np.eye(3, dtype=float) @ (above * w * w)
    for i in range(len(x)):
        found[i] = w[i] > 0.3
        total[i] += w[i] if found[i] else 2.0 * w[i]
    return np.sum(np.asarray(total, dtype=float) * w)


def test_pythons_types_are_dtypes() -> None:
    agree(of_pythons_types, np.array([0.55, 0.9, 0.2]), jit=True)


def stacked(x, y):
    return np.sum(np.stack([x, y]) ** 3)


def one_after_the_other(x, y):
    z = np.concatenate([x, y, x * y])
    return np.sum(z**3 * np.arange(len(z)))


def rows(x, y):
    return np.sum(np.vstack([x, y]) ** 3)


def flat(x, y):
    return np.sum(np.hstack([x, y * x]) ** 3)


def columns(x, y):
    return np.sum(np.column_stack([x, y]) ** 3)


@pytest.mark.parametrize("f", [stacked, one_after_the_other, rows, flat, columns])
def test_lists_of_arrays_are_joined_as_tuples(f) -> None:
    """Numba takes no list of arrays."""
    agree(f, X, Y, jit=True)


def test_the_plain_text_keeps_the_list() -> None:
    assert "np.stack([x, y])" in ad.vjp(stacked).source


def gathered(x, y):
    return np.sum(x[[1, 2, 2]] ** 2 * y)


def scattered(x, y):
    z = x * y
    z[[0, 0, 2]] += x[[1, 2, 0]]
    z[[True, False, True]] *= y[[-1, 0]]
    return np.sum(z * z)


def replaced(x, y):
    z = x * y
    z[[0, 2, 0]] = x[[1, 0, 2]]
    return np.sum(z * z)


def of_several_axes(x, y):
    m = np.outer(x, y)
    return np.sum(m[:, [0, 2]] ** 2) + np.sum(m[[0, 1]] * x)


@pytest.mark.parametrize("f", [gathered, scattered, replaced, of_several_axes])
def test_lists_of_indices_are_arrays(f) -> None:
    """Numba takes no list as an index."""
    agree(f, X, Y, jit=True)
    np.testing.assert_allclose(ad.hvp(f, jit=True)(X, Y, Y), ad.hessian(f)(X, Y) @ Y, rtol=1e-12, atol=1e-14)


def swapped(x: Float[np.ndarray, " n"], steps: int):
    u = x.copy()
    v = 2.0 * x
    for _ in range(steps):
        t = u
        u = v
        v = t
        u[0] = v[0] * u[1]
    u += v
    return np.sum(u * v)


def same(x: Float[np.ndarray, " n"], steps: int):
    u = x.copy()
    v = x * x
    for _ in range(steps):
        v = u
    u += v
    return np.sum(u * u)


def turned(x: Float[np.ndarray, " n"], steps: int):
    u = np.outer(x, x * x)
    v = u
    for _ in range(steps):
        v = v.T
    u += v
    return np.sum(u**3)


@pytest.mark.parametrize("f", [swapped, same, turned], ids=lambda f: f.__name__)
def test_sums_of_arrays_that_may_be_one(f) -> None:
    compiled, x = ad.value_and_grad(f, jit=True), np.array([0.4, -0.7, 1.1, 0.3])
    for steps in range(4):
        agree(f, x, steps, wrt=(0,))
        for found, exact in zip(compiled(x, steps), ad.value_and_grad(f)(x, steps), strict=True):
            np.testing.assert_allclose(found, exact, rtol=1e-13)


def test_a_sum_of_two_whole_arrays_is_written_in_place() -> None:
    made = ad.grad(swapped, jit=True)
    made(np.array([0.4, -0.7]), 3)
    (text,) = made.sources.values()
    assert "    u += v\n" in text and " u[:]" not in text
