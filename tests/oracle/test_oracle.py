"""The oracle proves itself: finite differences, closed forms, JAX, nesting."""

from __future__ import annotations

import doctest
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.linalg as L
import pytest

from tests import oracle
from tests.oracle import run
from tests.oracle.dual import RULES

POINTS = {"arccosh": 1.7, "power": 1.3, "clip": 0.3}
UNARY = [name for name, rule in RULES.items() if len(rule.partials) == 1]
BINARY = [name for name, rule in RULES.items() if len(rule.partials) == 2]


def slope(f: Callable[[float], Any], x: float = 0.0, h: float = 1e-4) -> Any:
    """Fourth-order central difference."""
    return (8.0 * (f(x + h) - f(x - h)) - (f(x + 2 * h) - f(x - 2 * h))) / (12.0 * h)


@pytest.mark.parametrize("name", UNARY)
def test_unary_functions_to_second_order(name: str) -> None:
    namespace: dict[str, Any] = {"np": np}
    exec(f"def f(x):\n    return np.{name}(x) * 1.0", namespace)
    f, x = namespace["f"], POINTS.get(name, 0.37)
    value, dot = oracle.jvp(f, (x,), {0: 1.0})
    assert value == pytest.approx(f(x), rel=1e-14)
    assert dot == pytest.approx(slope(f, x), rel=1e-7, abs=1e-7)
    second = oracle.mixed(f, (x,), {0: 1.0}, {0: 1.0})
    assert second == pytest.approx(slope(lambda t: oracle.jvp(f, (t,), {0: 1.0})[1], x), rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("which", [0, 1])
def test_binary_functions_to_second_order(name: str, which: int) -> None:
    namespace: dict[str, Any] = {"np": np}
    exec(f"def f(x, y):\n    return np.{name}(x, y) * 1.0", namespace)
    f, at = namespace["f"], [1.3, 0.6]

    def line(t: float) -> Any:
        return f(*[a + t * (i == which) for i, a in enumerate(at)])

    def dot_line(t: float) -> Any:
        return oracle.jvp(f, [a + t * (i == which) for i, a in enumerate(at)], {0: 0.4, 1: 0.7})[1]

    value, dot = oracle.jvp(f, at, {which: 1.0})
    assert value == pytest.approx(f(*at), rel=1e-14)
    assert dot == pytest.approx(slope(line), rel=1e-7, abs=1e-7)
    second = oracle.mixed(f, at, {0: 0.4, 1: 0.7}, {which: 1.0})
    assert second == pytest.approx(slope(dot_line), rel=1e-7, abs=1e-7)


def close(f: Callable[..., Any], *args: Any) -> None:
    """Oracle against finite differences in a random direction, for number, array and tuple results."""
    rng = np.random.RandomState(1)
    tangents = {i: rng.randn(*np.shape(a)) if np.ndim(a) else rng.randn() for i, a in enumerate(args)}

    def line(t: float) -> Any:
        out = f(*[a + t * tangents[i] for i, a in enumerate(args)])
        return np.concatenate([np.ravel(o) for o in (out if isinstance(out, tuple) else (out,))])

    value, dot = oracle.jvp(f, args, tangents)
    flat = [np.concatenate([np.ravel(p) for p in (o if isinstance(o, tuple) else (o,))]) for o in (value, dot)]
    np.testing.assert_allclose(flat[0], line(0.0), rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(flat[1], slope(line), rtol=1e-7, atol=1e-8)


R = np.random.RandomState(0)
V, W, M, N3 = R.randn(4), R.randn(4), R.randn(3, 4), R.randn(2, 3, 4)
S = R.randn(3, 3) + 3.0 * np.eye(3)
WEIGHTS = R.randn(4)


def scale(u: Any, k: float = 0.5) -> None:
    for i in range(len(u)):
        u[i] *= k + u[i - 1]


def writes_and_views(x: Any, y: Any) -> Any:
    u = np.zeros((3, 4))
    row = u[1]
    row[:] = x
    row[1:] += y[:-1]
    u[2] = row[::-1] * WEIGHTS
    u.T[0] = 2.0
    both = u[1:, ::2]
    both *= np.sin(u[:2, 1::2])
    scale(u[:, 1], k=0.3)
    u[0, [0, 0, 1]] = x[:3]
    u[u > 0.5] -= 0.25
    x[0] = y[1]
    return u, np.sum(u) * x[0], u[[0, 1, 1], [2, 2, 3]]


def scalars(x: float, y: float) -> float:
    total = 0.0
    for i in range(5, 0, -2):
        if 0 < x < i and not y > 3.0:
            total += x**i / (1.0 + y * y)
        elif abs(x) >= 2.0:
            total -= math.hypot(x, y)
        x, y = y % 0.7, max(x, 0.1 * y) + float(total)
    while total > 1.0:
        total = total / 2.0 + 0.25 * math.tanh(x)
    return total + x * y


ARRAY_CASES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "views": (writes_and_views, (V, W)),
    "scalars": (scalars, (0.8, 1.1)),
    "reductions": (
        lambda x: (x.sum(axis=0), x.mean(axis=(0, 2)), np.prod(x, axis=1), x.max(axis=1, keepdims=True)),
        (N3,),
    ),
    "variance": (lambda x: (np.var(x, axis=0), x.std(axis=1, ddof=1), np.min(x)), (M,)),
    "products": (lambda a, b: (a @ b, b @ a.T, np.dot(b, b), np.outer(a[0], b), np.inner(a, a), N3 @ a.T), (M, V)),
    "linalg": (
        lambda a, b: (L.solve(a, b[:3]), L.inv(a), L.det(a), L.slogdet(a)[1], L.norm(b)),
        (S, V),
    ),
    "shapes": (
        lambda a, b: (a.reshape(4, 3).T, a.ravel()[2:], np.concatenate((b, a[0])), np.stack([b, b * 2.0], axis=1)),
        (M, V),
    ),
    "structure": (lambda a: (np.cumsum(a, axis=1), np.trace(a), np.diag(a), np.diag(a[0]), a[None, :, 1]), (S,)),
    "where": (lambda x: np.where(x > 0.0, np.sqrt(np.where(x > 0.0, x, 1.0)), -x) + np.clip(x, -0.5, 0.5), (V,)),
    "constructors": (
        lambda x: (np.full(3, x[0]), np.ones_like(x) * x, np.array([x[1], 1.0]), np.zeros(2, int) * x[0]),
        (V,),
    ),
}


@pytest.mark.parametrize("case", ARRAY_CASES)
def test_array_programs_against_finite_differences(case: str) -> None:
    f, args = ARRAY_CASES[case]
    keep = [np.copy(a) for a in args]

    def fresh(*a: Any) -> Any:
        return f(*[x + 0.0 for x in a])

    close(fresh, *args)
    for a, b in zip(args, keep, strict=True):
        np.testing.assert_array_equal(a, b)


def test_conventions_at_kinks() -> None:
    assert oracle.jvp(lambda x: abs(x), (0.0,), {0: 1.0})[1] == 0.0
    assert oracle.jvp(lambda x: np.sqrt(x), (0.0,), {0: 1.0})[1] == 0.0
    assert oracle.jvp(lambda x, y: np.hypot(x, y), (0.0, 0.0), {0: 1.0})[1] == 0.0
    assert oracle.jvp(lambda x, y: np.maximum(x, y), (1.0, 1.0), {0: 1.0})[1] == 0.5
    assert oracle.jvp(lambda x, y: np.fmin(x, y), (1.0, 1.0), {1: 1.0})[1] == 0.5
    assert oracle.jvp(lambda x: np.clip(x, 1.0, 2.0), (1.0,), {0: 1.0})[1] == 1.0
    assert oracle.jvp(lambda a, b: a**b, (-2.0, 2.0), {1: 1.0})[1] == 0.0
    assert oracle.jvp(lambda a, b: a**b, (0.0, 2.0), {1: 1.0})[1] == 0.0
    assert oracle.jvp(lambda x: np.linalg.norm(x), (np.zeros(2),), {0: np.ones(2)})[1] == 0.0


def test_perturbations_do_not_mix() -> None:
    # d/dx (x * d/dy (x + y)) is 1; mixing the two perturbations would give 2.
    def program(x: Any) -> Any:
        return x * oracle.jvp(lambda y: x + y, (1.0,), {0: 1.0})[1]

    for tag in (0.5, 10**9):  # the outer perturbation older, and younger, than the inner one
        out = program(run.Dual(1.0, 1.0, tag))  # type: ignore[arg-type]
        assert (out.v, out.d) == (1.0, 1.0)


def test_closed_form_hessian() -> None:
    def f(x: Any) -> Any:
        return np.sum(np.exp(x) * x[::-1])

    x, v, w = V, R.randn(4), R.randn(4)
    hessian = np.diag(np.exp(x) * x[::-1])
    for i in range(4):
        hessian[i, 3 - i] += np.exp(x[i])
        hessian[3 - i, i] += np.exp(x[i])
    assert oracle.mixed(f, (x,), {0: v}, {0: w}) == pytest.approx(v @ hessian @ w, rel=1e-12)


def test_same_array_twice() -> None:
    x = np.array([1.0, 2.0])
    value, dot = oracle.jvp(lambda a, b: np.sum(a * b), (x, x), {0: np.ones(2), 1: np.ones(2)})
    assert (value, dot) == (5.0, 6.0)


def test_against_jax() -> None:
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    import jax.numpy as jnp

    def body(m: Any, x: Any, v: Any) -> Any:
        square = x[:, :3] + 4.0 * m.eye(3)
        return m.sum(m.linalg.solve(square, m.tanh(x @ v))) + m.logaddexp(m.mean(x), m.std(v)) * m.linalg.det(square)

    def plain(x: Any, v: Any) -> Any:
        square = x[:, :3] + 4.0 * np.eye(3)
        h = np.linalg.solve(square, np.tanh(x @ v))
        return np.sum(h) + np.logaddexp(np.mean(x), np.std(v)) * np.linalg.det(square)

    dx, dv = R.randn(3, 4), R.randn(4)
    value, dot = oracle.jvp(plain, (M, V), {0: dx, 1: dv})
    expected = jax.jvp(lambda x, v: body(jnp, x, v), (M, V), (dx, dv))
    assert (value, dot) == (pytest.approx(float(expected[0])), pytest.approx(float(expected[1])))
    ours = oracle.mixed(plain, (M, V), {0: dx, 1: dv}, {0: M, 1: V})

    def first(x: Any, v: Any) -> Any:
        return jax.jvp(lambda p, q: body(jnp, p, q), (x, v), (dx, dv))[1]

    assert ours == pytest.approx(float(jax.jvp(first, (M, V), (M, V))[1]))


def test_doctests() -> None:
    assert doctest.testmod(run).failed == 0
