"""Two buffers that change places."""

import numpy as np


def f(u, w, steps):
    v = np.zeros_like(u)
    for _ in range(steps):
        for i in range(1, len(u) - 1):
            v[i] = w * u[i] + 0.5 * (1.0 - w) * (u[i - 1] + u[i + 1])
        u, v = v, u
    return np.sum(u * u)


WRT = ("u", "w")


def arguments():
    return np.array([0.1, 0.9, -0.4, 0.3, 0.7]), 0.6, 3


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(u, u_dot, w, w_dot, steps):
    """The value of `f` and its tangent, given tangents of `u` and `w`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if u.ndim != 1 or u.dtype.kind != "f":
        raise TypeError("f_jvp: u must be a 1-d floating array")
    if np.ndim(w) != 0:
        raise TypeError("f_jvp: w must be a number; for an array use `vjp` or `jacobian`")
    if u_dot.shape != u.shape or u_dot.dtype.kind != "f":
        raise TypeError("f_jvp: u_dot must be a floating array of the shape of u")
    if np.ndim(w_dot) != 0:
        raise TypeError("f_jvp: w_dot must be a number")
    u = u.copy()
    u_dot = u_dot.copy()
    v = np.zeros_like(u)
    v_dot = spread(0.0, v)
    for _ in range(steps):
        for i in range(1, len(u) - 1):
            t = u[i]
            t_dot = t * w_dot + w * u_dot[i]
            t2 = 0.5 * (1.0 - w)
            t3 = u[i - 1] + u[i + 1]
            v_dot[i] = t_dot + (t2 * (u_dot[i - 1] + u_dot[i + 1]) - t3 * (0.5 * w_dot))
            v[i] = w * t + t2 * t3
        u, v = v, u
        u_dot, v_dot = v_dot, u_dot
    return np.sum(u * u), np.sum(2.0 * u * u_dot)



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(u, w, steps):
    """The gradient of `f` in `u` and `w`.

    Returns: (the derivative in `u`, in its shape; the derivative in `w`, in its shape).
    """
    if u.ndim != 1 or u.dtype.kind != "f":
        raise TypeError("f_grad: u must be a 1-d floating array")
    if np.ndim(w) != 0:
        raise TypeError("f_grad: w must be a number; for an array use `vjp` or `jacobian`")
    u = u.copy()
    u_saved = []
    t_saved = []
    t2_saved = []
    v = np.zeros_like(u)
    for _ in range(steps):
        u_saved.append(u)
        for i in range(1, len(u) - 1):
            t = u[i]
            t_saved.append(t)
            t2 = u[i - 1] + u[i + 1]
            t2_saved.append(t2)
            v[i] = w * t + 0.5 * (1.0 - w) * t2
        u, v = v, u
    # backward
    w_bar = 0.0
    v_bar = np.zeros_like(v)
    u_bar = 2.0 * u
    for _ in range(steps):
        u = u_saved.pop()
        v_bar, u_bar = u_bar, v_bar
        for i in range(len(u) - 2, 0, -1):
            t = t_saved.pop()
            t2 = t2_saved.pop()
            t_bar = v_bar[i]
            v_bar[i] = 0.0
            t2_bar = t_bar * (0.5 * (1.0 - w))
            u_bar[i + 1] += t2_bar
            u_bar[i - 1] += t2_bar
            w_bar += t_bar * t - 0.5 * (t_bar * t2)
            u_bar[i] += t_bar * w
    return u_bar, w_bar
