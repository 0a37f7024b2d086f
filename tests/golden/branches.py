"""A ladder of conditions, one of them on a value that is overwritten."""

import numpy as np


def f(x, y):
    if x > 1.0:
        y = y * x
    elif x > 0.0 and y < 2.0:
        y = y + x * x
    else:
        y = -y
    if y > 0.5:
        y = y * y
    return y


WRT = ("x", "y")


def arguments():
    return 0.3, 0.7


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot, y, y_dot):
    """The value of `f` and its tangent, given tangents of `x` and `y`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(x_dot) != 0:
        raise TypeError("f_jvp: x_dot must be a number")
    if np.ndim(y_dot) != 0:
        raise TypeError("f_jvp: y_dot must be a number")
    if x > 1.0:
        y_dot = x * y_dot + y * x_dot
        y = y * x
    elif x > 0.0 and y < 2.0:
        y_dot = y_dot + 2.0 * x * x_dot
        y = y + x * x
    else:
        y_dot = -y_dot
        y = -y
    if y > 0.5:
        y_dot = 2.0 * y * y_dot
        y = y * y
    return y, y_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x, y):
    """The gradient of `f` in `x` and `y`.

    Returns: (the derivative in `x`, in its shape; the derivative in `y`, in its shape).
    """
    if np.ndim(x) != 0:
        raise TypeError("f_grad: x must be a number")
    if np.ndim(y) != 0:
        raise TypeError("f_grad: y must be a number")
    y_saved = y
    if x > 1.0:
        y = y * x
    elif x > 0.0 and y < 2.0:
        y = y + x * x
    else:
        y = -y
    # backward
    x_bar = 0.0
    y_bar = 1.0
    if y > 0.5:
        y_bar = 2.0 * y_bar * y
    if x > 1.0:
        x_bar = y_bar * y_saved
        y_bar = y_bar * x
    elif x > 0.0 and y_saved < 2.0:
        x_bar = 2.0 * y_bar * x
    else:
        y_bar = -y_bar
    return x_bar, y_bar
