"""The demo's model: a mixture of full-covariance Gaussians in the plane, and the Old Faithful eruptions.

In: nothing.  Out: `negative_log_likelihood`, an ordinary function with plain loops; `eruptions()`, the data; `start()`.

The data are 272 eruptions of the Old Faithful geyser in Yellowstone: how long each lasted and how long one waited for
the next, in minutes.  Source: W. Härdle, Smoothing Techniques with Implementation in S (Springer, 1991); A. Azzalini
and A. W. Bowman, A look at some data on the Old Faithful geyser, Applied Statistics 39 (1990), 357-365.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATA = Path(__file__).with_name("faithful.csv")


def negative_log_likelihood(alpha, mu, factor, x):
    """alpha: K logits, mu: K means, factor: K rows (log L00, log L11, L10) of covariances L L^T, x: n points."""
    n = x.shape[0]
    K = alpha.shape[0]
    total = 0.0
    for i in range(n):
        # log density of point i under each component
        terms = np.empty(K)
        top = -1e300
        for k in range(K):
            u = (x[i, 0] - mu[k, 0]) / math.exp(factor[k, 0])
            v = (x[i, 1] - mu[k, 1] - factor[k, 2] * u) / math.exp(factor[k, 1])
            terms[k] = alpha[k] - factor[k, 0] - factor[k, 1] - 0.5 * (u * u + v * v)
            if terms[k] > top:
                top = terms[k]
        # log-sum-exp, shifted so that nothing overflows
        mass = 0.0
        for k in range(K):
            mass += math.exp(terms[k] - top)
        total += top + math.log(mass)
    # the logits are shares of their sum
    share = 0.0
    for k in range(K):
        share += math.exp(alpha[k])
    return n * (math.log(share) + math.log(2.0 * math.pi)) - total


WRT = ("alpha", "mu", "factor")


def eruptions() -> NDArray[np.float64]:
    """The 272 eruptions: duration and waiting time in minutes.

    >>> eruptions().shape
    (272, 2)
    """
    return np.loadtxt(DATA, delimiter=",", skiprows=1)


def start(x: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Two equal components, half a standard deviation to either side of the mean, each as wide as the data.

    >>> alpha, mu, factor = start(eruptions())
    >>> mu.round(1).tolist()
    [[2.9, 64.1], [4.1, 77.7]]
    """
    deviation = x.std(axis=0)
    mu = np.array([x.mean(axis=0) - 0.5 * deviation, x.mean(axis=0) + 0.5 * deviation])
    factor = np.tile(np.append(np.log(deviation), 0.0), (2, 1))
    return np.zeros(2), mu, factor
