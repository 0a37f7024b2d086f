"""The law: with all passes, with any one of them left out, and with none, derivatives have the same values."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym
from tangent_ad.derived import build
from tangent_ad.errors import RefusedError
from tangent_ad.pipeline import Request
from tangent_ad.simplify import PASSES, Context, simplify
from tests.random_programs.generate import generate
from tests.random_programs.load import load, unload
from tests.simplify.programs import PROGRAMS

NAMES = tuple(dict.fromkeys(name for name, _ in PASSES))
LEFT_OUT = (frozenset(NAMES), *(frozenset((name,)) for name in NAMES))


@pytest.mark.parametrize("mode", ["jvp", "vjp"])
@pytest.mark.parametrize("f, args, wrt", PROGRAMS, ids=lambda x: getattr(x, "__name__", ""))
def test_programs(f: Any, args: tuple[Any, ...], wrt: tuple[str, ...], mode: str) -> None:
    compare(f, args, wrt, mode)


def test_random_programs() -> None:
    """The first six that have a derivative to simplify; most do."""
    refused = 0
    for number in range(8):
        program = generate(2024, number)
        try:
            f = load(program.name, program.source)["f"]
            wrt = tuple(program.params[k].name for k in program.wrt)
            for mode in ("jvp", "vjp"):
                with np.errstate(all="ignore"):
                    compare(f, tuple(program.arguments()), wrt, mode, 1e-10 if program.dtype == "float64" else 1e-3)
        except RefusedError:
            refused += 1
        finally:
            unload(program.name)
        if number - refused == 5:
            return
    pytest.fail(f"{refused} of 8 programs are refused")


def compare(f: Any, args: tuple[Any, ...], wrt: tuple[str, ...], mode: str, tolerance: float = 1e-12) -> None:
    value = f(*_copies(args))
    rng = np.random.default_rng(5)
    names = f.__code__.co_varnames
    given: list[Any] = [] if mode == "jvp" else [_like(value, rng)]
    for k, arg in enumerate(args):
        given.append(arg)
        if mode == "jvp" and names[k] in wrt:
            given.append(_like(arg, rng))
    full = _flat(run(f, mode, wrt, given, frozenset()))
    for without in LEFT_OUT:
        np.testing.assert_allclose(_flat(run(f, mode, wrt, given, without)), full, rtol=tolerance, atol=tolerance)


def run(f: Any, mode: str, wrt: tuple[str, ...], given: list[Any], without: frozenset[str]) -> Any:
    derived = build(f, Request(mode, wrt, without=without), f"{f.__name__}_{mode}").load()
    first = derived(*_copies(given))
    kept = _flat(first)
    for part in _parts(first):
        if isinstance(part, np.ndarray):
            part[...] = np.nan  # results share no memory with anything that is used again
    np.testing.assert_array_equal(_flat(derived(*_copies(given))), kept)
    return derived(*_copies(given))


def _copies(args: Any) -> list[Any]:
    return [a.copy() if isinstance(a, np.ndarray) else a for a in args]


def _like(value: Any, rng: np.random.Generator) -> Any:
    if isinstance(value, tuple):
        return tuple(_like(v, rng) for v in value)
    if isinstance(value, np.ndarray):
        return rng.uniform(-1.0, 1.0, value.shape).astype(value.dtype)
    return float(rng.uniform(-1.0, 1.0))


def _parts(value: Any) -> list[Any]:
    return [p for v in value for p in _parts(v)] if isinstance(value, tuple) else [value]


def _flat(value: Any) -> np.ndarray:
    return np.concatenate([np.ravel(np.asarray(p, dtype=float)) for p in _parts(value)])


def test_linear_time() -> None:
    """5,000 statements that all can be put together pass in seconds."""
    x = Sym(n.Name("x"))
    body: list[n.Stmt] = []
    for k in range(2500):
        t = n.Name(f"t{k}_bar")
        body.append(n.Assign(t, (x * float(k + 2)).expr))
        body.append(n.Assign(n.Name("x_bar"), (Sym(n.Name("x_bar") if k else n.Const(0.0)) + Sym(t)).expr))
    fn = n.Function("f", (n.Param("x"),), (*body, n.Return(n.Name("x_bar"))))
    start = time.process_time()
    made = simplify(fn, Context(frozenset("x")))
    assert time.process_time() - start < 8.0
    assert len(made.body) < 2600
