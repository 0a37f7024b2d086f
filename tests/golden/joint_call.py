"""A long function of the user's, called in a loop: the backward sweep calls its derivative."""

import numpy as np


def force(q, v, k):
    # a spring that stiffens, in a fluid
    stretch = np.sqrt(1.0 + q * q) - 1.0
    pull = k * q * (1.0 + stretch)
    drag = 0.1 * v * abs(v)
    swirl = np.sin(q) * np.exp(-v * v)
    total = pull + drag
    total = total - 0.2 * swirl
    return -total


def f(q, v, k, h, n):
    for _ in range(n):
        v = v + h * force(q, v, k)
        q = q + h * v
    return 0.5 * v * v


WRT = "k"


def arguments():
    return 0.5, 0.1, 1.2, 0.05, 3


# ---- jvp -------------------------------------------------------------------------------------------------


def force_jvp(q, q_dot, v, v_dot, k, k_dot):
    """The value of `force` and its tangent, given tangents of `q` and `v` and `k`."""
    # a spring that stiffens, in a fluid
    t = np.sqrt(1.0 + q * q)
    stretch = t - 1.0
    t2 = k * q
    t2_dot = q * k_dot + k * q_dot
    t3 = 1.0 + stretch
    pull = t2 * t3
    pull_dot = t3 * t2_dot + t2 * (2.0 * q * q_dot / (2.0 * t))
    t4 = 0.1 * v
    t5 = abs(v)
    drag = t4 * t5
    t6 = np.sin(q)
    t6_dot = np.cos(q) * q_dot
    t7 = -v
    t8 = np.exp(t7 * v)
    swirl = t6 * t8
    total = pull + drag
    t_dot = 0.2 * (t8 * t6_dot + t6 * (t8 * (t7 * v_dot - v * v_dot)))
    total_dot = pull_dot + (t5 * (0.1 * v_dot) + t4 * (np.sign(v) * v_dot)) - t_dot
    total = total - 0.2 * swirl
    return -total, -total_dot


def f_jvp(q, v, k, k_dot, h, n):
    """The value of `f` and its tangent, given tangents of `k`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(k) != 0 and k.dtype.kind != "f":
        raise TypeError("f_jvp: k must be a number or a floating array")
    if np.shape(k_dot) != np.shape(k):
        raise TypeError("f_jvp: k_dot must have the shape of k")
    q_dot = spread(0.0, q)
    v_dot = spread(0.0, v)
    for _ in range(n):
        t, t_dot = force_jvp(q, q_dot, v, v_dot, k, k_dot)
        v_dot = v_dot + h * t_dot
        v = v + h * t
        q_dot = q_dot + h * v_dot
        q = q + h * v
    t2 = 0.5 * v
    return t2 * v, v * (0.5 * v_dot) + t2 * v_dot



# ---- grad ------------------------------------------------------------------------------------------------


def force_pullback(out_bar, q, v, k):
    """What the adjoint of the value of `force` gives to `q` and `v` and `k`."""
    # a spring that stiffens, in a fluid
    t = np.sqrt(1.0 + q * q)
    stretch = t - 1.0
    t2 = -v
    t3 = np.exp(t2 * v)
    # backward
    total_bar = -out_bar
    swirl_bar = -(0.2 * total_bar)
    t_bar = swirl_bar * np.sin(q) * t3
    v_bar = t_bar * t2 - t_bar * v + total_bar * (0.1 * v) * np.sign(v)
    v_bar += 0.1 * (total_bar * abs(v))
    t_bar2 = total_bar * (1.0 + stretch)
    k_bar = t_bar2 * q
    q_bar = swirl_bar * t3 * np.cos(q) + t_bar2 * k
    q_bar += 2.0 * (total_bar * (k * q) / (2.0 * t)) * q
    return q_bar, v_bar, k_bar


def f_grad(q, v, k, h, n):
    """The gradient of `f` in `k`.

    Returns: the derivative in `k`, in its shape.
    """
    if np.ndim(q) != 0:
        raise TypeError("f_grad: q must be a number; for an array use `vjp` or `jacobian`")
    if np.ndim(v) != 0:
        raise TypeError("f_grad: v must be a number; for an array use `vjp` or `jacobian`")
    if np.ndim(k) != 0:
        raise TypeError("f_grad: k must be a number; for an array use `vjp` or `jacobian`")
    if np.ndim(h) != 0:
        raise TypeError("f_grad: h must be a number; for an array use `vjp` or `jacobian`")
    q_saved = np.empty(max(n, 0))
    v_saved = np.empty(max(n, 0))
    for i in range(n):
        q_saved[i] = q
        v_saved[i] = v
        v = v + h * force(q, v, k)
        q = q + h * v
    # backward
    q_bar = 0.0
    k_bar = 0.0
    v_bar = v
    for i in range(n - 1, -1, -1):
        q = q_saved[i]
        v = v_saved[i]
        v_bar = v_bar + q_bar * h
        t_bar, t_bar2, t_bar3 = force_pullback(v_bar * h, q, v, k)
        q_bar += t_bar
        v_bar += t_bar2
        k_bar += t_bar3
    return k_bar
