"""The programs that are timed, with arguments of a size at which a call takes milliseconds at most.

In: nothing.  Out: `cases()`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import data
from benchmarks.programs import gmm, logistic, lorenz, lstm, small, stencil


@dataclass(frozen=True)
class Case:
    """`writes`: the positions of arguments that the program writes into; a caller who needs them keeps a copy.

    hand: the name of the adjoint in `benchmarks.hand`, "" if there is none; jax: the name in `benchmarks.with_jax`.
    """

    name: str
    program: Callable[..., Any]
    wrt: tuple[str, ...]
    arguments: tuple[Any, ...]
    hand: str = ""
    jax: str = ""
    writes: tuple[int, ...] = ()


def cases() -> tuple[Case, ...]:
    """All cases, small ones first."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((1000, 20))
    points = (rng.standard_normal(20), X, np.sign(rng.standard_normal(1000)))
    field = (0.1 * rng.standard_normal((64, 64)), 0.2, 0.01, 20)
    start = (1.0, 1.1, 20.0, 10.0, 28.0, 8.0 / 3.0, 0.001, 10_000)
    mixture = data.synthetic_gmm(10, 5, 1000)
    sequence = data.synthetic_lstm(2, 200, 14)
    in_gmm, in_lstm = ("alpha", "mu", "icf"), ("main", "extra")
    return (
        Case("small scalar", small.small, ("x", "y"), (0.7, 1.3), jax="small"),
        Case("logistic likelihood", logistic.logistic, ("w",), points, "logistic_grad", "logistic"),
        Case("Lorenz RK4", lorenz.lorenz, ("x", "y", "z", "s", "r", "b"), start, "lorenz_grad", "lorenz"),
        Case("Gauss-Seidel in place", stencil.gauss_seidel, ("u", "k", "e"), field, "gauss_seidel_grad", writes=(0,)),
        Case("GMM, loops", gmm.gmm_loops, in_gmm, mixture, jax="gmm"),
        Case("GMM, arrays", gmm.gmm_arrays, in_gmm, mixture, jax="gmm"),
        Case("LSTM, loops", lstm.lstm_loops, in_lstm, sequence, jax="lstm"),
        Case("LSTM, arrays", lstm.lstm_arrays, in_lstm, sequence, jax="lstm"),
    )
