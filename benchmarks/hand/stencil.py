"""Adjoints of the sweeps over a field, as an expert writes them for Numba.

In: the arguments of the program.  Out: the gradient.  Overwritten cells, or whole
fields, are kept; the arithmetic is computed again.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(error_model="numpy")
def gauss_seidel_grad(u, k, e, sweeps):
    """In u, k, e; u is left alone."""
    u = u.copy()
    n, m = u.shape
    saved = np.empty((sweeps, n, m))
    for s in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                c = u[i, j]
                saved[s, i, j] = c
                u[i, j] = c + k * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - 4.0 * c) - e * c * c
    g = 2.0 * u
    gk, ge = 0.0, 0.0
    for s in range(sweeps - 1, -1, -1):
        for i in range(n - 2, 0, -1):
            for j in range(m - 2, 0, -1):
                p = g[i, j]
                c = saved[s, i, j]
                u[i, j] = c
                gk += p * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - 4.0 * c)
                ge -= p * c * c
                w = k * p
                g[i - 1, j] += w
                g[i + 1, j] += w
                g[i, j - 1] += w
                g[i, j + 1] += w
                g[i, j] = p - 4.0 * w - 2.0 * e * c * p
    return g, gk, ge


@numba.njit(error_model="numpy")
def jacobi_grad(start, k, e, sweeps):
    """In start, k, e.  The fields are computed where they are kept; the adjoint gathers, so a row is a vector loop.

    The edge never changes: its adjoint is collected in `g`, while `inner` and `before` have an edge of zeros.
    """
    n, m = start.shape
    fields = np.empty((sweeps + 1, n, m))
    fields[0] = start
    for s in range(sweeps):
        u, v = fields[s], fields[s + 1]
        v[0], v[n - 1] = u[0], u[n - 1]
        for i in range(1, n - 1):
            v[i, 0], v[i, m - 1] = u[i, 0], u[i, m - 1]
            for j in range(1, m - 1):
                c = u[i, j]
                v[i, j] = c + k * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - 4.0 * c) - e * c * c
    g = 2.0 * fields[sweeps]
    inner = np.zeros((n, m))
    before = np.zeros((n, m))
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            inner[i, j] = g[i, j]
    gk, ge = 0.0, 0.0
    for s in range(sweeps - 1, -1, -1):
        u = fields[s]
        for i in range(1, n - 1):
            g[i, 0] += k * inner[i, 1]
            g[i, m - 1] += k * inner[i, m - 2]
            for j in range(1, m - 1):
                c = u[i, j]
                p = inner[i, j]
                gk += p * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - 4.0 * c)
                ge -= p * c * c
            for j in range(1, m - 1):
                spread = inner[i - 1, j] + inner[i + 1, j] + inner[i, j - 1] + inner[i, j + 1]
                before[i, j] = inner[i, j] * (1.0 - 4.0 * k - 2.0 * e * u[i, j]) + k * spread
        for j in range(1, m - 1):
            g[0, j] += k * inner[1, j]
            g[n - 1, j] += k * inner[n - 2, j]
        inner, before = before, inner
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            g[i, j] = inner[i, j]
    return g, gk, ge
