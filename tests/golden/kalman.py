"""One step of a Kalman filter in one dimension, over a series of measurements."""

import numpy as np


def f(q, r, z):
    x = 0.0
    p = 1.0
    loss = 0.0
    for k in range(len(z)):
        # predict
        p = p + q
        # update
        gain = p / (p + r)
        error = z[k] - x
        x = x + gain * error
        p = (1.0 - gain) * p
        loss += error * error
    return loss


WRT = ("q", "r")


def arguments():
    return 0.1, 0.5, np.array([0.3, 0.8, -0.1, 0.4])


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(q, q_dot, r, r_dot, z):
    """The value of `f` and its tangent, given tangents of `q` and `r`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(q) != 0 and q.dtype.kind != "f":
        raise TypeError("f_jvp: q must be a number or a floating array")
    if np.ndim(r) != 0 and r.dtype.kind != "f":
        raise TypeError("f_jvp: r must be a number or a floating array")
    if z.ndim != 1:
        raise TypeError("f_jvp: z must be a 1-d array")
    if np.shape(q_dot) != np.shape(q):
        raise TypeError("f_jvp: q_dot must have the shape of q")
    if np.shape(r_dot) != np.shape(r):
        raise TypeError("f_jvp: r_dot must have the shape of r")
    x = 0.0
    x_dot = 0.0
    p = 1.0
    p_dot = 0.0
    loss = 0.0
    loss_dot = 0.0
    for k in range(len(z)):
        # predict
        p_dot = p_dot + q_dot
        p = p + q
        # update
        t = p + r
        gain = p / t
        gain_dot = p_dot / t - (p_dot + r_dot) * (gain / t)
        error = z[k] - x
        error_dot = -x_dot
        x_dot = x_dot + (error * gain_dot + gain * error_dot)
        x = x + gain * error
        t2 = 1.0 - gain
        p_dot = t2 * p_dot - p * gain_dot
        p = t2 * p
        loss_dot = loss_dot + 2.0 * error * error_dot
        loss = loss + error * error
    return loss, loss_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(q, r, z):
    """The gradient of `f` in `q` and `r`.

    Returns: (the derivative in `q`, in its shape; the derivative in `r`, in its shape).
    """
    if np.ndim(q) != 0:
        raise TypeError("f_grad: q must be a number; for an array use `vjp` or `jacobian`")
    if np.ndim(r) != 0:
        raise TypeError("f_grad: r must be a number; for an array use `vjp` or `jacobian`")
    if z.ndim != 1:
        raise TypeError("f_grad: z must be a 1-d array")
    x = 0.0
    p = 1.0
    p_saved = np.empty(len(z))
    x_saved = np.empty(len(z))
    for k in range(len(z)):
        p_saved[k] = p
        x_saved[k] = x
        # predict
        p = p + q
        # update
        gain = p / (p + r)
        error = z[k] - x
        x = x + gain * error
        p = (1.0 - gain) * p
    # backward
    q_bar = 0.0
    r_bar = 0.0
    x_bar = 0.0
    p_bar = 0.0
    for k in range(len(z) - 1, -1, -1):
        x = x_saved[k]
        p3 = p_saved[k] + q
        gain = p3 / (p3 + r)
        error = z[k] - x
        gain_bar = x_bar * error - p_bar * p3
        x_bar -= 2.0 * error + x_bar * gain
        t_bar = -(gain_bar * (gain / (p3 + r)))
        p_bar = p_bar * (1.0 - gain) + gain_bar / (p3 + r) + t_bar
        r_bar += t_bar
        q_bar += p_bar
    return q_bar, r_bar
