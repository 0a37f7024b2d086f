"""The tangent of a gradient."""

import tangent_ad as ad
from tests.golden import curve

f = ad.grad(curve.f)
WRT = ("x", "y")


def arguments():
    return 0.7, 1.3


# ---- jvp -------------------------------------------------------------------------------------------------


def f_grad_jvp(x, x_dot, y, y_dot):
    """The value of `f_grad` and its tangent, given tangents of `x` and `y`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(x_dot) != 0:
        raise TypeError("f_grad_jvp: x_dot must be a number")
    if np.ndim(y_dot) != 0:
        raise TypeError("f_grad_jvp: y_dot must be a number")
    if np.ndim(x) != 0:
        raise TypeError("f_grad: x must be a number; for an array use `vjp` or `jacobian`")
    # slope of the curve
    t = np.sin(x)
    z = t * y
    z_dot = y * (np.cos(x) * x_dot) + t * y_dot
    # backward
    z_bar = 1.0
    z_bar_dot = 0.0
    if z > 0:
        t2 = 2.0 * z_bar
        z_bar = t2 * z
        z_bar_dot = 2.0 * z * z_bar_dot + t2 * z_dot
    t3 = z_bar * y
    t4 = np.cos(x)
    x_bar = 1.0 + t3 * t4
    return x_bar, t4 * (y * z_bar_dot + z_bar * y_dot) - t3 * (x_dot * np.sin(x))



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad_grad(x, y):
    """The gradient of `f_grad` in `x` and `y`.

    Returns: (the derivative in `x`, in its shape; the derivative in `y`, in its shape).
    """
    if np.ndim(y) != 0:
        raise TypeError("f_grad_grad: y must be a number; for an array use `vjp` or `jacobian`")
    if np.ndim(x) != 0:
        raise TypeError("f_grad: x must be a number; for an array use `vjp` or `jacobian`")
    # slope of the curve
    t = np.sin(x)
    z = t * y
    # backward
    z_bar = 1.0
    t2 = np.cos(x)
    # backward
    z_bar2 = 0.0
    z_bar_bar = t2 * y
    if z > 0:
        t3 = 2.0 * z_bar
        z_bar = t3 * z
        z_bar2 = z_bar_bar * t3
    y_bar = t2 * z_bar + z_bar2 * t
    x_bar2 = z_bar2 * y * t2 - z_bar * y * t
    return x_bar2, y_bar
