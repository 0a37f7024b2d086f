"""A loop whose trips are not known: one array that grows."""

import numpy as np


def f(a, tol):
    x = a
    step = 1.0
    while abs(step) > tol:
        step = (x * x - a) / (2.0 * x)
        x = x - step
    return x


WRT = "a"


def arguments():
    return 3.0, 1e-10


def grow(box):
    box[0] = np.concatenate((box[0], np.empty_like(box[0])))


def f_grad(a, tol):
    x_saved = [np.empty(64)]
    trips = 0
    x = a
    step = 1.0
    while abs(step) > tol:
        if trips == len(x_saved[0]):
            grow(x_saved)
        x_saved[0][trips] = x
        trips += 1
        step = (x * x - a) / (2.0 * x)
        x = x - step
    # backward
    a_bar = 0.0
    x_bar = 1.0
    for k in range(trips - 1, -1, -1):
        x = x_saved[0][k]
        step = (x * x - a) / (2.0 * x)
        t_bar = -x_bar / (2.0 * x)
        a_bar -= t_bar
        x_bar += t_bar * 2.0 * (x - step)
    a_bar += x_bar
    return a_bar
