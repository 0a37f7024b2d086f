"""Steps of Runge and Kutta's method, with a right-hand side that is called four times."""

import numpy as np


def flow(u, damping):
    # a Duffing oscillator
    du = np.zeros_like(u)
    x = u[0]
    v = u[1]
    restoring = x + 0.3 * x**3
    friction = damping * v
    du[0] = v
    du[1] = -restoring - friction
    return du


def f(u, damping, h: float, n):
    for _ in range(n):
        k1 = flow(u, damping)
        k2 = flow(u + 0.5 * h * k1, damping)
        k3 = flow(u + 0.5 * h * k2, damping)
        k4 = flow(u + h * k3, damping)
        u = u + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return np.sum(u * u)


WRT = ("u", "damping")


def arguments():
    return np.array([1.0, 0.0]), 0.2, 0.1, 3


# ---- jvp -------------------------------------------------------------------------------------------------


def flow_jvp(u, u_dot, damping, damping_dot):
    """The value of `flow` and its tangent, given tangents of `u` and `damping`."""
    # a Duffing oscillator
    du = np.zeros_like(u)
    du_dot = spread(0.0, du)
    x = u[0]
    x_dot = u_dot[0]
    v = u[1]
    v_dot = u_dot[1]
    restoring = x + 0.3 * x ** 3
    friction = damping * v
    du_dot[0] = v_dot
    du[0] = v
    t_dot = -(x_dot + 0.3 * (3.0 * x ** 2 * x_dot))
    du_dot[1] = t_dot - (v * damping_dot + damping * v_dot)
    du[1] = -restoring - friction
    return du, du_dot


def f_jvp(u, u_dot, damping, damping_dot, h: float, n):
    """The value of `f` and its tangent, given tangents of `u` and `damping`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if u.ndim != 1 or u.dtype.kind != "f":
        raise TypeError("f_jvp: u must be a 1-d floating array")
    if np.ndim(damping) != 0:
        raise TypeError("f_jvp: damping must be a number; for an array use `vjp` or `jacobian`")
    if u_dot.shape != u.shape or u_dot.dtype.kind != "f":
        raise TypeError("f_jvp: u_dot must be a floating array of the shape of u")
    if np.ndim(damping_dot) != 0:
        raise TypeError("f_jvp: damping_dot must be a number")
    for _ in range(n):
        k1, k1_dot = flow_jvp(u, u_dot, damping, damping_dot)
        t = 0.5 * h
        k2, k2_dot = flow_jvp(u + t * k1, u_dot + t * k1_dot, damping, damping_dot)
        k3, k3_dot = flow_jvp(u + t * k2, u_dot + t * k2_dot, damping, damping_dot)
        k4, k4_dot = flow_jvp(u + h * k3, u_dot + h * k3_dot, damping, damping_dot)
        t2 = h / 6.0
        u_dot = u_dot + t2 * (k1_dot + 2.0 * k2_dot + 2.0 * k3_dot + k4_dot)
        u = u + t2 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return np.sum(u * u), np.sum(2.0 * u * u_dot)



# ---- grad ------------------------------------------------------------------------------------------------


def flow_pullback(out_bar, u, damping):
    """What the adjoint of the value of `flow` gives to `u` and `damping`."""
    # a Duffing oscillator
    du = np.zeros_like(u)
    x = u[0]
    v = u[1]
    # backward
    u_bar = spread(0.0, u)
    du_bar = spread(out_bar, du)
    t_bar = du_bar[1]
    du_bar[1] = 0.0
    damping_bar = -(t_bar * v)
    u_bar[1] += du_bar[0] - t_bar * damping
    u_bar[0] += -t_bar - 0.3 * t_bar * (3.0 * x ** 2)
    return u_bar, damping_bar


def f_grad(u, damping, h: float, n):
    """The gradient of `f` in `u` and `damping`.

    Returns: (the derivative in `u`, in its shape; the derivative in `damping`, in its shape).
    """
    if u.ndim != 1 or u.dtype.kind != "f":
        raise TypeError("f_grad: u must be a 1-d floating array")
    if np.ndim(damping) != 0:
        raise TypeError("f_grad: damping must be a number; for an array use `vjp` or `jacobian`")
    u_in = u
    u_saved = []
    k1_saved = []
    t_saved = []
    k2_saved = []
    t2_saved = []
    k3_saved = []
    t3_saved = []
    k4_saved = []
    for _ in range(n):
        u_saved.append(u)
        k1 = flow(u, damping)
        k1_saved.append(k1)
        t = u + 0.5 * h * k1
        t_saved.append(t)
        k2 = flow(t, damping)
        k2_saved.append(k2)
        t2 = u + 0.5 * h * k2
        t2_saved.append(t2)
        k3 = flow(t2, damping)
        k3_saved.append(k3)
        t3 = u + h * k3
        t3_saved.append(t3)
        k4 = flow(t3, damping)
        k4_saved.append(k4)
        u = u + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    # backward
    damping_bar = 0.0
    u_bar = 2.0 * u
    for _ in range(n):
        u = u_saved.pop()
        k1 = k1_saved.pop()
        t = t_saved.pop()
        k2 = k2_saved.pop()
        t2 = t2_saved.pop()
        k3 = k3_saved.pop()
        t3 = t3_saved.pop()
        k4 = k4_saved.pop()
        t_bar = u_bar * (h / 6.0)
        t_bar2, t_bar3 = flow_pullback(spread(sum_to(t_bar, k4), k4), t3, damping)
        k3_bar = spread(2.0 * sum_to(t_bar, k3) + sum_to(t_bar2, k3) * h, k3)
        t_bar4, t_bar5 = flow_pullback(k3_bar, t2, damping)
        u_bar = sum_to(u_bar, u) + sum_to(t_bar2, u) + sum_to(t_bar4, u)
        k2_bar = spread(2.0 * sum_to(t_bar, k2) + sum_to(t_bar4, k2) * (0.5 * h), k2)
        t_bar6, t_bar7 = flow_pullback(k2_bar, t, damping)
        u_bar = u_bar + sum_to(t_bar6, u)
        k1_bar = spread(sum_to(t_bar, k1) + sum_to(t_bar6, k1) * (0.5 * h), k1)
        t_bar8, t_bar9 = flow_pullback(k1_bar, u, damping)
        u_bar = u_bar + t_bar8
        damping_bar += t_bar3 + t_bar5 + t_bar7 + t_bar9
    return spread(u_bar, u_in), damping_bar
