"""Our derivatives are about as long as those written by hand, and give the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.lean.__main__ import Pair, counted, excess, pairs

PAIRS = pairs()


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.label)
def test_length(pair: Pair) -> None:
    assert excess(*pair.counts()) == []


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.label)
def test_values(pair: Pair) -> None:
    by_hand, ours = pair.by_hand(*_arguments(pair)), pair.ours()[1](*_arguments(pair))
    for a, b in zip(_flat(by_hand), _flat(ours), strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-12, atol=1e-14)


def test_counts() -> None:
    text = '''def g(x):
    """Not counted."""
    if x.ndim != 1:
        raise TypeError("g")
    x_saved = np.empty(3)
    for i in range(3):
        x_saved[i] = x
    return np.sin(x)
'''
    found = counted(text)
    assert (found.statements, found.tapes, found.calls) == (4, 1, 3)


def _arguments(pair: Pair) -> list[Any]:
    """Fresh arguments; a tangent of ones behind each that is differentiated in, for a jvp."""
    names = pair.module.f.__code__.co_varnames
    wrt = (pair.module.WRT,) if isinstance(pair.module.WRT, str) else pair.module.WRT
    found: list[Any] = []
    for name, value in zip(names, pair.module.arguments(), strict=False):
        found.append(value)
        if pair.mode == "jvp" and name in wrt:
            found.append(np.ones_like(value) if isinstance(value, np.ndarray) else 1.0)
    return found


def _flat(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple) else [result]
