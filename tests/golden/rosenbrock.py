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
    t = x[1:]
    t2 = x[:-1]
    t3 = t2 ** 2
    t4 = t - t3
    t5 = t4 ** 2
    t6 = 100.0 * t5
    t7 = 1.0 - x[:-1]
    t8 = t7 ** 2
    t9 = t6 + t8
    # backward
    x_bar = np.zeros_like(x)
    t3_bar = np.zeros_like(t3)
    t4_bar = np.zeros_like(t4)
    t5_bar = np.zeros_like(t5)
    t6_bar = np.zeros_like(t6)
    t7_bar = np.zeros_like(t7)
    t8_bar = np.zeros_like(t8)
    t9_bar = np.full_like(t9, 1.0)
    t6_bar += sum_to(t9_bar, t6)
    t8_bar += sum_to(t9_bar, t8)
    t7_bar += 2.0 * t8_bar * t7
    x_bar[:-1] -= t7_bar
    t5_bar += 100.0 * t6_bar
    t4_bar += 2.0 * t5_bar * t4
    x_bar[1:] += sum_to(t4_bar, t)
    t3_bar += sum_to(-t4_bar, t3)
    x_bar[:-1] += 2.0 * t3_bar * t2
    return x_bar
