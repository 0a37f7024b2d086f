"""`ad.check`: right derivatives pass, wrong ones do not."""

from __future__ import annotations

import numpy as np
import pytest

import tangent_ad as ad

X = np.array([0.3, 0.9, 1.4])


def energy(x, k=2.0, *, p=3):
    return k * np.sum(x**p)


def several(x, a):
    return x * a, (np.sin(x), np.sum(x) * a)


def writes(u):
    u[1:] = u[1:] * u[:-1]
    return np.sum(u)


@ad.partials(rule=lambda y, x: 2.0 * x)
def wrong(x):
    return x * x * x


@ad.custom(jvp=lambda x, x_dot: 3.0 * x * x * x_dot, vjp=lambda g, y, x: 2.0 * g * x * x)
def modes_differ(x) -> float:
    return x * x * x


def calls_wrong(x):
    return np.sum(wrong(x))


def test_it_agrees():
    report = ad.check(energy, X, wrt=("x", "k"), p=4)
    assert report.agrees
    assert "the derivatives agree" in str(report)
    assert "second order" in str(report)
    assert "second order" not in str(ad.check(energy, X, order=1))
    assert str(ad.check(energy, X)) == str(ad.check(energy, X))


def test_other_results():
    assert ad.check(several, X, 1.5, wrt=("x", "a")).agrees
    u = X.copy()
    assert ad.check(writes, u).agrees
    np.testing.assert_array_equal(u, X)
    assert ad.check(energy, X.astype(np.float32)).agrees
    assert ad.check(energy, np.zeros(0)).agrees
    assert ad.check(energy, 2).agrees


@pytest.mark.parametrize("f", [wrong, calls_wrong, modes_differ])
def test_it_disagrees(f):
    with pytest.raises(ad.CheckError, match="DISAGREE") as caught:
        ad.check(f, 1.7)
    assert "<--" in str(caught.value)


def test_wrong_calls():
    for call in (
        lambda: ad.check(energy),
        lambda: ad.check(energy, X, 1.0, 2.0),
        lambda: ad.check(energy, X, q=1),
        lambda: ad.check(energy, X, order=3),
        lambda: ad.check(energy, np.arange(3)),
        lambda: ad.check(energy, "text"),
    ):
        with pytest.raises(ad.UsageError):
            call()


def test_a_list_is_told_what_to_be():
    with pytest.raises(ad.UsageError, match=r"`x` must be a number or a floating array, not list: np.array\(...\)"):
        ad.check(lambda x: np.sum(x * x), [1.0, 2.0])


@pytest.mark.parametrize("x", [np.nan, np.inf, np.array([1.0, np.nan])])
def test_where_the_value_is_not_finite_nothing_is_compared(x):
    def squares(x):
        return np.sum(x * x)

    with pytest.raises(ad.UsageError, match="`squares` is not finite at these arguments"):
        ad.check(squares, x)
