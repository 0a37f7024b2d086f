"""Captured numbers and arrays."""

import numpy as np


RATE = 0.3
WEIGHTS = np.array([1.0, 2.0, 3.0])


def f(x):
    return np.sum(WEIGHTS * x * RATE)


WRT = "x"


def arguments():
    return (np.array([0.1, 0.2, 0.3]),)


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot):
    """The value of `f` and its tangent, given tangents of `x`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(x) != 0 and x.dtype.kind != "f":
        raise TypeError("f_jvp: x must be a number or a floating array")
    if np.shape(x_dot) != np.shape(x):
        raise TypeError("f_jvp: x_dot must have the shape of x")
    t = WEIGHTS * x
    return np.sum(t * RATE), np.sum(RATE * spread(WEIGHTS * x_dot, t))



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x):
    """The gradient of `f` in `x`.

    Returns: the derivative in `x`, in its shape.
    """
    if np.ndim(x) != 0 and x.dtype.kind != "f":
        raise TypeError("f_grad: x must be a number or a floating array")
    t = WEIGHTS * x * RATE
    # backward
    x_bar = sum_to(np.full_like(t, 1.0) * RATE * WEIGHTS, x)
    return spread(x_bar, x)
