"""The negative log-likelihood of logistic regression, one point at a time.

In: weights w (d), points X (n, d), labels y (n) of -1 and 1.  Out: one number.
"""

import math


def logistic(w, X, y):
    n, d = X.shape
    total = 0.0
    for i in range(n):
        t = 0.0
        for j in range(d):
            t += X[i, j] * w[j]
        total += math.log1p(math.exp(-y[i] * t))
    return total
