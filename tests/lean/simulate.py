"""A number that a loop carries: one array, indexed by the iteration."""

import numpy as np


def f(x, r, n):
    for _ in range(n):
        x = r * x * (1.0 - x)
    return x


WRT = ("x", "r")


def arguments():
    return 0.35, 2.4, 5


def f_grad(x, r, n):
    x_saved = np.empty(max(n, 0))
    for i in range(n):
        x_saved[i] = x
        x = r * x * (1.0 - x)
    # backward
    x_bar = 1.0
    r_bar = 0.0
    for i in range(n - 1, -1, -1):
        x = x_saved[i]
        r_bar += x_bar * x * (1.0 - x)
        x_bar = x_bar * r * (1.0 - 2.0 * x)
    return x_bar, r_bar
