"""A valley, written with slices."""

import numpy as np


def f(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


WRT = "x"


def arguments():
    return (np.array([-1.2, 1.0, 0.7, 0.4]),)


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot):
    """The value of `f` and its tangent, given tangents of `x`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if x.dtype.kind != "f":
        raise TypeError("f_jvp: x must be a floating array")
    if x_dot.shape != x.shape or x_dot.dtype.kind != "f":
        raise TypeError("f_jvp: x_dot must be a floating array of the shape of x")
    t = x[:-1]
    t2 = x[1:] - t ** 2
    t_dot = 100.0 * (2.0 * t2 * (x_dot[1:] - 2.0 * t * x_dot[:-1]))
    t3 = 1.0 - x[:-1]
    return np.sum(100.0 * t2 ** 2 + t3 ** 2), np.sum(t_dot - 2.0 * t3 * x_dot[:-1])



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x):
    """The gradient of `f` in `x`.

    Returns: the derivative in `x`, in its shape.
    """
    if x.dtype.kind != "f":
        raise TypeError("f_grad: x must be a floating array")
    # backward
    x_bar = np.zeros_like(x)
    t_bar = 200.0 * (x[1:] - x[:-1] ** 2)
    x_bar[1:] += t_bar
    x_bar[:-1] -= 2.0 * (1.0 - x[:-1]) + 2.0 * t_bar * x[:-1]
    return x_bar
