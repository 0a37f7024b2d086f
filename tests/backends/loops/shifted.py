"""Programs that read and write shifted, transposed and repeated parts of one array.

In: arrays and numbers.  Out: an array, or a sum.
"""

from __future__ import annotations

import numpy as np


def stencil(u, k):
    v = u.copy()
    c = u[1:-1, 1:-1]
    around = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:]
    v[1:-1, 1:-1] = c + k * (around - 4.0 * c)
    return v


def stencil_in_place(u, k):
    """Reads what the same statement writes."""
    v = u.copy()
    v[1:-1, 1:-1] = v[1:-1, 1:-1] + k * (v[:-2, 1:-1] + v[2:, 1:-1] + v[1:-1, :-2] + v[1:-1, 2:])
    return v


def shift(x):
    u = x.copy()
    u[1:] = u[:-1]
    return u


def shift_by_part(x):
    u = x * 1.0
    t = u[:-1] * 2.0
    s = t + 1.0
    u[1:] = s
    return u


def shifted_sum(x):
    u = x.copy()
    u[1:] += u[:-1] * 2.0
    u[:-1] += u[1:] * 0.5
    return u


def shifted_views(x):
    """One view is read behind a write through the other."""
    u = x.copy()
    a = u[1:]
    b = u[:-1]
    t = a * b
    s = t + a
    a += s
    r = b * t
    return u, np.sum(r), np.sum(s * t)


def carried(x):
    """A temporary is read behind the write of what it was made of."""
    u = x.copy()
    t = u * u
    u += t
    t = t * u
    u -= t
    s = np.sum(t)
    return u, s


def rebound(x):
    """Names change their meaning."""
    a = x * 2.0
    b = a + x
    a = b * a
    x = a - b
    b = x * x
    a = b + x
    return a


def loop_carried(x, n):
    y = x * 1.0
    for _ in range(n):
        t = y * x
        y = y + t * t
    return y


def swapped(x, n):
    a = x * 1.0
    b = x * 2.0
    for _ in range(n):
        c = a * b + 1.0
        t = a
        a = b
        b = c - t * t
    return a, b


def seen_under_two_names(x, n):
    a = x * 1.0
    b = a
    for _ in range(n):
        t = a[1:] * 2.0
        s = t + a[1:]
        b[:-1] = s
    return a, b


def old_and_new(x):
    """A view of the old array while its name has a new one."""
    a = x * 1.0
    v = a[1:]
    a = a * 2.0
    w = v * a[1:]
    a[1:] = w + v
    return a, v.copy()


def transposed(x):
    t = x.T * 2.0
    s = t + x.T
    r = s * t
    return r


def partly_transposed(x):
    y = np.transpose(x) * 2.0
    t = y + x.T
    s = t * y
    y -= s * t
    return y, s


def transposed_in_place(x):
    u = x.copy()
    u += u.T * 0.5
    u[:, :] = u.T
    return u


def squares(x):
    u = x @ x.T
    t = u.T - u * 2.0
    u += t * t
    s = u + u.T
    r = s * s
    return r


def outer(x, y):
    t = x[:, None] * y
    s = t + y
    r = s * t
    return r


def columns(x):
    m = np.sum(x, axis=1)
    t = x - m[:, None]
    s = t * t
    r = s / (1.0 + m[:, None] * m[:, None])
    return r


def rows(x):
    m = np.sum(x, axis=0)
    t = x - m
    s = t * t + m
    return s


def own_row(x):
    """A row of what is written is read for all rows."""
    u = x.copy()
    t = u * 2.0
    u[:, :] = t - u[0]
    return u


def own_element(x):
    u = x.copy()
    t = u - u[0]
    u[:] = t * u[0]
    u /= 1.0 + u[-1] * u[-1]
    return u


def own_sum(x):
    u = x.copy()
    t = u * np.sum(u)
    u += t * np.sum(u * t)
    u -= np.sum(u)
    return u
