"""Sweeps over a field: in place, where every cell reads neighbours that were overwritten just before, and between two
fields, as loops and as array code.

In: the field u (n, m), which `gauss_seidel` writes; the coupling k; the loss e; how many sweeps.  Out: the squared
norm of u.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

# ruff: noqa: F722


def gauss_seidel(u, k, e, sweeps):
    n, m = u.shape
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                around = u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1]
                u[i, j] = u[i, j] + k * (around - 4.0 * u[i, j]) - e * u[i, j] * u[i, j]
    total = 0.0
    for i in range(n):
        for j in range(m):
            total += u[i, j] * u[i, j]
    return total


def jacobi_loops(start, k, e, sweeps):
    n, m = start.shape
    u = start.copy()
    v = start.copy()
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                around = u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1]
                v[i, j] = u[i, j] + k * (around - 4.0 * u[i, j]) - e * u[i, j] * u[i, j]
        u, v = v, u
    total = 0.0
    for i in range(n):
        for j in range(m):
            total += u[i, j] * u[i, j]
    return total


def jacobi_arrays(start: Float[np.ndarray, "n m"], k: float, e: float, sweeps: int):
    u = start
    for _ in range(sweeps):
        v = u.copy()
        c = u[1:-1, 1:-1]
        around = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:]
        v[1:-1, 1:-1] = c + k * (around - 4.0 * c) - e * c * c
        u = v
    return np.sum(u * u)
