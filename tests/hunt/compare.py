"""Both modes of a program against finite differences and against each other.

In: a function, arguments.  Out: nothing, or an assertion that names what disagrees.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import tangent_ad as ad


def agree(f: Callable[..., Any], *args: Any, wrt: tuple[int, ...] | None = None, jit: bool = False) -> None:
    """`jvp` and `vjp` of `f` in its floating arguments (or `wrt`) have the right values, shapes and dtypes."""
    positions = tuple(k for k, a in enumerate(args) if is_floating(a)) if wrt is None else wrt
    rng = np.random.default_rng(3)
    directions = {k: direction(args[k], rng) for k in positions}
    value = f(*copies(args))
    exact = central(f, args, directions)
    given: list[Any] = []
    for k, arg in enumerate(args):
        given += [arg, directions[k]] if k in directions else [arg]
    got, tangent = ad.jvp(f, positions, jit=jit)(*copies(given))
    np.testing.assert_allclose(flat(got), flat(value), rtol=1e-12)
    np.testing.assert_allclose(flat(tangent), exact, rtol=1e-5, atol=1e-6)
    seed = direction(value, rng)
    got, adjoints = ad.vjp(f, positions, jit=jit)(*copies((seed, *args)))
    np.testing.assert_allclose(flat(got), flat(value), rtol=1e-12)
    for k, adjoint in zip(positions, adjoints, strict=True):
        assert np.shape(adjoint) == np.shape(args[k])
        assert np.result_type(adjoint) == np.result_type(args[k])
    product = sum(float(flat(a) @ flat(directions[k])) for k, a in zip(positions, adjoints, strict=True))
    np.testing.assert_allclose(product, float(flat(seed) @ exact), rtol=1e-5, atol=1e-6)


def is_floating(x: Any) -> bool:
    return isinstance(x, float) or (isinstance(x, np.ndarray) and x.dtype.kind == "f")


def copies(args: Any) -> list[Any]:
    return [a.copy() if isinstance(a, np.ndarray) else a for a in args]


def flat(value: Any) -> np.ndarray:
    if isinstance(value, tuple):
        return np.concatenate([flat(v) for v in value])
    return np.asarray(value, dtype=float).ravel()


def direction(like: Any, rng: np.random.Generator) -> Any:
    """Random numbers in the shape of a value."""
    if isinstance(like, tuple):
        return tuple(direction(e, rng) for e in like)
    if np.ndim(like) == 0:
        number = rng.standard_normal()
        return float(number) if type(like) is float else np.float64(number)
    return rng.standard_normal(np.shape(like)).astype(like.dtype if like.dtype.kind == "f" else float)


def central(f: Callable[..., Any], args: Any, directions: dict[int, Any], step: float = 1e-5) -> np.ndarray:
    """The derivative in the directions, by differences of fourth order."""

    def at(s: float) -> np.ndarray:
        moved = [a + s * directions[k] if k in directions else a for k, a in enumerate(copies(args))]
        return flat(f(*moved))

    return (8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * step)
