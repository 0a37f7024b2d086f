"""Views share the adjoint of their owner."""

import numpy as np


def f(x):
    total = 0.0
    for i in range(x.shape[0]):
        row = x[i]
        row[0] = row[0] * row[1]
        total += np.sum(row)
    return total


WRT = "x"


def arguments():
    return (np.array([[0.4, -0.3, 1.0], [0.2, 0.9, -0.5]]),)


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot):
    """The value of `f` and its tangent, given tangents of `x`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if x.ndim != 2 or x.dtype.kind != "f":
        raise TypeError("f_jvp: x must be a 2-d floating array")
    if x_dot.shape != x.shape or x_dot.dtype.kind != "f":
        raise TypeError("f_jvp: x_dot must be a floating array of the shape of x")
    x = x.copy()
    x_dot = x_dot.copy()
    total = 0.0
    total_dot = 0.0
    for i in range(x.shape[0]):
        row = x[i]
        row_dot = x_dot[i]
        t = row[0]
        t2 = row[1]
        row_dot[0] = t2 * row_dot[0] + t * row_dot[1]
        row[0] = t * t2
        total_dot += np.sum(row_dot)
        total += np.sum(row)
    return total, total_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x):
    """The gradient of `f` in `x`.

    Returns: the derivative in `x`, in its shape.
    """
    if x.ndim != 2 or x.dtype.kind != "f":
        raise TypeError("f_grad: x must be a 2-d floating array")
    x_bar = np.zeros_like(x)
    for i in range(x.shape[0]):
        row = x[i]
        # backward
        x_bar[i] += 1.0
        t_bar = x_bar[i][0]
        x_bar[i][1] += t_bar * row[0]
        x_bar[i][0] = t_bar * row[1]
    return x_bar
