"""Views of views, written through."""

import numpy as np


def f(x):
    top = x[:2]
    left = top[:, 0]
    left[0] = left[0] * left[1]
    return np.sum(x * x) + np.sum(left)


WRT = "x"


def arguments():
    return (np.array([[0.4, -0.3], [0.2, 0.9], [0.1, 0.6]]),)


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot):
    """The value of `f` and its tangent, given tangents of `x`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if x.dtype.kind != "f":
        raise TypeError("f_jvp: x must be a floating array")
    if x_dot.shape != x.shape or x_dot.dtype.kind != "f":
        raise TypeError("f_jvp: x_dot must be a floating array of the shape of x")
    x = x.copy()
    x_dot = x_dot.copy()
    top = x[:2]
    left = top[:, 0]
    left_dot = x_dot[:2][:, 0]
    t = left[0]
    t2 = left[1]
    left_dot[0] = t2 * left_dot[0] + t * left_dot[1]
    left[0] = t * t2
    return np.sum(x * x) + np.sum(left), np.sum(2.0 * x * x_dot) + np.sum(left_dot)



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x):
    """The gradient of `f` in `x`.

    Returns: the derivative in `x`, in its shape.
    """
    if x.dtype.kind != "f":
        raise TypeError("f_grad: x must be a floating array")
    x = x.copy()
    top = x[:2]
    left = top[:, 0]
    t = left[0]
    t_saved = copy_of(t)
    t2 = left[1]
    t2_saved = copy_of(t2)
    left[0] = t * t2
    # backward
    x_bar = np.zeros_like(x)
    x_bar[:2][:, 0] += 1.0
    x_bar += 2.0 * x
    t_bar = copy_of(x_bar[:2][:, 0][0])
    x_bar[:2][:, 0][1] += t_bar * t_saved
    x_bar[:2][:, 0][0] = t_bar * t2_saved
    return x_bar
