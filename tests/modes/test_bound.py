"""Names that are bound on some paths only: the derivative runs where the function does."""

# ruff: noqa: F841

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.api import _generate
from tests.hunt.compare import agree

ROWS = np.array([[0.3, 0.7], [1.1, 0.2], [0.4, 0.5]])
ROW = np.array([0.3, 0.9, 0.8])


def from_the_second_on(x, n):
    s = 0.0
    for k in range(n):
        if k > 0:
            s = s + y * y
        y = x * (k + 1) + s
    return s


def on_two_branches(x, n):
    s = 0.0
    for k in range(n):
        if k > 0:
            s = s + y * y
            y = np.sin(y)
        else:
            y = x
    return s


def by_trips(x, n):
    s, k = 0.0, 0
    while k < n:
        if k > 0:
            s = s * y + y
        y = x + s
        k += 1
    return s


def arrays(x, n):
    s = np.zeros(2)
    for k in range(n):
        if k > 0:
            s = s + y * y
            y = np.sin(y)
        else:
            y = np.array([x, 2.0 * x])
    return np.sum(s)


def unknown(x, n):
    s = x * 0.0
    for k in range(n):
        if k > 0:
            s = s + y * y * x
        y = np.sin(x) + s
    return s


def written(x, n):
    s = 0.0
    for k in range(n):
        if k > 0:
            s = s + np.sum(old * x)
            old[0] = s * s
        else:
            old = x * x
    return s


def tuples(x, n):
    s = 0.0
    for k in range(n):
        if k > 0:
            a, b = p
            s = s + a * b * s + 1.0
        p = (x * k, x + s)
    return s


def integers_and_bools(x, n):
    s = 0.0
    for k in range(n):
        if k > 0:
            s = s + x[last] * s + x[k]
            good = s > 1.0
        if k > 1 and good:
            s = s * 0.5
        last = k
    return s


def on_an_outer_condition(x, n):
    if n > 2:
        y = x * x
    s = x
    for _ in range(n):
        if n > 2:
            s = s * y + y * np.sin(s)
            y = y * s
    return s


def nested(x, n):
    s = 0.0
    for i in range(n):
        for j in range(n):
            if j > 0 or i > 0:
                s = s + y * s * y
                y = y * 0.5
            if j == i:
                y = x + s + 1.0
    return s


def without_a_loop(x, n):
    if n > 2:
        y = x * x
    s = x
    if n > 2:
        s = s * y * np.sin(y)
        y = y * s
        s = s + y
    return s


PROGRAMS: list[tuple[Any, tuple[Any, ...]]] = [
    *((f, (0.7, n)) for f in (from_the_second_on, on_two_branches, by_trips, arrays) for n in (0, 1, 4)),
    *((f, (0.7, 3)) for f in (unknown, tuples, nested, without_a_loop, on_an_outer_condition)),
    *((f, (ROW, n)) for f in (unknown, written, integers_and_bools) for n in (1, 3)),
    (on_an_outer_condition, (0.7, 2)),
    (without_a_loop, (0.7, 1)),
]


@pytest.mark.parametrize(("f", "args"), PROGRAMS, ids=lambda x: getattr(x, "__name__", None))
def test_it_runs_where_the_function_does(f, args) -> None:
    agree(f, *args)


@pytest.mark.parametrize("f", [from_the_second_on, arrays, tuples, nested, by_trips])
def test_the_reference_and_second_derivatives(f) -> None:
    x, h = 0.7, 1e-5
    slope = (f(x + h, 3) - f(x - h, 3)) / (2.0 * h)
    np.testing.assert_allclose(_generate(f, "grad", 0, False, optimise=False)(x, 3), slope, rtol=1e-6)
    curve = (ad.grad(f)(x + h, 3) - ad.grad(f)(x - h, 3)) / (2.0 * h)
    np.testing.assert_allclose(ad.hessian(f)(x, 3), curve, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("f", [from_the_second_on, on_two_branches, arrays, tuples, by_trips])
def test_compiled(f) -> None:
    agree(f, 0.7, 4, jit=True)


def test_views_are_bound_too() -> None:
    def rows(x: "Float[np.ndarray, 'n d']", n: int):
        s = 0.0
        for k in range(n):
            if k > 0:
                s = s + np.sum(row * row) * s + 1.0
            row = x[k]
        return s

    def reshaped(x: "Float[np.ndarray, 'n d']", y: float, n: int):
        s = 0.0
        for k in range(n):
            if k > 0:
                s = s + np.sum(z * z) * s + 1.0
            z = x.reshape(-1) * y if k == 0 else x.reshape(-1)
        return s

    agree(rows, ROWS, 3)
    agree(reshaped, ROWS, 0.5, 3)


def test_a_view_that_is_written_on_the_paths_that_bind_it_stays_one() -> None:
    def first(x: "Float[np.ndarray, 'n d']", n: int):
        x = x * x
        if n > 1:
            row = x[0]
        if n > 1:
            row[0] = row[1] * x[1, 1]
        return np.sum(x)

    for n in (1, 2):
        agree(first, ROWS, n)


def test_what_is_surely_bound_gets_no_other_value() -> None:
    def f(x, n):
        y = x
        for k in range(n):
            if k > 0:
                y = y * x
        return y

    assert "nan" not in ad.grad(f).source
    assert "    y = np.nan\n" in ad.grad(from_the_second_on).source
