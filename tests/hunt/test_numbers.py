"""Where an array is expected, a number (or an array without axes) may come."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import UsageError
from tests.hunt.compare import agree


def mean(a):
    return np.mean(a) * a


def spreads(a):
    return (np.std(a) + np.var(a) + 1.0) * a


def with_axis(a):
    return np.sum(np.expand_dims(a, 0)) * a


def new_axis(a):
    return np.sum(a[None] * np.array([1.0, 2.0])) * a


def of_sum(a):
    b = np.sum(a)
    return b[None] * b[...]


def stretched(a):
    b = np.broadcast_to(a, (3,))
    return b * b * a


def diagonal(a):
    return np.diagonal(a) * 2.0 + np.diagonal(a) * a[0]


@pytest.mark.parametrize("f", [mean, with_axis, stretched])
@pytest.mark.parametrize("a", [1.7, np.float64(1.7), np.array(1.7), np.array([1.7])])
def test_numbers(f: Any, a: Any) -> None:
    agree(f, a, wrt=(0,))


@pytest.mark.parametrize("f", [new_axis, of_sum])
@pytest.mark.parametrize("a", [np.float64(1.7), np.array(1.7), np.array([1.7]), np.array([1.7, 0.3])])
def test_index_without_axes(f: Any, a: Any) -> None:
    agree(f, a, wrt=(0,))


def warming(v: float, n):
    s = 0.0
    for _ in range(n):
        s = s + np.sin(v) * v
        v += 0.1 * s
    return s


def called(v: float, n):
    return warming(v, n) * v


def under_another_name(v: float, n):
    w = v if n > 0 else 2.0 * v
    s = np.sin(w)
    w -= s * v
    return s * w


def chosen(v: float, n):
    w = max(v, 0.1)
    w += np.sin(w) * n
    return w * v


def counted_down(v: float, n):
    while n > 0:
        v = np.sin(v) * v + n
        n -= 1
    return v


def summed(x, n):
    s = 0.0
    for i in range(n):
        s = np.sin(s + x[i]) * x[i]
    return s


@pytest.mark.parametrize("f", [warming, called, under_another_name, chosen, counted_down])
def test_arguments_without_axes_are_left_alone(f: Any) -> None:
    """An array without axes stands for a number, but `+=` writes into it, also under another name."""
    for mode in (ad.grad, ad.value_and_grad, ad.jvp, ad.vjp, ad.hvp, ad.hessian):
        first = (1.3,) if mode is ad.vjp else ()
        dots = (0.4,) if mode in (ad.jvp, ad.hvp) else ()
        args = (*first, 0.7, *dots, 3)
        arrays = tuple(np.array(a) for a in args)
        found = mode(f)(*arrays[:-1], np.array(3) if f is counted_down else 3)
        np.testing.assert_allclose(found, mode(f)(*args), rtol=1e-13)
        assert tuple(a.item() for a in arrays) == args


@pytest.mark.parametrize(("f", "x"), [(warming, 0.7), (summed, np.array([0.3, 0.5, 1.1]))])
def test_a_seed_without_axes_is_left_alone(f: Any, x: Any) -> None:
    seed = np.ones_like(f(x, 3))
    first = ad.vjp(f)(seed, x, 3)
    assert seed == 1.0
    np.testing.assert_array_equal(ad.vjp(f)(seed, x, 3)[1], first[1])


def test_read_only_views() -> None:
    agree(diagonal, np.arange(9.0).reshape(3, 3))
    agree(stretched, np.array([1.0, 2.0, 0.5]), jit=True)


def test_tuple_of_coefficients() -> None:
    def line(p, x):
        return p[0] * x + p[1] * x * x

    assert ad.grad(line, "x")((1.0, 2.0), 3.0) == 13.0
    assert ad.grad(line, "x")(np.array([1.0, 2.0]), 3.0) == 13.0
    assert ad.grad(line, "x", jit=True)((1.0, 2.0), 3.0) == 13.0
    with pytest.raises(TypeError, match="p must be a 1-d array"):
        ad.grad(line, "x")(np.ones((2, 2)), 3.0)
    with pytest.raises(UsageError, match="p must be a number or a floating array"):
        ad.grad(line, "p", jit=True)((1.0, 2.0), 3.0)


def test_spread_of_a_number() -> None:
    agree(spreads, np.array([1.7, 0.3, 2.0]))
    assert np.isfinite(ad.grad(lambda a: np.var(a))(1.5))
