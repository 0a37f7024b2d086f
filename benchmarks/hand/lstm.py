"""Adjoints of the LSTM, as an expert writes them for Numba: as loops and as array code.

In: the arguments of the program.  Out: the gradient in main, extra.  The tape holds the states and, since they cost a
transcendental function each, the gates; the adjoint of the loss enters in the forward sweep, where its exps are.
"""

from __future__ import annotations

import math

import numba
import numpy as np


@numba.njit(error_model="numpy")
def lstm_loops_grad(main, extra, state, sequence):
    """In main, extra."""
    c, b = sequence.shape
    layers = state.shape[0] // 2
    scale = -1.0 / ((c - 1) * b)
    states = np.empty((c, 2 * layers, b))
    gates = np.empty((c - 1, layers, 5, b))
    g_main = np.zeros((2 * layers, 4 * b))
    g_extra = np.zeros((3, b))
    out = np.empty((c - 1, b))
    x = np.empty(b)
    states[0] = state
    for t in range(c - 1):
        s, new = states[t], states[t + 1]
        for j in range(b):
            x[j] = sequence[t, j] * extra[0, j]
        for k in range(layers):
            gate = gates[t, k]
            for j in range(b):
                hidden = s[2 * k, j]
                forget = 1.0 / (1.0 + math.exp(-(x[j] * main[2 * k, j] + main[2 * k + 1, j])))
                ingate = 1.0 / (1.0 + math.exp(-(hidden * main[2 * k, b + j] + main[2 * k + 1, b + j])))
                outgate = 1.0 / (1.0 + math.exp(-(x[j] * main[2 * k, 2 * b + j] + main[2 * k + 1, 2 * b + j])))
                change = math.tanh(hidden * main[2 * k, 3 * b + j] + main[2 * k + 1, 3 * b + j])
                cell = s[2 * k + 1, j] * forget + ingate * change
                squashed = math.tanh(cell)
                gate[0, j], gate[1, j], gate[2, j], gate[3, j], gate[4, j] = forget, ingate, outgate, change, squashed
                new[2 * k + 1, j] = cell
                x[j] = outgate * squashed
                new[2 * k, j] = x[j]
        mass, weight = 2.0, 0.0
        for j in range(b):
            out[t, j] = math.exp(x[j] * extra[1, j] + extra[2, j])
            mass += out[t, j]
            weight += sequence[t + 1, j]
        for j in range(b):
            y_bar = scale * (sequence[t + 1, j] - weight * out[t, j] / mass)
            g_extra[1, j] += y_bar * x[j]
            g_extra[2, j] += y_bar
            out[t, j] = y_bar * extra[1, j]
    g = np.zeros((2 * layers, b))
    for t in range(c - 2, -1, -1):
        s, new = states[t], states[t + 1]
        x_bar = out[t]
        for k in range(layers - 1, -1, -1):
            gate = gates[t, k]
            for j in range(b):
                forget, ingate, outgate, change, squashed = gate[0, j], gate[1, j], gate[2, j], gate[3, j], gate[4, j]
                inside = new[2 * k - 2, j] if k > 0 else sequence[t, j] * extra[0, j]
                hidden = s[2 * k, j]
                h_bar = g[2 * k, j] + x_bar[j]
                cell_bar = g[2 * k + 1, j] + h_bar * outgate * (1.0 - squashed * squashed)
                p = cell_bar * s[2 * k + 1, j] * forget * (1.0 - forget)
                q = cell_bar * change * ingate * (1.0 - ingate)
                r = h_bar * squashed * outgate * (1.0 - outgate)
                w = cell_bar * ingate * (1.0 - change * change)
                g_main[2 * k, j] += p * inside
                g_main[2 * k, b + j] += q * hidden
                g_main[2 * k, 2 * b + j] += r * inside
                g_main[2 * k, 3 * b + j] += w * hidden
                g_main[2 * k + 1, j] += p
                g_main[2 * k + 1, b + j] += q
                g_main[2 * k + 1, 2 * b + j] += r
                g_main[2 * k + 1, 3 * b + j] += w
                g[2 * k + 1, j] = cell_bar * forget
                g[2 * k, j] = q * main[2 * k, b + j] + w * main[2 * k, 3 * b + j]
                x_bar[j] = p * main[2 * k, j] + r * main[2 * k, 2 * b + j]
        for j in range(b):
            g_extra[0, j] += x_bar[j] * sequence[t, j]
    return g_main, g_extra


@numba.njit(error_model="numpy")
def lstm_arrays_grad(main, extra, state, sequence):
    """In main, extra: as the loops, in the vocabulary of the array program."""
    c, b = sequence.shape
    layers = state.shape[0] // 2
    scale = -1.0 / ((c - 1) * b)
    states = np.empty((c, 2 * layers, b))
    gates = np.empty((c - 1, layers, 5, b))
    g_main = np.zeros((2 * layers, 4 * b))
    g_extra = np.zeros((3, b))
    out = np.empty((c - 1, b))
    states[0] = state
    for t in range(c - 1):
        s, new = states[t], states[t + 1]
        x = sequence[t] * extra[0]
        for k in range(layers):
            w, bias, gate = main[2 * k], main[2 * k + 1], gates[t, k]
            gate[0] = 1.0 / (1.0 + np.exp(-(x * w[:b] + bias[:b])))
            gate[1] = 1.0 / (1.0 + np.exp(-(s[2 * k] * w[b : 2 * b] + bias[b : 2 * b])))
            gate[2] = 1.0 / (1.0 + np.exp(-(x * w[2 * b : 3 * b] + bias[2 * b : 3 * b])))
            gate[3] = np.tanh(s[2 * k] * w[3 * b :] + bias[3 * b :])
            new[2 * k + 1] = s[2 * k + 1] * gate[0] + gate[1] * gate[3]
            gate[4] = np.tanh(new[2 * k + 1])
            new[2 * k] = gate[2] * gate[4]
            x = new[2 * k]
        e = np.exp(x * extra[1] + extra[2])
        y_bar = scale * (sequence[t + 1] - np.sum(sequence[t + 1]) / (2.0 + np.sum(e)) * e)
        g_extra[1] += y_bar * x
        g_extra[2] += y_bar
        out[t] = y_bar * extra[1]
    g = np.zeros((2 * layers, b))
    for t in range(c - 2, -1, -1):
        s, new = states[t], states[t + 1]
        x_bar = out[t]
        for k in range(layers - 1, -1, -1):
            w, wg, bg = main[2 * k], g_main[2 * k], g_main[2 * k + 1]
            forget, ingate, outgate, change, squashed = gates[t, k]
            x = new[2 * k - 2] if k > 0 else sequence[t] * extra[0]
            h_bar = g[2 * k] + x_bar
            cell_bar = g[2 * k + 1] + h_bar * outgate * (1.0 - squashed * squashed)
            p = cell_bar * s[2 * k + 1] * forget * (1.0 - forget)
            q = cell_bar * change * ingate * (1.0 - ingate)
            r = h_bar * squashed * outgate * (1.0 - outgate)
            v = cell_bar * ingate * (1.0 - change * change)
            wg[:b] += p * x
            wg[b : 2 * b] += q * s[2 * k]
            wg[2 * b : 3 * b] += r * x
            wg[3 * b :] += v * s[2 * k]
            bg[:b] += p
            bg[b : 2 * b] += q
            bg[2 * b : 3 * b] += r
            bg[3 * b :] += v
            g[2 * k + 1] = cell_bar * forget
            g[2 * k] = q * w[b : 2 * b] + v * w[3 * b :]
            x_bar = p * w[:b] + r * w[2 * b : 3 * b]
        g_extra[0] += x_bar * sequence[t]
    return g_main, g_extra
