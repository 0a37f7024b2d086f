"""What is no array, where one is asked for, meets the guard and not an attribute that it has not."""

from __future__ import annotations

import ast

import numba
import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.backends.guards import guarded
from tests.frontend.defining import define


class Frame:
    """It makes an array of itself where NumPy asks for one."""

    def __array__(self, dtype=None, copy=None):
        return np.array([1.0, 2.0])


def total(x):
    return np.sum(x * x)


def by_elements(x):
    s = 0.0
    for i in range(len(x)):
        s += x[i] ** 2
    return s


def first_two(x):
    return x[0] * x[1]


def by_rows(x):
    n, d = x.shape
    s = 0.0
    for i in range(n):
        s += x[i] @ np.ones(d)
    return s


def square(x):
    return x * x


NAMED = """
def named(w: "Float[np.ndarray, 'd']", x: "Float[np.ndarray, 'n d']"):
    return np.sum((x @ w) ** 2)
"""
NO_ARRAYS = ([1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]], (1.0, 2.0), [], None, "word", {"a": 1.0}, Frame(), [1, 2])


@pytest.mark.parametrize("f", [total, by_elements, first_two, by_rows, square])
@pytest.mark.parametrize("given", NO_ARRAYS, ids=lambda x: type(x).__name__)
def test_a_type_error_says_which_argument_and_what_to_give(f, given) -> None:
    calls = {"grad": (given,), "value_and_grad": (given,), "jvp": (given, given), "vjp": (1.0, given)}
    for mode, args in calls.items():
        with pytest.raises(TypeError, match=rf"^{f.__name__}_{mode}: x(_dot)? must be a (number|.*array)"):
            getattr(ad, mode)(f)(*args)
    with pytest.raises(TypeError, match=r"^\w+: x(_dot)? must be a (number|.*array)"):
        ad.hessian(f)(given)
    with pytest.raises(TypeError, match=r"^\w+: x(_dot)? must be a (number|.*array)"):
        ad.hvp(f)(given, given)


@pytest.mark.parametrize("f", [total, by_elements])
def test_a_tangent_that_is_a_list(f) -> None:
    with pytest.raises(TypeError, match=r"x_dot must .* the shape of x"):
        ad.jvp(f)(np.ones(2), [1.0])


def test_axes_of_what_has_none() -> None:
    named = define(NAMED, "named", {})
    with pytest.raises(TypeError, match="x must have the shape n d of its annotation"):
        ad.grad(named)(np.ones(2), [[1.0, 2.0]])


def test_numbers_of_every_sort_are_numbers_still() -> None:
    for x in (2.0, np.float64(2.0), np.float32(2.0), np.array(2.0), 2, np.int64(2), True):
        assert ad.grad(square)(x) == 2.0 * x
        assert ad.grad(total)(x) == 2.0 * x


def test_the_text_is_not_changed_and_numba_compiles_the_function() -> None:
    made = ad.grad(by_elements)
    assert 'if x.ndim != 1 or x.dtype.kind != "f":' in made.source
    assert np.array_equal(numba.njit(made)(np.ones(2)), [2.0, 2.0])


def test_only_guards_are_touched() -> None:
    text = "def f(x):\n    '''Says.'''\n    if x.ndim != 1:\n        raise TypeError('x')\n    y = x.ndim\n"
    rest = "    if x.ndim > 2:\n        raise ValueError('x')\n    return y\n"
    lines = ast.unparse(guarded(ast.parse(text + rest))).splitlines()
    assert lines[2] == "    if getattr(x, 'ndim', -1) != 1:"
    assert lines[4:] == ["    y = x.ndim", "    if x.ndim > 2:", "        raise ValueError('x')", "    return y"]
