"""Shapes that are surely equal: nothing is summed or spread then; everywhere else it still is."""

from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tests.golden import network


def layer(W: "Float[np.ndarray, 'i o']", b: "Float[np.ndarray, 'o']", x: "Float[np.ndarray, 'n i']"):
    r = np.tanh(x @ W + b)
    return np.mean(r * r)


def plain(W, b, x):
    r = np.tanh(x @ W + b)
    return np.mean(r * r)


def pulled(x: "Float[np.ndarray, 'n']", c: float):
    y = 2.0 * x
    total = 0.0
    for i in range(len(y)):
        y[i] = y[i] * c
        total += y[i] * y[i]
    z = y - np.max(x)
    return total + np.sum(z * z)


def arguments(dtype: Any = np.float64) -> list[Any]:
    rng = np.random.default_rng(11)
    return [rng.uniform(-1.0, 1.0, shape).astype(dtype) for shape in ((3, 2), (2,), (4, 3))]


def test_named_axes_need_no_helper() -> None:
    assert "sum_to" not in ad.grad(layer, wrt=("W", "b")).source
    for ours, theirs in zip(
        ad.grad(layer, wrt=("W", "b"))(*arguments()), ad.grad(plain, wrt=("W", "b"))(*arguments()), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_named_axes_are_guarded() -> None:
    W, _, x = arguments()
    with pytest.raises(TypeError, match="b must have the shape o of its annotation"):
        ad.grad(layer, wrt=("W", "b"))(W, np.array([0.1]), x)


def test_a_size_of_one_is_summed_to_where_nothing_names_the_axes() -> None:
    W, _, x = arguments()
    _, b_bar = ad.grad(plain, wrt=("W", "b"))(W, np.array([0.1]), x)
    assert b_bar.shape == (1,)
    ad.check(plain, W, np.array([0.1]), x, wrt=("W", "b"))


@pytest.mark.parametrize("f", [layer, plain])
@pytest.mark.parametrize("single", [0, 1, 2])
def test_results_keep_their_dtype(f: Any, single: int) -> None:
    args = arguments()
    args[single] = args[single].astype(np.float32)
    bars = ad.grad(f, wrt=("W", "b", "x"))(*args)
    assert [bar.dtype for bar in bars] == [arg.dtype for arg in args]


def test_no_element_no_error() -> None:
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning):
        plain_value = layer(np.zeros((3, 2)), np.zeros(2), np.zeros((0, 3)))
    assert np.isnan(plain_value)
    with np.errstate(all="ignore"):
        W_bar = ad.grad(layer)(np.zeros((3, 2)), np.zeros(2), np.zeros((0, 3)))
    assert W_bar.shape == (3, 2)


def test_arrays_that_are_written_are_not_shared() -> None:
    x = np.array([0.3, -0.8, 0.5])
    ad.check(pulled, x, 0.7, wrt=("x", "c"))


def test_results_do_not_share_memory() -> None:
    bars = ad.grad(network.f, wrt=("b1", "b2", "target"))(*network.arguments())
    for k, bar in enumerate(bars):
        assert not any(np.may_share_memory(bar, other) for other in bars[:k])


def likelihood(w: "Float[np.ndarray, 'd']", X: "Float[np.ndarray, 'n d']", y: "Float[np.ndarray, 'n']"):
    """A mean of two terms: the seed is the same number in both."""
    p = 1 / (1 + np.exp(-(X @ w)))
    return -np.sum(y * np.log(p) + (1 - y) * np.log(1 - p)) / len(y)


def root(x):
    """The norm of what may be a number."""
    return np.sqrt(np.sum(x * x)) * 3.0


def test_an_array_of_one_number_is_that_number() -> None:
    text = ad.grad(likelihood).source
    assert "full" not in text and "t_bar = -(1.0 / len(y))" in text, text
    rng = np.random.default_rng(0)
    ad.check(likelihood, rng.normal(size=3), rng.normal(size=(5, 3)), np.array([0.0, 1, 1, 0, 1]), wrt="w")
    text = ad.grad(root).source
    assert "full" not in text and "unreduce(" not in text, text
    for x in (-0.7, np.array([0.3, 2.0]), np.ones((2, 3)), np.float64(2.0)):
        expected = 3.0 * x / np.sqrt(np.sum(x * x))
        assert np.allclose(ad.grad(root)(x), expected) and np.shape(ad.grad(root)(x)) == np.shape(x)
