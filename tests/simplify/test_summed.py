"""Rows are summed before they are multiplied, and only where nothing but rounding changes."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.derived import build
from tangent_ad.pipeline import Request
from tests.hunt.compare import agree

if TYPE_CHECKING:
    from jaxtyping import Float


def components(x: Float[np.ndarray, "n d"], mu: Float[np.ndarray, "k d"], Q: Float[np.ndarray, "d m"]):
    total = 0.0
    for k in range(mu.shape[0]):
        y = (x - mu[k]) @ Q
        total += np.sum(y * y)
    return total


def scaled(x: Float[np.ndarray, "n d"], mu: Float[np.ndarray, "k d"], w: Float[np.ndarray, "d"]):
    total = 0.0
    for k in range(mu.shape[0]):
        y = (x - mu[k]) * w
        total += np.sum(y * y)
    return total


def written_between(x: Float[np.ndarray, "n d"], mu: Float[np.ndarray, "k d"], w: Float[np.ndarray, "d"]):
    """The factor is another one in each iteration."""
    total = 0.0
    for k in range(mu.shape[0]):
        y = (x - mu[k]) * w
        total += np.sum(y * y)
        w[0] = w[1] * total
    return total


def each_row(x: Float[np.ndarray, "n d"], mu: Float[np.ndarray, "k d"], w: Float[np.ndarray, "n 1"]):
    """The factor is another one in each row."""
    total = 0.0
    for k in range(mu.shape[0]):
        y = (x - mu[k]) * w
        total += np.sum(y * y * y)
    return total


def columns(x: Float[np.ndarray, "n d"], mu: Float[np.ndarray, "k n"], w: Float[np.ndarray, "d"]):
    """The sum is over the other axis."""
    total = 0.0
    for k in range(mu.shape[0]):
        y = (x - mu[k][:, None]) * w
        total += np.sum(y * y)
    return total


def derivative(f: Any, *wrt: str, without: tuple[str, ...] = ()) -> Any:
    request = Request("grad", wrt, len(wrt) == 1, without=frozenset(without))
    return build(f, request, "f_grad").load()  # type: ignore[arg-type]


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


ARGUMENTS = [
    (components, (numbers(5, 3), numbers(2, 3), numbers(3, 4))),
    (components, (numbers(1, 3), numbers(2, 3), numbers(3, 1))),
    (components, (numbers(5, 0), numbers(2, 0), numbers(0, 4))),
    (components, (numbers(0, 3), numbers(2, 3), numbers(3, 4))),
    (components, (numbers(5, 3), numbers(0, 3), numbers(3, 4))),
    (scaled, (numbers(5, 3), numbers(2, 3), numbers(3))),
    (scaled, (numbers(0, 3), numbers(2, 3), numbers(3))),
    (written_between, (0.3 * numbers(5, 3), numbers(2, 3), 0.1 * numbers(3))),
    (each_row, (numbers(5, 3), numbers(2, 3), numbers(5, 1))),
    (each_row, (numbers(5, 5), numbers(2, 5), numbers(5, 1))),
    (columns, (numbers(3, 3), numbers(2, 3), numbers(3))),
]


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize(("f", "args"), ARGUMENTS, ids=lambda p: p.__name__ if inspect.isfunction(p) else "")
def test_values(f, args, jit: bool) -> None:
    agree(f, *args, jit=jit)


def test_text() -> None:
    assert "mu_bar[k] = -(2.0 * np.sum(y, axis=0) @ Q.T)" in ad.grad(components, "mu").source
    assert "if y.shape[0] > 0:" in ad.grad(components, "mu").source
    assert "mu_bar[k] = -(2.0 * np.sum(y, axis=0) * w)" in ad.grad(scaled, "mu").source
    assert "mu_bar[k] = -(np.sum(y_bar, axis=0) @ Q.T)" in ad.grad(components, ("mu", "Q")).source
    for f in (each_row, columns):
        assert "shape[0] > 0" not in ad.grad(f, "mu").source


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("rows", [0, 1, 4])
def test_what_is_not_finite_stays_what_it_is(bad: float, rows: int) -> None:
    """Without rows nothing is added, whatever the factor; with rows the same elements are not finite."""
    for f, shape in ((components, (3, 3)), (scaled, (3,))):
        for spoiled in range(3):
            args = [numbers(rows, 3), numbers(2, 3, seed=1), numbers(*shape, seed=2)]
            if args[spoiled].size:
                args[spoiled].flat[1] = bad
            with np.errstate(all="ignore"):
                mine = derivative(f, "mu")(*args)
                plain = derivative(f, "mu", without=("summed",))(*args)
            np.testing.assert_array_equal(np.isfinite(mine), np.isfinite(plain))
            np.testing.assert_allclose(mine[np.isfinite(mine)], plain[np.isfinite(plain)], rtol=1e-12)
            if not rows:
                assert not mine.any()


def test_zero_adjoint_of_an_infinite_factor() -> None:
    """The sum of the rows is zero though they are not."""
    args = (np.array([[1.0, 2.0], [-1.0, -2.0]]), np.zeros((1, 2)), np.array([1.0, np.inf]))
    with np.errstate(all="ignore"):
        found = [derivative(scaled, "mu", without=names)(*args) for names in ((), ("summed",))]
    np.testing.assert_array_equal(*map(np.isfinite, found))


@pytest.mark.parametrize("wide", ["x", "Q", ""])
def test_single_precision(wide: str) -> None:
    names = ("x", "mu", "Q")
    exact = [numbers(50, 3).astype(np.float32), numbers(2, 3, seed=1).astype(np.float32), numbers(3, 3, seed=2)]
    args = [a if name == wide else a.astype(np.float32) for name, a in zip(names, exact, strict=True)]
    for jit in (False, True):
        mine = ad.grad(components, "mu", jit=jit)(*args)
        assert mine.dtype == np.float32
        np.testing.assert_allclose(mine, ad.grad(components, "mu")(*(a.astype(float) for a in args)), rtol=1e-5)


def test_second_derivatives() -> None:
    args = (numbers(4, 3), numbers(2, 3, seed=1), numbers(3, seed=2))
    assert ad.check(scaled, *args, wrt="mu", order=2).agrees
    assert ad.check(scaled, *args, wrt="w", order=2).agrees
