"""Declared derivatives: `partials`, `linear`, `custom`, `stop_gradient`."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tangent_ad as ad

X = np.array([0.3, -0.2, 0.8])


def softplus(x):
    return np.log1p(np.exp(x))


ad.partials(softplus, lambda y, x: 1.0 / (1.0 + np.exp(-x)))


@ad.partials(rule=lambda z, x, y: (2.0 * x * y, x * x))
def square_times(x, y):
    return x * x * y


def loss(w, c=2.0):
    return np.sum(softplus(w) ** 2) + np.sum(square_times(w, c))


def doubled(x):
    return 2.0 * np.asarray(x)


ad.linear(doubled, lambda g, x: 2.0 * g)


def shifted(x, k):
    return np.roll(x, k)


ad.linear(shifted, lambda g, x, k: np.roll(g, -k), None)


def uses_linear(x):
    return np.sum(doubled(x) * shifted(x, 1) ** 2)


def root(a):
    x = 1.0
    for _ in range(80):
        x = 0.5 * (x + a / x)
    return x


def root_jvp(a, a_dot):
    return a_dot / (2.0 * root(a))


def root_vjp(g, x, a):
    return g / (2.0 * x)


ad.custom(root, jvp=root_jvp, vjp=root_vjp, kind="float")


def uses_root(a, b):
    return root(a * b) * b


@ad.custom(vjp=lambda g, y, x: 10.0 * g)
def only_reverse(x) -> float:
    return x


@ad.custom(jvp=lambda x, x_dot: 10.0 * x_dot)
def only_forward(x) -> float:
    return x


def uses_only_reverse(x):
    return only_reverse(x) * 2.0


def uses_only_forward(x):
    return only_forward(x) * 2.0


def test_partials():
    ad.check(loss, X, wrt=("w", "c"))
    ad.check(ad.grad(loss), X, order=1)
    assert "softplus(w)" in ad.grad(loss).source
    assert ad.grad(softplus)(0.0) == pytest.approx(0.5)
    assert ad.grad(ad.grad(softplus))(0.0) == pytest.approx(0.25)


def test_linear():
    ad.check(uses_linear, X)


def test_custom():
    ad.check(uses_root, 2.0, 3.0, wrt=("a", "b"))
    assert ad.grad(root)(4.0) == pytest.approx(0.25)
    assert "root_vjp(" in ad.grad(uses_root).source


def test_one_mode_only():
    assert ad.grad(uses_only_reverse)(1.0) == 20.0
    assert ad.jvp(uses_only_forward)(1.0, 1.0) == (2.0, 20.0)
    with pytest.raises(ad.RefusedError, match="no forward derivative"):
        ad.jvp(uses_only_reverse)
    with pytest.raises(ad.RefusedError, match="no reverse derivative"):
        ad.grad(uses_only_forward)


def test_functions_that_no_module_knows():
    def cube(x, k):
        return k * x**3

    def backward(g, y, x, k):
        return 3.0 * k * x * x * g, g * x**3

    ad.custom(cube, vjp=backward)

    def use(x, k):
        backward = x
        return cube(x, k) * k + backward

    assert ad.grad(use, wrt=("x", "k"))(0.5, 2.0) == (4.0, 0.5)


def test_a_function_without_source():
    special = pytest.importorskip("scipy.special")
    ad.partials(special.expit, lambda y, x: y * (1.0 - y))

    def likelihood(x):
        return np.sum(special.expit(x) ** 2)

    ad.check(likelihood, X)
    assert ad.grad(special.expit)(0.0) == 0.25


def test_mistakes_are_found_where_they_are_made():
    for declare in (
        lambda: ad.partials(softplus),
        lambda: ad.partials(softplus, lambda y: 1.0),
        lambda: ad.partials(softplus, lambda y, x: math.exp(x)),
        lambda: ad.partials(softplus, lambda y, x: (1.0, 2.0)),
        lambda: ad.partials(softplus, lambda y, x: y, kind="number"),
        lambda: ad.linear(doubled),
        lambda: ad.linear(doubled, lambda g, x: g, lambda g, x: g),
        lambda: ad.custom(root),
        lambda: ad.custom(root, vjp=lambda g, a: g),
        lambda: ad.custom(root, jvp=lambda a: a),
        lambda: ad.custom(3, vjp=lambda g, y, a: g),
    ):
        with pytest.raises(ad.UsageError):
            declare()


def stopped(x):
    return x * ad.stop_gradient(x)


def stopped_array(x):
    y = ad.stop_gradient(x)
    return np.sum(x * y * x)


def test_stop_gradient():
    assert ad.stop_gradient(X) is X
    assert ad.grad(stopped)(3.0) == 3.0
    assert ad.jvp(stopped)(3.0, 1.0) == (9.0, 3.0)
    np.testing.assert_allclose(ad.grad(stopped_array)(X), 2.0 * X * X)


def test_stop_gradient_stays_stopped():
    """The emitted text still says what is constant."""
    assert ad.grad(ad.grad(stopped))(3.0) == 0.0
    assert ad.hessian(stopped)(3.0) == 0.0
    np.testing.assert_allclose(ad.hessian(stopped_array)(X), np.diag(2.0 * X))
