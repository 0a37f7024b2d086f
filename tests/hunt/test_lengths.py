"""Axes that are surely as long as others, and axes that only seem to be: sizes of 1, empty arrays, loops that never
run, stores that fix a length and stores that may not happen."""

from __future__ import annotations

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree, flat


def gates(w: "Float[np.ndarray, 'm']", s: "Float[np.ndarray, 'b']", n: int):
    """The slices of w may have length b, or 1, or (if b is 1) 0."""
    b = s.shape[0]
    x = s.copy()
    total = 0.0
    for _ in range(n):
        g = np.tanh(x * w[:b] + w[b : 2 * b])
        c = g * x + w[b : 2 * b]
        x = c * s
        s[:] = x
        total += np.sum(g * c)
    return total + np.sum(x)


@pytest.mark.parametrize("m", [6, 5, 4])
def test_slices_of_which_some_are_stretched(m: int) -> None:
    """With m = 4 the second slice has one element, with 5 two of three: then the function stops."""
    w, s = np.linspace(0.3, 0.9, m), np.array([0.5, -0.4, 0.8])
    if m == 5:
        with pytest.raises(ValueError, match="broadcast"):
            gates(w, s.copy(), 2)
        with pytest.raises(ValueError, match="broadcast"):
            ad.grad(gates, wrt=("w", "s"))(w, s, 2)
        return
    for n in (0, 1, 3):
        agree(gates, w, s, n, wrt=(0, 1))


def outside(w: "Float[np.ndarray, 'm']", s: "Float[np.ndarray, 'b']", n: int):
    """The store says how long w[:b] is, but only where it runs."""
    b = s.shape[0]
    y = s * w[:b]
    z = s * w[:b] + 1.0
    out = np.zeros(3)
    for _ in range(n):
        y = s * w[:b]
        out[:] = y
    return np.sum(y * y) + np.sum(z) + np.sum(out)


def test_a_store_that_never_runs_says_nothing() -> None:
    agree(outside, np.array([0.4, 0.3, 0.2]), np.array([0.7]), 0, wrt=(0, 1))
    agree(outside, np.array([0.4]), np.array([0.7, 0.3, -0.2]), 0, wrt=(0, 1))
    agree(outside, np.array([0.4]), np.array([0.7, 0.3, -0.2]), 2, wrt=(0, 1))
    agree(outside, np.array([0.4, 0.5]), np.array([0.7]), 2, wrt=(0, 1))


def branch(a: "Float[np.ndarray, 'k']", b: "Float[np.ndarray, 'j']", out: "Float[np.ndarray, 'k']", c: float):
    y = a * b
    z = y + a
    if c > 0.0:
        out[:] = z
    return np.sum(y * c) + np.sum(z * z) + np.sum(out * out)


def test_a_store_in_a_branch_says_nothing_of_what_is_before() -> None:
    one, three = np.array([0.7]), np.array([0.4, 0.3, -0.9])
    agree(branch, one, three, one.copy(), -0.5, wrt=(0, 1, 2))
    agree(branch, three, one, three.copy(), 0.5, wrt=(0, 1, 2))
    agree(branch, three, three, three.copy(), 0.5, wrt=(0, 1, 2))
    agree(branch, one, one, one.copy(), 0.5, wrt=(0, 1, 2))


def stored_number(a: "Float[np.ndarray, 'k']", b: "Float[np.ndarray, 'j']"):
    """What is stored may be of one element: it is stretched."""
    out = np.zeros(a.shape[0])
    y = b * 2.0
    z = a * y
    out[:] = y
    rows = np.zeros((2, a.shape[0]))
    rows[:] = z
    rows[1] += y
    return np.sum(out * z) + np.sum(rows * rows)


def test_stores_stretch() -> None:
    one, three = np.array([0.7]), np.array([0.4, 0.3, -0.9])
    agree(stored_number, three, one, wrt=(0, 1))
    agree(stored_number, three, three, wrt=(0, 1))
    agree(stored_number, one, one, wrt=(0, 1))


def grown(a: "Float[np.ndarray, 'k']", b: "Float[np.ndarray, 'j']", n: int):
    """y starts with the length of a and is stretched by b after one trip."""
    y = a * 1.5
    total = 0.0
    for _ in range(n):
        total += np.sum(y * y) * 0.5
        y = y + b
    return total + np.sum(y)


def test_a_name_whose_length_changes_in_a_loop() -> None:
    one, three = np.array([0.7]), np.array([0.4, 0.3, -0.9])
    for n in (0, 1, 3):
        for a, b in ((one, three), (three, one), (three, three), (one, one)):
            agree(grown, a, b, n, wrt=(0, 1))


def rebound(a: "Float[np.ndarray, 'k']", b: "Float[np.ndarray, 'j']", swap: bool):
    if swap:
        a, b = b, a
    y = a * b
    b = y + a
    return np.sum(b * b) + np.sum(a)


def test_parameters_bound_again() -> None:
    one, three = np.array([0.7]), np.array([0.4, 0.3, -0.9])
    for swap in (False, True):
        agree(rebound, one, three, swap, wrt=(0, 1))
        agree(rebound, three, one, swap, wrt=(0, 1))


def empty(a: "Float[np.ndarray, 'k']", b: "Float[np.ndarray, 'j']"):
    y = a * b
    return np.sum(y * a) + 3.0


def test_empty_axes() -> None:
    none, one = np.zeros(0), np.array([0.7])
    for a, b in ((none, none), (none, one), (one, none)):
        da, db = ad.grad(empty, wrt=("a", "b"))(a, b)
        assert da.shape == a.shape and db.shape == b.shape
        np.testing.assert_allclose(flat((da, db)), 0.0)


def helper(a: "Float[np.ndarray, 'k']", b: "Float[np.ndarray, 'k']"):
    """Long enough to stay a call, where nobody holds the two lengths to be equal."""
    y = a * b
    for _ in range(2):
        y = np.sin(y) * a + b
        y = y + np.cos(y) * b
        y = y * np.exp(-a)
        y = y - b * b
        y = np.tanh(y) + a * 0.5
        y = y / (1.0 + a * a)
        y = y + np.log(1.0 + b * b)
    return np.sum(y * a)


def caller(a, b):
    return helper(a, b) * 2.0 + helper(b, a)


def test_annotations_of_a_function_that_is_called() -> None:
    one, three = np.array([0.7]), np.array([0.4, 0.3, 0.9])
    agree(caller, three, three * 0.5, wrt=(0, 1))
    agree(caller, three, one, wrt=(0, 1))


def mixed(a: "Float[np.ndarray, 'k']", b: "Float[np.ndarray, 'k']"):
    y = a * b
    z = np.sin(y) + a
    return np.sum(z * b)


@pytest.mark.parametrize("types", [(np.float32, np.float64), (np.float64, np.float32), (np.float32, np.float32)])
def test_dtypes_stay(types: tuple[type, type]) -> None:
    a, b = np.array([0.4, 0.3, 0.9], types[0]), np.array([0.1, -0.3, 0.2], types[1])
    da, db = ad.grad(mixed, wrt=("a", "b"))(a, b)
    assert (da.dtype, db.dtype) == types
    da64, db64 = ad.grad(mixed, wrt=("a", "b"))(a.astype(float), b.astype(float))
    np.testing.assert_allclose(da, da64, rtol=1e-5)
    np.testing.assert_allclose(db, db64, rtol=1e-5)


def an_element_as_length(x: float, v: "Float64[np.ndarray, 'n']", k: "Int[np.ndarray, '1']"):
    """The two slices are spelled alike, and of different lengths."""
    b = v[: k[0]].copy()
    b[0] = x
    k[0] = 3
    a = v[: k[0]]
    c = a * b
    return np.sum(c * c)


def an_element_plus_one(x: float, v: "Float64[np.ndarray, 'n']", w: "Int[np.ndarray, '1']"):
    k = w.copy()
    b = np.zeros_like(v[k[0] - 1 : 2 * k[0] - 1])
    b[0] = x
    k[0] += 2
    a = v[k[0] - 1 : 2 * k[0] - 1]
    c = a * b
    return np.sum(c * c)


@pytest.mark.parametrize("f", [an_element_as_length, an_element_plus_one])
def test_lengths_that_stand_in_an_array_that_is_written(f) -> None:
    v = np.array([0.5, 0.25, 2.0, 3.0, -0.5, 0.75])
    agree(f, 0.7, v, np.array([1]), wrt=(0,))
    exact = 2.0 * 0.7 * (np.sum(v[:3] ** 2) if f is an_element_as_length else np.sum(v[2:5] ** 2))
    np.testing.assert_allclose(ad.grad(f)(0.7, v, np.array([1])), exact, rtol=1e-14)
