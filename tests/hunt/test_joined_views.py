"""Names that are a view on one path and something else on another; loops that surely run."""

from __future__ import annotations

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import RefusedError
from tests.hunt.compare import agree


def written_where_it_is_a_view(a: np.ndarray, s: float):
    g = a[1:]
    if s > 0.0:
        a[1] = a[0] * s
    else:
        g = np.ones(2) * s
    return np.sum(g * g) + np.sum(a)


def written_through_the_view(a: np.ndarray, s: float):
    c = a
    if s < 0.0:
        c = a * s
    else:
        c %= 1.5
    return np.sum(c * c) + np.sum(a * a)


def owner_bound_again(a: np.ndarray, s: float):
    g = a[1:]
    if s > 0.0:
        g[0] = g[1] * s
        a = a * 2.0
    return np.sum(g * g) + np.sum(a * a)


def in_a_loop(a: np.ndarray, s: float):
    total = 0.0
    for i in range(3):
        g = a[1:]
        if i % 2 == 0:
            a[1] = a[2] * s
        else:
            g = g[:1] * s
        total += np.sum(g * g)
    return total + np.sum(a)


def carried_by_a_loop(a: np.ndarray, s: float):
    g = a[1:]
    for i in range(len(a)):
        g[0] *= s
        g = a[1:] if i > 0 else a[:2]
    return np.sum(g * g) + np.sum(a)


def elif_ladder(a: np.ndarray, s: float):
    b = a[:2]
    if s > 5.0:
        b = b * s
    elif s > 0.0:
        a /= a**2 + 0.5
        b = b[np.array([0, 0])] * 1.0
    return b, a


def surely_runs(a: np.ndarray, s: float):
    p = a[None, :]
    for i in range(2, 4):
        p = a * s * i
    p //= 0.3
    p += a * s
    return np.sum(p * p) + np.sum(a)


def surely_runs_inside(a: np.ndarray, s: float):
    total = 0.0
    for _ in range(len(a)):
        p = a
        for i in range(3, 0, -2):
            p = a * s * i
        p += a * s
        total += np.sum(p * p)
    return total + np.sum(a)


PROGRAMS = (
    written_where_it_is_a_view,
    written_through_the_view,
    owner_bound_again,
    in_a_loop,
    elif_ladder,
    surely_runs,
    surely_runs_inside,
)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("s", [0.7, -1.3])
def test_both_modes(f, s) -> None:
    agree(f, np.array([0.4, 1.2, -0.7]), s)


def may_be_shared_after_the_join(a: np.ndarray, s: float):
    x = a
    if s > 0.0:
        x = a * s
    a[:1] = s
    return np.sum(x) + np.sum(a)


def may_never_run(a: np.ndarray, s: float, n: int):
    p = a
    for _ in range(n):
        p = a * s
    p *= s
    return np.sum(p) + np.sum(a)


@pytest.mark.parametrize("f", [may_be_shared_after_the_join, may_never_run, carried_by_a_loop])
def test_a_write_to_what_may_be_shared_is_refused(f) -> None:
    with pytest.raises(RefusedError, match="may share"):
        ad.vjp(f, 0)


def beside_a_loop_that_does_nothing(a: np.ndarray, s: float):
    p = a[0]
    for _ in range(2):
        pass
    p /= s
    return np.sum(a[:, 1:])


def test_a_loop_that_does_nothing_has_no_last_statement() -> None:
    with pytest.raises(RefusedError, match="two numbers"):
        ad.vjp(beside_a_loop_that_does_nothing, 0)
