"""Asserts and explicit errors stay."""

import numpy as np


def f(x, n):
    assert n >= 0, "n must not be negative"
    if x <= 0.0:
        raise ValueError("x must be positive")
    y = np.log(x)
    for _ in range(n):
        y = y * y
    return y


WRT = "x"


def arguments():
    return 1.7, 2


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot, n):
    """The value of `f` and its tangent, given tangents of `x`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(x_dot) != 0:
        raise TypeError("f_jvp: x_dot must be a number")
    assert n >= 0, "n must not be negative"
    if x <= 0.0:
        raise ValueError("x must be positive")
    y = np.log(x)
    y_dot = np.divide(x_dot, x)
    for _ in range(n):
        y_dot = 2.0 * y * y_dot
        y = y * y
    return y, y_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x, n):
    """The gradient of `f` in `x`.

    Returns: the derivative in `x`, in its shape.
    """
    if np.ndim(x) != 0:
        raise TypeError("f_grad: x must be a number")
    assert n >= 0, "n must not be negative"
    if x <= 0.0:
        raise ValueError("x must be positive")
    y = np.log(x)
    y_saved = np.empty(max(n, 0))
    for i in range(n):
        y_saved[i] = y
        y = y * y
    # backward
    y_bar = 1.0
    for i in range(n - 1, -1, -1):
        y = y_saved[i]
        y_bar = 2.0 * y_bar * y
    x_bar = np.divide(y_bar, x)
    return x_bar
