"""Dead primal statements disappear, the branch is tested again."""

import numpy as np


def f(x, y):
    # slope of the curve
    z = np.sin(x) * y
    if z > 0:
        z = z * z
    return z + x


WRT = "x"


def arguments():
    return 0.7, 1.3


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot, y):
    """The value of `f` and its tangent, given tangents of `x`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(x_dot) != 0:
        raise TypeError("f_jvp: x_dot must be a number")
    # slope of the curve
    z = np.sin(x) * y
    z_dot = y * (np.cos(x) * x_dot)
    if z > 0:
        z_dot = 2.0 * z * z_dot
        z = z * z
    return z + x, z_dot + x_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x, y):
    """The gradient of `f` in `x`.

    Returns: the derivative in `x`, in its shape.
    """
    if np.ndim(x) != 0:
        raise TypeError("f_grad: x must be a number; for an array use `vjp` or `jacobian`")
    # slope of the curve
    z = np.sin(x) * y
    # backward
    z_bar = 1.0
    if z > 0:
        z_bar = 2.0 * z_bar * z
    x_bar = 1.0 + z_bar * y * np.cos(x)
    return x_bar
