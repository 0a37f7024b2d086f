"""Loops that run both sweeps in each iteration, and names that something behind the backward sweep reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import InternalError
from tangent_ad.modes.reverse import function
from tangent_ad.pipeline import Request, derive
from tests.hunt.compare import agree

X, W, C = np.array([0.3, 0.7]), np.array([0.5, 0.2, 0.9]), np.array([1.0, 2.0, 3.0])


def counter_read_behind(x, w, c):
    total = 0.0
    j = 0
    for p in range(len(x)):
        y = x[p]
        for j in range(len(w)):
            y = y * w[j] + c[j]
        total += y * y
    return total + j


def bound_again_behind(x, w, c):
    """What is put back for the adjoint of the first statement, the loop has in its own name already."""
    q = 0
    y = np.zeros(4)
    y[0] = c[0] * y[q]
    for p in range(len(x)):
        y[q + 1] += np.cos(x[p]) * w[q]
    q = 1
    return np.sum(y) * w[q]


def counter_read_in_the_next_iteration(x, w, c):
    total = 0.0
    j = 0
    for p in range(len(x)):
        y = x[p] + j
        for j in range(len(w)):
            y = y * w[j] + c[j]
        total += y * y
    return total


def counter_read_by_an_adjoint(x, w, c):
    total = 0.0
    j = 0
    for p in range(len(x)):
        y = x[p]
        for j in range(len(w)):
            y += w[j] * c[j]
        total += y * y
    return total * j


def counter_of_two_loops(x, w, c):
    total = 0.0
    j = 2
    for p in range(len(x)):
        y = x[p] * w[j]
        for j in range(p, len(w)):
            y = y * w[j] + np.sin(y)
        for j in range(p):
            y = y + np.cos(y * w[j])
        total += y * y
    for i in range(j, len(w)):
        total += w[i] * total
    return total


def every_second(x, w, c):
    total = 0.0
    j = 0
    for p in range(len(x)):
        y = x[p] + j
        for j in range(0, 3, 2):
            y = y * w[j] + np.sin(y)
        total += y * y
    return total + j


def restored_read_behind(x, w, c):
    total = 0.0
    t = 1.0
    for p in range(len(x)):
        y = x[p]
        for j in range(len(w)):
            t = c[j] * c[j] + p
            y = np.sin(y * t)
        total += y * y
    return total + t


def restored_read_in_the_next_iteration(x, w, c):
    total = 0.0
    t = 1.0
    k = 0
    for p in range(len(x)):
        y = x[p] * t + k
        for j in range(len(w)):
            t = c[j] + p
            k += j
            y = np.sin(y * t) + k
        total += y * y
    return total + k


def counted_by_while(x, w, c):
    total = 0.0
    k = 0
    for p in range(len(x)):
        y = x[p] + k
        k = 0
        while k < len(w):
            y = np.sin(y * w[k])
            k += 1
        total += y * k
    return total * k


def counter_rebound_in_its_loop(x, n):
    total = 0.0
    for i in range(n):
        total += x * i
        i = i * i
        total += x ** (i + 1)
        i += 3
    return total * i


ALL = (
    bound_again_behind,
    counter_read_behind,
    counter_read_in_the_next_iteration,
    counter_read_by_an_adjoint,
    counter_of_two_loops,
    every_second,
    restored_read_behind,
    restored_read_in_the_next_iteration,
    counted_by_while,
)


@pytest.mark.parametrize("f", ALL, ids=lambda f: f.__name__)
def test_values(f: Any) -> None:
    for x in (X, X[:1], X[:0]):
        agree(f, x, W, C, wrt=(0, 1))
        value, bars = ad.value_and_grad(f, ("x", "w"))(x, W, C)
        np.testing.assert_allclose(value, f(x, W, C), rtol=1e-14)
        exact = ad.vjp(f, ("x", "w"))(1.0, x, W, C)[1]
        for bar, one in zip(bars, exact, strict=True):
            np.testing.assert_allclose(bar, one, rtol=1e-13)


def test_what_a_fused_loop_restores_is_not_read_behind_it() -> None:
    """Before, the gradient (not the value and gradient) broke the version law."""
    agree(counter_rebound_in_its_loop, 0.4, 4)
    assert ad.grad(counter_rebound_in_its_loop)(0.4, 4) == ad.vjp(counter_rebound_in_its_loop)(1.0, 0.4, 4)[1]


@pytest.mark.parametrize("f", [counter_read_behind, counter_read_in_the_next_iteration], ids=lambda f: f.__name__)
def test_a_counter_that_is_overwritten_is_found_out(f: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(function, "overwritten", lambda *_: None)
    with pytest.raises(InternalError, match="broke the forward law"):
        derive(f, Request("value_and_grad", ("x", "w")), "made")


def test_compiled() -> None:
    f = counter_read_in_the_next_iteration
    value, (x_bar, w_bar) = ad.value_and_grad(f, ("x", "w"), jit=True)(X, W, C)
    plain = ad.value_and_grad(f, ("x", "w"))(X, W, C)
    np.testing.assert_allclose((value, *x_bar, *w_bar), (plain[0], *plain[1][0], *plain[1][1]), rtol=1e-13)
