"""In-place arrays: the adjoint of an element is taken and cleared."""

import numpy as np


def f(u, c, sweeps):
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] += c * (u[i - 1] - 2.0 * u[i] + u[i + 1])
    return np.sum(u * u)


WRT = ("u", "c")


def arguments():
    return np.array([0.1, 0.9, -0.4, 0.3, 0.7]), 0.1, 2


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(u, u_dot, c, c_dot, sweeps):
    """The value of `f` and its tangent, given tangents of `u` and `c`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if u.ndim != 1 or u.dtype.kind != "f":
        raise TypeError("f_jvp: u must be a 1-d floating array")
    if np.ndim(c) != 0:
        raise TypeError("f_jvp: c must be a number; for an array use `vjp` or `jacobian`")
    if u_dot.shape != u.shape or u_dot.dtype.kind != "f":
        raise TypeError("f_jvp: u_dot must be a floating array of the shape of u")
    if np.ndim(c_dot) != 0:
        raise TypeError("f_jvp: c_dot must be a number")
    u = u.copy()
    u_dot = u_dot.copy()
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            t = u[i - 1] - 2.0 * u[i] + u[i + 1]
            u_dot[i] += t * c_dot + c * (u_dot[i - 1] - 2.0 * u_dot[i] + u_dot[i + 1])
            u[i] += c * t
    return np.sum(u * u), np.sum(2.0 * u * u_dot)



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(u, c, sweeps):
    """The gradient of `f` in `u` and `c`.

    Returns: (the derivative in `u`, in its shape; the derivative in `c`, in its shape).
    """
    if u.ndim != 1 or u.dtype.kind != "f":
        raise TypeError("f_grad: u must be a 1-d floating array")
    if np.ndim(c) != 0:
        raise TypeError("f_grad: c must be a number; for an array use `vjp` or `jacobian`")
    u = u.copy()
    t_saved = np.empty((max(sweeps, 0), max(len(u) - 2, 0)))
    for j in range(sweeps):
        for i in range(1, len(u) - 1):
            t = u[i - 1] - 2.0 * u[i] + u[i + 1]
            t_saved[j, i - 1] = t
            u[i] += c * t
    # backward
    c_bar = 0.0
    u_bar = 2.0 * u
    for j in range(sweeps - 1, -1, -1):
        for i in range(len(u) - 2, 0, -1):
            t_bar = u_bar[i]
            c_bar += t_bar * t_saved[j, i - 1]
            u_bar[i + 1] += t_bar * c
            u_bar[i] -= 2.0 * t_bar * c
            u_bar[i - 1] += t_bar * c
    return u_bar, c_bar
