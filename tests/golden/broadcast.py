"""Broadcasting in products and stores."""

import numpy as np


def f(a, b):
    out = np.zeros((3, 2))
    out[:] = a
    out[:, 0] = out[:, 0] * b
    return np.sum(out * out)


WRT = ("a", "b")


def arguments():
    return np.array([0.1, 0.9]), np.array([0.5, -0.3, 0.2])


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(a, a_dot, b, b_dot):
    """The value of `f` and its tangent, given tangents of `a` and `b`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(a) != 0 and a.dtype.kind != "f":
        raise TypeError("f_jvp: a must be a number or a floating array")
    if np.ndim(b) != 0 and b.dtype.kind != "f":
        raise TypeError("f_jvp: b must be a number or a floating array")
    if np.shape(a_dot) != np.shape(a):
        raise TypeError("f_jvp: a_dot must have the shape of a")
    if np.shape(b_dot) != np.shape(b):
        raise TypeError("f_jvp: b_dot must have the shape of b")
    out = np.zeros((3, 2))
    out_dot = np.zeros((3, 2))
    out_dot[:] = a_dot
    out[:] = a
    t = out[:, 0]
    out_dot[:, 0] = b * out_dot[:, 0] + t * b_dot
    out[:, 0] = t * b
    return np.sum(out * out), np.sum(2.0 * out * out_dot)



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(a, b):
    """The gradient of `f` in `a` and `b`.

    Returns: (the derivative in `a`, in its shape; the derivative in `b`, in its shape).
    """
    if np.ndim(a) != 0 and a.dtype.kind != "f":
        raise TypeError("f_grad: a must be a number or a floating array")
    if np.ndim(b) != 0 and b.dtype.kind != "f":
        raise TypeError("f_grad: b must be a number or a floating array")
    out = np.zeros((3, 2))
    out[:] = a
    t = out[:, 0]
    t_saved = t.copy()
    out[:, 0] = t * b
    # backward
    out_bar = 2.0 * out
    t_bar = out_bar[:, 0].copy()
    out_bar[:, 0] = sum_to(t_bar * b, t)
    b_bar = sum_to(t_bar * t_saved, b)
    a_bar = sum_to(out_bar[:].copy(), a)
    return spread(a_bar, a), spread(b_bar, b)
