"""Adjoints of the programs whose result is a sum or a price, as an expert writes them for Numba.

In: the arguments of the program.  Out: the gradient.  Loops whose iterations are
independent run once; a step of the tree keeps what it overwrites.
"""

from __future__ import annotations

import math

import numba
import numpy as np


@numba.njit(error_model="numpy")
def small_grad(x, y):
    """In x, y."""
    q = math.sin(x)
    z = q * y
    g = 2.0 * z if z > 0.0 else 1.0
    return 1.0 + g * y * math.cos(x), g * q


@numba.njit(error_model="numpy")
def small_grads(xs, ys):
    """In x, y, each summed over the pairs."""
    first, second = 0.0, 0.0
    for i in range(len(xs)):
        a, b = small_grad(xs[i], ys[i])
        first += a
        second += b
    return first, second


@numba.njit(error_model="numpy")
def logistic_grad(w, X, y):
    """In w."""
    n, d = X.shape
    g = np.zeros(d)
    for i in range(n):
        t = 0.0
        for j in range(d):
            t += X[i, j] * w[j]
        q = math.exp(-y[i] * t)
        p = -y[i] * q / (1.0 + q)
        for j in range(d):
            g[j] += p * X[i, j]
    return g


@numba.njit(error_model="numpy")
def put_grad(share, strike, rate, volatility, years, steps):
    """In share, strike, rate, volatility."""
    dt = years / steps
    root = math.sqrt(dt)
    up = math.exp(volatility * root)
    discount = math.exp(-rate * dt)
    down = 1.0 / up
    width = up - down
    p = (1.0 / discount - down) / width
    high = discount * p
    low = discount * (1.0 - p)
    power = np.empty(2 * steps + 1)
    gain = np.empty(2 * steps + 1)
    for j in range(2 * steps + 1):
        power[j] = math.exp((j - steps) * volatility * root)
        gain[j] = strike - share * power[j]
    # row k holds the values after the step to k
    rows = np.empty((steps + 1, steps + 1))
    for i in range(steps + 1):
        rows[steps, i] = max(gain[2 * i], 0.0)
    for k in range(steps - 1, -1, -1):
        for i in range(k + 1):
            hold = high * rows[k + 1, i + 1] + low * rows[k + 1, i]
            exercise = gain[2 * i - k + steps]
            rows[k, i] = exercise if exercise > hold else hold
    g = np.zeros(steps + 1)
    before = np.zeros(steps + 1)
    of_gain = np.zeros(2 * steps + 1)
    g[0] = 1.0
    g_high, g_low = 0.0, 0.0
    for k in range(steps):
        before[0] = 0.0
        for i in range(k + 1):
            a, b = rows[k + 1, i + 1], rows[k + 1, i]
            t = g[i]
            before[i + 1] = 0.0
            if gain[2 * i - k + steps] > high * a + low * b:
                of_gain[2 * i - k + steps] += t
            else:
                g_high += t * a
                g_low += t * b
                before[i + 1] = t * high
                before[i] += t * low
        g, before = before, g
    for i in range(steps + 1):
        if gain[2 * i] > 0.0:
            of_gain[2 * i] += g[i]
        elif gain[2 * i] == 0.0:
            of_gain[2 * i] += 0.5 * g[i]
    g_share, g_strike, g_volatility = 0.0, 0.0, 0.0
    for j in range(2 * steps + 1):
        g_strike += of_gain[j]
        g_share -= of_gain[j] * power[j]
        g_volatility -= of_gain[j] * share * power[j] * (j - steps) * root
    g_p = discount * (g_high - g_low)
    g_discount = g_high * p + g_low * (1.0 - p) - g_p / (discount * discount * width)
    g_up = g_p * (down * down - p * (1.0 + down * down)) / width
    g_volatility += g_up * up * root
    return g_share, g_strike, -g_discount * discount * dt, g_volatility
