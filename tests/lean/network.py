"""An array program whose axes are named: plain sums instead of sums back to a shape.

The annotations name the precision, too.  Without that a layer in single precision may stand beside one in double, and
its gradient, which is to be of its own precision, would need a cast.
"""

import numpy as np


def f(
    W1: "Float64[np.ndarray, 'i h']",
    b1: "Float64[np.ndarray, 'h']",
    W2: "Float64[np.ndarray, 'h o']",
    b2: "Float64[np.ndarray, 'o']",
    x: "Float64[np.ndarray, 'n i']",
    target: "Float64[np.ndarray, 'n o']",
):
    h = np.tanh(x @ W1 + b1)
    r = h @ W2 + b2 - target
    return np.mean(r * r)


WRT = ("W1", "b1", "W2", "b2")


def arguments():
    rng = np.random.default_rng(3)
    shapes = (3, 2), (2,), (2, 2), (2,), (4, 3), (4, 2)
    return tuple(rng.uniform(-1.0, 1.0, shape) for shape in shapes)


def f_grad(W1, b1, W2, b2, x, target):
    h = np.tanh(x @ W1 + b1)
    r = h @ W2 + b2 - target
    # backward
    r_bar = (2.0 / r.size) * r
    W2_bar = h.T @ r_bar
    b2_bar = r_bar.sum(axis=0)
    a_bar = (r_bar @ W2.T) * (1.0 - h * h)
    W1_bar = x.T @ a_bar
    b1_bar = a_bar.sum(axis=0)
    return W1_bar, b1_bar, W2_bar, b2_bar
