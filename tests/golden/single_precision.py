"""A program in single precision, which its derivative keeps."""

import numpy as np


def f(w, x):
    y = np.zeros(len(x), dtype=np.float32)
    for i in range(len(x)):
        y[i] = np.tanh(w[0] * x[i] + w[1])
    return np.sum(y * y)


WRT = "w"


def arguments():
    return np.array([0.4, -0.3], dtype=np.float32), np.array([0.2, 0.8, -0.5], dtype=np.float32)


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(w, w_dot, x):
    """The value of `f` and its tangent, given tangents of `w`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if w.ndim != 1 or w.dtype.kind != "f":
        raise TypeError("f_jvp: w must be a 1-d floating array")
    if x.ndim != 1:
        raise TypeError("f_jvp: x must be a 1-d array")
    if w_dot.shape != w.shape or w_dot.dtype.kind != "f":
        raise TypeError("f_jvp: w_dot must be a floating array of the shape of w")
    y = np.zeros(len(x), dtype=np.float32)
    y_dot = spread(0.0, y)
    for i in range(len(x)):
        t = x[i]
        t2 = np.tanh(w[0] * t + w[1])
        y_dot[i] = (1.0 - t2 * t2) * (t * w_dot[0] + w_dot[1])
        y[i] = t2
    return np.sum(y * y), np.sum(2.0 * y * y_dot)



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(w, x):
    """The gradient of `f` in `w`.

    Returns: the derivative in `w`, in its shape.
    """
    if w.ndim != 1 or w.dtype.kind != "f":
        raise TypeError("f_grad: w must be a 1-d floating array")
    if x.ndim != 1:
        raise TypeError("f_grad: x must be a 1-d array")
    y = np.zeros(len(x), dtype=np.float32)
    for i in range(len(x)):
        y[i] = np.tanh(w[0] * x[i] + w[1])
    # backward
    w_bar = np.zeros_like(w)
    y_bar = 2.0 * y
    for i in range(len(x)):
        t = y[i]
        t_bar = y_bar[i] * (1.0 - t * t)
        w_bar[1] += t_bar
        w_bar[0] += t_bar * x[i]
    return w_bar
