"""Sums along axes, maxima, norms."""

import numpy as np


def f(x):
    m = np.max(x, axis=1, keepdims=True)
    e = np.exp(x - m)
    p = e / e.sum(axis=1, keepdims=True)
    return np.sum(p[:, 0] * np.arange(len(x)))


WRT = "x"


def arguments():
    return (np.array([[0.4, -0.3], [0.2, 0.9], [0.1, 0.6]]),)


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot):
    """The value of `f` and its tangent, given tangents of `x`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(x) != 0 and x.dtype.kind != "f":
        raise TypeError("f_jvp: x must be a number or a floating array")
    if np.shape(x_dot) != np.shape(x):
        raise TypeError("f_jvp: x_dot must have the shape of x")
    m = np.max(x, axis=1, keepdims=True)
    m_dot = np.sum(share(x, m, axis=1, keepdims=True) * x_dot, axis=1, keepdims=True)
    e = np.exp(x - m)
    e_dot = e * (x_dot - m_dot)
    t = e.sum(axis=1, keepdims=True)
    p = e / t
    p_dot = e_dot / t - e_dot.sum(axis=1, keepdims=True) * (p / t)
    t2 = np.arange(len(x))
    return np.sum(p[:, 0] * t2), np.sum(t2 * p_dot[:, 0])



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x):
    """The gradient of `f` in `x`.

    Returns: the derivative in `x`, in its shape.
    """
    if np.ndim(x) != 0 and x.dtype.kind != "f":
        raise TypeError("f_grad: x must be a number or a floating array")
    m = np.max(x, axis=1, keepdims=True)
    e = np.exp(x - m)
    t = e.sum(axis=1, keepdims=True)
    p = e / t
    t2 = p[:, 0]
    t3 = np.arange(len(x))
    t4 = t2 * t3
    # backward
    p_bar = np.zeros_like(p)
    p_bar[:, 0] += sum_to(np.full_like(t4, 1.0) * t3, t2)
    e_bar = sum_to(p_bar / t, e) + unreduce(-sum_to(p_bar * (p / t), t), e, axis=1, keepdims=True)
    t_bar = e_bar * e
    x_bar = sum_to(t_bar, x) - share(x, m, axis=1, keepdims=True) * sum_to(t_bar, m)
    return spread(x_bar, x)
