"""A sum in the logarithm, kept from overflow by the largest term so far."""

import numpy as np


def f(x):
    top = x[0]
    total = 1.0
    for i in range(1, len(x)):
        if x[i] > top:
            total = total * np.exp(top - x[i]) + 1.0
            top = x[i]
        else:
            total += np.exp(x[i] - top)
    return top + np.log(total)


WRT = "x"


def arguments():
    return (np.array([0.3, -0.2, 1.4, 0.9]),)


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot):
    """The value of `f` and its tangent, given tangents of `x`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if x.ndim != 1 or x.dtype.kind != "f":
        raise TypeError("f_jvp: x must be a 1-d floating array")
    if x_dot.shape != x.shape or x_dot.dtype.kind != "f":
        raise TypeError("f_jvp: x_dot must be a floating array of the shape of x")
    top = x[0]
    top_dot = x_dot[0]
    total = 1.0
    total_dot = 0.0
    for i in range(1, len(x)):
        if x[i] > top:
            t = np.exp(top - x[i])
            total_dot = t * total_dot + total * (t * (top_dot - x_dot[i]))
            total = total * t + 1.0
            top = x[i]
            top_dot = x_dot[i]
        else:
            t2 = np.exp(x[i] - top)
            total_dot += t2 * (x_dot[i] - top_dot)
            total += t2
    return top + np.log(total), top_dot + np.divide(total_dot, total)



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x):
    """The gradient of `f` in `x`.

    Returns: the derivative in `x`, in its shape.
    """
    if x.ndim != 1 or x.dtype.kind != "f":
        raise TypeError("f_grad: x must be a 1-d floating array")
    top = x[0]
    total = 1.0
    total_saved = np.empty(max(len(x) - 1, 0))
    t_saved = np.empty(max(len(x) - 1, 0))
    t2_saved = np.empty(max(len(x) - 1, 0))
    branch_saved = np.empty(max(len(x) - 1, 0), np.bool_)
    for i in range(1, len(x)):
        total_saved[i - 1] = total
        branch = x[i] > top
        branch_saved[i - 1] = branch
        if branch:
            t = np.exp(top - x[i])
            t_saved[i - 1] = t
            total = total * t + 1.0
            top = x[i]
        else:
            t2 = np.exp(x[i] - top)
            t2_saved[i - 1] = t2
            total += t2
    # backward
    x_bar = np.zeros_like(x)
    top_bar = 1.0
    total_bar = np.divide(1.0, total)
    for i in range(len(x) - 1, 0, -1):
        total = total_saved[i - 1]
        if branch_saved[i - 1]:
            t = t_saved[i - 1]
            x_bar[i] += top_bar
            t_bar = total_bar * total * t
            total_bar = total_bar * t
            top_bar = t_bar
            x_bar[i] -= t_bar
        else:
            t_bar2 = total_bar * t2_saved[i - 1]
            top_bar -= t_bar2
            x_bar[i] += t_bar2
    x_bar[0] += top_bar
    return x_bar
