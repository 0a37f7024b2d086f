"""Gradient descent that stops when it has arrived."""

import numpy as np


def f(x, rate, goal, limit):
    trips = 0
    slope = 2.0 * (x - goal) + np.sin(x)
    while abs(slope) > 1e-2 and trips < limit:
        x = x - rate * slope
        slope = 2.0 * (x - goal) + np.sin(x)
        trips += 1
    return x * x


WRT = ("x", "rate")


def arguments():
    return 1.5, 0.2, 0.4, 30


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot, rate, rate_dot, goal, limit):
    """The value of `f` and its tangent, given tangents of `x` and `rate`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(x_dot) != 0:
        raise TypeError("f_jvp: x_dot must be a number")
    if np.ndim(rate_dot) != 0:
        raise TypeError("f_jvp: rate_dot must be a number")
    trips = 0
    slope = 2.0 * (x - goal) + np.sin(x)
    slope_dot = 2.0 * x_dot + np.cos(x) * x_dot
    while abs(slope) > 0.01 and trips < limit:
        x_dot = x_dot - (slope * rate_dot + rate * slope_dot)
        x = x - rate * slope
        slope = 2.0 * (x - goal) + np.sin(x)
        slope_dot = 2.0 * x_dot + np.cos(x) * x_dot
        trips += 1
    return x * x, 2.0 * x * x_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x, rate, goal, limit):
    """The gradient of `f` in `x` and `rate`.

    Returns: (the derivative in `x`, in its shape; the derivative in `rate`, in its shape).
    """
    if np.ndim(x) != 0:
        raise TypeError("f_grad: x must be a number; for an array use `vjp` or `jacobian`")
    if np.ndim(rate) != 0:
        raise TypeError("f_grad: rate must be a number; for an array use `vjp` or `jacobian`")
    slope_saved = []
    x_saved2 = []
    x_saved = x
    trips = 0
    slope = 2.0 * (x - goal) + np.sin(x)
    trips2 = 0
    while abs(slope) > 0.01 and trips < limit:
        slope_saved.append(slope)
        x_saved2.append(x)
        x = x - rate * slope
        slope = 2.0 * (x - goal) + np.sin(x)
        trips += 1
        trips2 += 1
    # backward
    rate_bar = 0.0
    slope_bar = 0.0
    x_bar = 2.0 * x
    for k in range(trips2):
        slope = slope_saved.pop()
        x3 = x_saved2.pop()
        x_bar += slope_bar * np.cos(x3 - rate * slope) + 2.0 * slope_bar
        rate_bar -= x_bar * slope
        slope_bar = -(x_bar * rate)
    x_bar += slope_bar * np.cos(x_saved) + 2.0 * slope_bar
    return x_bar, rate_bar
