"""Array code that is easily broken by going over it element by element.

In: nothing.  Out: `PROGRAMS`: (function, arguments); no function writes its arguments.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.backends.loops.shifted import (
    carried,
    columns,
    loop_carried,
    old_and_new,
    outer,
    own_element,
    own_row,
    own_sum,
    partly_transposed,
    rebound,
    rows,
    seen_under_two_names,
    shift,
    shift_by_part,
    shifted_sum,
    shifted_views,
    squares,
    stencil,
    stencil_in_place,
    swapped,
    transposed,
    transposed_in_place,
)
from tests.backends.loops.stored import STORED


def sums(x, s):
    t = x * x
    s += np.sum(t)
    r = t * s
    s = 2.0 * np.sum(r * x) + s
    q = np.sum(r)
    q += np.sum(t * q)
    return s, q


def sum_again(x):
    s = 0.0
    t = x + 1.0
    s += np.sum(t * x)
    s += np.sum(t)
    s = s + np.sum(t * t) * s
    return s


def masked(x):
    m = x > 0.1
    t = np.where(m, x * x, -x)
    s = t * m + (x == 0.0) * 3.0
    return s, m


def extremes(x, y):
    t = np.maximum(x, y) * 2.0
    s = np.minimum(t, x) + np.abs(y)
    return s, np.sign(s * t)


def integers(x, k):
    """Whole numbers stay whole numbers."""
    a = k * k
    b = a // 2 + k
    t = x * k
    s = t + b
    r = k / 2
    q = r * s
    return q, b, a


def powers(x):
    t = x**2
    s = t * x**3 + x**0
    r = s * x**-1.0
    return r, s**2.5


def reversed_parts(x):
    t = x[::-1] * 2.0
    s = t + x
    r = s[::-1] * t
    u = x.copy()
    u[::-1] = r + u
    return u


def strided(x):
    u = x * 1.0
    t = u[::2] * 3.0
    s = t + u[::2]
    u[::2] = s * t
    return u


def long_slices(x, k):
    t = x[:k] * 2.0
    s = t * x[:k]
    r = x[k:] + 1.0
    q = r * x[k:]
    return s, q


def negative_slices(x):
    t = x[-3:] * 2.0
    s = t * x[-3:]
    return s, t


def cut_twice(x):
    y = x[1:-1]
    z = y[1:-1]
    t = z * x[2:-2]
    s = t + y[2:]
    r = s * y[:-2]
    return r


def three_axes(x):
    u = x.copy()
    t = x[1:, :, 1:] * x[:-1, :, :-1]
    s = t + x[1:, :, :-1]
    u[:-1, :, 1:] -= s * t
    return u, np.sum(s)


def rows_of(x):
    u = x.copy()
    for i in range(1, x.shape[0]):
        a = u[i]
        b = u[i - 1]
        t = a * b
        s = t + a
        a += s * b
        b -= t
    return u


def saved_rows(x, n):
    kept = np.empty((n, x.shape[0]))
    y = x * 1.0
    for k in range(n):
        kept[k] = y
        t = y * x
        y = t + y * t
    total = 0.0
    for k in range(n - 1, -1, -1):
        y = kept[k]
        t = y * x
        total += np.sum(t * t)
        y += t
        kept[k] = t * y
    return kept, total


def broadcast_one(x):
    c = np.sum(x, axis=0)
    d = c[None, :] * 2.0
    e = d + c[None, :]
    f = e * d
    return f


def dead_views(x):
    a = x[1:]
    b = x[:-1]
    t = a - b
    s = t * t
    a = s * 2.0
    total = np.sum(a * t)
    return total


def conditions(x, y):
    z = x * y
    if y > 0.0:
        t = z * 2.0
        w = t + z
        z = w * t
    else:
        z[1:] = 0.0
    s = z * z
    r = s + z
    return r


def named_counters(i, j, k):
    """The names that a counter would have are taken."""
    l = i * 2.0
    p = l + i
    m = p * l * j + k
    return m


def kept_and_used(x):
    t = x * x
    s = t + 1.0
    r = s @ t
    q = s * t
    return q * r, t


def taken_apart(x):
    t = x * 2.0
    s = t + x
    a = t[1:] * s[:-1]
    b = a + t[1:]
    c = b * a
    return c


def quotient(x, y):
    t = x / y
    s = t * t
    r = s / (s - s)
    return r, t


def number_then_array(a, x):
    y = a * 2.0
    z = y + 1.0
    w = x * z
    v = w + y
    u = v * w
    return u


GRID = np.array([[0.3, -0.7, 1.1, 0.2], [0.9, 0.1, -0.4, 0.6], [-0.2, 0.8, 0.5, -1.3]])
LINE = np.array([0.4, -1.2, 0.7, 0.3, -0.1, 1.5])
SQUARE = GRID[:, :3].copy()
CUBE = np.linspace(-1.0, 1.0, 24).reshape(2, 3, 4)

GRIDS = [np.linspace(-1.0, 1.5, n * m).reshape(n, m) for n in (0, 1, 2, 3, 5) for m in (0, 1, 2, 3, 4)]
LINES = [np.linspace(-1.0, 1.5, n) for n in (0, 1, 2, 3, 4, 7)]
OTHERS = [GRID.T, GRID[::-1, ::2], np.asfortranarray(GRID), SQUARE[:, ::-1]]

PROGRAMS: list[tuple[Any, list[tuple[Any, ...]]]] = [
    (stencil, [(g, 0.3) for g in GRIDS + OTHERS]),
    (stencil_in_place, [(g, 0.3) for g in GRIDS + OTHERS]),
    *((f, [(x,) for x in [*LINES, LINE[::-1], LINE[::2]]]) for f in (shift, shift_by_part, shifted_sum, shifted_views)),
    *((f, [(x,) for x in LINES]) for f in (carried, rebound, own_sum, sum_again, masked, dead_views, taken_apart)),
    *((f, [(x, n) for x in LINES for n in (0, 1, 3)]) for f in (loop_carried, swapped, seen_under_two_names)),
    (old_and_new, [(x,) for x in LINES]),
    *((f, [(g,) for g in GRIDS + OTHERS]) for f in (transposed, partly_transposed, columns, rows, broadcast_one)),
    *((f, [(SQUARE,), (SQUARE.T,), (SQUARE[:1, :1],)]) for f in (transposed_in_place, squares)),
    (outer, [(x, y) for x in LINES for y in LINES]),
    (own_row, [(g,) for g in [*OTHERS, GRID, GRID[:1], GRID[:, :0]]]),
    (own_element, [(x,) for x in LINES[1:]]),
    (sums, [(x, 0.5) for x in LINES]),
    (extremes, [(np.array([0.0, -0.0, np.nan, 1.0, -2.0]), np.array([-0.0, 0.0, 1.0, np.nan, np.inf]))]),
    (integers, [(LINE, np.array([3, -2, 0, 5, 1, -7]))]),
    (powers, [(np.array([0.5, 1.5, 2.0, 0.0, np.inf]),)]),
    *((f, [(x,) for x in LINES]) for f in (reversed_parts, strided, negative_slices)),
    (long_slices, [(x, k) for x in LINES for k in (0, 2, -1, 9)]),
    (cut_twice, [(np.linspace(0.0, 1.0, n),) for n in (4, 5, 6, 9)]),
    (three_axes, [(CUBE,), (CUBE[:1],), (CUBE[:, :, :1],), (CUBE[:, :0],), (CUBE.T,)]),
    (rows_of, [(g,) for g in GRIDS + OTHERS]),
    *((f, [(x, n) for x in LINES for n in (0, 1, 4)]) for f in (saved_rows, *STORED)),
    (conditions, [(x, y) for x in LINES for y in (-1.0, 1.0)]),
    (named_counters, [(x, 2.0, 1) for x in LINES]),
    (kept_and_used, [(x,) for x in LINES]),
    (quotient, [(np.array([0.0, 1.0, -1.0, np.nan, np.inf]), np.array([0.0, -0.0, 0.0, 1.0, np.inf]))]),
    (number_then_array, [(0.7, x) for x in LINES]),
]
