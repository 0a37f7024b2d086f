"""A branch that is tested again."""

import numpy as np


def f(x, y):
    # slope of the curve
    z = np.sin(x) * y
    if z > 0:
        z = z * z
    return z + x


WRT = "x"


def arguments():
    return 0.8, 1.1


def f_grad(x, y):
    # slope of the curve
    z = np.sin(x) * y
    # backward
    x_bar = 1.0
    z_bar = 1.0
    if z > 0:
        z_bar = 2.0 * z * z_bar
    x_bar += z_bar * y * np.cos(x)
    return x_bar


def f_value_and_grad(x, y):
    # slope of the curve
    z = np.sin(x) * y
    z_saved = z
    if z > 0:
        z = z * z
    value = z + x
    # backward
    x_bar = 1.0
    z_bar = 1.0
    z = z_saved
    if z > 0:
        z_bar = 2.0 * z * z_bar
    x_bar += z_bar * y * np.cos(x)
    return value, x_bar


def f_jvp(x, x_dot, y):
    # slope of the curve
    z = np.sin(x) * y
    z_dot = np.cos(x) * x_dot * y
    if z > 0:
        z_dot = 2.0 * z * z_dot
        z = z * z
    return z + x, z_dot + x_dot
