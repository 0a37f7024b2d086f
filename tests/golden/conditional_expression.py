"""Conditional expressions."""




def f(x, y):
    a = x * y if x > y else x + y
    return a * (x if a > 1.0 else 2.0)


WRT = ("x", "y")


def arguments():
    return 0.4, 0.9


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x, x_dot, y, y_dot):
    """The value of `f` and its tangent, given tangents of `x` and `y`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(x_dot) != 0:
        raise TypeError("f_jvp: x_dot must be a number")
    if np.ndim(y_dot) != 0:
        raise TypeError("f_jvp: y_dot must be a number")
    if x > y:
        t = x * y
        t_dot = y * x_dot + x * y_dot
    else:
        t = x + y
        t_dot = x_dot + y_dot
    a = t
    if a > 1.0:
        t2 = x
        t2_dot = x_dot
    else:
        t2 = 2.0
        t2_dot = 0.0
    return a * t2, t2 * t_dot + a * t2_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x, y):
    """The gradient of `f` in `x` and `y`.

    Returns: (the derivative in `x`, in its shape; the derivative in `y`, in its shape).
    """
    if np.ndim(x) != 0:
        raise TypeError("f_grad: x must be a number")
    if np.ndim(y) != 0:
        raise TypeError("f_grad: y must be a number")
    a = x * y if x > y else x + y
    t = x if a > 1.0 else 2.0
    # backward
    x_bar = a if a > 1.0 else 0.0
    if x > y:
        x_bar += t * y
        y_bar = t * x
    else:
        x_bar += t
        y_bar = t
    return x_bar, y_bar
