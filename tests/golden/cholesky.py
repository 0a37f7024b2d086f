"""The Cholesky factor by loops: half the logarithm of a determinant."""

import numpy as np


def f(A):
    n = A.shape[0]
    L = np.zeros_like(A)
    for j in range(n):
        s = A[j, j]
        for k in range(j):
            s -= L[j, k] * L[j, k]
        L[j, j] = np.sqrt(s)
        for i in range(j + 1, n):
            t = A[i, j]
            for k in range(j):
                t -= L[i, k] * L[j, k]
            L[i, j] = t / L[j, j]
    total = 0.0
    for i in range(n):
        total += np.log(L[i, i])
    return total


WRT = "A"


def arguments():
    return (np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -0.4], [0.5, -0.4, 2.0]]),)


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(A, A_dot):
    """The value of `f` and its tangent, given tangents of `A`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if A.ndim != 2 or A.dtype.kind != "f":
        raise TypeError("f_jvp: A must be a 2-d floating array")
    if A_dot.shape != A.shape or A_dot.dtype.kind != "f":
        raise TypeError("f_jvp: A_dot must be a floating array of the shape of A")
    n = A.shape[0]
    L = np.zeros_like(A)
    L_dot = spread(0.0, L)
    for j in range(n):
        s = A[j, j]
        s_dot = A_dot[j, j]
        for k in range(j):
            t2 = L[j, k]
            s_dot -= 2.0 * t2 * L_dot[j, k]
            s -= t2 * t2
        t3 = np.sqrt(s)
        L_dot[j, j] = (t3 > 0) / (2.0 * t3 + (t3 == 0)) * s_dot
        L[j, j] = t3
        for i in range(j + 1, n):
            t = A[i, j]
            t_dot = A_dot[i, j]
            for k in range(j):
                t4 = L[i, k]
                t5 = L[j, k]
                t_dot -= t5 * L_dot[i, k] + t4 * L_dot[j, k]
                t -= t4 * t5
            t6 = L[j, j]
            t7 = t / t6
            L_dot[i, j] = t_dot / t6 - L_dot[j, j] * (t7 / t6)
            L[i, j] = t7
    total = 0.0
    total_dot = 0.0
    for i in range(n):
        t8 = L[i, i]
        total_dot += np.divide(L_dot[i, i], t8)
        total += np.log(t8)
    return total, total_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(A):
    """The gradient of `f` in `A`.

    Returns: the derivative in `A`, in its shape.
    """
    if A.ndim != 2 or A.dtype.kind != "f":
        raise TypeError("f_grad: A must be a 2-d floating array")
    n = A.shape[0]
    L = np.zeros_like(A)
    for j in range(n):
        s = A[j, j]
        for k in range(j):
            s -= L[j, k] * L[j, k]
        L[j, j] = np.sqrt(s)
        for i in range(j + 1, n):
            t = A[i, j]
            for k in range(j):
                t -= L[i, k] * L[j, k]
            L[i, j] = t / L[j, j]
    L_bar = np.zeros_like(L)
    for i in range(n):
        # backward
        L_bar[i, i] = np.divide(1.0, L[i, i])
    # backward
    A_bar = np.zeros_like(A)
    for j in range(n - 1, -1, -1):
        t2 = L[j, j]
        for i in range(n - 1, j, -1):
            t_bar = L_bar[i, j]
            t_bar2 = t_bar / t2
            L_bar[j, j] -= t_bar * (L[i, j] / t2)
            for k in range(j):
                L_bar[j, k] -= t_bar2 * L[i, k]
                L_bar[i, k] -= t_bar2 * L[j, k]
            A_bar[i, j] += t_bar2
        s_bar = L_bar[j, j] * ((t2 > 0) / (2.0 * t2 + (t2 == 0)))
        for k in range(j):
            L_bar[j, k] -= 2.0 * s_bar * L[j, k]
        A_bar[j, j] += s_bar
    return A_bar
