"""Defaults of None: what a call gives decides the tests for it."""

import warnings

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree

SCALE = None


def scaled(x, scale=None):
    if scale is None:
        scale = 2.0
    return x * scale


def weighted(x, weights=None, power=None):
    p = 2.0 if power is None else power
    if weights is not None and p > 1.0:
        x = x * weights
    if not power is None:  # noqa: E714
        x = x + power
    return x**p


def bound_before(x, k=None):
    k = x
    if k is None:
        return_value = 0.0
    else:
        return_value = k * x
    return return_value


def bound_in_the_loop(x, k=None):
    s = x
    for _ in range(2):
        if k is None:
            k = 0.5
        else:
            k = k * 2.0
        s = s * k
    return s


def in_a_branch(x, k=None):
    if x > 0.0:
        if k is None:
            y = x
        else:
            y = x * k
    else:
        y = -x
    return y


def both(x):
    return scaled(x) + scaled(x, 3.0)


def of_arrays(x: "Float[np.ndarray, 'n']", w: "Float[np.ndarray, 'n']"):
    return np.sum(weighted(x, w))


def passed_on(x, k=None):
    return scaled(x, k)


def all_ways(x):
    return weighted(x) + weighted(x, power=3.0) + bound_before(x) + bound_in_the_loop(x) + in_a_branch(x, 2.0)


@pytest.mark.parametrize("f", [both, passed_on, all_ways, bound_in_the_loop], ids=lambda f: f.__name__)
def test_right(f) -> None:
    agree(f, 0.7, wrt=(0,))


def test_with_an_array() -> None:
    agree(of_arrays, np.array([0.3, 0.8]), np.array([1.5, 0.5]))


def test_no_test_is_left() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of "is" with a literal
        source = ad.grad(both).source
    assert "None" not in source
    assert "scale" not in source.partition("# backward")[2]


def by_a_global(x):
    return scaled(x, SCALE)


def test_a_global_may_change(monkeypatch) -> None:
    df = ad.grad(by_a_global)
    assert df(1.0) == 2.0
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    with pytest.raises(RuntimeError, match="changed"):
        df(1.0)
    assert ad.grad(by_a_global)(1.0) == 3.0


def test_what_is_not_known_is_tested() -> None:
    assert "if scale is None:" in ad.grad(passed_on).source
    assert ad.grad(passed_on)(0.7, 3.0) == 3.0
    assert ad.grad(passed_on)(0.7) == 2.0
