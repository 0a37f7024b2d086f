"""A sum whose adjoint is known only behind the loop."""

import numpy as np


def f(w, X):
    n, d = X.shape
    total = 0.0
    for i in range(n):
        t = 0.0
        for j in range(d):
            t += X[i, j] * w[j]
        total += t * t
    return np.sqrt(total / n)


WRT = "w"


def arguments():
    return np.array([0.3, -0.2]), np.array([[1.0, 2.0], [0.5, -1.0], [0.1, 0.4]])


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(w, w_dot, X):
    """The value of `f` and its tangent, given tangents of `w`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if w.ndim != 1 or w.dtype.kind != "f":
        raise TypeError("f_jvp: w must be a 1-d floating array")
    if X.ndim != 2:
        raise TypeError("f_jvp: X must be a 2-d array")
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
        total_dot += 2.0 * t * t_dot
        total += t * t
    t3 = np.sqrt(total / n)
    return t3, (t3 > 0) / (2.0 * t3 + (t3 == 0)) * (total_dot / n)



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(w, X):
    """The gradient of `f` in `w`.

    Returns: the derivative in `w`, in its shape.
    """
    if w.ndim != 1 or w.dtype.kind != "f":
        raise TypeError("f_grad: w must be a 1-d floating array")
    if X.ndim != 2:
        raise TypeError("f_grad: X must be a 2-d array")
    n, d = X.shape
    total = 0.0
    w_bar = np.zeros_like(w)
    for i in range(n):
        t = 0.0
        for j in range(d):
            t += X[i, j] * w[j]
        total += t * t
        # backward, seed 1
        t_bar = 2.0 * t
        for j in range(d):
            w_bar[j] += t_bar * X[i, j]
    t2 = np.sqrt(total / n)
    # backward
    w_bar *= (t2 > 0) / (2.0 * t2 + (t2 == 0)) / n
    return w_bar
