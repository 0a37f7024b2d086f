"""The table of kinks, and that no derivative raises where the function does not."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
import pytest

from tangent_ad.core.build import Sym, node
from tangent_ad.core.kinds import FLOAT
from tangent_ad.core.nodes import Name
from tangent_ad.rules.registry import all_rules, lookup
from tests.rules.engine import evaluate, pullback, tangent

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def slope(fn: Any, *args: Any, k: int = 0, **kw: Any) -> Any:
    """The derivative of fn in argument k, by its reverse rule and by its forward rule, which must agree."""
    rule = lookup(fn)
    bound, keywords = rule.bind(args, kw)
    y = fn(*args, **kw)
    g = np.ones_like(y) if isinstance(y, np.ndarray) else 1.0
    back = pullback(rule, g, y, bound, keywords, k)
    if np.ndim(args[k]) == 0:
        dots = [1.0 if j == k else None for j in range(len(bound))]
        np.testing.assert_allclose(np.sum(tangent(rule, y, bound, keywords, dots)), back)
    return back


@pytest.mark.parametrize(
    "fn, args, k, expected",
    [
        (abs, (0.0,), 0, 0.0),
        (np.abs, (0.0,), 0, 0.0),
        (math.fabs, (0.0,), 0, 0.0),
        (np.sqrt, (0.0,), 0, 0.0),
        (math.sqrt, (0.0,), 0, 0.0),
        (np.hypot, (0.0, 0.0), 0, 0.0),
        (math.hypot, (0.0, 0.0), 1, 0.0),
        (np.arctan2, (0.0, 0.0), 0, 0.0),
        (math.atan2, (0.0, 0.0), 1, 0.0),
        (np.arctan2, (1e-200, 0.0), 1, -1e200),
        (np.maximum, (1.0, 1.0), 0, 0.5),
        (np.minimum, (1.0, 1.0), 1, 0.5),
        (np.fmax, (1.0, 1.0), 0, 0.5),
        (np.fmax, (1.0, math.nan), 0, 1.0),
        (np.fmin, (math.nan, 1.0), 1, 1.0),
        (np.fmin, (math.nan, 1.0), 0, 0.0),
        (np.maximum, (-np.inf, 1.0), 1, 1.0),
        (max, (1.0, 1.0), 0, 0.5),
        (min, (1.0, 2.0), 0, 1.0),
        (np.clip, (0.0, 0.0, 1.0), 0, 1.0),
        (np.clip, (1.0, 0.0, 1.0), 0, 1.0),
        (np.clip, (1.0, 0.0, 1.0), 2, 0.0),
        (np.clip, (2.0, 0.0, 1.0), 2, 1.0),
        (np.clip, (0.5, 2.0, 1.0), 2, 1.0),
        (np.clip, (0.5, 2.0, 1.0), 1, 0.0),
        (operator.pow, (0.0, 0), 0, 0.0),
        (operator.pow, (0.0, 1), 0, 1.0),
        (operator.pow, (0.0, 2), 0, 0.0),
        (operator.pow, (0.0, 0.5), 0, 0.0),
        (operator.pow, (0.0, 3), 1, 0.0),
        (operator.pow, (0.0, 0.0), 1, 0.0),
        (operator.pow, (-2.0, 2.0), 1, 0.0),
        (operator.pow, (-2.0, 3), 0, 12.0),
        (math.pow, (0.0, 0.5), 0, 0.0),
        (math.pow, (0.0, 2.0), 1, 0.0),
        (math.pow, (-2.0, 2.0), 1, 0.0),
        (np.power, (0.0, 0.5), 0, 0.0),
        (np.power, (0.0, 0.0), 1, 0.0),
        (np.sinc, (0.0,), 0, 0.0),
        (np.copysign, (0.0, -1.0), 0, 0.0),
        (np.log, (0.0,), 0, math.inf),
        (np.log1p, (-1.0,), 0, math.inf),
        (np.cbrt, (0.0,), 0, 0.0),
        (np.arcsin, (1.0,), 0, math.inf),
        (math.asin, (1.0,), 0, math.inf),
        (np.arccos, (1.0,), 0, -math.inf),
        (np.arccosh, (1.0,), 0, math.inf),
        (math.acosh, (1.0,), 0, math.inf),
        (np.arctanh, (1.0,), 0, math.inf),
        (np.tanh, (800.0,), 0, 0.0),
        (np.logaddexp, (-np.inf, 1.0), 1, 1.0),
        (np.logaddexp, (-np.inf, 1.0), 0, 0.0),
    ],
)
def test_number(fn: Any, args: tuple, k: int, expected: float) -> None:
    assert slope(fn, *args, k=k) == pytest.approx(expected)


def test_variable_exponent_at_zero() -> None:
    rule = lookup(operator.pow)
    base = np.zeros(4)
    in_a, in_b = rule.partials(base ** np.array([0.0, 0.5, 1.0, 2.0]), base, np.array([0.0, 0.5, 1.0, 2.0]))
    np.testing.assert_array_equal(in_a, [0.0, 0.0, 1.0, 0.0])
    np.testing.assert_array_equal(in_b, np.zeros(4))


def test_arrays() -> None:
    np.testing.assert_array_equal(slope(np.max, np.array([1.0, 3.0, 3.0])), [0.0, 0.5, 0.5])
    np.testing.assert_array_equal(slope(np.min, np.array([[1.0, 1.0], [0.0, 2.0]]), axis=1), [[0.5, 0.5], [1.0, 0.0]])
    np.testing.assert_array_equal(slope(np.std, np.full(3, 0.25)), np.zeros(3))
    np.testing.assert_array_equal(slope(np.linalg.norm, np.zeros(3)), np.zeros(3))
    np.testing.assert_array_equal(slope(np.linalg.norm, np.zeros((2, 3)), axis=1), np.zeros((2, 3)))
    np.testing.assert_array_equal(slope(np.prod, np.array([0.0, 2.0, 3.0])), [6.0, 0.0, 0.0])
    np.testing.assert_array_equal(slope(np.prod, np.array([0.0, 0.0, 3.0])), np.zeros(3))
    np.testing.assert_array_equal(slope(np.cumprod, np.array([0.0, 2.0])), [3.0, 0.0])
    np.testing.assert_array_equal(slope(np.sqrt, np.array([0.0, 4.0])), [0.0, 0.25])
    np.testing.assert_allclose(slope(np.linalg.det, np.ones((2, 2))), [[1.0, -1.0], [-1.0, 1.0]])


def test_distances_with_a_zero_diagonal() -> None:
    """sqrt of a sum of squares that is 0: 0 times 0, not 0 times inf."""
    d2 = np.array([[0.0, 1.0], [1.0, 0.0]])
    assert np.isfinite(slope(np.sqrt, d2)).all()


@pytest.mark.parametrize("x", [0.0, 1.0, -1.0, -0.0, math.inf, -math.inf, 1e-320, 1e300])
def test_python_numbers_never_raise(x: float) -> None:
    """Where the function has a value, the derivative has one, or nan or inf: no ZeroDivisionError, no domain error."""
    for rule in all_rules():
        if rule.diff != "partials":
            continue
        count = len(rule.signature.parameters)
        for args in ((x,),) if count == 1 else ((x, 2.0), (x, 0.5), (x, 0.0), (2.0, x), (0.0, x), (x, x)):
            if rule.fn in (np.ldexp, math.ldexp):
                args = (args[0], 2)
            if rule.spelling == "math.fma":
                args = (x, 2.0, 1.0)
            if rule.fn is np.clip:
                args = (*args, 1.0)
            try:
                y = rule.fn(*args)
            except (ArithmeticError, ValueError, TypeError):
                continue
            if isinstance(y, complex) or "inf" in f"{args[1:]}":
                continue
            bound, kw = rule.bind(args)
            try:
                rule.partials(y, *bound, **kw)
                symbols = [Sym(Name(f"a{k}"), FLOAT) for k in range(len(bound))]
                built = rule.partials(Sym(Name("y"), FLOAT), *symbols, **kw)
                evaluate(node(tuple(built)), {"y": y, **{f"a{k}": a for k, a in enumerate(bound)}})
            except (ArithmeticError, ValueError) as error:
                raise AssertionError(f"{rule.spelling}{args}: {error!r}") from error
