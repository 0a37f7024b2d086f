"""A loop whose extent depends on the outer one: all pairs."""

import numpy as np


def f(x, eps):
    energy = 0.0
    for i in range(len(x)):
        for j in range(i):
            d = x[i] - x[j]
            energy += 1.0 / np.sqrt(d * d + eps)
    return energy


WRT = "x"


def arguments():
    return np.array([0.1, 0.9, -0.4, 1.6]), 0.01


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot, eps):
    """The value of `f` and its tangent, given tangents of `x`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if x.ndim != 1 or x.dtype.kind != "f":
        raise TypeError("f_jvp: x must be a 1-d floating array")
    if x_dot.shape != x.shape or x_dot.dtype.kind != "f":
        raise TypeError("f_jvp: x_dot must be a floating array of the shape of x")
    energy = 0.0
    energy_dot = 0.0
    for i in range(len(x)):
        for j in range(i):
            d = x[i] - x[j]
            t = d * d + eps
            t_dot = spread(2.0 * d * (x_dot[i] - x_dot[j]), t)
            t2 = np.sqrt(t)
            t3 = 1.0 / t2
            t3_dot = -((t2 > 0) / (2.0 * t2 + (t2 == 0)) * t_dot * (t3 * t3))
            energy_dot = energy_dot + t3_dot
            energy = energy + t3
    return energy, energy_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x, eps):
    """The gradient of `f` in `x`.

    Returns: the derivative in `x`, in its shape.
    """
    if x.ndim != 1 or x.dtype.kind != "f":
        raise TypeError("f_grad: x must be a 1-d floating array")
    if np.ndim(eps) != 0:
        raise TypeError("f_grad: eps must be a number; for an array use `vjp` or `jacobian`")
    x_bar = np.zeros_like(x)
    for i in range(len(x)):
        for j in range(i):
            d = x[i] - x[j]
            t = np.sqrt(d * d + eps)
            t2 = 1.0 / t
            # backward
            t_bar = -(t2 * t2 * ((t > 0) / (2.0 * t + (t == 0))))
            d_bar = 2.0 * t_bar * d
            x_bar[j] -= d_bar
            x_bar[i] += d_bar
    return x_bar
