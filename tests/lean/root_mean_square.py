"""A sum whose adjoint is known only behind the loop: it runs with seed 1 and is scaled once."""

import numpy as np


def f(w, X):
    n, d = X.shape
    total = 0.0
    for i in range(n):
        t = 0.0
        for j in range(d):
            t += X[i, j] * w[j]
        total += t * t
    return np.sqrt(total / n)


WRT = "w"


def arguments():
    return np.array([0.4, -0.1]), np.array([[0.3, 1.0], [1.5, -0.2], [0.7, 0.6]])


def f_grad(w, X):
    n, d = X.shape
    total = 0.0
    w_bar = np.zeros_like(w)
    for i in range(n):
        t = 0.0
        for j in range(d):
            t += X[i, j] * w[j]
        total += t * t
        # backward, seed 1
        t_bar = 2.0 * t
        for j in range(d):
            w_bar[j] += t_bar * X[i, j]
    # backward
    w_bar *= 0.5 / (np.sqrt(total / n) * n)
    return w_bar
