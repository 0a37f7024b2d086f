"""The programs that are timed, with arguments of a size at which a call takes milliseconds at most.

In: nothing.  Out: `cases()`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import data
from benchmarks.programs import ba, gmm, logistic, lorenz, lstm, mlp, option, small, stencil


@dataclass(frozen=True)
class Case:
    """hand: the adjoint's name in `benchmarks.hand`; peer: the program's name in `benchmarks.with_jax` and the like.

    writes: the positions of arguments that the program writes into; a caller who needs them keeps a copy.
    drivers: names in `benchmarks.drivers` of the loops around the program and around its derivative, if it is called
        from compiled code.
    jacobian: whether the derivative is a Jacobian, not a gradient; the one by hand then has the drivers that ours has.
    workspace: whether ours keeps its values in memory that is used again.
    into: whether our Jacobian is written where the caller wants it, as the one by hand is.
    apart: another adjoint by hand, of another form than ours, which is mentioned beside the table.
    """

    name: str
    program: Callable[..., Any]
    wrt: tuple[str, ...]
    arguments: tuple[Any, ...]
    hand: str
    peer: str = ""
    writes: tuple[int, ...] = ()
    drivers: tuple[str, str] | None = None
    jacobian: bool = False
    workspace: bool = False
    into: bool = False
    apart: str = ""


def cases() -> tuple[Case, ...]:
    """All cases, small ones first."""
    rng = np.random.default_rng(0)
    pairs = (rng.standard_normal(1000), rng.standard_normal(1000))
    X = rng.standard_normal((1000, 20))
    points = (rng.standard_normal(20), X, np.sign(rng.standard_normal(1000)))
    start = (1.0, 1.1, 20.0, 10.0, 28.0, 8.0 / 3.0)
    mixture = data.synthetic_gmm(10, 5, 1000)
    sequence = data.synthetic_lstm(2, 200, 14)
    scene = data.synthetic_ba(5, 20, 1000)
    observations = (scene.cameras, scene.points, scene.weights, scene.features)
    in_lorenz, in_gmm, in_lstm = ("x", "y", "z", "s", "r", "b"), ("alpha", "mu", "icf"), ("main", "extra")
    in_field, in_start, in_mlp = ("u", "k", "e"), ("start", "k", "e"), ("W1", "b1", "W2", "b2")
    in_put = ("share", "strike", "rate", "volatility")
    in_ba = ("camera", "point", "weight")
    return (
        Case("small scalar, from Python", small.small, ("x", "y"), (0.7, 1.3), "small_grad", "small"),
        Case(
            "small scalar, compiled caller",
            small.small,
            ("x", "y"),
            pairs,
            "small_grads",
            "small_sums",
            drivers=("sum_of_values", "sum_of_pairs"),
        ),
        Case("logistic likelihood", logistic.logistic, ("w",), points, "logistic_grad", "logistic"),
        Case("Lorenz RK4, 10^3", lorenz.lorenz, in_lorenz, (*start, 1e-3, 1_000), "lorenz_grad", "lorenz"),
        Case("Lorenz RK4, 10^5", lorenz.lorenz, in_lorenz, (*start, 1e-5, 100_000), "lorenz_grad", "lorenz"),
        *(
            Case(
                f"Lorenz RK4, 5 10^6{', workspace' * taken}",
                lorenz.lorenz,
                in_lorenz,
                (*start, 2e-7, 5_000_000),
                "lorenz_grad",
                workspace=taken,
            )
            for taken in (False, True)
        ),
        *(
            Case(f"Gauss-Seidel, {n}", stencil.gauss_seidel, in_field, _field(n), "gauss_seidel_grad", writes=(0,))
            for n in (64, 512)
        ),
        *(
            Case(f"Jacobi, loops, {n}", stencil.jacobi_loops, in_start, _field(n), "jacobi_grad", "jacobi")
            for n in (64, 512)
        ),
        *(
            Case(f"Jacobi, arrays, {n}", stencil.jacobi_arrays, in_start, _field(n), "jacobi_grad", "jacobi")
            for n in (64, 512)
        ),
        Case("option price, 200", option.put, in_put, (100.0, 105.0, 0.04, 0.3, 1.0, 200), "put_grad", "put"),
        Case("GMM, loops", gmm.gmm_loops, in_gmm, mixture, "gmm_loops_grad", "gmm"),
        Case("GMM, arrays", gmm.gmm_arrays, in_gmm, mixture, "gmm_arrays_grad", "gmm"),
        Case("LSTM, loops", lstm.lstm_loops, in_lstm, sequence, "lstm_loops_grad", "lstm"),
        Case("LSTM, arrays", lstm.lstm_arrays, in_lstm, sequence, "lstm_arrays_grad", "lstm"),
        *(
            Case(
                f"BA blocks, 1000{', in place' * into}",
                ba.reprojection,
                in_ba,
                observations,
                "ba_parts_into" if into else "ba_parts",
                "" if into else "ba",
                drivers=("residuals", "blocks_in_place" if into else "blocks"),
                jacobian=True,
                into=into,
                apart="ba_blocks",
            )
            for into in (False, True)
        ),
        *(Case(f"MLP, batch {n}", mlp.mlp, in_mlp, data.synthetic_mlp(n), "mlp_grad", "mlp") for n in (32, 512)),
    )


def _field(n: int) -> tuple[Any, ...]:
    """A field of n x n, coupling, loss, and as many sweeps as take about a millisecond."""
    sweeps = 20 if n < 200 else 2
    return 0.1 * np.random.default_rng(n).standard_normal((n, n)), 0.2, 0.01, sweeps
