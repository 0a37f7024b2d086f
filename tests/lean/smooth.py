"""An array that is written in place: the element that is overwritten is kept, its adjoint is taken."""

import numpy as np


def f(u, c, sweeps):
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] += c * (u[i - 1] - 2.0 * u[i] + u[i + 1])
    return np.sum(u * u)


WRT = ("u", "c")


def arguments():
    return np.array([0.2, 0.8, -0.5, 0.4, 0.6, 0.1]), 0.15, 3


def f_grad(u, c, sweeps):
    u = u.copy()
    u_saved = np.empty((max(sweeps, 0), max(len(u) - 2, 0)), u.dtype)
    for s in range(sweeps):
        for i in range(1, len(u) - 1):
            u_saved[s, i - 1] = u[i]
            u[i] += c * (u[i - 1] - 2.0 * u[i] + u[i + 1])
    # backward
    c_bar = 0.0
    u_bar = 2.0 * u
    for s in range(sweeps - 1, -1, -1):
        for i in range(len(u) - 2, 0, -1):
            u[i] = u_saved[s, i - 1]
            t_bar = u_bar[i]
            c_bar += t_bar * (u[i - 1] - 2.0 * u[i] + u[i + 1])
            u_bar[i - 1] += c * t_bar
            u_bar[i] -= 2.0 * c * t_bar
            u_bar[i + 1] += c * t_bar
    return u_bar, c_bar
