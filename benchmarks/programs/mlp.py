"""A perceptron with one hidden layer and its mean squared error, as array code.

In: weights and biases of two layers, a batch of inputs and of targets.  Out: one number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

# ruff: noqa: F722, F821, UP037


def mlp(
    W1: Float[np.ndarray, "i h"],
    b1: Float[np.ndarray, "h"],
    W2: Float[np.ndarray, "h o"],
    b2: Float[np.ndarray, "o"],
    x: Float[np.ndarray, "n i"],
    target: Float[np.ndarray, "n o"],
):
    h = np.tanh(x @ W1 + b1)
    r = h @ W2 + b2 - target
    return np.mean(r * r)
