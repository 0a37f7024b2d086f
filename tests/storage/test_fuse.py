"""Which loops run forwards and backwards in one, and which must not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import bound_names, statements
from tangent_ad.storage.touched import base_of
from tests.hunt.compare import agree
from tests.modes.reverse.broken import derivative


def fused(f: Any, *wrt: str) -> int:
    """How many loops of the forward sweep change adjoints."""
    found = derivative(f, *wrt)
    loops = [s for s in statements(found.made.body) if isinstance(s, n.For) and s.info.origin is not None]
    return sum(1 for loop in loops if any(_changed(s) & found.bars for s in statements(loop.body)))


def _changed(stmt: n.Stmt) -> set[str]:
    if not isinstance(stmt, n.Assign | n.AugAssign):
        return set()
    return {base_of(stmt.target)} if isinstance(stmt.target, n.Index) else set(bound_names(stmt.target))


def sums(x: Float[np.ndarray, "n"], w: float):
    s = 0.0
    for i in range(len(x)):
        t = np.sin(x[i] * w)
        s += t * t
    return s


def sums_scaled(x: Float[np.ndarray, "n"], w: float):
    s = 0.0
    for i in range(len(x)):
        s += np.sin(x[i] * w)
    return np.sqrt(1.0 + s * s)


def nested(x: Float[np.ndarray, "n"], w: float):
    s = 0.0
    for i in range(len(x)):
        t = 0.0
        for j in range(i + 1):
            t += x[j] * w
        s += np.exp(0.1 * t)
    return s


def own_elements(x: Float[np.ndarray, "n"], w: float):
    y = np.zeros(len(x))
    for i in range(len(x)):
        y[i] = np.sin(x[i] * w)
    return np.sum(y * y)


INDEPENDENT = (sums, sums_scaled, nested)


@pytest.mark.parametrize("f", INDEPENDENT, ids=lambda f: f.__name__)
def test_independent_iterations(f: Any) -> None:
    assert fused(f, "x", "w") >= 1


def carried(x: Float[np.ndarray, "n"], w: float):
    s = 1.0
    for i in range(len(x)):
        s = s * np.sin(x[i] * w)
    return s


def read_within(x: Float[np.ndarray, "n"], w: float):
    s = 0.0
    for i in range(len(x)):
        s += x[i] * w
        w = w + s
    return s


def neighbours(x: Float[np.ndarray, "n"], w: float):
    y = x * w
    for i in range(1, len(x)):
        y[i] = y[i - 1] * y[i]
    return np.sum(y)


def used_behind(x: Float[np.ndarray, "n"], w: float):
    """The adjoint of y is known only behind what reads it, and that reads what the loop changes."""
    y = x * w
    s = 0.0
    for i in range(len(x)):
        s += y[i] * w
        y[i] = y[i] * s
    return np.sum(y) * s


def two_results(x: Float[np.ndarray, "n"], w: float):
    s = 0.0
    p = 0.0
    for i in range(len(x)):
        s += np.sin(x[i])
        p += x[i] * w
    return np.sin(s) * np.cos(p) * w


def a_sum_that_starts_elsewhere(x: Float[np.ndarray, "n"], w: float):
    """What a loop that is scaled adds to has something added before."""
    s = 0.0
    for i in range(len(x)):
        s += x[i] * w
    return np.sin(s) * w + np.sum(x) * w


def an_element_takes_it(x: Float[np.ndarray, "n"], w: float):
    # the adjoint of the sum is that of an element, which is taken on the way
    z = np.ones_like(x)
    total = 0.3
    for i in range(len(x)):
        total += np.cos(x[i] * w)
    z[-1] = total * w
    return np.sum(z * z) + total


def from_the_end(x: Float[np.ndarray, "n"], w: float):
    """A negative index is some other element."""
    y = x * w
    for i in range(-1, 1):
        y[i] = y[i] * y[i] * w
    return np.sum(y)


DEPENDENT = (carried, read_within, neighbours, used_behind, an_element_takes_it)
ALL = (*INDEPENDENT, *DEPENDENT, own_elements, two_results, a_sum_that_starts_elsewhere, from_the_end)


@pytest.mark.parametrize("f", DEPENDENT, ids=lambda f: f.__name__)
def test_iterations_that_need_each_other(f: Any) -> None:
    assert fused(f, "x", "w") == 0


@pytest.mark.parametrize("f", ALL, ids=lambda f: f.__name__)
def test_values(f: Any) -> None:
    for x in (np.array([0.3, -0.7, 1.1]), np.array([0.4])):
        agree(f, x, 0.8)


def test_no_iteration_at_all() -> None:
    for f in (sums, sums_scaled, nested, carried, read_within, two_results):
        agree(f, np.zeros(0), 0.8)
