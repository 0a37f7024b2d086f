"""Loop-carried scalars."""

import numpy as np


def f(x, r, n):
    for _ in range(n):
        x = r * x * (1.0 - x)
    return x


WRT = ("x", "r")


def arguments():
    return 0.3, 2.5, 4


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot, r, r_dot, n):
    """The value of `f` and its tangent, given tangents of `x` and `r`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(x) != 0 and x.dtype.kind != "f":
        raise TypeError("f_jvp: x must be a number or a floating array")
    if np.ndim(r) != 0 and r.dtype.kind != "f":
        raise TypeError("f_jvp: r must be a number or a floating array")
    if np.shape(x_dot) != np.shape(x):
        raise TypeError("f_jvp: x_dot must have the shape of x")
    if np.shape(r_dot) != np.shape(r):
        raise TypeError("f_jvp: r_dot must have the shape of r")
    for _ in range(n):
        t = r * x
        t_dot = x * r_dot + r * x_dot
        t2 = 1.0 - x
        x = t * t2
        x_dot = t2 * t_dot - t * x_dot
    return copy_of(x), copy_of(x_dot)



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x, r, n):
    """The gradient of `f` in `x` and `r`.

    Returns: (the derivative in `x`, in its shape; the derivative in `r`, in its shape).
    """
    if np.ndim(x) != 0:
        raise TypeError("f_grad: x must be a number; for an array use `vjp` or `jacobian`")
    if np.ndim(r) != 0:
        raise TypeError("f_grad: r must be a number; for an array use `vjp` or `jacobian`")
    x_saved = np.empty(max(n, 0))
    for i in range(n):
        x_saved[i] = x
        x = r * x * (1.0 - x)
    # backward
    r_bar = 0.0
    x_bar = 1.0
    for i in range(n - 1, -1, -1):
        x = x_saved[i]
        t_bar = x_bar * (1.0 - x)
        r_bar += t_bar * x
        x_bar = t_bar * r - x_bar * (r * x)
    return x_bar, r_bar
