"""A sum of Chebyshev polynomials by a recurrence that runs downwards."""

import numpy as np


def f(c, x):
    b1 = 0.0
    b2 = 0.0
    for k in range(len(c) - 1, 0, -1):
        b = c[k] + 2.0 * x * b1 - b2
        b2 = b1
        b1 = b
    return c[0] + x * b1 - b2


WRT = ("c", "x")


def arguments():
    return np.array([0.4, -0.3, 0.8, 0.1, -0.6]), 0.35


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(c, c_dot, x, x_dot):
    """The value of `f` and its tangent, given tangents of `c` and `x`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if c.ndim != 1 or c.dtype.kind != "f":
        raise TypeError("f_jvp: c must be a 1-d floating array")
    if np.ndim(x) != 0 and x.dtype.kind != "f":
        raise TypeError("f_jvp: x must be a number or a floating array")
    if c_dot.shape != c.shape or c_dot.dtype.kind != "f":
        raise TypeError("f_jvp: c_dot must be a floating array of the shape of c")
    if np.shape(x_dot) != np.shape(x):
        raise TypeError("f_jvp: x_dot must have the shape of x")
    b1 = 0.0
    b1_dot = 0.0
    b2 = 0.0
    b2_dot = 0.0
    for k in range(len(c) - 1, 0, -1):
        t = 2.0 * x
        b = c[k] + t * b1 - b2
        b_dot = c_dot[k] + (2.0 * b1 * x_dot + t * b1_dot) - b2_dot
        b2 = b1
        b2_dot = b1_dot
        b1 = b
        b1_dot = b_dot
    return c[0] + x * b1 - b2, c_dot[0] + (b1 * x_dot + x * b1_dot) - b2_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(c, x):
    """The gradient of `f` in `c` and `x`.

    Returns: (the derivative in `c`, in its shape; the derivative in `x`, in its shape).
    """
    if c.ndim != 1 or c.dtype.kind != "f":
        raise TypeError("f_grad: c must be a 1-d floating array")
    if np.ndim(x) != 0:
        raise TypeError("f_grad: x must be a number; for an array use `vjp` or `jacobian`")
    b1 = 0.0
    b2 = 0.0
    b1_saved = np.empty(max(len(c) - 1, 0))
    for k in range(len(c) - 1, 0, -1):
        b1_saved[len(c) - k - 1] = b1
        b = c[k] + 2.0 * x * b1 - b2
        b2 = b1
        b1 = b
    # backward
    c_bar = np.zeros_like(c)
    b2_bar = -1.0
    x_bar = b1
    b1_bar = x
    c_bar[0] = 1.0
    for k in range(1, len(c)):
        b1 = b1_saved[len(c) - k - 1]
        b_bar = b1_bar
        b1_bar = b2_bar + 2.0 * b_bar * x
        b2_bar = -b_bar
        x_bar += 2.0 * b_bar * b1
        c_bar[k] += b_bar
    return c_bar, x_bar
