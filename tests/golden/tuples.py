"""Tuples are taken apart."""

import numpy as np


def f(x):
    pair = (x * x, np.sin(x))
    a, (b, c) = pair[0], (pair[1], x)
    return a * b + c


WRT = "x"


def arguments():
    return (0.4,)


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot):
    """The value of `f` and its tangent, given tangents of `x`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(x) != 0 and x.dtype.kind != "f":
        raise TypeError("f_jvp: x must be a number or a floating array")
    if np.shape(x_dot) != np.shape(x):
        raise TypeError("f_jvp: x_dot must have the shape of x")
    a = x * x
    b = np.sin(x)
    c = x
    return a * b + c, b * (2.0 * x * x_dot) + a * (np.cos(x) * x_dot) + x_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x):
    """The gradient of `f` in `x`.

    Returns: the derivative in `x`, in its shape.
    """
    if np.ndim(x) != 0:
        raise TypeError("f_grad: x must be a number; for an array use `vjp` or `jacobian`")
    a = x * x
    b = np.sin(x)
    # backward
    x_bar = 1.0 + a * np.cos(x) + 2.0 * b * x
    return x_bar
