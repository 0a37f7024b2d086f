"""Declared derivatives: which signature, kind and spelling a declared function gets, and what its rule is told."""

from __future__ import annotations

import math
import operator

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.declare import calling, custom, is_declared, linear, partials, resolved
from tangent_ad.errors import RefusedError, UsageError
from tangent_ad.frontend.read import read_function
from tangent_ad.rules.registry import lookup

X = np.array([0.3, -0.2, 0.8])


def scaled(x, k=3.0):
    return k * x


linear(scaled, lambda g, x, k: k * g, lambda g, x, k: np.sum(g * x))


def uses_scaled(x):
    return np.sum(scaled(x) * scaled(x, 2.0) * scaled(k=x[0], x=x))


def ratio(a, b):
    return a / b


partials(ratio, lambda z, a, b: (1.0 / b, -z / b))


def uses_ratio(x, b):
    return np.sum(ratio(ratio(x, b), 1.0 + x * x)) + ratio(2.0, b)


def spread_out(x, n):
    return np.full(n, x)


def spread_out_tangent(x, n, x_dot, n_dot):
    return np.full(n, x_dot)


def spread_out_adjoint(g, y, x, n):
    return np.sum(g), 0.0


custom(spread_out, jvp=spread_out_tangent, vjp=spread_out_adjoint, kind="Float[np.ndarray, 'n']")


def uses_spread_out(x):
    y = spread_out(x * x, 3)
    return y[0] * y[2] + y @ y


def test_defaults_keywords_and_order() -> None:
    assert ad.check(uses_scaled, X).agrees
    exact = 2.0 * 3.0 * (3.0 * X[0] * X * X + np.array([np.sum(X**3), 0.0, 0.0]))
    np.testing.assert_allclose(ad.grad(uses_scaled)(X), exact, rtol=1e-13)


def test_broadcasting_is_not_the_rules_work() -> None:
    for b in (1.5, np.array([1.5]), np.array([1.5, 0.7, 2.0]), np.array([[1.5], [0.7]])):
        found = ad.vjp(uses_ratio if np.ndim(b) == 0 else ratio, ("x", "b") if np.ndim(b) == 0 else ("a", "b"))
        value = (uses_ratio if np.ndim(b) == 0 else ratio)(X, b)
        _, (x_bar, b_bar) = found(np.ones(np.shape(value)) if np.ndim(value) else 1.0, X, b)
        assert np.shape(x_bar) == X.shape and np.shape(b_bar) == np.shape(b)
    assert ad.check(uses_ratio, X, 1.5, wrt=(0, 1)).agrees


def test_a_kind_that_is_given_is_believed() -> None:
    assert ad.grad(uses_spread_out)(2.0) == pytest.approx(4.0 * 4.0 * 2.0**3)
    assert ad.check(uses_spread_out, 0.7).agrees
    assert "np.ndim(y)" not in ad.grad(uses_spread_out).source


def test_declared_functions_are_not_read() -> None:
    def opaque(x):
        try:
            return [x * x][0]
        finally:
            pass

    with pytest.raises(RefusedError):
        ad.grad(opaque)
    assert not is_declared(opaque)
    assert custom(opaque, vjp=lambda g, y, x: 2.0 * g * x) is opaque
    assert is_declared(opaque)
    assert ad.grad(opaque)(3.0) == 6.0


def test_decorators_give_the_function_back() -> None:
    def f(x):
        return x * x

    for declare in (
        partials(rule=lambda y, x: 2.0 * x),
        linear(adjoints=(lambda g, x: 2.0 * g,)),
        custom(vjp=lambda g, y, x: 2.0 * x * g),
    ):
        assert declare(f) is f


def test_the_last_declaration_counts() -> None:
    def f(x):
        return x * x

    partials(f, lambda y, x: 2.0 * x)
    assert ad.grad(f)(3.0) == 6.0
    partials(f, lambda y, x: 4.0 * x)
    assert ad.grad(f)(3.0) == 12.0


MISTAKES = [
    (lambda: partials(ratio), "needs `rule`"),
    (lambda: partials(ratio, lambda z, a: a), "`rule` of `ratio` must take 3 positional arguments"),
    (lambda: partials(ratio, lambda z, a, b: a), "gives 1 partials for 2 parameters"),
    (lambda: partials(ratio, lambda z, a, b: (math.sin(a), b)), "cannot be written as code"),
    (lambda: partials(ratio, lambda z, a, b: (a if a > 0 else b, b)), "cannot be written as code"),
    (lambda: partials(ratio, lambda z, a, b: (a, b), kind="matrix"), "kind='matrix' is not understood"),
    (lambda: partials(lambda *xs: xs[0], lambda y, x: x), "ordinary parameters only"),
    (lambda: partials(lambda x, *, k: x, lambda y, x, k: (x, k)), "ordinary parameters only"),
    (lambda: partials(3, lambda y, x: x), "3 is not a function"),
    (lambda: linear(ratio), "needs the transposes"),
    (lambda: linear(ratio, None, None), "needs the transposes"),
    (lambda: linear(ratio, *[lambda g, a, b: g] * 3), "3 transposes for the 2 parameters"),
    (lambda: linear(ratio, lambda g: g), "`transpose 0` of `ratio` must take 3"),
    (lambda: linear(ratio, None, lambda g, a, b: float(g)), "`transpose 1` of `ratio` cannot be written as code"),
    (lambda: custom(ratio), "needs `jvp`, `vjp` or both"),
    (lambda: custom(ratio, jvp=lambda a, b, a_dot: a), "`jvp` of `ratio` must take 4"),
    (lambda: custom(ratio, vjp=lambda g, z, a: a), "`vjp` of `ratio` must take 4"),
]


@pytest.mark.parametrize(("declare", "said"), MISTAKES, ids=[said for _, said in MISTAKES])
def test_mistakes_are_told_at_once_and_change_nothing(declare, said) -> None:
    before = lookup(ratio)
    with pytest.raises(UsageError) as caught:
        declare()
    assert said in str(caught.value)
    assert lookup(ratio) is before


def test_a_mode_that_is_missing_names_the_function() -> None:
    def backward_only(x):
        return x * x

    def use(x):
        return backward_only(x) * 2.0

    custom(backward_only, vjp=lambda g, y, x: 2.0 * g * x)
    assert ad.grad(use)(3.0) == 12.0
    with pytest.raises(RefusedError) as caught:
        ad.jvp(use)
    assert "`backward_only` has no forward derivative" in str(caught.value) and caught.value.line


def test_calling_does_nothing_but_call() -> None:
    made = calling(scaled)
    assert made is not scaled and made.__name__ == "scaled"
    np.testing.assert_array_equal(made(X), scaled(X))
    np.testing.assert_array_equal(made(X, k=5.0), scaled(X, 5.0))
    assert len(read_function(made).body) == 1


def test_calling_finds_a_name_of_its_own() -> None:
    def ratio2(ratio2, x):
        return ratio2 / x

    partials(ratio2, lambda z, a, b: (1.0 / b, -z / b))
    assert calling(ratio2)(1.0, 4.0) == 0.25
    assert ad.grad(ratio2, wrt=(0, 1))(1.0, 4.0) == (0.25, -0.0625)


def shadowed(x):
    scaled = x * x
    return ratio(scaled, 2.0)


def test_resolved_leaves_what_the_scope_knows() -> None:
    fn = read_function(shadowed)
    assert resolved(fn, shadowed) is fn


def test_rules_speak_of_operators() -> None:
    def halves(x):
        return x / 2.0

    partials(halves, lambda y, x: operator.truediv(1.0, 2.0 + 0.0 * x))
    assert ad.grad(halves)(3.0) == 0.5
