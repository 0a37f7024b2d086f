"""Loops with any step, forwards and backwards."""

import numpy as np


def f(u, start):
    total = 0.0
    for i in range(start, len(u), 2):
        total += u[i] * u[i - 1]
    for i in range(len(u) - 1, 0, -1):
        total *= 1.0 + u[i]
    return total


WRT = "u"


def arguments():
    return np.array([0.1, 0.9, -0.4, 0.3, 0.7]), 1


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(u, u_dot, start):
    """The value of `f` and its tangent, given tangents of `u`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if u.ndim != 1 or u.dtype.kind != "f":
        raise TypeError("f_jvp: u must be a 1-d floating array")
    if u_dot.shape != u.shape or u_dot.dtype.kind != "f":
        raise TypeError("f_jvp: u_dot must be a floating array of the shape of u")
    total = 0.0
    total_dot = 0.0
    for i in range(start, len(u), 2):
        t = u[i]
        t2 = u[i - 1]
        total_dot += t2 * u_dot[i] + t * u_dot[i - 1]
        total += t * t2
    for i in range(len(u) - 1, 0, -1):
        t3 = 1.0 + u[i]
        total_dot = t3 * total_dot + total * u_dot[i]
        total = total * t3
    return total, total_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(u, start):
    """The gradient of `f` in `u`.

    Returns: the derivative in `u`, in its shape.
    """
    if u.ndim != 1 or u.dtype.kind != "f":
        raise TypeError("f_grad: u must be a 1-d floating array")
    total = 0.0
    for i in range(start, len(u), 2):
        total += u[i] * u[i - 1]
    total_saved = np.empty(max(len(u) - 1, 0))
    for i in range(len(u) - 1, 0, -1):
        total_saved[len(u) - i - 1] = total
        total = total * (1.0 + u[i])
    # backward
    u_bar = np.zeros_like(u)
    total_bar = 1.0
    for i in range(1, len(u)):
        total = total_saved[len(u) - i - 1]
        t_bar = total_bar * total
        total_bar = total_bar * (1.0 + u[i])
        u_bar[i] += t_bar
    for k in range(len(range(start, len(u), 2)) - 1, -1, -1):
        i = start + k * 2
        u_bar[i - 1] += total_bar * u[i]
        u_bar[i] += total_bar * u[i - 1]
    return u_bar
