"""Adjoints of broadcasting and of sums: what is built computes what the helpers compute, whatever is known of ranks."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym, node
from tangent_ad.core.kinds import ANY, FLOAT, VALUE, Kind, array
from tangent_ad.emit.exprs import expression_text
from tangent_ad.rules import sums
from tangent_ad.rules.shapes import kind_of
from tangent_ad.runtime import helpers
from tests.modes.running import HELPERS

LEVELS = ("plain", "exact", "array", "value", "any")


def given(name: str, value: Any, level: str) -> Any:
    """A value as a rule sees it: itself, or a name of which more or less is known."""
    kinds = {
        "exact": kind_of(value),
        "array": array(-1) if np.ndim(value) else kind_of(value),
        "value": VALUE,
        "any": ANY,
    }
    return value if level == "plain" else Sym(n.Name(name), kinds[level])


def computed(made: Any, **values: Any) -> Any:
    return eval(expression_text(node(made)), {"np": np, **HELPERS}, values) if isinstance(made, Sym) else made


SHAPES = ((), (3,), (1,), (2, 3), (2, 1), (1, 3), (0,), (0, 3))


@pytest.mark.parametrize("level", LEVELS)
def test_back(level: str) -> None:
    """The contribution of an operand has its shape, and is the transpose of broadcasting."""
    rng = np.random.default_rng(3)
    summed = 0
    for one, other in itertools.product(SHAPES, repeat=2):
        try:
            shape = np.broadcast_shapes(one, other)
        except ValueError:
            continue
        x, y, g = (rng.integers(-9, 9, s) * 1.0 if s else float(rng.integers(-9, 9)) for s in (one, other, shape))
        made = sums.back(given("g", g, level), given("x", x, level), given("y", y, level))
        found = computed(made, g=g, x=x, y=y)
        assert np.shape(found) == one
        d = rng.integers(-9, 9, one) * 1.0
        assert np.sum(found * d) == np.sum(g * np.broadcast_to(d, shape))
        summed += isinstance(made, Sym) and isinstance(made.expr, n.Call)
    assert summed or level == "plain"


def test_nothing_is_summed_where_nothing_was_stretched() -> None:
    g, x, k = Sym(n.Name("g"), array(1)), Sym(n.Name("x"), array(1)), Sym(n.Name("k"), FLOAT)
    assert sums.back(g, x, k) is g and sums.back(g, x, 2.0) is g and sums.back(g, x, x) is g and sums.back(g, x) is g
    other = Sym(n.Name("y"), array(1))
    for stretching in (other, Sym(n.Name("y"), array(2)), Sym(n.Name("y"), VALUE), Sym(n.Name("y"), ANY), np.ones(1)):
        assert sums.back(g, x, stretching) is not g, "a size of 1"
    assert sums.back(g, x, k, other) is not g


AXES = [(s, axis, keep) for s in SHAPES for keep in (False, True)
        for axis in (None, *range(-len(s), len(s)), *((tuple(range(len(s))), (0,)) if s else ()))]  # fmt: skip


@pytest.mark.parametrize("level", LEVELS)
def test_unreduce(level: str) -> None:
    """The adjoint of a sum is its value at every place that was summed."""
    for shape, axis, keep in AXES:
        x = np.ones(shape) if shape else 1.0
        y = np.sum(x, axis=axis, keepdims=keep)
        g = np.arange(np.size(y), dtype=float).reshape(np.shape(y)) + 2.0 if np.ndim(y) else 2.0
        if not shape and keep:
            continue
        found = computed(sums.unreduce(given("g", g, level), given("x", x, level), axis, keep), g=g, x=x)
        wide = g if keep or axis is None or not shape else np.expand_dims(g, axis)
        np.testing.assert_array_equal(found, np.broadcast_to(wide, shape))
        ready = computed(sums.unreduced(given("g", g, level), given("x", x, level), axis, keep), g=g, x=x)
        np.testing.assert_array_equal(ready * x, np.broadcast_to(wide, shape))


@pytest.mark.parametrize("level", LEVELS)
def test_count(level: str) -> None:
    for shape, axis, _ in AXES:
        x = np.ones(shape) if shape else 1.0
        if not shape and axis is None and level == "exact":
            continue  # a number has no `.size`; nobody asks for it
        found = computed(sums.count(given("x", x, level), axis), x=x)
        wanted = np.ravel(np.sum(np.ones(shape), axis=axis))  # of ones, each sum is their number
        assert all(found == number for number in wanted), (shape, axis, found)


def test_plain_text() -> None:
    """NumPy's own words where the ranks are known, a helper where not."""
    g, x, u = Sym(n.Name("g"), FLOAT), Sym(n.Name("x"), array(2)), Sym(n.Name("x"), VALUE)
    assert expression_text(node(sums.unreduce(g, x))) == "np.full(x.shape, g)"
    assert expression_text(node(sums.unreduce(g, u))) == "unreduce(g, x)"
    assert expression_text(node(sums.unreduce(g, x, 0))) == "unreduce(g, x, axis=0)"
    assert sums.unreduce(g, Sym(n.Name("x"), FLOAT)) is g
    row = Sym(n.Name("g"), array(1))
    assert expression_text(node(sums.unreduced(row, x, 1))) == "np.expand_dims(g, 1)"
    assert sums.unreduced(g, x) is g and sums.unreduced(row, x, 1, True) is row
    assert expression_text(node(sums.count(x, (0, 1)))) == "x.shape[0] * x.shape[1]"
    assert expression_text(node(sums.count(x, -1))) == "x.shape[1]"
    assert node(sums.sum_to(g, x)).fn is helpers.sum_to and node(sums.spread(g, x)).fn is helpers.spread  # type: ignore[attr-defined]


def test_an_axis_that_is_no_literal() -> None:
    g, x, axis = Sym(n.Name("g"), VALUE), Sym(n.Name("x"), array(2)), Sym(n.Name("axis"), Kind("value", "int", 0))
    a, k = np.arange(6.0).reshape(2, 3), 1
    found = computed(sums.unreduce(g, x, axis), g=np.array([1.0, 2.0]), x=a, axis=k)
    np.testing.assert_array_equal(found, [[1.0] * 3, [2.0] * 3])
    assert computed(sums.count(x, axis), x=a, axis=k) == 3
