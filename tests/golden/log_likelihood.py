"""Independent iterations."""

import numpy as np


def f(w, X, y):
    n, d = X.shape
    total = 0.0
    for i in range(n):
        t = 0.0
        for j in range(d):
            t += X[i, j] * w[j]
        total += np.log1p(np.exp(-y[i] * t))
    return total


WRT = "w"


def arguments():
    return np.array([0.3, -0.2]), np.array([[1.0, 2.0], [0.5, -1.0], [0.1, 0.4]]), np.array([1.0, -1.0, 1.0])


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(w, w_dot, X, y):
    """The value of `f` and its tangent, given tangents of `w`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if w.ndim != 1 or w.dtype.kind != "f":
        raise TypeError("f_jvp: w must be a 1-d floating array")
    if X.ndim != 2:
        raise TypeError("f_jvp: X must be a 2-d array")
    if y.ndim != 1:
        raise TypeError("f_jvp: y must be a 1-d array")
    if w_dot.shape != w.shape or w_dot.dtype.kind != "f":
        raise TypeError("f_jvp: w_dot must be a floating array of the shape of w")
    n, d = X.shape
    total = 0.0
    total_dot = 0.0
    for i in range(n):
        t = 0.0
        t_dot = 0.0
        for j in range(d):
            t2 = X[i, j]
            t_dot += t2 * w_dot[j]
            t += t2 * w[j]
        t3 = -y[i]
        t4 = np.exp(t3 * t)
        total_dot += np.divide(t4 * (t3 * t_dot), 1.0 + t4)
        total += np.log1p(t4)
    return total, total_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(w, X, y):
    """The gradient of `f` in `w`.

    Returns: the derivative in `w`, in its shape.
    """
    if w.ndim != 1 or w.dtype.kind != "f":
        raise TypeError("f_grad: w must be a 1-d floating array")
    if X.ndim != 2:
        raise TypeError("f_grad: X must be a 2-d array")
    if y.ndim != 1:
        raise TypeError("f_grad: y must be a 1-d array")
    n, d = X.shape
    w_bar = np.zeros_like(w)
    for i in range(n):
        t = 0.0
        for j in range(d):
            t += X[i, j] * w[j]
        t2 = -y[i]
        t3 = np.exp(t2 * t)
        # backward
        t_bar = np.divide(1.0, 1.0 + t3) * t3 * t2
        for j in range(d):
            w_bar[j] += t_bar * X[i, j]
    return w_bar
