"""Array programs: one expression per adjoint."""

import numpy as np


def f(W1, b1, W2, b2, x, target):
    h = np.tanh(x @ W1 + b1)
    r = h @ W2 + b2 - target
    return np.mean(r * r)


WRT = ("W1", "b1", "W2", "b2")


def arguments():
    return (
        np.array([[0.1, -0.3], [0.5, 0.2], [-0.4, 0.6]]),
        np.array([0.1, 0.2]),
        np.array([[0.7], [-0.2]]),
        np.array([0.05]),
        np.array([[1.0, 2.0, 3.0], [0.3, -0.5, 0.1]]),
        np.array([[0.2], [0.4]]),
    )


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(W1, W1_dot, b1, b1_dot, W2, W2_dot, b2, b2_dot, x, target):
    """The value of `f` and its tangent, given tangents of `W1` and `b1` and `W2` and `b2`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if W1.dtype.kind != "f":
        raise TypeError("f_jvp: W1 must be a floating array")
    if np.ndim(b1) != 0 and b1.dtype.kind != "f":
        raise TypeError("f_jvp: b1 must be a number or a floating array")
    if W2.dtype.kind != "f":
        raise TypeError("f_jvp: W2 must be a floating array")
    if np.ndim(b2) != 0 and b2.dtype.kind != "f":
        raise TypeError("f_jvp: b2 must be a number or a floating array")
    if W1_dot.shape != W1.shape or W1_dot.dtype.kind != "f":
        raise TypeError("f_jvp: W1_dot must be a floating array of the shape of W1")
    if np.shape(b1_dot) != np.shape(b1):
        raise TypeError("f_jvp: b1_dot must have the shape of b1")
    if W2_dot.shape != W2.shape or W2_dot.dtype.kind != "f":
        raise TypeError("f_jvp: W2_dot must be a floating array of the shape of W2")
    if np.shape(b2_dot) != np.shape(b2):
        raise TypeError("f_jvp: b2_dot must have the shape of b2")
    h = np.tanh(x @ W1 + b1)
    t_dot = (1.0 - h * h) * (x @ W1_dot + b1_dot) @ W2 + h @ W2_dot + b2_dot
    r = h @ W2 + b2 - target
    return np.mean(r * r), np.mean(2.0 * r * spread(t_dot, r))



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(W1, b1, W2, b2, x, target):
    """The gradient of `f` in `W1` and `b1` and `W2` and `b2`.

    Returns: (the derivative in `W1`, in its shape; the derivative in `b1`, in its shape; the derivative in `W2`, in its shape; the derivative in `b2`, in its shape).
    """
    if W1.dtype.kind != "f":
        raise TypeError("f_grad: W1 must be a floating array")
    if np.ndim(b1) != 0 and b1.dtype.kind != "f":
        raise TypeError("f_grad: b1 must be a number or a floating array")
    if W2.dtype.kind != "f":
        raise TypeError("f_grad: W2 must be a floating array")
    if np.ndim(b2) != 0 and b2.dtype.kind != "f":
        raise TypeError("f_grad: b2 must be a number or a floating array")
    t = x @ W1
    h = np.tanh(t + b1)
    t2 = h @ W2
    r = t2 + b2 - target
    # backward
    t_bar = 2.0 * r / np.size(r)
    t2_bar = copy_of(sum_to(t_bar, t2))
    b2_bar = copy_of(sum_to(t_bar, b2))
    W2_bar = matmul_right(t2_bar, h, W2)
    t_bar2 = matmul_left(t2_bar, h, W2) * (1.0 - h * h)
    b1_bar = copy_of(sum_to(t_bar2, b1))
    W1_bar = matmul_right(copy_of(sum_to(t_bar2, t)), x, W1)
    return spread(W1_bar, W1), spread(b1_bar, b1), spread(W2_bar, W2), spread(b2_bar, b2)
