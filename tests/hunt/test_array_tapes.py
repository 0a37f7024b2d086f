"""Arrays kept as the rows of one: views of them, writes into them, shapes that change, loops that do not run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree, flat


def written_rows(u: "Float64[np.ndarray, 'n m']", sweeps: int):
    """The kept array is written in place after it was read, through a view too."""
    v = u * 1.0
    total = 0.0
    for k in range(sweeps):
        w = v * v
        row = w[0]
        row[:] = row * np.sin(v[1])
        total += np.sum(w * v)
        v[1] = w[0] * 0.5
        v = v + w
    return total + np.sum(v)


def swapped(u: "Float64[np.ndarray, 'n']", v: "Float64[np.ndarray, 'n']", steps: int):
    a, b = u.copy(), v.copy()
    for _ in range(steps):
        b[:] = b * a + 0.1
        a, b = b, a
    return np.sum(a * b)


def of_views(x: "Float64[np.ndarray, 't n']", steps: int):
    """What is kept is a view of an argument, of an array that is written later, or a row that moves."""
    s = np.zeros(x.shape[1])
    held = x[0]
    for t in range(1, steps):
        held = x[t % x.shape[0]] * held
        s[1:] = s[1:] + held[:-1] * s[:-1] + np.cos(held[1:])
        held = held + s
    return np.sum(s * s) + np.sum(held)


def triangular(x: "Float64[np.ndarray, 'n']", steps: int):
    total = 0.0
    y = x * 0.5
    for i in range(steps):
        for j in range(i):
            y = np.sin(y) * x + 0.1 * j
        total += np.sum(y * y)
    return total


def shrinking(x: "Float64[np.ndarray, 'n']", steps: int):
    """Another length in each iteration."""
    y = x * 1.0
    total = 0.0
    for _ in range(steps):
        y = y[1:] * y[:-1]
        total += np.sum(np.exp(y) * y)
    return total


def masks(x: "Float64[np.ndarray, 'n']", steps: int):
    y = x * 1.0
    for _ in range(steps):
        positive = y > 0.1
        y = np.where(positive, y * y, np.sin(y) * x)
        y = np.maximum(y, x * 0.3)
    return np.sum(y)


def in_while(x: "Float64[np.ndarray, 'n']", limit: float):
    y = x * 1.0
    while np.sum(y * y) < limit:
        for _ in range(2):
            y = y * 1.2 + np.sin(x) * y
    return np.sum(y * x)


def filled(x: "Float64[np.ndarray, 'n']", steps: int):
    """An array that is made anew in each iteration and filled element by element; iterations may be fused."""
    total = 0.0
    for k in range(steps):
        w = np.zeros(x.shape[0])
        for i in range(x.shape[0]):
            w[i] = x[i] * x[i] + k
            w[i] = w[i] * np.sin(w[i])
        total += np.sum(w * w)
    return total


def double(row):
    row[:] = row * row


def by_callee(x: "Float64[np.ndarray, 'n m']", steps: int):
    y = x * 1.0
    total = 0.0
    for _ in range(steps):
        z = y * 0.9
        double(z[1])
        total += np.sum(z * y)
        y = np.sin(z)
    return total


def integers(x: "Float64[np.ndarray, 'n']", index: "Int[np.ndarray, 'n']", steps: int):
    y = x * 1.0
    at = index
    for _ in range(steps):
        y = y[at] * x
        at = at[::-1].copy()
    return np.sum(y)


def broadcast(a: "Float64[np.ndarray, 'n 1']", b: "Float64[np.ndarray, 'm']", steps: int):
    y = a * b
    for _ in range(steps):
        y = y * a + np.sin(y) * b
    return np.sum(y * y)


def returned(x: "Float64[np.ndarray, 'n']", steps: int):
    """What the loop leaves behind is the result, too."""
    y = x * 1.0
    for _ in range(steps):
        y = np.tanh(y) * x + y * y
    return y


X = np.array([[0.4, -0.9, 0.3], [0.7, 0.2, -0.5]])
V = np.array([0.4, -0.9, 0.3])
W = np.array([0.7, 0.2, -0.5])
PROGRAMS: dict[Any, tuple[Any, ...]] = {
    written_rows: (X,),
    of_views: (X,),
    triangular: (V,),
    shrinking: (np.array([0.4, -0.9, 0.3, 0.8, 1.1, 0.6]),),
    masks: (V,),
    filled: (V,),
    by_callee: (X,),
    returned: (V,),
}


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("steps", [0, 1, 3])
def test_programs(f: Any, steps: int) -> None:
    agree(f, *PROGRAMS[f], steps, wrt=(0,))


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_programs_compiled(f: Any) -> None:
    pytest.importorskip("numba")
    for steps in (0, 3):
        expected = ad.vjp(f, 0)(np.ones(3) if f is returned else 1.0, *PROGRAMS[f], steps)
        found = ad.vjp(f, 0, jit=True)(np.ones(3) if f is returned else 1.0, *PROGRAMS[f], steps)
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_allclose(flat(a), flat(b), rtol=1e-12)


@pytest.mark.parametrize("jit", [False, True])
def test_two_arguments(jit: bool) -> None:
    if jit:
        pytest.importorskip("numba")
    agree(swapped, V, W, 3, wrt=(0, 1), jit=jit)
    agree(swapped, V, W, 0, wrt=(0, 1), jit=jit)
    agree(in_while, V, 9.0, wrt=(0,), jit=jit)
    agree(integers, V, np.array([2, 0, 0]), 3, wrt=(0,), jit=jit)
    agree(broadcast, np.array([[0.3], [0.6]]), V, 2, wrt=(0, 1), jit=jit)
    agree(broadcast, np.array([[0.3]]), V[:1], 2, wrt=(0, 1), jit=jit)


def test_rows_are_kept_in_one_array() -> None:
    text = ad.grad(triangular).source
    assert "append" not in text and "np.empty((max(steps, 0), max(steps - 1, 0), x.shape[0])" in text
    assert "append" in ad.grad(shrinking).source


def plain(x: "Float[np.ndarray, 'n']", c: float, steps: int):
    y = x * 1.0
    for _ in range(steps):
        y = np.sin(y) * x
    return np.sum(y * c)


def test_dtypes() -> None:
    for dtype in (np.float32, np.float64):
        x = V.astype(dtype)
        found = ad.grad(plain)(x, 0.5, 3)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, ad.grad(plain)(V, 0.5, 3), rtol=1e-5 if dtype is np.float32 else 0.0)


def widened(x, w, steps: int):
    """y is of single precision until w, of double precision, meets it."""
    y = x * x
    for _ in range(steps):
        y = np.sin(y) * w
    return np.sum(y)


def test_a_value_of_two_precisions_loses_nothing() -> None:
    w = np.array([1.0 + 1e-12, 0.3, 2.0])
    small = ad.grad(widened, wrt="w")(V.astype(np.float32), w, 3)
    large = ad.grad(widened, wrt="w")(V.astype(np.float32).astype(float), w, 3)
    np.testing.assert_allclose(small, large, rtol=1e-6)
    assert small.dtype == np.float64


def test_nested() -> None:
    """The emitted code is input like any other."""
    for f in (triangular, written_rows, masks):
        (x,) = PROGRAMS[f]
        gradient = ad.grad(f)
        agree(gradient, x, 3, wrt=(0,))


def lengths_from_numbers(x: "Float64[np.ndarray, 'n']", k: int, m: int):
    total = np.sum(x)
    for i in range(k):
        y = np.zeros(m)
        y[:] = x[0] * i
        z = np.exp(y)
        total += np.sum(z * z) * np.sum(z)
    return total * total


def test_a_length_that_is_negative_where_the_loop_does_not_run() -> None:
    agree(lengths_from_numbers, V, 0, -1, wrt=(0,))
    agree(lengths_from_numbers, V, 2, 0, wrt=(0,))
    agree(lengths_from_numbers, V, 2, 3, wrt=(0,))
