"""The guard of a square root's partial goes where the root is surely positive, and only there."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

import tangent_ad as ad


def under_a_condition(x: float, y: float):
    if x > 0.0:
        t = math.sqrt(x) * y
    else:
        t = x * y
    return t * t


def beside_a_condition(x: float, y: float):
    if x <= 0.0 or y < 1.0:
        t = x * y
    else:
        t = math.sqrt(x) + math.sqrt(y)
    return t


def sum_with_one(x: float, y: float):
    t = np.sqrt(1.0 + x * x + y**2 * 0.0 + np.exp(y))
    return t * y


def elementwise(x, y):
    return np.sum(np.sqrt(0.5 + x * x) * y)


def sum_of_squares(x: float, y: float):
    return np.sqrt(x * x + y * y)


def bound_again(x: float, y: float):
    if x > 0.0:
        x = x - y
        t = np.sqrt(x)
    else:
        t = 1.0
    return t * x


def product(x: float, y: float):
    if x > 0.0 and y > 0.0:
        x = np.sqrt(x * y)
    return x


def bound_in_the_loop(x: float, y: float):
    s = 0.0
    if x > 0.0:
        for _ in range(3):
            s = s + np.sqrt(x)
            x = x * y
    return s


def written(x, y):
    t = 1.0 + x * x
    t[0] = 0.0
    return np.sum(np.sqrt(t) * y)


def written_as_another(x, y):
    t = 1.0 + x * x
    v = t[:2]
    v[1] = 0.0
    return np.sum(np.sqrt(t) * y * x)


PLAIN = [under_a_condition, beside_a_condition, elementwise]
GUARDED = [sum_of_squares, bound_again, product, bound_in_the_loop, written, written_as_another]
V = np.array([0.3, -0.2, 0.0])


def arguments(f):
    if "x" in f.__annotations__:
        return [(x, y) for x in (0.7, 0.0, -0.4, 5e-324) for y in (0.3, 0.0, 2.0)]
    return [(V, 1.0 + V), (V[:0], V[:0])] if f not in (written, written_as_another) else [(V, 1.0 + V)]


def guarded(f):
    return "== 0)" in ad.grad(f, ("x", "y")).source


@pytest.mark.parametrize("f", PLAIN)
def test_no_guard_where_it_is_positive(f):
    assert not guarded(f)


@pytest.mark.parametrize("f", GUARDED)
def test_a_guard_where_it_may_be_zero(f):
    assert guarded(f)


@pytest.mark.parametrize("f", [*PLAIN, *GUARDED, sum_with_one])
def test_the_same_values(f):
    from tangent_ad.derived import build
    from tangent_ad.pipeline import Request

    for mode in ("grad", "jvp"):
        made = [
            build(f, Request(mode, ("x", "y"), without=frozenset(off)), "derived").load() for off in ((), ("signs",))
        ]
        for x, y in arguments(f):
            given = (x, y) if mode == "grad" else (x, x * 0.0 + 0.4, y, y * 0.0 - 0.7)
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                one, two = (g(*(np.copy(a) if isinstance(a, np.ndarray) else a for a in given)) for g in made)
            for a, b in zip(one, two, strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-12)
