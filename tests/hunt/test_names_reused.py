"""One name for unrelated values: each has its own kind, also under Numba."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.hunt.compare import agree


def rebound_parameter(x, c):
    if c > 0:
        x = 2.0
        z = x * c
    else:
        z = x[0] * c
    return z


def in_branches(x, c):
    if c > 0:
        x = np.sum(x)
        z = x * c * x
    else:
        x = np.outer(x, x)
        z = x[0, 1] * c
    return z


def in_a_loop(x, n):
    s = 0.0
    for i in range(n):
        t = x * x[i]
        s += np.sum(t)
        t = s * s
        s = s + np.sin(t)
        t = np.outer(x, x)
        s += t[0, 1]
    return s


X = np.array([0.3, -0.7, 0.4])


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize(
    "f, args", [(rebound_parameter, (X, 1.0)), (rebound_parameter, (X, -1.0)), (in_a_loop, (X, 3))]
)
def test_reused(f: Any, args: Any, jit: bool) -> None:
    agree(f, *args, jit=jit)


@pytest.mark.parametrize("c", [1.0, -1.0])
def test_branches(c: float) -> None:
    agree(in_branches, X, c, jit=True)


def in_the_likeness_of_what_it_was(a0, u0):
    a = a0.ravel()
    a = np.zeros_like(a)
    a[1:] = u0[1]
    return np.sum(a) + np.sum(a0)


def where_it_was(a0, u0):
    a = a0.ravel()
    a = np.where(a, u0[0], u0[1])
    a[1:] = u0[1]
    return np.sum(a) + np.sum(a0)


def of_the_sign_it_was(a0, u0):
    a = a0.ravel()
    a = np.copysign(u0[0] * np.ones(4), a)
    a[1:] = u0[1]
    return np.sum(a) + np.sum(a0)


@pytest.mark.parametrize(
    "f", [in_the_likeness_of_what_it_was, where_it_was, of_the_sign_it_was], ids=lambda f: f.__name__
)
def test_a_use_that_passes_no_adjoint_on(f) -> None:
    agree(f, np.array([[0.3, -0.7], [0.4, 1.2]]), np.array([0.6, 0.9]))
