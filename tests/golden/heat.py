"""The heat equation in two dimensions, written into the grid that it reads."""

import numpy as np


def f(u, alpha, steps):
    n, m = u.shape
    for _ in range(steps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                u[i, j] += alpha * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - 4.0 * u[i, j])
    return np.sum(u * u)


WRT = ("u", "alpha")


def arguments():
    return np.random.default_rng(5).uniform(0.0, 1.0, (4, 5)), 0.1, 2


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(u, u_dot, alpha, alpha_dot, steps):
    """The value of `f` and its tangent, given tangents of `u` and `alpha`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if u.ndim != 2 or u.dtype.kind != "f":
        raise TypeError("f_jvp: u must be a 2-d floating array")
    if np.ndim(alpha) != 0:
        raise TypeError("f_jvp: alpha must be a number; for an array use `vjp` or `jacobian`")
    if u_dot.shape != u.shape or u_dot.dtype.kind != "f":
        raise TypeError("f_jvp: u_dot must be a floating array of the shape of u")
    if np.ndim(alpha_dot) != 0:
        raise TypeError("f_jvp: alpha_dot must be a number")
    u = u.copy()
    u_dot = u_dot.copy()
    n, m = u.shape
    for _ in range(steps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                t_dot = u_dot[i - 1, j] + u_dot[i + 1, j] + u_dot[i, j - 1] + u_dot[i, j + 1]
                t = u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - 4.0 * u[i, j]
                u_dot[i, j] += t * alpha_dot + alpha * (t_dot - 4.0 * u_dot[i, j])
                u[i, j] += alpha * t
    return np.sum(u * u), np.sum(2.0 * u * u_dot)



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(u, alpha, steps):
    """The gradient of `f` in `u` and `alpha`.

    Returns: (the derivative in `u`, in its shape; the derivative in `alpha`, in its shape).
    """
    if u.ndim != 2 or u.dtype.kind != "f":
        raise TypeError("f_grad: u must be a 2-d floating array")
    if np.ndim(alpha) != 0:
        raise TypeError("f_grad: alpha must be a number; for an array use `vjp` or `jacobian`")
    u = u.copy()
    n, m = u.shape
    t_saved = np.empty((max(steps, 0), max(n - 2, 0), max(m - 2, 0)))
    for k in range(steps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                t = u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - 4.0 * u[i, j]
                t_saved[k, i - 1, j - 1] = t
                u[i, j] += alpha * t
    # backward
    alpha_bar = 0.0
    u_bar = 2.0 * u
    for k in range(steps - 1, -1, -1):
        for i in range(n - 2, 0, -1):
            for j in range(m - 2, 0, -1):
                t_bar = u_bar[i, j]
                alpha_bar += t_bar * t_saved[k, i - 1, j - 1]
                t_bar2 = t_bar * alpha
                u_bar[i, j] -= 4.0 * t_bar2
                u_bar[i, j + 1] += t_bar2
                u_bar[i, j - 1] += t_bar2
                u_bar[i + 1, j] += t_bar2
                u_bar[i - 1, j] += t_bar2
    return u_bar, alpha_bar
