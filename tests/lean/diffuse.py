"""An array that is bound again in a time loop.

The parameters are annotated.  Without that `k` could be an array, whose adjoint is no plain sum, and `u` an array of
any rank, which a tape of its shape holds only where the stencil does not broadcast.
"""

import numpy as np


def f(u: "Float[np.ndarray, 'n']", k: float, steps: int):
    for _ in range(steps):
        lap = np.zeros_like(u)
        lap[1:-1] = u[:-2] - 2.0 * u[1:-1] + u[2:]
        u = u + k * lap
    return np.sum(u * u)


WRT = ("u", "k")


def arguments():
    return np.array([0.2, 0.8, -0.5, 0.4, 0.6]), 0.12, 3


def f_grad(u, k, steps):
    u_saved = np.empty((max(steps, 0),) + u.shape, u.dtype)
    for s in range(steps):
        u_saved[s] = u
        lap = np.zeros_like(u)
        lap[1:-1] = u[:-2] - 2.0 * u[1:-1] + u[2:]
        u = u + k * lap
    # backward
    k_bar = 0.0
    u_bar = 2.0 * u
    for s in range(steps - 1, -1, -1):
        u = u_saved[s]
        lap = np.zeros_like(u)
        lap[1:-1] = u[:-2] - 2.0 * u[1:-1] + u[2:]
        k_bar += np.sum(u_bar * lap)
        t_bar = k * u_bar[1:-1]
        u_bar[:-2] += t_bar
        u_bar[1:-1] -= 2.0 * t_bar
        u_bar[2:] += t_bar
    return u_bar, k_bar
