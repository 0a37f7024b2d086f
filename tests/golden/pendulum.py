"""A Runge-Kutta step on numbers whose right-hand side is called."""

import numpy as np


def pull(angle, length):
    return -9.81 / length * np.sin(angle)


def f(angle, speed, length, h):
    k1 = speed
    m1 = pull(angle, length)
    k2 = speed + 0.5 * h * m1
    m2 = pull(angle + 0.5 * h * k1, length)
    k3 = speed + 0.5 * h * m2
    m3 = pull(angle + 0.5 * h * k2, length)
    k4 = speed + h * m3
    return angle + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)


WRT = ("angle", "length")


def arguments():
    return 0.6, 0.1, 1.4, 0.05


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(angle, angle_dot, speed, length, length_dot, h):
    """The value of `f` and its tangent, given tangents of `angle` and `length`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(angle) != 0 and angle.dtype.kind != "f":
        raise TypeError("f_jvp: angle must be a number or a floating array")
    if np.ndim(length) != 0 and length.dtype.kind != "f":
        raise TypeError("f_jvp: length must be a number or a floating array")
    if np.shape(angle_dot) != np.shape(angle):
        raise TypeError("f_jvp: angle_dot must have the shape of angle")
    if np.shape(length_dot) != np.shape(length):
        raise TypeError("f_jvp: length_dot must have the shape of length")
    k1 = speed
    t = -9.81 / length
    t2 = np.sin(angle)
    m1 = t * t2
    t3 = 0.5 * h
    t_dot = t3 * (t * (np.cos(angle) * angle_dot) - t2 * (length_dot * (t / length)))
    k2 = speed + t3 * m1
    k2_dot = spread(t_dot, k2)
    t4 = angle + 0.5 * h * k1
    t5 = -9.81 / length
    t6 = np.sin(t4)
    m2 = t5 * t6
    m2_dot = t5 * (np.cos(t4) * spread(angle_dot, t4)) - t6 * (length_dot * (t5 / length))
    t7 = 0.5 * h
    k3 = speed + t7 * m2
    t8 = 0.5 * h
    t9 = angle + t8 * k2
    t10 = -9.81 / length
    t10_dot = -(length_dot * (t10 / length))
    t11 = np.sin(t9)
    m3 = t10 * t11
    t_dot2 = h * (t11 * t10_dot + t10 * (np.cos(t9) * (angle_dot + t8 * k2_dot)))
    k4 = speed + h * m3
    t12 = h / 6.0
    t13 = k1 + 2.0 * k2
    t_dot3 = spread(2.0 * k2_dot, t13) + 2.0 * spread(t7 * m2_dot, k3) + spread(t_dot2, k4)
    return angle + t12 * (t13 + 2.0 * k3 + k4), angle_dot + t12 * t_dot3



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(angle, speed, length, h):
    """The gradient of `f` in `angle` and `length`.

    Returns: (the derivative in `angle`, in its shape; the derivative in `length`, in its shape).
    """
    if np.ndim(angle) != 0:
        raise TypeError("f_grad: angle must be a number; for an array use `vjp` or `jacobian`")
    if np.ndim(speed) != 0:
        raise TypeError("f_grad: speed must be a number; for an array use `vjp` or `jacobian`")
    if np.ndim(length) != 0:
        raise TypeError("f_grad: length must be a number; for an array use `vjp` or `jacobian`")
    if np.ndim(h) != 0:
        raise TypeError("f_grad: h must be a number; for an array use `vjp` or `jacobian`")
    k1 = speed
    t = -9.81 / length
    t2 = np.sin(angle)
    m1 = t * t2
    t3 = 0.5 * h
    k2 = speed + t3 * m1
    t4 = angle + 0.5 * h * k1
    t5 = angle + t3 * k2
    # backward
    t_bar = h / 6.0
    t5_bar = t_bar * h * t * np.cos(t5)
    length_bar = -(t_bar * h * np.sin(t5) * (t / length))
    m2_bar = 2.0 * t_bar * (0.5 * h)
    m1_bar = (2.0 * t_bar + t5_bar * t3) * t3
    angle_bar = 1.0 + t5_bar + m2_bar * t * np.cos(t4) + m1_bar * t * np.cos(angle)
    length_bar -= m2_bar * np.sin(t4) * (t / length) + m1_bar * t2 * (t / length)
    return angle_bar, length_bar
