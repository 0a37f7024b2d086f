"""Programs whose derivatives are compiled: name, arguments, what is differentiated.

In: nothing.  Out: `CASES`, tuples of function, arguments, wrt and mode.
"""

from __future__ import annotations

import math

import numpy as np

RNG = np.random.default_rng(7)
V, W = RNG.uniform(0.2, 1.0, 5), RNG.uniform(0.2, 1.0, 5)
M, N = RNG.uniform(0.2, 1.0, (3, 4)), RNG.uniform(0.2, 1.0, (4, 3))
S = RNG.uniform(0.2, 1.0, (3, 3)) + 3.0 * np.eye(3)
PICK = np.array([0, 2, 2, 4])
SCALE = 1.5
TABLE = np.array([0.5, 1.5, 2.5, 3.5, 4.5])


def branch(x, y):
    z = np.sin(x) * y
    if z > 0:
        z = z * z
    return z + x


def simulate(x, r, n):
    for _ in range(n):
        x = r * x * (1.0 - x)
    return x


def smooth(u, c, sweeps):
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] += c * (u[i - 1] - 2.0 * u[i] + u[i + 1])
    return np.sum(u * u)


def newton(a, tol):
    x = a
    step = 1.0
    while abs(step) > tol:
        step = (x * x - a) / (2.0 * x)
        x = x - step
    return x


def likelihood(w, X, y):
    n, d = X.shape
    total = 0.0
    for i in range(n):
        t = 0.0
        for j in range(d):
            t += X[i, j] * w[j]
        total += np.log1p(np.exp(-y[i] * t))
    return total


def rows(x):
    total = 0.0
    for i in range(x.shape[0]):
        row = x[i]
        row[0] = row[0] * row[1]
        total += np.sum(row)
    return total


def diffuse(u, k, steps):
    for _ in range(steps):
        lap = np.zeros_like(u)
        lap[1:-1] = u[:-2] - 2.0 * u[1:-1] + u[2:]
        u = u + k * lap
    return np.sum(u * u)


def spring(q, k):
    return -k * q - 0.1 * q * q * q


def swing(q, v, k, h, n):
    for _ in range(n):
        v = v + h * spring(q, k)
        q = q + h * v
    return 0.5 * v * v


def layers(a, b, c, x):
    h = np.tanh(x @ a + b)
    r = h @ c
    return np.mean(r * r)


def sum_axis(x):
    s = np.sum(x, axis=0)
    return np.sum(s * s)


def weigh_rows(x, w):
    return x * w


def stretch_column(x, y):
    return np.sum(np.exp(x.reshape((4, 1)) * y))


def solve(a, b):
    return np.linalg.solve(a, b)


def inverse_det(a):
    return np.linalg.det(a) + np.sum(np.linalg.inv(a))


def log_det(a):
    _, value = np.linalg.slogdet(a)
    return value


def masked(x, m):
    return np.sum(np.where(m, x * x, -x))


def picked(x, index):
    y = x[index]
    return np.sum(y * y * y)


def assign_picked(x, y, index):
    z = x * x
    z[index] = y
    return np.sum(z * z)


def mask_picked(x, m):
    y = x[m]
    return np.sum(y * y)


def largest(x):
    return np.max(x) * np.min(x)


def product(x):
    return np.prod(x)


def deviation(x):
    return np.std(x) + np.var(x)


def extremes(x, y):
    return np.maximum(x, y) + np.minimum(x, 0.5) + np.clip(x, 0.3, 0.6)


def powers(x, y):
    return np.sum(x**y + x**3 + 2.0**x)


def pair(x, y):
    t = (x * y, x + y)
    a, b = t
    return a * b, a - b


def tuple_argument(p, x):
    return p[0] * x + p[1] * x * x


def pivots(a):
    n = a.shape[0]
    for k in range(n - 1):
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            for j in range(k + 1, n):
                a[i, j] -= a[i, k] * a[k, j]
    total = 0.0
    for k in range(n):
        total += math.log(a[k, k])
    return total


def overlap(u):
    u[1:] += u[:-1]
    return np.sum(u * u)


def overlap_copy(u):
    u[1:] = u[:-1]
    u[0] = u[1] * u[2]
    return np.sum(u * u * u)


def diagonal_views(u):
    t = u.T
    t[0] = t[0] * 2.0
    return np.sum(t * u)


def early(x, n):
    total = 0.0
    i = 0
    while i < n and total < 2.0:
        if i % 2 == 0:
            total += x * x * i
        i += 1
    return total


def joined(x, y):
    z = np.concatenate((x * y, y))
    return np.dot(z, z[::-1])


def stacked(x, y):
    z = np.stack((x, y * x))
    return np.sum(z @ z.T)


def global_table(x):
    total = 0.0
    for i in range(len(TABLE)):
        total += TABLE[i] * x[i] * SCALE
    return total * x[0]


def backwards(x):
    total = 0.0
    for i in range(len(x) - 1, -1, -2):
        total = total * x[i] + math.sin(x[i])
    return total


def outer(x, y):
    return np.outer(x, y)


def trace(a):
    return np.trace(a @ a) + np.sum(np.diag(a))


def cumulative(x):
    return np.sum(np.cumsum(x) * np.cumprod(x))


def norm(x):
    return np.linalg.norm(x)


def reshaped(x):
    y = x.reshape((4, 3))
    return np.sum(y @ x)


def powers_of_number(x, n):
    y = 1.0
    while n > 0:
        y *= x
        n -= 1
    return y


F, I = 0.7, 3
CASES = [
    (branch, (F, 1.3), (0, 1), "value_and_grad"),
    (branch, (2, 1.3), 0, "grad"),
    (simulate, (0.3, 2.5, I), (0, 1), "grad"),
    (smooth, (V, 0.1, I), (0, 1), "grad"),
    (newton, (2.0, 1e-9), 0, "value_and_grad"),
    (likelihood, (V[:3], RNG.normal(size=(4, 3)), np.array([1.0, -1.0, 1.0, -1.0])), (0, 1), "grad"),
    (rows, (M,), 0, "vjp"),
    (diffuse, (V, 0.1, 2), (0, 1), "grad"),
    (swing, (0.5, 0.1, 1.2, 0.05, 4), (2, 0), "grad"),
    (layers, (M, V[:4], N, S), (0, 1, 2), "grad"),
    (sum_axis, (M,), 0, "grad"),
    (weigh_rows, (M, V[:4]), (0, 1), "vjp"),
    (weigh_rows, (M, N[0:1, 0:1]), (0, 1), "vjp"),
    (stretch_column, (V[:4], V), (0, 1), "grad"),
    (solve, (S, V[:3]), (0, 1), "vjp"),
    (inverse_det, (S,), 0, "grad"),
    (log_det, (S,), 0, "grad"),
    (masked, (V, V > 0.5), 0, "grad"),
    (picked, (V, PICK), 0, "grad"),
    (assign_picked, (V, W[:4], PICK), (0, 1), "grad"),
    (mask_picked, (V, V > 0.4), 0, "grad"),
    (largest, (M,), 0, "grad"),
    (product, (V,), 0, "grad"),
    (deviation, (V,), 0, "grad"),
    (extremes, (V, W), (0, 1), "vjp"),
    (powers, (V, W), (0, 1), "grad"),
    (pair, (F, 1.2), (0, 1), "vjp"),
    (pivots, (S,), 0, "grad"),
    (overlap, (V,), 0, "value_and_grad"),
    (overlap, (V,), 0, "jvp"),
    (overlap_copy, (V,), 0, "value_and_grad"),
    (diagonal_views, (S,), 0, "value_and_grad"),
    (early, (F, 9), 0, "value_and_grad"),
    (joined, (V, W), (0, 1), "grad"),
    (stacked, (V, W), (0, 1), "grad"),
    (global_table, (V,), 0, "grad"),
    (backwards, (V,), 0, "jvp"),
    (outer, (V, W), (0, 1), "jvp"),
    (trace, (S,), 0, "jvp"),
    (cumulative, (V,), 0, "vjp"),
    (norm, (V,), 0, "grad"),
    (reshaped, (M,), 0, "jvp"),
    (powers_of_number, (F, I), 0, "jvp"),
]
