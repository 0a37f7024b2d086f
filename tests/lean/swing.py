"""A function that is called in a loop."""

import numpy as np


def spring(q, k):
    return -k * q - 0.1 * q * q * q


def f(q, v, k, h, n):
    for _ in range(n):
        v = v + h * spring(q, k)
        q = q + h * v
    return 0.5 * v * v


WRT = "k"


def arguments():
    return 0.4, 0.2, 1.1, 0.05, 4


def f_grad(q, v, k, h, n):
    q_saved = np.empty(max(n, 0))
    for i in range(n):
        q_saved[i] = q
        v = v + h * spring(q, k)
        q = q + h * v
    # backward
    k_bar = 0.0
    q_bar = 0.0
    v_bar = v
    for i in range(n - 1, -1, -1):
        q = q_saved[i]
        v_bar += h * q_bar
        t_bar = h * v_bar
        q_bar -= t_bar * (k + 0.3 * q * q)
        k_bar -= t_bar * q
    return k_bar
