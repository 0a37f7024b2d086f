"""ADBench's Gaussian mixture: the negative log posterior with a Wishart prior, as loops and as array code.

In: alpha (K), mu (K, d), icf (K, d + d(d-1)/2: log diagonal, then the strictly lower triangle by columns), the data
x (n, d), the prior's gamma and m.  Out: one number.  Ordinary functions; nothing here knows of differentiation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

# ruff: noqa: F722, F821, UP037


def gmm_loops(alpha, mu, icf, x, gamma, m):
    n, d = x.shape
    K = alpha.shape[0]

    # what does not depend on the data: exp of the diagonals and their logarithmic sums
    diagonal = np.empty((K, d))
    log_det = np.empty(K)
    prior = 0.0
    for k in range(K):
        q = 0.0
        squares = 0.0
        for i in range(d):
            q += icf[k, i]
            diagonal[k, i] = math.exp(icf[k, i])
            squares += diagonal[k, i] * diagonal[k, i]
        for i in range(d, icf.shape[1]):
            squares += icf[k, i] * icf[k, i]
        log_det[k] = q
        prior += 0.5 * gamma * gamma * squares - m * q

    # one point at a time: log of the sum of exp over the components
    total = 0.0
    for p in range(n):
        terms = np.empty(K)
        top = -1e300
        for k in range(K):
            distance = 0.0
            for i in range(d):
                y = diagonal[k, i] * (x[p, i] - mu[k, i])
                for j in range(i):
                    y += icf[k, d + j * (2 * d - j - 1) // 2 + i - j - 1] * (x[p, j] - mu[k, j])
                distance += y * y
            term = alpha[k] + log_det[k] - 0.5 * distance
            terms[k] = term
            if term > top:
                top = term
        mass = 0.0
        for k in range(K):
            mass += math.exp(terms[k] - top)
        total += top + math.log(mass)

    top = -1e300
    for k in range(K):
        if alpha[k] > top:
            top = alpha[k]
    mass = 0.0
    for k in range(K):
        mass += math.exp(alpha[k] - top)
    total -= n * (top + math.log(mass))

    # constants of the Gaussians and of the Wishart prior
    a = 0.5 * (d + m + 1)
    log_gamma = 0.25 * d * (d - 1) * math.log(math.pi)
    for j in range(d):
        log_gamma += math.lgamma(a - 0.5 * j)
    constant = 2.0 * a * d * (math.log(gamma) - 0.5 * math.log(2.0)) - log_gamma
    return total - 0.5 * n * d * math.log(2.0 * math.pi) + prior - K * constant


def gmm_arrays(
    alpha: Float[np.ndarray, "k"],
    mu: Float[np.ndarray, "k d"],
    icf: Float[np.ndarray, "k p"],
    x: Float[np.ndarray, "n d"],
    gamma: float,
    m: int,
):
    n, d = x.shape
    K = alpha.shape[0]
    log_det = np.sum(icf[:, :d], axis=1)
    diagonal = np.exp(icf[:, :d])

    terms = np.empty((K, n))
    for k in range(K):
        # the transpose of Q_k, row by row
        Q = np.zeros((d, d))
        start = d
        for j in range(d):
            Q[j, j] = diagonal[k, j]
            Q[j, j + 1 :] = icf[k, start : start + d - 1 - j]
            start += d - 1 - j
        y = (x - mu[k]) @ Q
        terms[k] = alpha[k] + log_det[k] - 0.5 * np.sum(y * y, axis=1)

    top = terms[0].copy()
    for k in range(1, K):
        top = np.maximum(top, terms[k])
    total = np.sum(top + np.log(np.sum(np.exp(terms - top), axis=0)))
    highest = np.max(alpha)
    total -= n * (highest + np.log(np.sum(np.exp(alpha - highest))))
    lower = icf[:, d:]
    prior = 0.5 * gamma * gamma * (np.sum(diagonal * diagonal) + np.sum(lower * lower)) - m * np.sum(log_det)

    a = 0.5 * (d + m + 1)
    log_gamma = 0.25 * d * (d - 1) * math.log(math.pi)
    for j in range(d):
        log_gamma += math.lgamma(a - 0.5 * j)
    constant = 2.0 * a * d * (math.log(gamma) - 0.5 * math.log(2.0)) - log_gamma
    return total - 0.5 * n * d * math.log(2.0 * math.pi) + prior - K * constant
