"""Independent iterations: one loop, nothing kept."""

import numpy as np


def f(w, X, y):
    n, d = X.shape
    total = 0.0
    for i in range(n):
        t = 0.0
        for j in range(d):
            t += X[i, j] * w[j]
        total += np.log1p(np.exp(-y[i] * t))
    return total


WRT = "w"


def arguments():
    return np.array([0.4, -0.1]), np.array([[0.3, 1.0], [1.5, -0.2], [0.7, 0.6]]), np.array([-1.0, 1.0, 1.0])


def f_grad(w, X, y):
    n, d = X.shape
    w_bar = np.zeros_like(w)
    for i in range(n):
        t = 0.0
        for j in range(d):
            t += X[i, j] * w[j]
        e = np.exp(-y[i] * t)
        # backward
        t_bar = -y[i] * e / (1.0 + e)
        for j in range(d):
            w_bar[j] += t_bar * X[i, j]
    return w_bar
