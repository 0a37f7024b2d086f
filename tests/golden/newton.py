"""Unknown trip counts."""

import numpy as np


def f(a, tol):
    x = a
    step = 1.0
    while abs(step) > tol:
        step = (x * x - a) / (2.0 * x)
        x = x - step
    return x


WRT = "a"


def arguments():
    return 2.0, 1e-9


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(a, a_dot, tol):
    """The value of `f` and its tangent, given tangents of `a`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(a_dot) != 0:
        raise TypeError("f_jvp: a_dot must be a number")
    x = a
    x_dot = a_dot
    step = 1.0
    while abs(step) > tol:
        t = 2.0 * x
        step = (x * x - a) / t
        x_dot = x_dot - ((2.0 * x * x_dot - a_dot) / t - 2.0 * x_dot * (step / t))
        x = x - step
    return x, x_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(a, tol):
    """The gradient of `f` in `a`.

    Returns: the derivative in `a`, in its shape.
    """
    if np.ndim(a) != 0:
        raise TypeError("f_grad: a must be a number")
    x_saved = []
    x = a
    step = 1.0
    trips = 0
    while abs(step) > tol:
        x_saved.append(x)
        step = (x * x - a) / (2.0 * x)
        x = x - step
        trips += 1
    # backward
    a_bar = 0.0
    x_bar = 1.0
    for k in range(trips):
        x = x_saved.pop()
        step = (x * x - a) / (2.0 * x)
        t_bar = -x_bar / (2.0 * x)
        a_bar -= t_bar
        x_bar += 2.0 * x_bar * (step / (2.0 * x)) + 2.0 * t_bar * x
    a_bar += x_bar
    return a_bar
