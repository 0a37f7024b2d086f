"""Nests of loops that are easily broken by another order of what they do.

In: nothing.  Out: `ROWS`, which go by rows, `FORWARDS`, which only change their direction, and `KEPT`, which must stay
as they are: (function, takes two arrays of one shape and a number).  None writes its arguments.
"""

from __future__ import annotations

import numpy as np


def five_points(v, x, k):
    n, m = x.shape
    u = np.zeros((n, m))
    s = 0.0
    for i in range(n - 2, 0, -1):
        for j in range(m - 2, 0, -1):
            t = v[i, j] * k
            s += v[i, j] * x[i, j]
            u[i, j] += x[i, j] - 4.0 * t
            u[i, j + 1] += t
            u[i, j - 1] += t
            u[i + 1, j] += t
            u[i - 1, j] += t
    return u, s


def wraps(v, x, k):
    """`j - 1` is the last element for j = 0."""
    n, m = x.shape
    u = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            t = v[i, j] * k
            u[i, j - 1] += t
            u[i - 1, j] -= t * x[i, j]
            u[i, j] += 0.5
    return u


def one_sided(v, x, k):
    n, m = x.shape
    u = np.ones((n, m))
    for i in range(n):
        for j in range(2, m):
            u[i, j - 2] += x[i, j] * v[i, j]
            u[i, j] -= k * x[i, j]
            u[i, j - 1] += 3.0
            u[i, j - 1] += k
    return u


def other_value(v, x, k):
    """The number that is added is another one each time."""
    n, m = x.shape
    u = np.zeros((n, m))
    for i in range(n):
        for j in range(1, m):
            t = v[i, j]
            u[i, j] += t
            t = t * x[i, j]
            u[i, j - 1] += t
            t += k
            u[i, j - 1] -= t
    return u


def two_stencils(v, x, k):
    n, m = x.shape
    a, b = np.zeros((n, m)), np.zeros((n, m))
    for i in range(1, n):
        for j in range(1, m):
            t = v[i, j] * x[i, j]
            a[i, j] += t
            b[i - 1, j] -= t
            a[i, j - 1] -= t
            b[i - 1, j - 1] += k * t
    return a, b


def swapped(v, x, k):
    n, m = x.shape
    a, b = x.copy(), v.copy()
    s = 1.0
    for _ in range(3):
        for i in range(n - 2, 0, -1):
            for j in range(m - 2, 0, -1):
                t = a[i, j]
                a[i, j] = 0.0
                b[i, j + 1] += t * k
                b[i, j - 1] += t * k
                s -= t
        a, b = b, a
    return a, b, s


def three_deep(v, x, k):
    n, m = x.shape
    u = np.zeros((3, n, m))
    s = 0.0
    for p in range(2, -1, -1):
        for i in range(n - 1, -1, -1):
            for j in range(m - 2, 0, -1):
                t = x[i, j] * v[i, j]
                s += t
                u[p, i, j - 1] += t
                u[p, i, j + 1] -= t * k
    return u, s


def own_and_sums(v, x, k):
    """A stencil that is read, an element that each iteration has for itself under two names."""
    n, m = x.shape
    u = v * 2.0
    w = u
    s, r = 0.0, 0.0
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            d = x[i, j - 1] + x[i, j + 1]
            t = w[i, j]
            w[i, j] = 0.0
            s += d * t
            r -= t
            u[i, j] += d - t * k
    return u, s, r


def row_of_sums(v, x, k):
    n, m = x.shape
    c = np.zeros(m)
    u = np.zeros((n, m))
    for i in range(n - 1, -1, -1):
        for j in range(m - 2, -1, -1):
            c[j] += v[i, j]
            u[i, j] += k
            u[i, j + 1] += v[i, j] * x[i, j]
    return c, u


def taken_names(v, x, k):
    n, m = x.shape
    u = np.zeros((n, m))
    t_row = k
    s = 0.0
    for i in range(n):
        for j in range(1, m):
            t = v[i, j]
            s += t
            u[i, j] += t
            u[i, j - 1] += t * t_row
    s_row = s
    return u, s_row


def read_whole(v, x, k):
    """A part of another array is read at places of its own."""
    n, m = x.shape
    y = np.zeros((2, n, m))
    y[1] = x
    a = y[1]
    u = np.zeros((n, m))
    for i in range(n):
        for j in range(1, m):
            u[i, j] += a[i, -1] * y[0, 0, 0]
            u[i, j - 1] += a[0, j] * v[i, j - 1]
    return u


ROWS = (
    five_points,
    wraps,
    one_sided,
    other_value,
    two_stencils,
    swapped,
    three_deep,
    own_and_sums,
    row_of_sums,
    taken_names,
    read_whole,
)


def squares(v, x, k):
    n, m = x.shape
    u = np.zeros((n, m))
    s = 0.0
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            t = x[i, j] * v[i, j]
            u[i, j] += t + t
            s += t * k
    return u, s


def triangular(v, x, k):
    n, m = x.shape
    u = np.zeros((n, m))
    for i in range(min(n, m) - 1, -1, -1):
        for j in range(i, 0, -1):
            u[i, j] += v[i, j]
            u[i, j - 1] += v[i, j] * k
    return u


def one_deep(v, x, k):
    u = np.zeros(x.shape[1])
    s = 0.0
    for j in range(x.shape[1] - 2, 0, -1):
        t = x[0, j] * k if x.shape[0] > 0 else 0.0
        u[j] += t
    for j in range(x.shape[1] - 2, 0, -1):
        s += 2.0
        u[j - 1] += k
        u[j + 1] -= k
    return u, s


def columns(v, x, k):
    """The inner counter goes down the columns."""
    n, m = x.shape
    u = np.zeros((n, m))
    for j in range(m - 1, -1, -1):
        for i in range(n - 1, 0, -1):
            u[i, j] += v[i, j]
            u[i - 1, j] += v[i, j] * k
    return u


def far_ahead(v, x, k):
    n, m = x.shape
    u = np.zeros((n, m))
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, 19, -1):
            u[i, j] += v[i, j]
            u[i, j - 1] += v[i, j] * k
    return u


def own_of_one_counter(v, x, k):
    n, m = x.shape
    c = np.zeros(m)
    u = np.zeros((n, m))
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, 0, -1):
            t = c[j]
            c[j] = x[i, j] + t * k
            u[i, j] += t
            u[i, j - 1] += t
    return c, u


FORWARDS = (squares, triangular, one_deep, columns, far_ahead, own_of_one_counter)


def in_place(v, x, k):
    """Each iteration reads what others add."""
    n, m = x.shape
    u = x.copy()
    for i in range(n - 2, 0, -1):
        for j in range(m - 2, 0, -1):
            t = u[i, j]
            u[i, j] = 0.0
            u[i, j + 1] += t * k
            u[i, j - 1] += t * k
    return u


def one_array(v, x, k):
    n, m = x.shape
    u = x.copy()
    w = u
    for i in range(n - 2, 0, -1):
        for j in range(m - 2, 0, -1):
            t = w[i, j]
            u[i, j + 1] += t * k
            u[i, j - 1] += t * k
    return u


def perhaps_one_array(v, x, k):
    n, m = x.shape
    u, w = x.copy(), v.copy()
    if k > 0.0:
        w = u
    for i in range(n - 2, 0, -1):
        for j in range(m - 2, 0, -1):
            t = w[i, j]
            u[i, j + 1] += t * k
            u[i, j - 1] += t * k
    return u


def one_array_later(v, x, k):
    """The second time round both names are one array."""
    n, m = x.shape
    u, w = x.copy(), v.copy()
    for _ in range(2):
        for i in range(n - 2, 0, -1):
            for j in range(m - 2, 0, -1):
                t = w[i, j]
                u[i, j + 1] += t * k
                u[i, j - 1] += t * k
        w = u
    return u


def a_part(v, x, k):
    n, m = x.shape
    u = x.copy()
    w = u[:, 1:]
    for i in range(n - 2, 0, -1):
        for j in range(m - 2, 0, -1):
            t = w[i, j]
            u[i, j + 1] += t * k
            u[i, j - 1] += t * k
    return u


def another_shape(v, x, k):
    n, m = x.shape
    u = x.copy()
    w = np.reshape(u + 0.0, (n, m))
    w = np.reshape(u, (n, m))
    for i in range(n - 2, 0, -1):
        for j in range(m - 2, 0, -1):
            t = w[i, j]
            u[i, j + 1] += t * k
            u[i, j - 1] += t * k
    return u


def from_a_list(v, x, k):
    n, m = x.shape
    kept = [v]
    u = x.copy()
    kept.append(u)
    w = kept.pop()
    for i in range(n - 2, 0, -1):
        for j in range(m - 2, 0, -1):
            t = w[i, j]
            u[i, j + 1] += t * k
            u[i, j - 1] += t * k
    return u


def own_but_wrapping(v, x, k):
    """-1 and m - 1 are one element."""
    n, m = x.shape
    u = x.copy()
    s = 0.0
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -2, -1):
            t = u[i, j]
            u[i, j] = t * 0.5 + v[i, j]
            s += t * (v[i, j] + k)
    return u, s


def running_sum(v, x, k):
    n, m = x.shape
    u = np.zeros((n, m))
    s = 0.0
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, 0, -1):
            s += x[i, j]
            u[i, j] += s
            u[i, j - 1] += k
    return u, s


def carried(v, x, k):
    n, m = x.shape
    u = np.zeros((n, m))
    t = k
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, 0, -1):
            u[i, j] += t
            u[i, j - 1] += t
            t = x[i, j]
    return u


def still_needed(v, x, k):
    n, m = x.shape
    u = np.zeros((n, m))
    t = k
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, 0, -1):
            t = x[i, j]
            u[i, j] += t
            u[i, j - 1] += t
    return u, t


def counter_needed(v, x, k):
    n, m = x.shape
    u = np.zeros((n, m))
    j = 7
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, 0, -1):
            u[i, j] += k
            u[i, j - 1] += k
    return u, j


def sum_and_product(v, x, k):
    n, m = x.shape
    u = np.zeros((n, m))
    s = 1.0
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, 0, -1):
            s += x[i, j]
            s *= 0.5
            u[i, j] += v[i, j] + v[i, j - 1]
    return u, s


def multiplied(v, x, k):
    """Adding and multiplying at shifted places does not commute."""
    n, m = x.shape
    u = v.copy()
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, 0, -1):
            u[i, j] += x[i, j]
            u[i, j - 1] *= k
    return u


def steps(v, x, k):
    n, m = x.shape
    u = np.zeros((n, m))
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, 0, -2):
            u[i, j] += x[i, j]
            u[i, j - 1] += k
    return u


def under_a_condition(v, x, k):
    n, m = x.shape
    u = np.zeros((n, m))
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, 0, -1):
            if x[i, j] > 0.0:
                u[i, j] += x[i, j]
            u[i, j - 1] += k
    return u


def two_arguments(v, x, k):
    """Both may be one array."""
    n, m = x.shape
    u = v if k > 100.0 else x.copy()
    w = x if k > 100.0 else u
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, 0, -1):
            t = w[i, j]
            u[i, j] += t
            u[i, j - 1] += t
    return u


def through_an_index(v, x, k):
    n, m = x.shape
    at = np.zeros(m, np.int64)
    u = np.zeros((n, m))
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, 0, -1):
            u[i, at[j]] += x[i, j]
            u[i, j - 1] += k
    return u


KEPT = (
    in_place,
    one_array,
    perhaps_one_array,
    one_array_later,
    a_part,
    another_shape,
    from_a_list,
    own_but_wrapping,
    running_sum,
    carried,
    still_needed,
    counter_needed,
    sum_and_product,
    multiplied,
    steps,
    under_a_condition,
    two_arguments,
    through_an_index,
)
