"""Compiled derivatives of array code, whose array expressions become loops: against plain ones, and differences.

Stencils on grids too short for them, views that overlap, writes through views, broadcasting, masks, whole numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree, copies, flat

pytest.importorskip("numba")


def jacobi(u: "Float64[np.ndarray, 'n m']", k: float, sweeps: int):
    for _ in range(sweeps):
        v = u.copy()
        c = u[1:-1, 1:-1]
        around = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:]
        v[1:-1, 1:-1] = c + k * (around - 4.0 * c) - 0.1 * c * c
        u = v
    return np.sum(u * u)


def in_place(x: "Float64[np.ndarray, 'n']", k: float, sweeps: int):
    """Neighbours are read as they were, in the array that is written."""
    u = x * 1.0
    for _ in range(sweeps):
        left = u[:-1]
        right = u[1:]
        flux = k * (right - left) * np.exp(-left)
        right -= flux
        left += flux * 0.5
        u[1:] = u[:-1] * 0.9
    return np.sum(np.sin(u))


def rows(x: "Float64[np.ndarray, 'n m']", k: float, sweeps: int):
    """Rows and columns of one array, broadcast over it."""
    y = x * k
    for i in range(min(sweeps, x.shape[0])):
        t = y * x[i]
        s = t - y[:, 0][:, None]
        y = np.tanh(s) + t
        y[i] += s[0] * 0.3
    return np.sum(y * y) + np.sum(y.T * x.T)


def masks(x: "Float64[np.ndarray, 'n m']", k: float, sweeps: int):
    total = k
    y = x * 1.0
    for j in range(sweeps):
        high = y > 0.2
        t = np.where(high, y * y, -y)
        s = t * high + np.maximum(t, x) * j
        total += np.sum(s * t) * 0.01
        y = s / (1.0 + total * total) + np.minimum(y, k)
    return total + np.sum(y)


def swapped(x: "Float64[np.ndarray, 'n m']", k: float, sweeps: int):
    """Two buffers, each seen through a view while the other is written."""
    u = x * 1.0
    v = x * k
    for _ in range(sweeps):
        inner = u[1:, :]
        v[:-1, :] = inner * k + v[1:, :] * np.cos(inner)
        v[:, 1:] += u[:, :-1] * v[:, 1:]
        t = u
        u = v
        v = t
    return np.sum(u * v)


def names(i: "Float64[np.ndarray, 'n m']", j: float, k: int):
    """The names of counters are taken; names are bound again."""
    t = i * j
    l = t * t + i
    for p in range(k):
        q = l[:, 1:] * l[:, :-1]
        r = l[:, 1:] + q * 0.1
        q = np.exp(-q) * r
        l[:, 1:] = q * r
        t = l * j
        l = np.sin(t) + t * l
    return np.sum(l)


GRIDS = [(n, m) for n in (0, 1, 2, 3) for m in (0, 1, 2, 3)] + [(5, 4), (4, 6)]


@pytest.mark.parametrize("f", [jacobi, rows, masks, swapped, names], ids=lambda f: f.__name__)
def test_grids(f: Any) -> None:
    _compare(f, GRIDS)


def test_lines() -> None:
    _compare(in_place, [(n,) for n in (1, 2, 3, 4, 7)])


def _compare(f: Any, shapes: list[tuple[int, ...]]) -> None:
    made = [(mode(f, (0, 1), jit=True), mode(f, (0, 1))) for mode in (ad.vjp, ad.jvp)]
    rng = np.random.default_rng(5)
    for shape in shapes:
        x, x_dot = rng.uniform(-1.0, 1.0, (2, *shape))
        for sweeps in (0, 1, 3):
            if f is rows and 0 in shape:
                continue
            args = ([0.7, x, 0.2, sweeps], [x, x_dot, 0.2, 0.4, sweeps])
            for (compiled, plain), given in zip(made, args, strict=True):
                want, got = plain(*copies(given)), compiled(*copies(given))
                np.testing.assert_allclose(flat(got[0]), flat(want[0]), rtol=1e-12)
                np.testing.assert_allclose(flat(got[1]), flat(want[1]), rtol=1e-10, atol=1e-12)
    if f in (jacobi, masks, names):  # of the others too little is known
        assert all(compiled.source.count("for ") > plain.source.count("for ") for compiled, plain in made)
    x = rng.uniform(0.3, 1.0, shapes[-1])
    agree(f, x, 0.2, 2)
