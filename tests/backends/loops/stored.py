"""Arrays that are stored as a part of a larger one, or of themselves.

In: nothing.  Out: functions of an array and a number of iterations.
"""

from __future__ import annotations

import numpy as np


def handed_on(x, n):
    """What is stored is new in each iteration, and what has been stored is read under the same name."""
    kept = np.empty((n, x.shape[0]))
    y = x
    for k in range(n):
        kept[k] = y
        z = y.copy()
        z[1:] = 0.5 * y[1:]
        y = z
    total = 0.0
    for k in range(n - 1, -1, -1):
        y = kept[k]
        total += np.sum(y * y) * (k + 1)
    return total


def read_back(x, n):
    """The name may be a part of what it is stored in."""
    kept = np.zeros((n + 2, x.shape[0]))
    y = x.copy()
    for k in range(n):
        kept[k] = y
        if k % 2 == 0:
            y = kept[k]
        kept[k + 1] = y
        y[0:1] = 7.0
    return kept


def overlapping(x, n):
    """Parts of one array, moved within it."""
    grid = np.outer(np.arange(1.0, n + 4.0), x)
    for k in range(n):
        grid[k] = grid[k + 1]
        grid[k + 1] = grid[k]
    line = np.arange(1.0, 9.0)
    row = line[1:]
    line[:7] = row
    other = grid
    other[0] = grid[1]
    return grid, line


def broadcast(x, n):
    """What is stored is stretched, or a number."""
    grid = np.empty((n + 1, x.shape[0]))
    one = np.ones(1)
    for k in range(n + 1):
        grid[k] = one
        grid[k] = 0.5 * k
        grid[:] = x
    return grid


def whole(x, n):
    """All of an array, by another name for it."""
    y = x.copy()
    z = y
    for k in range(n):
        z[:] = y
        y[0:1] = 1.0 + k
        w = y.copy()
        y[:] = w
        w[:] = 0.0
    return y, z


def truths(x, n):
    """Truth values and integers become numbers."""
    kept = np.empty((n + 1, x.shape[0]))
    counts = np.arange(x.shape[0])
    for k in range(n):
        kept[k] = x > 0.0
        kept[k] = counts
    kept[n] = counts
    return kept


def taken_row(x, n):
    """Rows of a matrix into rows of another."""
    source = np.outer(x, np.arange(1.0, 4.0))
    kept = np.zeros((n + 1, 2, 3))
    for k in range(min(n, x.shape[0])):
        kept[k, 0] = source[k]
        row = source[k]
        kept[k, 1] = row
        source[k] = 0.0
        kept[k + 1, 1] = row
    return kept


STORED = (handed_on, read_back, overlapping, broadcast, whole, truths, taken_row)
