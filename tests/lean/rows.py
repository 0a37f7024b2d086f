"""Views share the adjoint of their owner."""

import numpy as np


def f(x):
    total = 0.0
    for i in range(x.shape[0]):
        row = x[i]
        row[0] = row[0] * row[1]
        total += np.sum(row)
    return total


WRT = "x"


def arguments():
    return (np.array([[0.5, -0.2, 0.9], [0.3, 0.8, -0.6]]),)


def f_grad(x):
    x_bar = np.zeros_like(x)
    for i in range(x.shape[0]):
        row = x[i]
        row_bar = x_bar[i]
        # backward
        row_bar += 1.0
        t_bar = row_bar[0]
        row_bar[0] = t_bar * row[1]
        row_bar[1] += t_bar * row[0]
    return x_bar
