"""Sums of adjoint arrays in one statement, or begun with another adjoint: what comes between, and what does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree


def stencil(u: "Float64[np.ndarray, 'n m']", k: float, sweeps: int):
    for _ in range(sweeps):
        v = u.copy()
        c = u[1:-1, 1:-1]
        v[1:-1, 1:-1] = c + k * (u[:-2, 1:-1] + u[2:, 1:-1] - 2.0 * c) - k * c * c
        u = v
    return np.sum(u * u)


def windows(u: "Float64[np.ndarray, 'n']", k: float, sweeps: int):
    """The adjoint of a window is read between two additions to it, and taken and cleared."""
    v = u.copy()
    for _ in range(sweeps):
        v[1:] = v[:-1] * k + u[1:] * v[1:]
        v[:-1] += np.sin(v[1:]) * u[:-1] - v[:-1] * v[1:]
        w = v * k
        w[1:-1] = w[2:] * u[:-2] + w[:-2]
        v = w + v
    return np.sum(v * v)


def twice(u: "Float64[np.ndarray, 'n']", sweeps: int):
    """Two copies of one array, each changed in its own way; both adjoints go back to it."""
    total = 0.0
    for _ in range(sweeps):
        a, b = u.copy(), u.copy()
        a[1:] = a[1:] * b[:-1]
        b[:-1] = np.cos(a[1:]) * b[:-1]
        total += np.sum(a * b)
        u = a + b * u
    return total + np.sum(u)


def stretched(u: "Float64[np.ndarray, 'n m']", r: "Float64[np.ndarray, 'm']", c: "Float64[np.ndarray, 'n 1']"):
    """Terms of several shapes for one place."""
    v = u * 1.0
    v[1:] = u[1:] * r + u[:-1] * c[1:] + r
    w = v[1:] * c[1:] + v[1:] * r[0] + v[1:]
    return np.sum(w * w) + np.sum(v)


def along(u: "Float64[np.ndarray, 'n m']"):
    """Sums over one axis, one way and the other, kept and not."""
    first = np.sum(u * u, axis=0)
    last = np.sum(np.sin(u) * u, axis=1)
    both = u * np.sum(u, axis=1)[:, None] - np.sum(u, axis=0)
    inner = np.sum(u, axis=-1) * 2.0
    return np.sum(first * first) + np.sum(last) + np.sum(both * u) + np.sum(inner * last)


def cube(u: "Float64[np.ndarray, 'n m k']"):
    a = np.sum(u * u, axis=1)
    b = np.sum(u * 2.0, axis=0)
    c = np.sum(u * u * u, axis=2)
    return np.sum(a * a) + np.sum(b * b) - np.sum(c * c)


def thin(u: "Float64[np.ndarray, 'n']"):
    """A sum over the only axis; a number."""
    return np.sum(u * u, axis=0) * np.sum(np.exp(u), axis=-1)


def weights(n: int, u: "Float64[np.ndarray, 'n']"):
    """Integers where the adjoint is a negated number."""
    return np.sum(u - n * np.max(u)) - n * np.log(np.sum(np.exp(u * n)))


A = np.array([[0.4, -0.9, 0.3], [0.7, 0.2, -0.5], [0.1, 0.6, 0.8]])
V = np.array([0.4, -0.9, 0.3, 0.7])
CASES: tuple[tuple[Any, tuple[Any, ...], tuple[int, ...]], ...] = (
    (stencil, (A, 0.2, 3), (0, 1)),
    (stencil, (A[:2], 0.2, 2), (0, 1)),
    (windows, (V, 0.5, 2), (0, 1)),
    (windows, (V[:2], 0.5, 1), (0, 1)),
    (twice, (V, 2), (0,)),
    (stretched, (A, V[:3], A[:, :1]), (0, 1, 2)),
    (stretched, (A[:, :1], V[:1], A[:, :1]), (0, 1, 2)),
    (along, (A,), (0,)),
    (along, (A[:1],), (0,)),
    (along, (A[:, :1],), (0,)),
    (cube, (np.stack((A, A.T * 0.5)),), (0,)),
    (cube, (A[:, :, None],), (0,)),
    (thin, (V,), (0,)),
    (weights, (2, V), (1,)),
)


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_programs(case: tuple[Any, tuple[Any, ...], tuple[int, ...]], jit: bool) -> None:
    if jit:
        pytest.importorskip("numba")
    f, args, wrt = case
    agree(f, *args, wrt=wrt, jit=jit)


def test_text() -> None:
    text = ad.grad(along).source
    assert "[:, None]" in text
    assert "zeros" not in ad.grad(stencil).source.partition("# backward")[2]


def out_is_a_name(a: "Float64[np.ndarray, 'n m']", k: int):
    out = np.zeros(a.shape)
    total = 0.0
    for _ in range(k):
        out[:] = a
        total += np.sum(out) * 0.1
    out[:] = a * a
    return total + np.sum(out)


def test_the_seed_has_another_name() -> None:
    """The adjoint of `out` takes the name that the seed has elsewhere."""
    pytest.importorskip("numba")
    agree(out_is_a_name, A, 2, wrt=(0,), jit=True)
