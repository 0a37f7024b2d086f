"""Long expressions come back as the user wrote them."""

import numpy as np


def f(x, y, z):
    # a product of sums
    p = (x + 2.0 * y - z) * (x - y) / (1.0 + z * z)
    q = np.exp(-0.5 * p * p) * np.sin(x) + np.cos(y) ** 2 - abs(z)  # the wave
    return p * q + max(x, y)


WRT = ("x", "y", "z")


def arguments():
    return 0.3, 0.7, -0.4


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot, y, y_dot, z, z_dot):
    """The value of `f` and its tangent, given tangents of `x` and `y` and `z`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(z) != 0 and z.dtype.kind != "f":
        raise TypeError("f_jvp: z must be a number or a floating array")
    if np.ndim(x_dot) != 0:
        raise TypeError("f_jvp: x_dot must be a number")
    if np.ndim(y_dot) != 0:
        raise TypeError("f_jvp: y_dot must be a number")
    if np.shape(z_dot) != np.shape(z):
        raise TypeError("f_jvp: z_dot must have the shape of z")
    # a product of sums
    t = x + 2.0 * y - z
    t2 = x - y
    t_dot = t2 * (x_dot + 2.0 * y_dot - z_dot) + t * (x_dot - y_dot)
    t3 = 1.0 + z * z
    p = t * t2 / t3
    p_dot = t_dot / t3 - 2.0 * z * z_dot * (p / t3)
    t4 = -0.5 * p
    t5 = np.exp(t4 * p)
    t5_dot = t5 * (t4 * p_dot - p * (0.5 * p_dot))
    t6 = np.sin(x)
    t_dot2 = t6 * t5_dot + t5 * (np.cos(x) * x_dot)
    t7 = np.cos(y)
    q = t5 * t6 + t7 ** 2 - abs(z)  # the wave
    q_dot = t_dot2 - 2.0 * t7 * (y_dot * np.sin(y)) - np.sign(z) * z_dot
    t_dot3 = x_dot * (x > y) + 0.5 * x_dot * (x == y) + (y_dot * (y > x) + 0.5 * y_dot * (y == x))
    return p * q + max(x, y), q * p_dot + p * q_dot + t_dot3



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x, y, z):
    """The gradient of `f` in `x` and `y` and `z`.

    Returns: (the derivative in `x`, in its shape; the derivative in `y`, in its shape; the derivative in `z`, in its shape).
    """
    if np.ndim(x) != 0:
        raise TypeError("f_grad: x must be a number")
    if np.ndim(y) != 0:
        raise TypeError("f_grad: y must be a number")
    if np.ndim(z) != 0:
        raise TypeError("f_grad: z must be a number; for an array use `vjp` or `jacobian`")
    # a product of sums
    t = x + 2.0 * y - z
    t2 = 1.0 + z * z
    p = t * (x - y) / t2
    t3 = np.exp(-0.5 * p * p)
    t4 = np.sin(x)
    t5 = np.cos(y)
    q = t3 * t4 + t5 ** 2 - abs(z)  # the wave
    # backward
    t5_bar = 2.0 * p * t5
    t_bar = p * t4 * t3
    p_bar = q - t_bar * (0.5 * p) - 0.5 * (t_bar * p)
    t_bar2 = p_bar / t2
    t_bar3 = t_bar2 * (x - y)
    t_bar4 = t_bar2 * t
    y_bar = 1.0 * (y > x) + 0.5 * (y == x) - t5_bar * np.sin(y) - t_bar4
    z_bar = -(p * np.sign(z)) - 2.0 * p_bar * (p / t2) * z - t_bar3
    x_bar = 1.0 * (x > y) + 0.5 * (x == y) + p * t3 * np.cos(x) + t_bar4 + t_bar3
    y_bar += 2.0 * t_bar3
    return x_bar, y_bar, z_bar
