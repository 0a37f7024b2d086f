"""Reading with an array of indices, repetitions included."""

import numpy as np


def f(x, index):
    y = x[index]
    return np.sum(y * y)


WRT = "x"


def arguments():
    return np.array([0.1, 0.9, -0.4]), np.array([0, 2, 2, 1])


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot, index):
    """The value of `f` and its tangent, given tangents of `x`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if x.dtype.kind != "f":
        raise TypeError("f_jvp: x must be a floating array")
    if x_dot.shape != x.shape or x_dot.dtype.kind != "f":
        raise TypeError("f_jvp: x_dot must be a floating array of the shape of x")
    y = x[index]
    return np.sum(y * y), np.sum(2.0 * y * x_dot[index])



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x, index):
    """The gradient of `f` in `x`.

    Returns: the derivative in `x`, in its shape.
    """
    if x.dtype.kind != "f":
        raise TypeError("f_grad: x must be a floating array")
    y = x[index]
    # backward
    x_bar = np.zeros_like(x)
    add_at(x_bar, index, 2.0 * y)
    return x_bar
