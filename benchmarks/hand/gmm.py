"""Adjoints of the Gaussian mixture, as an expert writes them for Numba: as loops and as array code.

In: the arguments of the program.  Out: the gradient in alpha, mu, icf.  One pass over the points: the weights of the
components follow from the terms at once.  The adjoint of a mean is linear in the adjoints of y, so they are summed
over the points first.
"""

from __future__ import annotations

import math

import numba
import numpy as np


@numba.njit(error_model="numpy")
def gmm_loops_grad(alpha, mu, icf, x, gamma, m):
    """In alpha, mu, icf."""
    n, d = x.shape
    K = alpha.shape[0]
    diagonal = np.empty((K, d))
    log_det = np.empty(K)
    for k in range(K):
        log_det[k] = 0.0
        for i in range(d):
            log_det[k] += icf[k, i]
            diagonal[k, i] = math.exp(icf[k, i])
    g_alpha = np.zeros(K)
    g_mu = np.zeros((K, d))
    g_icf = np.zeros((K, icf.shape[1]))
    terms = np.empty(K)
    y = np.empty((K, d))
    sums = np.zeros((K, d))
    c = np.empty(d)
    for p in range(n):
        top = -math.inf
        for k in range(K):
            distance = 0.0
            for i in range(d):
                c[i] = x[p, i] - mu[k, i]
                q = diagonal[k, i] * c[i]
                for j in range(i):
                    q += icf[k, d + j * (2 * d - j - 1) // 2 + i - j - 1] * c[j]
                y[k, i] = q
                distance += q * q
            terms[k] = alpha[k] + log_det[k] - 0.5 * distance
            top = max(top, terms[k])
        mass = 0.0
        for k in range(K):
            terms[k] = math.exp(terms[k] - top)
            mass += terms[k]
        for k in range(K):
            w = terms[k] / mass
            g_alpha[k] += w
            for i in range(d):
                c[i] = x[p, i] - mu[k, i]
                q = -w * y[k, i]
                sums[k, i] += q
                g_icf[k, i] += q * c[i]
                for j in range(i):
                    g_icf[k, d + j * (2 * d - j - 1) // 2 + i - j - 1] += q * c[j]
    for k in range(K):
        for i in range(d):
            q = sums[k, i]
            g_mu[k, i] -= q * diagonal[k, i]
            for j in range(i):
                g_mu[k, j] -= q * icf[k, d + j * (2 * d - j - 1) // 2 + i - j - 1]
            # log_det grows with icf itself; the diagonal is its exp
            g_icf[k, i] = (g_icf[k, i] + gamma * gamma * diagonal[k, i]) * diagonal[k, i] + g_alpha[k] - m
        for i in range(d, icf.shape[1]):
            g_icf[k, i] += gamma * gamma * icf[k, i]
    top = np.max(alpha)
    mass = 0.0
    for k in range(K):
        mass += math.exp(alpha[k] - top)
    for k in range(K):
        g_alpha[k] -= n * math.exp(alpha[k] - top) / mass
    return g_alpha, g_mu, g_icf


@numba.njit(error_model="numpy")
def gmm_arrays_grad(alpha, mu, icf, x, gamma, m):
    """In alpha, mu, icf."""
    n, d = x.shape
    K = alpha.shape[0]
    log_det = np.sum(icf[:, :d], axis=1)
    diagonal = np.exp(icf[:, :d])
    Q = np.zeros((K, d, d))
    y = np.empty((K, n, d))
    w = np.empty((K, n))
    for k in range(K):
        start = d
        for j in range(d):
            Q[k, j, j] = diagonal[k, j]
            Q[k, j, j + 1 :] = icf[k, start : start + d - 1 - j]
            start += d - 1 - j
        y[k] = (x - mu[k]) @ Q[k]
        for p in range(n):
            distance = 0.0
            for i in range(d):
                distance += y[k, p, i] * y[k, p, i]
            w[k, p] = alpha[k] + log_det[k] - 0.5 * distance
    for p in range(n):
        top = w[0, p]
        for k in range(1, K):
            top = max(top, w[k, p])
        mass = 0.0
        for k in range(K):
            w[k, p] = math.exp(w[k, p] - top)
            mass += w[k, p]
        for k in range(K):
            w[k, p] /= mass
    soft = np.exp(alpha - np.max(alpha))
    g_log_det = np.sum(w, axis=1)
    g_alpha = g_log_det - n * (soft / np.sum(soft))
    g_mu = np.empty((K, d))
    g_icf = gamma * gamma * icf
    for k in range(K):
        y_bar = y[k]
        for p in range(n):
            for i in range(d):
                y_bar[p, i] *= -w[k, p]
        Q_bar = (x - mu[k]).T @ y_bar
        g_mu[k] = -(Q[k] @ np.sum(y_bar, axis=0))
        start = d
        for j in range(d):
            e = diagonal[k, j]
            g_icf[k, j] = (Q_bar[j, j] + gamma * gamma * e) * e + g_log_det[k] - m
            g_icf[k, start : start + d - 1 - j] += Q_bar[j, j + 1 :]
            start += d - 1 - j
    return g_alpha, g_mu, g_icf
