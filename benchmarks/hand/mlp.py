"""The adjoint of the perceptron, as an expert writes it for Numba: products by BLAS, loops over their results.

In: the arguments of the program.  Out: the gradient in W1, b1, W2, b2.
"""

from __future__ import annotations

import math

import numba
import numpy as np


@numba.njit(error_model="numpy")
def mlp_grad(W1, b1, W2, b2, x, target):
    """In W1, b1, W2, b2."""
    h = np.dot(x, W1)
    n, width = h.shape
    for i in range(n):
        for j in range(width):
            h[i, j] = math.tanh(h[i, j] + b1[j])
    r = np.dot(h, W2)
    outputs = r.shape[1]
    scale = 2.0 / r.size
    b2_bar = np.zeros(outputs)
    for i in range(n):
        for j in range(outputs):
            r[i, j] = scale * (r[i, j] + b2[j] - target[i, j])
            b2_bar[j] += r[i, j]
    W2_bar = np.dot(h.T, r)
    g = np.dot(r, W2.T)
    b1_bar = np.zeros(width)
    for i in range(n):
        for j in range(width):
            g[i, j] *= 1.0 - h[i, j] * h[i, j]
            b1_bar[j] += g[i, j]
    return np.dot(x.T, g), b1_bar, W2_bar, b2_bar
