"""ADBench's LSTM with diagonal weights: the loss of predicting a sequence's next element, as loops and as array code.

In: main (2L, 4b: rows of weights and biases by turns; forget, ingate, outgate, change), extra (3, b: input weight,
output weight, output bias), state (2L, b: hidden and cell by turns), sequence (c, b).  Out: one number.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

# ruff: noqa: F722


def lstm_loops(main, extra, state, sequence):
    c, b = sequence.shape
    layers = state.shape[0] // 2
    s = state.copy()
    total = 0.0
    for t in range(c - 1):
        x = np.empty(b)
        for j in range(b):
            x[j] = sequence[t, j] * extra[0, j]
        for k in range(layers):
            for j in range(b):
                hidden = s[2 * k, j]
                forget = 1.0 / (1.0 + math.exp(-(x[j] * main[2 * k, j] + main[2 * k + 1, j])))
                ingate = 1.0 / (1.0 + math.exp(-(hidden * main[2 * k, b + j] + main[2 * k + 1, b + j])))
                outgate = 1.0 / (1.0 + math.exp(-(x[j] * main[2 * k, 2 * b + j] + main[2 * k + 1, 2 * b + j])))
                change = math.tanh(hidden * main[2 * k, 3 * b + j] + main[2 * k + 1, 3 * b + j])
                cell = s[2 * k + 1, j] * forget + ingate * change
                hidden = outgate * math.tanh(cell)
                s[2 * k + 1, j] = cell
                s[2 * k, j] = hidden
                # the next layer's input
                x[j] = hidden
        mass = 2.0
        for j in range(b):
            mass += math.exp(x[j] * extra[1, j] + extra[2, j])
        log_mass = math.log(mass)
        for j in range(b):
            total += sequence[t + 1, j] * (x[j] * extra[1, j] + extra[2, j] - log_mass)
    return -total / ((c - 1) * b)


def lstm_arrays(
    main: Float[np.ndarray, "l w"],
    extra: Float[np.ndarray, "3 b"],
    state: Float[np.ndarray, "l b"],
    sequence: Float[np.ndarray, "c b"],
):
    c, b = sequence.shape
    layers = state.shape[0] // 2
    s = state.copy()
    total = 0.0
    for t in range(c - 1):
        x = sequence[t] * extra[0]
        for k in range(layers):
            w = main[2 * k]
            bias = main[2 * k + 1]
            forget = 1.0 / (1.0 + np.exp(-(x * w[:b] + bias[:b])))
            ingate = 1.0 / (1.0 + np.exp(-(s[2 * k] * w[b : 2 * b] + bias[b : 2 * b])))
            outgate = 1.0 / (1.0 + np.exp(-(x * w[2 * b : 3 * b] + bias[2 * b : 3 * b])))
            change = np.tanh(s[2 * k] * w[3 * b :] + bias[3 * b :])
            cell = s[2 * k + 1] * forget + ingate * change
            # the hidden state is the next layer's input
            x = outgate * np.tanh(cell)
            s[2 * k + 1] = cell
            s[2 * k] = x
        y = x * extra[1] + extra[2]
        total += np.sum(sequence[t + 1] * (y - np.log(2.0 + np.sum(np.exp(y)))))
    return -total / ((c - 1) * b)
