"""The laws catch every planted fault: a stand-in compiler made of the oracle, then made wrong in one way each."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangent_ad.errors import RefusedError
from tests import oracle
from tests.random_programs import laws
from tests.random_programs.generate import Program, generate
from tests.random_programs.judge import flat, separate
from tests.random_programs.scope import Var


def _like(a: Any, made: Any) -> Any:
    return np.asarray(made, dtype=a.dtype) if isinstance(a, np.ndarray) else float(made)


def _positions(wrt: Any) -> tuple[int, ...]:
    return (wrt,) if isinstance(wrt, int) else tuple(wrt)


class Compiler:
    """The package's interface, answered by the oracle; `fault` names what is done wrong."""

    def __init__(self, fault: str = "") -> None:
        self.fault, self.texts, self.buffer = fault, 0, {}

    def _function(self, call: Callable[..., Any]) -> Any:
        self.texts += 1
        if self.fault == "crash":
            raise KeyError("planted")
        if self.fault == "refuse":
            raise RefusedError("not this one")

        def function(*args: Any) -> Any:
            if self.fault == "run":
                raise ZeroDivisionError("planted")
            return call(*args)

        function.source = f"text {self.texts if self.fault == 'text' else ''}"  # type: ignore[attr-defined]
        return function

    def jvp(self, f: Callable[..., Any], wrt: Any) -> Any:
        places = _positions(wrt)
        if hasattr(f, "second"):
            return self._function(f.second)

        def call(*given: Any) -> Any:
            args, tangents, rest = [], {}, list(given)
            while rest:
                args.append(rest.pop(0))
                if len(args) - 1 in places:
                    tangents[len(args) - 1] = rest.pop(0)
            value, dot = oracle.jvp(f, separate(args), tangents)
            if self.fault == "forward":
                dot = dot * 1.00001 if not isinstance(dot, tuple) else (dot[0] * 1.00001, *dot[1:])
            if self.fault == "writes" and isinstance(given[0], np.ndarray):
                given[0][...] = 1.0
            return value, dot

        return self._function(call)

    def _adjoints(self, f: Callable[..., Any], places: tuple[int, ...], args: list[Any], bar: Any) -> list[Any]:
        found = []
        for k in places:
            entries = []
            for unit in np.eye(max(np.size(args[k]), 0)):
                tangent = unit.reshape(np.shape(args[k])) if np.ndim(args[k]) else float(unit[0])
                dot = oracle.jvp(f, separate(args), {k: tangent})[1]
                entries.append(np.sum(flat(dot) * flat(bar)))
            found.append(_like(args[k], np.reshape(entries, np.shape(args[k]))))
        return found

    def vjp(self, f: Callable[..., Any], wrt: Any, jit: bool = False) -> Any:
        places = _positions(wrt)

        def call(bar: Any, *args: Any) -> Any:
            value = oracle.jvp(f, separate(list(args)), {})[0]
            bars = self._adjoints(f, places, list(args), bar)
            bars = [self._spoil(b) for b in bars]
            return value, tuple(bars) if len(bars) > 1 else bars[0]

        return self._function(call)

    def _spoil(self, bar: Any) -> Any:
        if self.fault == "adjoint":
            return bar * (1.0 + 1e-5)
        if not isinstance(bar, np.ndarray):
            return bar
        if self.fault == "shape":
            return bar.reshape(-1)[:, None]
        if self.fault == "dtype":
            return bar.astype(np.float16)
        if self.fault == "shared":
            kept = self.buffer.setdefault(bar.shape, bar)
            return kept
        return bar

    def grad(self, f: Callable[..., Any], wrt: int) -> Any:
        def second(*given: Any) -> Any:
            args = [*given[: wrt + 1], *given[wrt + 2 :]]
            v, factor = given[wrt + 1], 1.0 + 1e-4 * (self.fault == "second")
            entries = []
            for unit in np.eye(np.size(args[wrt])):
                w = unit.reshape(np.shape(args[wrt])) if np.ndim(args[wrt]) else float(unit[0])
                entries.append(factor * oracle.mixed(f, separate(args), {wrt: v}, {wrt: w}))
            return 0.0, _like(args[wrt], np.reshape(entries, np.shape(args[wrt])))

        return SimpleNamespace(second=second)


SOURCE = """
import numpy as np

def f(x, y, s):
    x[0] += s * y[1]
    u = x * y
    for i in range(len(x)):
        s = s + np.sin(u[i]) * s
    return s + np.sum(u ** 2)
"""


def program(dtype: str = "float64") -> Program:
    params = (Var("x", "arr", (3,), 1), Var("y", "arr", (3,), 2), Var("s", "num"))
    return Program("program_planted", SOURCE, params, (0, 2), dtype, 5, True)


MODES = ("forward", "reverse", "second")


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_right_compiler_passes(monkeypatch: pytest.MonkeyPatch, dtype: str) -> None:
    monkeypatch.setattr(laws, "ad", Compiler())
    outcome = laws.check_program(program(dtype), MODES)
    assert (outcome.status, outcome.reached) == ("ok", MODES), outcome


def test_a_right_compiler_passes_random_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laws, "ad", Compiler())
    for k in range(20):
        outcome = laws.check_program(generate(11, k), MODES)
        assert outcome.status in ("ok", "rejected"), (k, outcome)


FAULTS = {
    "forward": ("wrong", "forward: derivative equals the oracle's"),
    "writes": ("wrong", "forward: arguments unchanged"),
    "adjoint": ("wrong", "reverse: dot-product law"),
    "shape": ("wrong", "reverse: dot-product law (shape)"),
    "dtype": ("wrong", "reverse: dot-product law: dtype kept"),
    "shared": ("wrong", "reverse: a later call is not changed by spoiled results"),
    "second": ("wrong", "second: Hessian equals the oracle's"),
    "text": ("wrong", "forward: text is deterministic"),
    "crash": ("crashed", "forward: generation"),
    "run": ("crashed", "forward: run"),
    "refuse": ("refused", "forward"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_planted_fault_is_seen(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    monkeypatch.setattr(laws, "ad", Compiler(fault))
    outcome = laws.check_program(program(), MODES)
    assert (outcome.status, outcome.law) == FAULTS[fault], outcome
