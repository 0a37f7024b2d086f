"""Compiled adjoints of stencils, which go by rows: against plain ones, and their text with the rows left out.

Two fields that are swapped, coefficients of each cell, one-sided and uneven neighbours, fields that feed each other,
cells that read what was just written; grids too short for any of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import copies, flat

pytest.importorskip("numba")

GRIDS = ((0, 0), (1, 1), (1, 5), (2, 3), (3, 3), (4, 2), (5, 9))


def coefficients(x, c, k, sweeps):
    n, m = x.shape
    u = x.copy()
    v = x.copy()
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                v[i, j] = u[i, j] + c[i, j] * (u[i - 1, j] + u[i, j + 1] - 2.0 * u[i, j]) - k * u[i, j] * u[i, j]
        u, v = v, u
    total = 0.0
    for i in range(n):
        for j in range(m):
            total += u[i, j] * u[i, j] * u[i, j]
    return total


def uneven(x, c, k, sweeps):
    n, m = x.shape
    u = x * 1.0
    for _ in range(sweeps):
        v = u * 0.5
        for i in range(n):
            for j in range(2, m):
                # upwind
                v[i, j] += k * (u[i, j] - u[i, j - 2]) * c[i, j - 1]
                v[i, j] -= u[i, j - 1] * u[i, j - 2]
        u = v
    return np.sum(u * c)


def coupled(x, c, k, sweeps):
    n, m = x.shape
    a, b = x.copy(), c.copy()
    p, q = x.copy(), c.copy()
    for _ in range(sweeps):
        for i in range(n - 1):
            for j in range(m - 1):
                r = a[i, j] * b[i + 1, j + 1]
                p[i, j] = a[i, j + 1] - k * r
                q[i, j] = b[i, j] + r * b[i + 1, j]
        a, p = p, a
        b, q = q, b
    return np.sum(a * b) + np.sum(p)


def in_place(x, c, k, sweeps):
    n, m = x.shape
    u = x.copy()
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                u[i, j] = u[i, j] + k * (u[i - 1, j] + u[i + 1, j] * c[i, j - 1])
    return np.sum(u * u)


@pytest.mark.parametrize("f", [coefficients, uneven, coupled, in_place], ids=lambda f: f.__name__)
def test_stencils(f: Any) -> None:
    compiled, plain = ad.vjp(f, (0, 1, 2), jit=True), ad.vjp(f, (0, 1, 2))
    rng = np.random.default_rng(5)
    for shape in GRIDS:
        x, c = rng.uniform(-1.0, 1.0, (2, *shape))
        for sweeps in (0, 1, 3):
            given = (0.7, x, c, 0.2, sweeps)
            want, got = plain(*copies(given)), compiled(*copies(given))
            np.testing.assert_allclose(flat(got[0]), flat(want[0]), rtol=1e-12)
            np.testing.assert_allclose(flat(got[1]), flat(want[1]), rtol=1e-10, atol=1e-12)
    assert ("_row[j]" in compiled.source) == (f is not in_place)
