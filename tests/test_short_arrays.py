"""Short arrays that become numbers: the same values, types, errors and refusals as the arrays they were."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.derived import build
from tangent_ad.errors import RefusedError
from tangent_ad.pipeline import Request

X = np.array([0.3, 0.7, -0.4])


def scratch(x: "Float[np.ndarray, 'n']", n):
    total = 0.0
    for i in range(n):
        v = np.zeros(3)
        v[0] = x[i] * x[1]
        v[-2] = np.sin(x[0]) * v[0]
        v[2] = v[0] * v[1]
        if v[2] > 0.0:
            v[0] = v[2] / v[1]
        total += v[0] * v[0] + v[1] * v[2]
    return total


def carried(x: "Float[np.ndarray, 'n']", n):
    s = np.empty(2)
    s[0] = x[0]
    s[1] = x[1]
    for _ in range(n):
        t = s[0] * s[1]
        s[0] += 0.1 * t * x[2]
        s[1] = s[1] - 0.1 * np.sin(s[0])
    return s


def ints_in_it(a: float, k: int):
    v = np.ones(3)
    v[0] = k
    v[1] = k > 2
    v[2] = v[0] / v[1]
    v[0] -= a
    return v[2] * v[0] * a


def division(a: float, b: float):
    v = np.zeros(2)
    v[0] = b
    return a / v[0]


def power(a: float, b: float):
    v = np.zeros(2)
    v[0] = b
    v[1] = v[0] ** a
    return v[1] * a


def made_in_branches(a: float, b: float):
    if a > b:
        v = np.zeros(2)
        v[0] = a * a
    else:
        v = np.ones(2)
        v[1] = b
    v[0] += v[1] * b
    return v[0] * v[1]


def exchanged(a: float, b: float, n):
    v = np.empty(2)
    v[0], v[1] = a, b
    for _ in range(n):
        v[0], v[1] = v[1], v[0] * v[1]
    return v[0] + 2.0 * v[1]


def names_taken(v_0: float, b: float):
    v = np.zeros(2)
    v[0] = v_0 * b
    v[1] = v[0] * b
    v_1 = v[1]
    v[0] = v_1 * v_1
    return v[0] + v_1 + v_0


def single(x):
    v = np.zeros(2)
    v[0] = x[0] * x[1]
    v[1] = v[0] * x[1]
    return v[0] * v[1]


def after_the_loop(a: float, n):
    v = np.zeros(2)
    for i in range(n):
        v[1] = v[0] + a * i
        v[0] = np.sin(v[1])
    return v[0] * a


def two_made(a: float, b: float):
    v = np.zeros(2)
    v[0] = a * b
    t = v[0]
    v = np.zeros(2)
    v[1] = t * a
    return v[0] + v[1] * t


def copy_bound_again(a: float, b: float, n):
    v = np.zeros(2)
    v[0] = a
    v[1] = b
    for _ in range(n):
        t = v[0]
        v[0] = v[1] * t
        t2 = v[1] + t
        t = t * t2
        v[1] = t * v[0]
    return v[0] * v[1]


def _three(a, b):
    v = np.empty(3)
    v[0] = a * b
    v[1] = v[0] * a
    v[2] = b
    return v


def inlined(a: float, b: float, n):
    s = 0.0
    for i in range(n):
        f = _three(a, b * i)
        s += f[0] * f[1] + f[2]
        g = _three(f[1], a)
        s += g[0] * f[0]
    return s


def kept_from_before(a: float, n):
    f = np.zeros(2)
    s = 0.0
    for i in range(n):
        s += f[0] * f[1]
        v = np.zeros(2)
        v[0] = a * i
        v[1] = v[0] * a
        f = v
    return s + f[0]


def named_twice(a: float, n):
    s = 0.0
    for i in range(n):
        v = np.zeros(2)
        f = v
        v[0] = a * i
        f[1] = v[0] * a
        s += v[1] * f[0]
    return s


def displayed(a: float, b: float, n):
    s = 0.0
    for i in range(n):
        c = np.array([a * b, b * b + s, 0.5])
        s += c[0] * c[1] / c[2]
        d = np.array([1, 2])
        s = s * d[1] / d[0] + i
    return s


def floats_of_32(x: "Float[np.ndarray, 'n']"):
    v = np.zeros(2)
    v[0] = x[0] * x[1]
    v[1] = v[0] + x[2]
    return v[0] * v[1]


def elementwise(x: "Float[np.ndarray, 'n']"):
    v = np.zeros(2)
    v[0] = x[0] * x[0]
    v[1] = v[0] * x[1]
    w = v * 2.0
    v[0] = 1.0
    return np.sum(w * v)


def under_two_names(x: "Float[np.ndarray, 'n']"):
    v = np.zeros(2)
    w = v
    v[0] = x[0] * x[1]
    w[1] = v[0] * w[0]
    return v[1] * w[0]


def by_counter(x: "Float[np.ndarray, 'n']"):
    v = np.zeros(3)
    for i in range(3):
        v[i] = x[i] * x[0]
    return v[0] * v[1] * v[2]


def asked_for_length(x: "Float[np.ndarray, 'n']"):
    v = np.zeros(3)
    v[0] = x[0] * x[1]
    return v[0] * len(v)


PROGRAMS = [
    (scratch, ("x",), (X, 3)),
    (scratch, ("x",), (X, 0)),
    (carried, ("x",), (X, 4)),
    (carried, ("x",), (X, 0)),
    (ints_in_it, ("a",), (0.3, 3)),
    (division, ("a", "b"), (0.3, 0.5)),
    (power, ("a", "b"), (0.3, 0.5)),
    (made_in_branches, ("a", "b"), (0.3, 0.5)),
    (made_in_branches, ("a", "b"), (0.5, 0.3)),
    (exchanged, ("a", "b"), (0.5, 0.3, 3)),
    (names_taken, ("v_0", "b"), (0.5, 0.3)),
    (single, ("x",), (X.astype(np.float32),)),
    (after_the_loop, ("a",), (0.4, 3)),
    (two_made, ("a", "b"), (0.4, 0.3)),
    (copy_bound_again, ("a", "b"), (0.4, 0.3, 3)),
    (inlined, ("a", "b"), (0.4, 0.3, 3)),
    (inlined, ("a", "b"), (0.4, 0.3, 0)),
    (kept_from_before, ("a",), (0.4, 3)),
    (named_twice, ("a",), (0.4, 3)),
    (displayed, ("a", "b"), (0.4, 0.3, 3)),
    (floats_of_32, ("x",), (X.astype(np.float32),)),
    (elementwise, ("x",), (X,)),
    (under_two_names, ("x",), (X,)),
    (by_counter, ("x",), (X,)),
    (asked_for_length, ("x",), (X,)),
]
IDS = [f"{f.__name__}-{k}" for k, (f, _, _) in enumerate(PROGRAMS)]
STAY = {"kept_from_before", "elementwise", "by_counter", "asked_for_length"}
"""Programs whose arrays stay arrays."""


def derivative(mode, f, wrt, without=(), optimise=True):
    return build(f, Request(mode, wrt, False, optimise, without=frozenset(without)), "derived").load()


def arguments(mode, f, wrt, args):
    value = f(*copies(args))
    given = [] if mode == "jvp" else [np.ones_like(value) * 0.7]
    for name, arg in zip(f.__code__.co_varnames, args, strict=False):
        given.append(arg)
        if mode == "jvp" and name in wrt:
            given.append(np.full_like(arg, 0.6) if isinstance(arg, np.ndarray) else 0.6)
    return given


def copies(args):
    return [a.copy() if isinstance(a, np.ndarray) else a for a in args]


def flat(out):
    return [e for part in out for e in flat(part)] if isinstance(out, tuple) else [out]


@pytest.mark.parametrize("mode", ["jvp", "vjp"])
@pytest.mark.parametrize(("f", "wrt", "args"), PROGRAMS, ids=IDS)
def test_the_same_as_arrays(f, wrt, args, mode):
    given = arguments(mode, f, wrt, args)
    found = flat(derivative(mode, f, wrt)(*copies(given)))
    tolerance = 1e-12 if f not in (single, floats_of_32) else 1e-5
    for other in (derivative(mode, f, wrt, ("short",)), derivative(mode, f, wrt, (), False)):
        for a, b in zip(found, flat(other(*copies(given))), strict=True):
            np.testing.assert_allclose(a, b, rtol=tolerance)
            assert np.result_type(a) == np.result_type(b)


@pytest.mark.parametrize("f", sorted({f for f, _, _ in PROGRAMS}, key=lambda f: f.__name__))
def test_which_become_numbers(f):
    wrt = next(wrt for g, wrt, _ in PROGRAMS if g is f)
    source = build(f, Request("value_and_grad" if f is not carried else "vjp", wrt, False), "derived").text()
    assert ("v[0]" in source or "s[0] *" in source or "f[0]" in source) == (f.__name__ in STAY)


@pytest.mark.parametrize("f", [division, power])
def test_what_numpy_does_not_raise_is_not_raised(f):
    for args in ((0.3, 0.0), (-0.3, 0.0), (-1.0, 0.0)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = f(*args)
            value, _ = ad.value_and_grad(f, ("a", "b"))(*args)
            again, _ = ad.jvp(f, "a")(args[0], 1.0, args[1])
        np.testing.assert_equal(value, expected)
        np.testing.assert_equal(again, expected)


def test_an_array_in_an_element_stays_an_error():
    def stored(x, y):
        v = np.zeros(2)
        v[0] = y
        v[1] = v[0] * x[0]
        return v[1] * v[0]

    made = ad.grad(stored)
    assert np.ndim(made(X, 2.0)) == 1
    with pytest.raises((TypeError, ValueError)):
        made(X, X)


def test_behind_the_end_is_left_to_numpy():
    def far(x):
        v = np.zeros(2)
        v[0] = x[0]
        return v[2] * v[0]

    with pytest.raises((IndexError, RefusedError)):
        ad.value_and_grad(far)(X)


@pytest.mark.parametrize(
    "name", ["scratch", "carried", "ints_in_it", "exchanged", "inlined", "named_twice", "displayed"]
)
def test_compiled(name):
    f, wrt, args = next(p for p in PROGRAMS if p[0].__name__ == name)
    given = arguments("vjp", f, wrt, args)
    if np.ndim(given[0]) == 0:
        given[0] = float(given[0])
    found = flat(ad.vjp(f, wrt, jit=True)(*copies(given)))
    for a, b in zip(found, flat(ad.vjp(f, wrt)(*copies(given))), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)
