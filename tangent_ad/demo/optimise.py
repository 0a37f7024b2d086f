"""A small quasi-Newton optimiser, so that the demo needs nothing but NumPy.

In: a function that returns value and gradient, a starting vector.  Out: the minimiser and the number of evaluations.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


def bfgs(
    value_and_grad: Callable[[Vector], tuple[float, Vector]], x: Vector, tol: float = 1e-6, iterations: int = 300
) -> tuple[Vector, int]:
    """Minimise by BFGS with a backtracking line search, until no component of the gradient exceeds `tol`.

    Parameters: the function, the start, the tolerance, the largest number of iterations.
    Returns: the best point found and how often the function was evaluated.

    >>> point, evaluations = bfgs(lambda v: (float(v @ v), 2.0 * v), np.array([3.0, -4.0]))
    >>> bool(np.all(abs(point) < 1e-6))
    True
    """
    value, g = value_and_grad(x)
    inverse = np.eye(x.size) / max(1.0, float(np.linalg.norm(g)))
    count = 1
    for _ in range(iterations):
        if np.max(np.abs(g)) <= tol:
            break
        step = -inverse @ g
        slope, length = float(g @ step), 1.0
        new, new_g = value_and_grad(x + step)
        count += 1
        while not new <= value + 1e-4 * length * slope and length > 1e-12:
            length *= 0.5
            new, new_g = value_and_grad(x + length * step)
            count += 1
        if not new < value:
            break
        s, y = length * step, new_g - g
        x, value, g = x + s, new, new_g
        if y @ s > 1e-10 * np.linalg.norm(y) * np.linalg.norm(s):
            left = np.eye(x.size) - np.outer(s, y) / (y @ s)
            inverse = left @ inverse @ left.T + np.outer(s, s) / (y @ s)
    return x, count
