"""Is a program fit to test with?  It must run, stay of ordinary size, and be smooth where it is asked.

In: a loaded function and arguments.  Out: `Case` with the oracle's answer, or the reason why not.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import numpy as np

from tests import oracle

BIG = 1e6
DECOMPOSING = ("inv", "solve", "det", "slogdet")
"""What loses as many digits as the condition number of its matrix has."""
WORST = {"double": 1e3, "single": 1e2}
"""The largest condition numbers, so that the laws' tolerances leave room for what rounding does."""
ROUNDING = "value depends on rounding"


@dataclass(frozen=True)
class Case:
    """One argument set with its tangents, and what the oracle says: value and derivative."""

    variant: int
    args: list[Any]
    tangents: dict[int, Any]
    value: Any
    dot: Any


class OracleError(Exception):
    """Oracle and finite differences disagree although the finite differences are stable, or the values differ."""


def fresh(args: list[Any]) -> list[Any]:
    """Copies of arguments; one array passed twice stays one array."""
    memo: dict[int, Any] = {}
    return [memo.setdefault(id(a), a.copy()) if isinstance(a, np.ndarray) else a for a in args]


def separate(args: list[Any]) -> list[Any]:
    return [a.copy() if isinstance(a, np.ndarray) else a for a in args]


def parts(out: Any) -> list[np.ndarray]:
    """A result as a list of float arrays."""
    return [np.asarray(e, dtype=float) for e in (out if isinstance(out, tuple) else (out,))]


def flat(out: Any) -> np.ndarray:
    return np.concatenate([p.ravel() for p in parts(out)])


def tangents_for(args: list[Any], wrt: tuple[int, ...], seed: int) -> dict[int, Any]:
    rng = np.random.RandomState(seed % 2**32)
    return {
        k: rng.uniform(-1, 1, args[k].shape).astype(args[k].dtype)
        if isinstance(args[k], np.ndarray)
        else float(rng.uniform(-1, 1))
        for k in wrt
    }


def judge(
    f: Callable[..., Any], args: list[Any], wrt: tuple[int, ...], variant: int, seed: int, single: bool
) -> Case | str:
    """The case, or the reason to leave it out.  Raises OracleError when the oracle cannot be trusted."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            value = f(*fresh(args))
            flat_value = flat(value)
        except Exception as error:
            return f"primal raises {type(error).__name__}"
        if _overflows(f, args):
            return "a value on the way is not finite"
        if _condition(f, args) > WORST["single" if single else "double"]:
            return "a matrix is nearly singular"
        if not (np.isfinite(flat_value).all() and (np.abs(flat_value) <= BIG).all()):
            return "value not finite or huge"
        tangents = tangents_for(args, wrt, seed + variant)
        try:
            seen, dot = oracle.jvp(f, separate(args), tangents)
        except (NotImplementedError, ZeroDivisionError) as error:
            return f"oracle: {error}"
        except TimeoutError:
            return "oracle: it takes too long"
        except Exception as error:
            raise OracleError(f"the oracle raises {type(error).__name__}: {error}") from error
        flat_seen, flat_dot = flat(seen), flat(dot)
        if not (np.isfinite(flat_dot).all() and (np.abs(flat_dot) <= BIG).all()):
            return "derivative not finite or huge"
        tolerance = 1e-3 if single else 1e-8
        if flat_seen.shape != flat_value.shape or not close(flat_seen, flat_value, tolerance):
            if single:
                return "float32 takes another branch"
            if flat_seen.shape == flat_value.shape:
                return ROUNDING  # a floor or a test that sits on a boundary, or errors that grow
            raise OracleError(f"the oracle's value {flat_seen} is not the primal's {flat_value}")
        reason = _steady(f, args, tangents, flat_dot) if single else _smooth(f, args, tangents, flat_dot)
        if reason:
            return reason
        return Case(variant, args, tangents, value, dot)


def _steady(f: Callable[..., Any], args: list[Any], tangents: dict[int, Any], dot: np.ndarray) -> str:
    """Does the derivative, in float64, stay what it is when the arguments move by what float32 rounds off?"""
    unit = float(np.finfo(np.float32).eps)
    for step in (unit, -unit):
        moved = [a * (1.0 + step) if k in tangents else a for k, a in enumerate(separate(args))]
        try:
            found = flat(oracle.jvp(f, moved, tangents)[1])
        except Exception:
            return "a neighbour raises"
        if found.shape != dot.shape or not close(found, dot, 2e-4):
            return "float32 does not resolve the derivative"
    return ""


def _overflows(f: Callable[..., Any], args: list[Any]) -> bool:
    """Is some value of the program infinite or nan, even if the result does not need it?"""
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        try:
            f(*fresh(args))
        except FloatingPointError:
            return True
        except Exception:
            return False
    return False


def _condition(f: Callable[..., Any], args: list[Any]) -> float:
    """The largest condition number of the matrices that the program inverts or decomposes."""
    found = [1.0]

    def watching(decompose: Callable[..., Any]) -> Callable[..., Any]:
        def watched(matrix: Any, *rest: Any) -> Any:
            found.extend(np.ravel(np.linalg.cond(np.asarray(matrix, dtype=float))))
            return decompose(matrix, *rest)

        return watched

    with ExitStack() as stack:
        for name in DECOMPOSING:
            stack.enter_context(patch.object(np.linalg, name, watching(getattr(np.linalg, name))))
        f(*fresh(args))
    return float(max(found))


def _smooth(f: Callable[..., Any], args: list[Any], tangents: dict[int, Any], dot: np.ndarray) -> str:
    estimates, bent = [], False
    for h in (1e-5, 2e-6):
        ends = []
        for sign in (1.0, -1.0):
            moved = [a + sign * h * tangents[k] if k in tangents else a for k, a in enumerate(separate(args))]
            try:
                ends.append(flat(f(*moved)))
            except Exception:
                return "a neighbour raises"
        if ends[0].shape != ends[1].shape:
            return "a neighbour has another shape"
        estimates.append((ends[0] - ends[1]) / (2.0 * h))
        here = flat(f(*separate(args)))
        bent = bent or (here.shape == dot.shape and not close((ends[0] - here) / h, (here - ends[1]) / h, 1e-2))
    if any(e.shape == dot.shape and close(e, dot, 1e-4) for e in estimates):
        return ""
    if not bent and all(close(e, estimates[0], 1e-6) for e in estimates):
        raise OracleError(f"finite differences {estimates[0]}, oracle {dot}")
    return "not smooth here"


def close(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    """Equal within `tolerance`, relative to the largest entry (and to 1)."""
    if a.shape != b.shape:
        return False
    if not a.size:
        return True
    scale = max(1.0, float(np.max(np.abs(a))), float(np.max(np.abs(b))))
    return bool(np.max(np.abs(a - b)) <= tolerance * scale)
