"""Counters that are taken back: the law finds out every one that is not."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.errors import InternalError
from tests.hunt.compare import agree
from tests.modes.reverse.broken import derivative, found_out


def triangle(x, d: int):
    s = 0.0
    start = 0
    for j in range(d):
        for k in range(d - j):
            s = s * x[start + k] + 0.3
        start += d - j
    return s


def nested(x, m: int, d: int):
    s = 1.0
    for k in range(m):
        start = k
        for j in range(d):
            s = s * np.sin(x[start]) + x[start] * x[start]
            start += d - j
        s = s * x[start - 1]
    return s


def twice(x, m: int):
    i = 0
    s = 1.0
    while i < m:
        s = s * x[i]
        i += 1
    while i < 2 * m:
        s = s + s * x[i]
        i = i + 2
    for j in range(m):
        s = s * x[i - 1 - j]
    i -= 3
    return s * x[i]


def both_sides(x, m: int):
    s = 1.0
    i = m
    for _ in range(m):
        s = s * x[i]
        i = i - 1
        s = s * x[i]
    return s + x[i]


def pointers(x, w: Float[np.ndarray, " m"], m: int):
    i = 0
    s = 1.0
    for j in range(0, 2 * m, 2):
        s = s * x[i] + w[j]
        step = 1 + j % 3
        i += step
    return s * x[i]


X = np.array([0.9, 1.1, 0.7, 1.3, 0.8, 1.2, 0.6, 1.4, 0.95, 1.05, 1.15, 0.85])
ARGS: dict[Any, tuple[Any, ...]] = {
    triangle: (X, 4),
    nested: (X, 2, 3),
    twice: (X, 4),
    both_sides: (X, 4),
    pointers: (X, X, 4),
}


@pytest.mark.parametrize("f", ARGS, ids=lambda f: f.__name__)
def test_no_mutant_is_wrong_and_unnoticed(f: Any) -> None:
    good = derivative(f, "x")
    good.check()
    assert good.sweeps.plan.inverses, "a counter is taken back"
    assert found_out(good, *ARGS[f]) > 5


@pytest.mark.parametrize("f", ARGS, ids=lambda f: f.__name__)
def test_values(f: Any) -> None:
    counts = [k for k, a in enumerate(ARGS[f]) if isinstance(a, int)]
    for trips in range(4):
        given = list(ARGS[f])
        for k in counts:
            given[k] = min(given[k], trips)
        agree(f, *given, wrt=(0,))


def counted_under_a_condition(x, m: int):
    i = 0
    s = 1.0
    for j in range(m):
        if x[j] > 0.8:
            s = s * x[i]
            i += 1
        s = s * x[i]
    return s


def counted_in_floats(x, m: int):
    i = 0.0
    s = 1.0
    for j in range(m):
        s = s * x[j] ** i
        i += 0.1
    return s


def changed_amount(x, m: int):
    i, by = 0, 1
    s = 1.0
    for j in range(m):
        s = s * x[i % len(x)]
        i += by
        by = by + j
    return s


def bound_on_some_paths(x, m: int):
    s = 1.0
    if m > 0:
        i = 0
    for _ in range(m):
        s = s * x[i]
        i += 1
    return s * x[0]


def exchanged(x, m: int):
    s = 1.0
    i, j = 0, 5
    for _ in range(m):
        s = s * x[i] * x[j]
        i += 1
        t = i
        i = j
        j = t
    return s


LEFT_ALONE = (counted_under_a_condition, counted_in_floats, changed_amount, exchanged)


@pytest.mark.parametrize("f", LEFT_ALONE, ids=lambda f: f.__name__)
def test_what_cannot_be_taken_back_is_kept(f: Any) -> None:
    made = derivative(f, "x")
    assert "i" not in {value.name for value in made.sweeps.plan.inverses}
    for trips in (0, 1, 4):
        agree(f, X, trips, wrt=(0,))


def test_a_counter_that_is_bound_on_some_paths() -> None:
    for trips in (0, 1, 4):
        agree(bound_on_some_paths, X, trips, wrt=(0,))


def test_an_inversion_where_there_is_none_is_found_out() -> None:
    for f in (counted_under_a_condition, changed_amount, exchanged):
        good = derivative(f, "x")
        restore = next(s for s in good.restores("i"))
        undone = n.Call(operator.sub, "-", (n.Name(restore.target.id), n.Const(1)))
        bad = good.rebuilt(lambda s, a=restore, b=undone: (n.Assign(a.target, b),) if s is a else (s,))
        with pytest.raises(InternalError, match="broke the"):
            bad.check()
