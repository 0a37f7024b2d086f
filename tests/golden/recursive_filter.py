"""A filter that feeds on its own output, element by element."""

import numpy as np


def f(a, b, x):
    y = np.zeros_like(x)
    y[0] = b * x[0]
    for k in range(1, len(x)):
        y[k] = a * y[k - 1] + b * x[k]
    return np.sum(y * y)


WRT = ("a", "b", "x")


def arguments():
    return 0.7, 0.4, np.array([1.0, -0.5, 0.3, 0.8])


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(a, a_dot, b, b_dot, x, x_dot):
    """The value of `f` and its tangent, given tangents of `a` and `b` and `x`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(a) != 0:
        raise TypeError("f_jvp: a must be a number; for an array use `vjp` or `jacobian`")
    if np.ndim(b) != 0:
        raise TypeError("f_jvp: b must be a number; for an array use `vjp` or `jacobian`")
    if x.ndim != 1 or x.dtype.kind != "f":
        raise TypeError("f_jvp: x must be a 1-d floating array")
    if np.ndim(a_dot) != 0:
        raise TypeError("f_jvp: a_dot must be a number")
    if np.ndim(b_dot) != 0:
        raise TypeError("f_jvp: b_dot must be a number")
    if x_dot.shape != x.shape or x_dot.dtype.kind != "f":
        raise TypeError("f_jvp: x_dot must be a floating array of the shape of x")
    y = np.zeros_like(x)
    y_dot = spread(0.0, y)
    y_dot[0] = x[0] * b_dot + b * x_dot[0]
    y[0] = b * x[0]
    for k in range(1, len(x)):
        t = y[k - 1]
        t2 = x[k]
        y_dot[k] = t * a_dot + a * y_dot[k - 1] + (t2 * b_dot + b * x_dot[k])
        y[k] = a * t + b * t2
    return np.sum(y * y), np.sum(2.0 * y * y_dot)



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(a, b, x):
    """The gradient of `f` in `a` and `b` and `x`.

    Returns: (the derivative in `a`, in its shape; the derivative in `b`, in its shape; the derivative in `x`, in its shape).
    """
    if np.ndim(a) != 0:
        raise TypeError("f_grad: a must be a number; for an array use `vjp` or `jacobian`")
    if np.ndim(b) != 0:
        raise TypeError("f_grad: b must be a number; for an array use `vjp` or `jacobian`")
    if x.ndim != 1 or x.dtype.kind != "f":
        raise TypeError("f_grad: x must be a 1-d floating array")
    y = np.zeros_like(x)
    y[0] = b * x[0]
    for k in range(1, len(x)):
        y[k] = a * y[k - 1] + b * x[k]
    # backward
    a_bar = 0.0
    b_bar = 0.0
    x_bar = np.zeros_like(x)
    y_bar = 2.0 * y
    for k in range(len(x) - 1, 0, -1):
        t_bar = y_bar[k]
        b_bar += t_bar * x[k]
        x_bar[k] = t_bar * b
        a_bar += t_bar * y[k - 1]
        y_bar[k - 1] += t_bar * a
    t_bar2 = y_bar[0]
    b_bar += t_bar2 * x[0]
    x_bar[0] += t_bar2 * b
    return a_bar, b_bar, x_bar
