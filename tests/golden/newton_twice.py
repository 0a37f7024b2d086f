"""The derivative of a derivative: unknown trip counts."""

import tangent_ad as ad
from tests.golden import newton

f = ad.grad(newton.f)
WRT = "a"


def arguments():
    return 2.0, 1e-9


# ---- jvp -------------------------------------------------------------------------------------------------


def f_grad_jvp(a, a_dot, tol):
    """The value of `f_grad` and its tangent, given tangents of `a`.

    Returns: (value, tangent of the value), both in the form of the value.
    """
    if np.ndim(a_dot) != 0:
        raise TypeError("f_grad_jvp: a_dot must be a number")
    if np.ndim(a) != 0:
        raise TypeError("f_grad: a must be a number")
    x_saved = []
    x_saved_dot = []
    x = a
    x_dot = a_dot
    step = 1.0
    trips = 0
    while abs(step) > tol:
        x_saved_dot.append(x_dot)
        x_saved.append(x)
        t = 2.0 * x
        step = (x * x - a) / (2.0 * x)
        x_dot = x_dot - ((2.0 * x * x_dot - a_dot) / (2.0 * x) - 2.0 * x_dot * (step / (2.0 * x)))
        x = x - step
        trips += 1
    # backward
    a_bar = 0.0
    a_bar_dot = 0.0
    x_bar = 1.0
    x_bar_dot = 0.0
    for k in range(trips):
        x = x_saved.pop()
        x_dot = x_saved_dot.pop()
        t2 = 2.0 * x
        step = (x * x - a) / t2
        step_dot = (2.0 * x * x_dot - a_dot) / t2 - 2.0 * x_dot * (step / t2)
        t_bar = -x_bar / t2
        t_bar_dot = -x_bar_dot / t2 - 2.0 * x_dot * (t_bar / t2)
        a_bar_dot -= t_bar_dot
        a_bar -= t_bar
        t3 = 2.0 * x_bar
        t4 = step / t2
        t_dot = 2.0 * t4 * x_bar_dot + t3 * (step_dot / t2 - 2.0 * x_dot * (t4 / t2))
        x_bar_dot += t_dot + (2.0 * x * t_bar_dot + 2.0 * t_bar * x_dot)
        x_bar += t3 * t4 + 2.0 * t_bar * x
    a_bar_dot += x_bar_dot
    a_bar += x_bar
    return a_bar, a_bar_dot



# ---- grad ------------------------------------------------------------------------------------------------


def f_grad_grad(a, tol):
    """The gradient of `f_grad` in `a`.

    Returns: the derivative in `a`, in its shape.
    """
    x_saved2 = []
    if np.ndim(a) != 0:
        raise TypeError("f_grad: a must be a number")
    x_saved = []
    x = a
    step = 1.0
    trips = 0
    trips2 = 0
    while abs(step) > tol:
        x_saved2.append(x)
        x_saved.append(x)
        step = (x * x - a) / (2.0 * x)
        x = x - step
        trips += 1
        trips2 += 1
    x_bar = 1.0
    x_bar_saved = np.empty(max(trips, 0))
    x_saved3 = np.empty(max(trips, 0))
    for k in range(trips):
        x_bar_saved[k] = x_bar
        x = x_saved.pop()
        x_saved3[k] = x
        step = (x * x - a) / (2.0 * x)
        t_bar = -x_bar / (2.0 * x)
        x_bar += 2.0 * x_bar * (step / (2.0 * x)) + 2.0 * t_bar * x
    # backward
    a_bar2 = 0.0
    x_saved_bar = []
    x_bar2 = 0.0
    x_bar_bar = 1.0
    for k in range(trips - 1, -1, -1):
        x_bar = x_bar_saved[k]
        x = x_saved3[k]
        t = 2.0 * x
        step = (x * x - a) / t
        t_bar = -x_bar / t
        t2 = step / t
        t_bar_bar = 2.0 * x_bar_bar * x - 1.0
        t2_bar = 2.0 * x_bar_bar * x_bar
        step_bar = t2_bar / t
        x_bar3 = 2.0 * x_bar_bar * t_bar - 2.0 * t2_bar * (t2 / t)
        x_bar_bar += 2.0 * x_bar_bar * t2 - t_bar_bar / t
        t_bar2 = step_bar / t
        x_bar3 -= 2.0 * t_bar_bar * (t_bar / t) + 2.0 * step_bar * (step / t)
        a_bar2 -= t_bar2
        x_bar3 += 2.0 * t_bar2 * x
        x_saved_bar.append(x_bar3)
    for k2 in range(trips2):
        x = x_saved2.pop()
        step = (x * x - a) / (2.0 * x)
        t_bar3 = -x_bar2 / (2.0 * x)
        a_bar2 -= t_bar3
        t_bar4 = x_saved_bar.pop()
        x_bar2 += 2.0 * x_bar2 * (step / (2.0 * x)) + 2.0 * t_bar3 * x + t_bar4
    a_bar2 += x_bar2
    return a_bar2
