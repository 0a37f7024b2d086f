"""The hand-written adjoints that ours are measured against: right by central differences of the program itself.

In: each case of the benchmarks, at its own size.  Out: nothing.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

from benchmarks import drivers, hand
from benchmarks.cases import Case, cases
from benchmarks.compiled import compiled
from benchmarks.contest import by_hand, leaves

LONG = ("10^5", "10^6")
"""Lorenz over more steps is the program and the adjoint of 10^3 steps, and too long for central differences."""
CASES = {case.name: case for case in cases() if not any(word in case.name for word in LONG)}


def along(case: Case, step: float, directions: dict[int, Any]) -> tuple[Any, ...]:
    """The arguments, moved; fresh ones, since some programs write them."""
    arguments = [a.copy() if isinstance(a, np.ndarray) else a for a in case.arguments]
    for k, direction in directions.items():
        arguments[k] = arguments[k] + step * direction
    return tuple(arguments)


@pytest.mark.parametrize("name", CASES)
def test_a_directional_derivative(name: str) -> None:
    case, step = CASES[name], 1e-6
    rng = np.random.default_rng(7)
    f = compiled(case.program, error_model="numpy")
    if case.drivers is not None:
        f = getattr(drivers, case.drivers[0])(f)
    gradient = by_hand(case)
    if case.jacobian:
        directions: dict[int, Any] = {k: rng.standard_normal(case.arguments[k].shape[1:]) for k in range(3)}
        ours = gradient(*case.arguments) @ np.concatenate([np.atleast_1d(d) for d in directions.values()])
    else:
        places = [list(inspect.signature(case.program).parameters).index(name) for name in case.wrt]
        # a loop around the program sums over the pairs: the same direction for each of them
        directions = {k: 1.0 if case.drivers else rng.standard_normal(np.shape(case.arguments[k])) for k in places}
        parts = leaves(gradient(*along(case, 0.0, {})))
        ours = sum(float(np.sum(p * d)) for p, d in zip(parts, directions.values(), strict=True))
    ahead, behind = f(*along(case, step, directions)), f(*along(case, -step, directions))
    assert np.allclose((ahead - behind) / (2.0 * step), ours, rtol=2e-6, atol=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_arguments_are_left_alone(name: str) -> None:
    case = CASES[name]
    arguments = along(case, 0.0, {})
    by_hand(case)(*arguments)
    assert all(np.array_equal(a, b) for a, b in zip(arguments, case.arguments, strict=True))


@pytest.mark.parametrize("case", [c for c in CASES.values() if c.apart], ids=lambda c: c.name)
def test_another_form_gives_the_same(case: Case) -> None:
    np.testing.assert_allclose(getattr(hand, case.apart)(*case.arguments), by_hand(case)(*case.arguments), rtol=1e-14)
