"""The steps of the demo, in order, each printed as it is done.

In: the folder for the written derivative.  Out: text on stdout; the file `negative_log_likelihood_grad.py`.
"""

from __future__ import annotations

import inspect
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tangent_ad.demo import mixture
from tangent_ad.demo.alone import run_alone
from tangent_ad.demo.optimise import Vector, bfgs
from tangent_ad.errors import TangentError


def run(out: Path | None = None) -> None:
    """Show the function, its gradient, the check, the speed, the fit, and the written module.

    Parameters: the folder for the written module; a new temporary one if None.
    Raises: TangentError if a step fails.
    """
    import tangent_ad as ad
    from tangent_ad.saved import module_text

    f: Callable[..., Any] = mixture.negative_log_likelihood
    wrt = mixture.WRT
    x = mixture.eruptions()
    parameters = mixture.start(x)

    _title("The function: a mixture of two Gaussians, one eruption of Old Faithful at a time")
    print(inspect.getsource(f).rstrip())
    _title("Its gradient in alpha, mu and factor, as written by ad.grad")
    gradient: Any = ad.grad(f, wrt=wrt)
    print(gradient.source.rstrip())

    _title("Checked: both modes against finite differences and against each other (ad.check)")
    report = ad.check(f, *parameters, x, wrt=wrt)
    print("agreed" if report is None else report)

    _title("Speed: both compiled by Numba")
    compiled = ad.value_and_grad(f, wrt=wrt, jit=True)
    primal, both = _seconds(_compiled_primal(f), *parameters, x), _seconds(compiled, *parameters, x)
    print(f"function            {1e6 * primal:8.1f} microseconds")
    print(f"value and gradient  {1e6 * both:8.1f} microseconds, {both / primal:.1f} times the function")

    _title(f"The fit: maximum likelihood, {sum(p.size for p in parameters)} parameters, BFGS with that gradient")
    fitted, evaluations = _fit(compiled, parameters, x)
    print(f"log-likelihood before  {-f(*parameters, x):12.3f}")
    print(f"log-likelihood after   {-f(*fitted, x):12.3f}   ({evaluations} evaluations)")
    print(_components(*fitted))

    _title("The derivative as a file of its own, run where tangent_ad cannot be imported")
    folder = Path(tempfile.mkdtemp(prefix="tangent-ad-demo-")) if out is None else out
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "negative_log_likelihood_grad.py"
    path.write_text(module_text(f, wrt, "grad", False), encoding="utf-8")
    alone = run_alone(path, gradient.__name__, (*parameters, x))
    same = all(np.array_equal(a, b) for a, b in zip(alone, gradient(*parameters, x), strict=True))
    print(f"written to {path}")
    print(f"its gradient at the start, in a fresh process: {'the same numbers' if same else 'DIFFERENT numbers'}")
    if not same:
        raise TangentError("the written module gives other numbers than the function in memory")


def _title(text: str) -> None:
    print(f"\n== {text}\n", flush=True)


def _compiled_primal(f: Callable[..., Any]) -> Callable[..., Any]:
    import numba

    return numba.njit(f)


def _seconds(f: Callable[..., Any], *args: Any) -> float:
    """The fastest of many calls, after one that compiles."""
    f(*args)
    times = []
    for _ in range(200):
        begin = time.perf_counter()
        f(*args)
        times.append(time.perf_counter() - begin)
    return min(times)


def _fit(
    value_and_grad: Callable[..., Any], parameters: tuple[Vector, ...], x: Vector
) -> tuple[tuple[Vector, ...], int]:
    """The parameters of greatest likelihood; the optimiser sees them as one vector."""
    ends = np.cumsum([p.size for p in parameters])[:-1]

    def unpack(theta: Vector) -> tuple[Vector, ...]:
        pieces = np.split(theta, ends)
        return tuple(piece.reshape(p.shape) for piece, p in zip(pieces, parameters, strict=True))

    def objective(theta: Vector) -> tuple[float, Vector]:
        value, gradients = value_and_grad(*unpack(theta), x)
        return float(value), np.concatenate([np.ravel(g) for g in gradients])

    theta, evaluations = bfgs(objective, np.concatenate([np.ravel(p) for p in parameters]))
    return unpack(theta), evaluations


def _components(alpha: Vector, mu: Vector, factor: Vector) -> str:
    """A table of the components: share, means, standard deviations, correlation."""
    shares = np.exp(alpha) / np.sum(np.exp(alpha))
    lines = [f"share{'duration':>13}{'waiting':>13}{'sd duration':>13}{'sd waiting':>13}{'correlation':>14}"]
    for share, (duration, waiting), (first, second, cross) in zip(shares, mu, factor, strict=True):
        sd = np.hypot(cross, np.exp(second))
        lines.append(
            f"{share:5.3f}{duration:9.3f} min{waiting:9.3f} min{np.exp(first):9.3f} min{sd:9.3f} min{cross / sd:14.3f}"
        )
    return "\n".join(lines)
