"""Annotated kinds need no guards and no helpers."""




def f(x: float, y: float, n: int = 3) -> float:
    total = 0.0
    for i in range(n):
        total += x * y**i
    return total


WRT = ("x", "y")


def arguments():
    return 0.3, 0.7


# ---- jvp -------------------------------------------------------------------------------------------------


def f_jvp(x: float, x_dot: float, y: float, y_dot: float, n: int = 3):
    """The value of `f` and its tangent, given tangents of `x` and `y`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    total = 0.0
    total_dot = 0.0
    for i in range(n):
        t = y ** i
        t_dot = (i * t / (y + (y == 0)) + (y == 0) * (i == 1)) * y_dot
        total_dot += t * x_dot + x * t_dot
        total += x * t
    return total, total_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad(x: float, y: float, n: int = 3):
    """The gradient of `f` in `x` and `y`.

    Returns: (the derivative in `x`, in its shape; the derivative in `y`, in its shape).
    """
    x_bar = 0.0
    y_bar = 0.0
    for i in range(n):
        t = y ** i
        # backward
        x_bar += t
        y_bar += x * (i * t / (y + (y == 0)) + (y == 0) * (i == 1))
    return x_bar, y_bar
