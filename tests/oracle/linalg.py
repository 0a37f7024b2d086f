"""Dense linear algebra on duals by Gaussian elimination.

In: arrays of duals.  Out: what `numpy.linalg` gives: solve, inv, det, slogdet, norm (2-norm and Frobenius norm).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.oracle.arrays import Arr, duals
from tests.oracle.dual import Dual, apply, lift, primal


def _eliminate(a: Any, b: Any) -> tuple[Any, Dual]:
    """(solution of a @ x = b for a matrix b, determinant of a)."""
    a, b = duals(a).view(np.ndarray), duals(b).view(np.ndarray)
    n, det = a.shape[0], lift(1.0)
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(primal(a[i, k])))
        if pivot != k:
            a[[k, pivot]], b[[k, pivot]] = a[[pivot, k]], b[[pivot, k]]
            det = -det
        det = det * a[k, k]
        for i in range(n):
            if i != k:
                factor = a[i, k] / a[k, k]
                a[i] = a[i] - factor * a[k]
                b[i] = b[i] - factor * b[k]
    for k in range(n):
        b[k] = b[k] / a[k, k]
    return b.view(Arr), det


def solve(a: Any, b: Any) -> Any:
    if b.ndim == 1:
        return _eliminate(a, b[:, None])[0][:, 0]
    return _eliminate(a, b)[0]


def inv(a: Any) -> Any:
    return _eliminate(a, np.eye(a.shape[0]))[0]


def det(a: Any) -> Dual:
    return _eliminate(a, np.eye(a.shape[0]))[1]


def slogdet(a: Any) -> tuple[Dual, Dual]:
    d = det(a)
    return lift(apply("sign", d)), lift(apply("log", abs(d)))


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    x = duals(x)
    if ord is not None and not (ord == 2 and (x.ndim == 1 or isinstance(axis, int))):
        raise NotImplementedError(f"the oracle has no norm of order {ord}")
    total = np.add.reduce((x * x).view(np.ndarray), axis=axis, keepdims=keepdims)
    root = np.frompyfunc(lambda e: lift(apply("sqrt", e)), 1, 1)(total)
    return root.view(Arr) if isinstance(root, np.ndarray) else root
