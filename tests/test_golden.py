"""Golden files: the texts are exactly these, on every Python and for every hash seed, and they compute derivatives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.golden.__main__ import MODES, NAMES, digest, generate, read

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("name", NAMES)
def test_text(name: str) -> None:
    golden = read(name)
    texts = generate(golden)
    for mode in MODES:
        assert texts[mode] == golden.expected[mode]


@pytest.mark.parametrize("name", NAMES)
def test_values(name: str) -> None:
    golden = read(name)
    args = golden.arguments()
    names = golden.f.__code__.co_varnames
    jvp, grad = (golden.derive(mode)[1] for mode in MODES)
    rng = np.random.default_rng(7)
    tangents = {w: _direction(args[names.index(w)], rng) for w in golden.wrt}
    single = any(a.dtype == np.float32 for a in args if isinstance(a, np.ndarray))
    directions = {names.index(w): d for w, d in tangents.items()}
    expected = _difference(golden.f, args, directions, 1e-2 if single else 1e-5)
    given: list[Any] = []
    for k, arg in enumerate(_copies(args)):
        given += [arg, tangents[names[k]]] if names[k] in tangents else [arg]
    value, dot = jvp(*given)
    bars = grad(*_copies(args))
    if len(golden.wrt) == 1:
        bars = (bars,)
    product = sum(np.sum(bar * tangents[w]) for bar, w in zip(bars, golden.wrt, strict=True))
    np.testing.assert_allclose(value, golden.f(*_copies(args)), rtol=1e-6 if single else 1e-12)
    np.testing.assert_allclose(dot, expected, rtol=1e-4 if single else 1e-6, atol=1e-8)
    np.testing.assert_allclose(product, dot, rtol=1e-5 if single else 1e-10, atol=1e-12)
    for bar, w in zip(bars, golden.wrt, strict=True):
        assert np.result_type(bar) == np.result_type(args[names.index(w)])


def test_hash_seeds() -> None:
    found = {digest()}
    for seed in ("0", "1"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        run = subprocess.run(
            [sys.executable, "-m", "tests.golden", "--digest"],
            capture_output=True, text=True, env=environment, cwd=ROOT, check=True,
        )  # fmt: skip
        found.add(run.stdout.strip())
    assert len(found) == 1


def _copies(args: tuple[Any, ...]) -> list[Any]:
    return [a.copy() if isinstance(a, np.ndarray) else a for a in args]


def _direction(arg: Any, rng: np.random.Generator) -> Any:
    if isinstance(arg, np.ndarray):
        return rng.uniform(-1.0, 1.0, arg.shape).astype(arg.dtype)
    return float(rng.uniform(-1.0, 1.0))


def _difference(f: Any, args: tuple[Any, ...], directions: dict[int, Any], step: float) -> float:
    """The derivative of f along the directions by a central difference of fourth order."""

    def at(t: float) -> float:
        return f(*(a + t * directions[k] if k in directions else a for k, a in enumerate(_copies(args))))

    return (8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * step)
