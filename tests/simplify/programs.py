"""Functions whose derivatives are easily broken by moving code.

In: nothing.  Out: `PROGRAMS`: (function, arguments, wrt).
"""

from __future__ import annotations

from typing import Any

import numpy as np


def overlap(u):
    """A view of what is read is written between."""
    t = u[1] * u[2]
    head = u[:3]
    head[1] = t * u[0]
    u[1:] = u[1:] + u[:-1]
    return t * u[1] + np.sum(head * u[1:4])


def exchanged(u, v, n):
    for _ in range(n):
        u, v = v, u * v
        v = v + u
    return u - v


def shifted(x, n):
    """What an expression reads is bound again before it is used."""
    a = x * x
    b = a + x
    x = b * a
    a = x + b
    for _ in range(n):
        b, x = x, a
        a = b * x + a
    return a * b + x


def element(u, n):
    """An element is read, overwritten, read again."""
    for i in range(n):
        first = u[i]
        u[i] = first * u[i + 1]
        u[i + 1] = first + u[i] * u[i]
    return np.sum(u)


def rows_alias(x):
    for i in range(x.shape[0] - 1):
        row = x[i]
        x[i + 1, 0] = row[0] * x[i + 1, 1]
        row[1] = x[i + 1, 0] + row[1]
    return np.sum(x * x)


def while_swap(a, b):
    k = 0
    while a < 5.0:
        old = a
        a = a * 1.3 + b
        if k % 2 == 0:
            b = old * b
        else:
            b = b - 0.1 * old
        k += 1
    return a * b


def branch_rebinds(x, y):
    z = x * y
    if z > 0.1:
        z = z * z
        x = z + x
    if z > 0.1:
        y = z * x
    else:
        z = y
    return x * y + z


def negatives(x, y):
    return -(-x) * -y - -(x * 2.0) + (-y + x) * (-1.0 * y) + (0.5 * x) * 2.0


def accumulates(u, w):
    """In-place additions to an array that another name saw before."""
    s = u.copy()
    before = s * 2.0
    s += w
    s[0] += before[1]
    s -= before * w
    return np.sum(s * before)


def loop_header(u):
    total = 0.0
    for i in range(3, len(u) - 1):
        total += u[i]
    for _ in range(2, 5):
        total = total * u[0]
    return total


def kept_flag(x, n):
    for _ in range(n):
        flag = x > 0.5
        x = x * 0.7
        if flag:
            x = x * x
    return x


def mixed(a, n):
    """A name that is a number first and an array later."""
    x = a * 2.0
    for _ in range(n):
        x = x * a
    y = x * np.ones(3)
    y[1] = x
    return np.sum(y * y)


def scratch(x, n):
    """A short array that is made anew in each iteration."""
    total = 0.0
    for i in range(n):
        v = np.zeros(3)
        v[0] = x[i] * x[1]
        v[-2] = np.sin(x[0]) * v[0]
        v[2] = v[0] * v[1]
        if v[2] > 0.1:
            v[0] = v[2] / v[1]
        total += v[0] * v[0] + v[1] * v[2]
    return total


def carried_pair(x, n):
    """A short array that lives through a loop, returned whole."""
    s = np.empty(2)
    s[0] = x[0]
    s[1] = x[1]
    for _ in range(n):
        t = s[0] * s[1]
        s[0] += 0.1 * t * x[2]
        s[1] = s[1] - 0.1 * np.sin(s[0])
    return s


def nothing_left(y: np.ndarray, a):
    """A branch of whose adjoint nothing is left."""
    c = np.ones((2, 2))
    if a > 0.0:
        _ = c[1] if a > 1.0 else a
    else:
        c[1] = y
    return c


PROGRAMS: tuple[tuple[Any, tuple[Any, ...], tuple[str, ...]], ...] = (
    (overlap, (np.array([0.3, 0.7, -0.4, 0.9]),), ("u",)),
    (exchanged, (0.3, 0.8, 3), ("u", "v")),
    (shifted, (0.4, 3), ("x",)),
    (element, (np.array([0.3, 0.7, -0.4, 0.9]), 3), ("u",)),
    (rows_alias, (np.array([[0.3, 0.7], [-0.4, 0.9], [0.2, 0.5]]),), ("x",)),
    (while_swap, (0.6, 0.4), ("a", "b")),
    (branch_rebinds, (0.6, 0.4), ("x", "y")),
    (branch_rebinds, (-0.6, 0.4), ("x", "y")),
    (negatives, (0.6, 0.4), ("x", "y")),
    (accumulates, (np.array([0.3, 0.7, -0.4]), np.array([0.1, 0.2, 0.5])), ("u", "w")),
    (loop_header, (np.array([0.3, 0.7, -0.4, 0.9, 0.1, 0.2]),), ("u",)),
    (kept_flag, (0.9, 4), ("x",)),
    (mixed, (0.7, 2), ("a",)),
    (scratch, (np.array([0.3, 0.7, -0.4]), 3), ("x",)),
    (carried_pair, (np.array([0.3, 0.7, -0.4]), 3), ("x",)),
    (carried_pair, (np.array([0.3, 0.7, -0.4]), 0), ("x",)),
    (nothing_left, (np.array([0.3, 0.7]), 0.5), ("y",)),
    (nothing_left, (np.array([0.3, 0.7]), -0.5), ("y",)),
)
