"""A tridiagonal system by elimination and substitution."""

import numpy as np


def f(low, diag, up, rhs):
    n = len(rhs)
    c = np.zeros(n)
    x = np.zeros(n)
    c[0] = up[0] / diag[0]
    x[0] = rhs[0] / diag[0]
    for i in range(1, n):
        pivot = diag[i] - low[i] * c[i - 1]
        c[i] = up[i] / pivot
        x[i] = (rhs[i] - low[i] * x[i - 1]) / pivot
    for i in range(n - 2, -1, -1):
        x[i] -= c[i] * x[i + 1]
    return np.sum(x * x)


WRT = ("diag", "rhs")


def arguments():
    low, up = np.array([0.0, -0.5, 0.3, 0.2]), np.array([0.4, -0.2, 0.1, 0.0])
    return low, np.array([2.0, 1.8, 2.2, 1.9]), up, np.array([0.3, 0.7, -0.4, 0.5])


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(low, diag, diag_dot, up, rhs, rhs_dot):
    """The value of `f` and its tangent, given tangents of `diag` and `rhs`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if low.ndim != 1:
        raise TypeError("f_jvp: low must be a 1-d array")
    if diag.ndim != 1 or diag.dtype.kind != "f":
        raise TypeError("f_jvp: diag must be a 1-d floating array")
    if up.ndim != 1:
        raise TypeError("f_jvp: up must be a 1-d array")
    if rhs.ndim != 1 or rhs.dtype.kind != "f":
        raise TypeError("f_jvp: rhs must be a 1-d floating array")
    if diag_dot.shape != diag.shape or diag_dot.dtype.kind != "f":
        raise TypeError("f_jvp: diag_dot must be a floating array of the shape of diag")
    if rhs_dot.shape != rhs.shape or rhs_dot.dtype.kind != "f":
        raise TypeError("f_jvp: rhs_dot must be a floating array of the shape of rhs")
    n = len(rhs)
    c = np.zeros(n)
    c_dot = spread(0.0, c)
    x = np.zeros(n)
    x_dot = spread(0.0, x)
    t = diag[0]
    t2 = up[0] / t
    c_dot[0] = -(diag_dot[0] * (t2 / t))
    c[0] = t2
    t3 = rhs[0] / t
    x_dot[0] = rhs_dot[0] / t - diag_dot[0] * (t3 / t)
    x[0] = t3
    for i in range(1, n):
        t4 = low[i]
        pivot = diag[i] - t4 * c[i - 1]
        pivot_dot = diag_dot[i] - t4 * c_dot[i - 1]
        t5 = up[i] / pivot
        c_dot[i] = -(pivot_dot * (t5 / pivot))
        c[i] = t5
        t6 = (rhs[i] - t4 * x[i - 1]) / pivot
        x_dot[i] = (rhs_dot[i] - t4 * x_dot[i - 1]) / pivot - pivot_dot * (t6 / pivot)
        x[i] = t6
    for i in range(n - 2, -1, -1):
        t7 = c[i]
        t8 = x[i + 1]
        x_dot[i] -= t8 * c_dot[i] + t7 * x_dot[i + 1]
        x[i] -= t7 * t8
    return np.sum(x * x), np.sum(2.0 * x * x_dot)



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(low, diag, up, rhs):
    """The gradient of `f` in `diag` and `rhs`.

    Returns: (the derivative in `diag`, in its shape; the derivative in `rhs`, in its shape).
    """
    if low.ndim != 1:
        raise TypeError("f_grad: low must be a 1-d array")
    if diag.ndim != 1 or diag.dtype.kind != "f":
        raise TypeError("f_grad: diag must be a 1-d floating array")
    if up.ndim != 1:
        raise TypeError("f_grad: up must be a 1-d array")
    if rhs.ndim != 1 or rhs.dtype.kind != "f":
        raise TypeError("f_grad: rhs must be a 1-d floating array")
    n = len(rhs)
    c = np.zeros(n)
    x = np.zeros(n)
    t = diag[0]
    t2 = up[0] / t
    c[0] = t2
    t3 = rhs[0] / t
    x[0] = t3
    t4_saved = np.empty(max(n - 1, 0))
    for i in range(1, n):
        pivot = diag[i] - low[i] * c[i - 1]
        c[i] = up[i] / pivot
        t4 = x[i - 1]
        t4_saved[i - 1] = t4
        x[i] = (rhs[i] - low[i] * t4) / pivot
    for i in range(n - 2, -1, -1):
        x[i] -= c[i] * x[i + 1]
    # backward
    diag_bar = np.zeros_like(diag)
    rhs_bar = np.zeros_like(rhs)
    c_bar = np.zeros_like(c)
    x_bar = 2.0 * x
    for i in range(n - 1):
        t_bar = -x_bar[i]
        x_bar[i + 1] += t_bar * c[i]
        c_bar[i] = t_bar * x[i + 1]
    for i in range(n - 1, 0, -1):
        t5 = low[i]
        pivot = diag[i] - t5 * c[i - 1]
        t_bar2 = x_bar[i]
        t_bar3 = t_bar2 / pivot
        pivot_bar = -(t_bar2 * ((rhs[i] - t5 * t4_saved[i - 1]) / pivot / pivot))
        x_bar[i - 1] -= t_bar3 * t5
        rhs_bar[i] = t_bar3
        pivot_bar -= c_bar[i] * (c[i] / pivot)
        c_bar[i - 1] -= pivot_bar * t5
        diag_bar[i] = pivot_bar
    t_bar4 = x_bar[0]
    rhs_bar[0] += t_bar4 / t
    diag_bar[0] -= t_bar4 * (t3 / t) + c_bar[0] * (t2 / t)
    return diag_bar, rhs_bar
