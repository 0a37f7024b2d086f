"""Arrays bound again in a time loop."""

import numpy as np


def f(u, k, steps):
    for _ in range(steps):
        lap = np.zeros_like(u)
        lap[1:-1] = u[:-2] - 2.0 * u[1:-1] + u[2:]
        u = u + k * lap
    return np.sum(u * u)


WRT = ("u", "k")


def arguments():
    return np.array([0.1, 0.9, -0.4, 0.3, 0.7]), 0.1, 2


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(u, u_dot, k, k_dot, steps):
    """The value of `f` and its tangent, given tangents of `u` and `k`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if u.dtype.kind != "f":
        raise TypeError("f_jvp: u must be a floating array")
    if np.ndim(k) != 0 and k.dtype.kind != "f":
        raise TypeError("f_jvp: k must be a number or a floating array")
    if u_dot.shape != u.shape or u_dot.dtype.kind != "f":
        raise TypeError("f_jvp: u_dot must be a floating array of the shape of u")
    if np.shape(k_dot) != np.shape(k):
        raise TypeError("f_jvp: k_dot must have the shape of k")
    for _ in range(steps):
        lap = np.zeros_like(u)
        lap_dot = spread(0.0, lap)
        lap_dot[1:-1] = u_dot[:-2] - 2.0 * u_dot[1:-1] + u_dot[2:]
        lap[1:-1] = u[:-2] - 2.0 * u[1:-1] + u[2:]
        u_dot = u_dot + (lap * k_dot + k * lap_dot)
        u = u + k * lap
    return np.sum(u * u), np.sum(2.0 * u * u_dot)



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(u, k, steps):
    """The gradient of `f` in `u` and `k`.

    Returns: (the derivative in `u`, in its shape; the derivative in `k`, in its shape).
    """
    if u.dtype.kind != "f":
        raise TypeError("f_grad: u must be a floating array")
    if np.ndim(k) != 0 and k.dtype.kind != "f":
        raise TypeError("f_grad: k must be a number or a floating array")
    u_in = u
    u_saved = []
    lap_saved = []
    for _ in range(steps):
        u_saved.append(u)
        lap = np.zeros_like(u)
        lap[1:-1] = u[:-2] - 2.0 * u[1:-1] + u[2:]
        lap_saved.append(lap)
        u = u + k * lap
    # backward
    k_bar = 0.0
    u_bar = 2.0 * u
    for _ in range(steps):
        u = u_saved.pop()
        lap = lap_saved.pop()
        t = u[:-2]
        t2 = u[1:-1]
        t3 = u[2:]
        t_bar = copy_of(u_bar)
        u_bar = sum_to(u_bar, u)
        k_bar = k_bar + sum_to(t_bar * lap, k)
        t_bar2 = spread(sum_to(t_bar * k, lap), lap)[1:-1].copy()
        u_bar = spread(u_bar, u)
        u_bar[2:] += sum_to(t_bar2, t3)
        u_bar[:-2] += sum_to(t_bar2, t)
        u_bar[1:-1] -= 2.0 * sum_to(t_bar2, t2)
    return spread(u_bar, u_in), spread(k_bar, k)
