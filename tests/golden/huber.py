"""A loss whose branch depends on the data of the iteration."""

import numpy as np


def f(x, delta):
    total = 0.0
    for i in range(len(x)):
        r = abs(x[i])
        if r <= delta:
            total += 0.5 * r * r
        else:
            total += delta * (r - 0.5 * delta)
    return total


WRT = ("x", "delta")


def arguments():
    return np.array([0.3, -1.4, 0.05, 2.2]), 0.8


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot, delta, delta_dot):
    """The value of `f` and its tangent, given tangents of `x` and `delta`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if x.ndim != 1 or x.dtype.kind != "f":
        raise TypeError("f_jvp: x must be a 1-d floating array")
    if x_dot.shape != x.shape or x_dot.dtype.kind != "f":
        raise TypeError("f_jvp: x_dot must be a floating array of the shape of x")
    if np.ndim(delta_dot) != 0:
        raise TypeError("f_jvp: delta_dot must be a number")
    total = 0.0
    total_dot = 0.0
    for i in range(len(x)):
        t = x[i]
        r = abs(t)
        r_dot = np.sign(t) * x_dot[i]
        if r <= delta:
            total_dot += r * (0.5 * r_dot) + 0.5 * r * r_dot
            total += 0.5 * r * r
        else:
            t2 = r - 0.5 * delta
            total_dot += t2 * delta_dot + delta * (r_dot - 0.5 * delta_dot)
            total += delta * t2
    return total, total_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x, delta):
    """The gradient of `f` in `x` and `delta`.

    Returns: (the derivative in `x`, in its shape; the derivative in `delta`, in its shape).
    """
    if x.ndim != 1 or x.dtype.kind != "f":
        raise TypeError("f_grad: x must be a 1-d floating array")
    if np.ndim(delta) != 0:
        raise TypeError("f_grad: delta must be a number")
    x_bar = np.zeros_like(x)
    delta_bar = 0.0
    for i in range(len(x)):
        t = x[i]
        r = abs(t)
        # backward
        if r <= delta:
            r_bar = r
        else:
            r_bar = delta
            delta_bar += r - 0.5 * delta - 0.5 * delta
        x_bar[i] = r_bar * np.sign(t)
    return x_bar, delta_bar
