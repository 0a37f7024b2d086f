"""Adjoints that start at zero in the shape of their values, where that is surely one shape."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree


def exchanged(start: Float[np.ndarray, "n"], k: float, sweeps: int):
    u = start.copy()
    v = start.copy()
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            v[i] = u[i] + k * (u[i - 1] + u[i + 1] - 2.0 * u[i] * u[i])
        u, v = v, u
    return np.sum(u * u)


def shorter_each_time(start: Float[np.ndarray, "n"], k: float, sweeps: int):
    v = start.copy()
    s = 0.0
    for _ in range(sweeps):
        s += np.sum(v * v) * k
        v = v[1:] * k
    return s


def of_another_shape_behind(start: Float[np.ndarray, "n"], k: float, sweeps: int):
    v = start.copy()
    s = 0.0
    for _ in range(sweeps):
        s += v[0] * k
        v = np.outer(start, start)[0] * k + v[0]
    v = np.ones(2) * s
    return s + v[1]


def bound_in_one_branch(start: Float[np.ndarray, "n"], k: float, sweeps: int):
    v = start * k
    if k > 0.0:
        v = start * start
        v[0] = k
    for _ in range(sweeps):
        w = v
        v = start * w
        v[1] = k * w[0]
    return v[0] + v[1]


PROGRAMS = [exchanged, shorter_each_time, of_another_shape_behind, bound_in_one_branch]


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_values(f, jit: bool) -> None:
    for sweeps in (0, 1, 3):
        for k in (0.4, -0.7):
            agree(f, np.array([0.3, 0.8, -0.4, 0.6]), k, sweeps, jit=jit)


@pytest.mark.parametrize("jit", [False, True])
def test_single_precision(jit: bool) -> None:
    start = np.array([0.3, 0.8, -0.4, 0.6], np.float32)
    found = ad.grad(exchanged, jit=jit)(start, 0.4, 3)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, ad.grad(exchanged)(start.astype(float), 0.4, 3), rtol=1e-5)


def test_no_spreading_where_the_shape_is_one() -> None:
    assert "spread" not in inspect.getsource(ad.grad(exchanged, ("start", "k")))
