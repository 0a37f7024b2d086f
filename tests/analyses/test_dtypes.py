"""Where an augmented assignment may leave another dtype than a new value would have."""

from __future__ import annotations

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.analyses.dtypes import changing_dtype
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import statements
from tests.analyses.program import program

X, Y = np.array([0.4, 0.7, 1.3]), np.array([0.9, 1.1, -0.4])


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("s = x * 1.0\ns += x\nreturn s", 0),
        ("s = x * 1.0\ns += 2.0\nreturn s", 0),
        ("s = x * 1.0\ns += y\nreturn s", 1),
        ("s = x * y\ns += y\nreturn s", 0),
        ("s = 0.0\nfor i in range(3):\n    s += x * 2.0\nreturn s", 0),
        ("s = 0.0\nfor i in range(3):\n    s += x * i\n    s -= y\nreturn s", 1),
        ("s = np.zeros(3) * x\ns += y\nreturn s", 0),
        ("s = x + y\nif s.ndim > 0:\n    s = x * 1.0\ns *= y\nreturn s", 1),
        ("s = x * 1.0\ns += np.float64(0.5) * x\nreturn s", 1),
        ("s = x + y\nt = s * 0.5\ns += np.sum(t)\nreturn s", 0),
        ("s = x * 1.0\ns += np.linspace(0.0, 1.0, 3)\nreturn s", 1),
    ],
)
def test_only_what_may_be_wider_is_found(body: str, count: int) -> None:
    p = program("x, y", body, "x y")
    found = changing_dtype(p.fn, p.webs, frozenset(("x", "y")))
    if p.kinds.at(max(s.num for s in statements(p.fn.body)), n.Name("s")).is_number:
        pytest.fail("the kind of s is known: nothing is tested")
    assert len(found) == count


def test_a_parameter_that_may_be_of_integers_is_no_floating_one() -> None:
    """Of integers of few bits a Python number makes floats that are wider than those they are multiplied with."""
    p = program("x, k", "s = x * k\ns += 2.0 * k\nreturn s", "x")
    assert len(changing_dtype(p.fn, p.webs, frozenset(("x",)))) == 1
    assert not changing_dtype(p.fn, p.webs, frozenset(("x", "k")))


def updated(x, y):
    s = x * 1.0
    s += y
    s -= x * y
    s *= y
    return s


def summed(x, y):
    s = 0.0
    for _ in range(3):
        s += x
        s *= y
    return s


def scaled(x, y):
    z = np.zeros_like(x)
    z += y
    z /= x
    z **= 2
    return z


@pytest.mark.parametrize("f", [updated, summed, scaled])
@pytest.mark.parametrize("x", [X.astype(np.float32), X, np.float32(0.3), 0.3])
@pytest.mark.parametrize("y", [Y, Y.astype(np.float32), np.float64(0.7), np.float32(0.7), 0.7, np.array(0.7)])
def test_the_value_is_what_the_function_returns(f, x, y) -> None:
    try:
        value = f(x, y)
    except ValueError:  # a long array into a short one
        return
    got, tangent = ad.jvp(f)(x, np.ones_like(x) if np.ndim(x) else 1.0, y)
    assert np.array_equal(got, value) and np.result_type(got) == np.result_type(value)
    assert np.shape(tangent) == np.shape(value)
    got, adjoint = ad.vjp(f)(np.ones_like(value), x, y)
    assert np.array_equal(got, value) and np.result_type(got) == np.result_type(value)
    assert np.shape(adjoint) == np.shape(x)


def test_the_text_says_so_only_where_it_matters() -> None:
    def f(x):
        s = 0.0
        for i in range(3):
            s += x * i
        return s

    assert "stored_in" not in ad.vjp(f).source
    assert "stored_in" in ad.vjp(summed).source
    assert ad.check(lambda x, y: np.sum(summed(x, y)), X, Y, wrt=(0, 1)).agrees
