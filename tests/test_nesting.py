"""Derivatives of derivatives, each from the emitted text of the one before.

Every program is differentiated by `jvp`, `vjp` and, if its result is a number, `grad`; `ad.check` then differentiates
these emitted functions again in both modes and compares with finite differences of what they compute.  Third
derivatives are taken of some.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import tangent_ad as ad


def smooth_number(x, y):
    # a comment
    z = np.sin(x) * y
    if z > 0.0:
        z = z * z + x
    return z + x * y


def logistic(x, r, n=4):
    for _ in range(n):
        x = r * x * (1.0 - x)
    return x


def newton(a, tol=1e-13):
    x = a
    step = 1.0
    while abs(step) > tol:
        step = (x * x - a) / (2.0 * x)
        x = x - step
    return x


def powers(x, p):
    total = 0.0
    for k in range(5, 0, -2):
        total = total + x**k / k + x**p
    return total


def mathematical(x, y):
    return math.atan2(x, y) * math.exp(-x) + math.hypot(x, y) + max(x, y) ** 2


def relax(u, c, sweeps=2):
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] += c * (u[i - 1] - 2.0 * u[i] + u[i + 1] * u[i])
    return np.sum(u * u)


def through_views(x):
    total = 0.0
    for i in range(x.shape[0]):
        row = x[i]
        row[0] = row[0] * row[1]
        total += np.sum(row**2)
    return total


def diffuse(u: Float[np.ndarray, "n"], k: float, steps=2):
    for _ in range(steps):
        lap = np.zeros_like(u)
        lap[1:-1] = u[:-2] - 2.0 * u[1:-1] + u[2:]
        u = u + k * lap * u
    return np.sum(u * u)


def spring(q, k):
    return -k * q - 0.1 * q * q * q


def swing(q, v, k, h=0.05, n=3):
    for _ in range(n):
        v = v + h * spring(q, k)
        q = q + h * v
    return 0.5 * v * v + q


def network(W, b, x, target):
    h = np.tanh(x @ W + b)
    r = h - target
    return np.mean(r * r)


def solved(A, b):
    x = np.linalg.solve(A, b)
    return np.sum(x**3)


def log_det(A):
    _sign, value = np.linalg.slogdet(A)
    return value


def reductions(x: Float[np.ndarray, "n d"]):
    return np.sum(np.mean(x, axis=0) * np.max(x, axis=1)[:3]) + np.var(x)


def gathered(x):
    index = np.array([0, 2, 2, 1])
    y = x[index] * x[index]
    return np.sum(y * np.arange(4.0))


def scattered(x):
    y = np.zeros(4)
    y[np.array([3, 0, 1])] = x * x
    y[1:] = y[1:] * y[:-1]
    return np.sum(y**2)


def joined(x, y):
    z = np.concatenate((x, y * x))
    w = np.stack((z, z[::-1]))
    return np.sum(w[0] * w[1] ** 2)


def swapped(u, v, n=3):
    for _ in range(n):
        u, v = v * v, u + v
    return np.sum(u * v)


def branching(x):
    total = 0.0
    for i in range(len(x)):
        if x[i] > 0.5:
            t = x[i] * x[i]
        else:
            t = np.exp(x[i])
        total += t * total + t
    return total


def pair(x, y):
    return x * y, np.sum(np.sin(x)) * y


def elementwise(x, a):
    return np.exp(x) * a + x**3


def clipped(x):
    return np.sum(np.where(x > 0.6, x**3, np.sin(x))) + np.sum(np.maximum(x, 0.7) ** 2)


def powers_of_matrix(A, x):
    for _ in range(3):
        x = A @ x
        x = x / np.sqrt(np.sum(x * x))
    return np.dot(x, A @ x)


RNG = np.random.default_rng(7)
M = RNG.uniform(0.2, 1.0, (3, 3)) + 3.0 * np.eye(3)
V3, W3, V5 = np.array([0.3, 0.9, 0.55]), np.array([1.1, 0.4, 0.8]), np.linspace(0.3, 1.2, 5)

NUMBERS = [
    (smooth_number, (0.7, 1.3), ("x", "y")),
    (logistic, (0.3, 2.5), ("x", "r")),
    (newton, (2.0,), ("a",)),
    (powers, (1.2, 2.5), ("x", "p")),
    (mathematical, (0.8, 0.5), ("x", "y")),
    (relax, (V5, 0.1), ("u", "c")),
    (through_views, (RNG.uniform(0.5, 1.0, (2, 3)),), ("x",)),
    (diffuse, (V5, 0.1), ("u", "k")),
    (swing, (0.5, 0.1, 1.2), ("q", "k")),
    (network, (M, V3, M, W3), ("W", "b")),
    (solved, (M, V3), ("A", "b")),
    (log_det, (M,), ("A",)),
    (reductions, (RNG.uniform(0.5, 1.0, (3, 4))[:, :3].copy(),), ("x",)),
    (gathered, (V3,), ("x",)),
    (scattered, (V3,), ("x",)),
    (joined, (V3, W3), ("x", "y")),
    (swapped, (V3, W3), ("u", "v")),
    (branching, (V3,), ("x",)),
    (clipped, (V3,), ("x",)),
    (powers_of_matrix, (M, V3), ("A", "x")),
]
ARRAYS = [
    (pair, (V3, 1.5), ("x", "y")),
    (elementwise, (V3, 1.5), ("x", "a")),
]
IDS = [case[0].__name__ for case in NUMBERS]


def like(value):
    if isinstance(value, tuple):
        return tuple(like(part) for part in value)
    made = np.random.default_rng(3).uniform(0.5, 1.5, np.shape(value))
    return made if np.shape(value) else float(made)


def with_tangents(f, args, wrt):
    """The arguments of `jvp(f, wrt)`, and the parameters that it is to be differentiated in."""
    names = list(f.__code__.co_varnames[: len(args)])
    given, again = [], []
    for name, value in zip(names, args, strict=True):
        given.append(value)
        if name in wrt:
            given.append(like(value))
            again += [name, f"{name}_dot"]
    return given, tuple(again)


@pytest.mark.parametrize(("f", "args", "wrt"), NUMBERS, ids=IDS)
def test_derivatives_of_the_gradient(f, args, wrt):
    ad.check(ad.grad(f, wrt=wrt), *args, wrt=wrt, order=1)


@pytest.mark.parametrize(("f", "args", "wrt"), NUMBERS + ARRAYS)
def test_derivatives_of_the_tangent(f, args, wrt):
    given, again = with_tangents(f, args, wrt)
    ad.check(ad.jvp(f, wrt=wrt), *given, wrt=again, order=1)


@pytest.mark.parametrize(("f", "args", "wrt"), NUMBERS + ARRAYS)
def test_derivatives_of_the_adjoints(f, args, wrt):
    seed = like(f(*(a.copy() if isinstance(a, np.ndarray) else a for a in args)))
    again = wrt if isinstance(seed, tuple) else ("out_bar", *wrt)
    ad.check(ad.vjp(f, wrt=wrt), seed, *args, wrt=again, order=1)


THIRD = [case for case in NUMBERS if case[0] not in (powers_of_matrix, swing, network, solved, diffuse)]


@pytest.mark.parametrize(("f", "args", "wrt"), THIRD, ids=[case[0].__name__ for case in THIRD])
def test_third_derivatives(f, args, wrt):
    """Both modes of the Hessian-vector product."""
    product = ad.hvp(f, wrt=wrt[0])
    names = list(f.__code__.co_varnames[: len(args)])
    given = []
    for name, value in zip(names, args, strict=True):
        given += [value, like(value)] if name == wrt[0] else [value]
    ad.check(product, *given, wrt=wrt[0], order=1)


@pytest.mark.parametrize(("f", "args", "wrt"), NUMBERS[:2], ids=IDS[:2])
def test_reverse_three_times(f, args, wrt):
    once = ad.grad(f)
    twice = ad.grad(once)
    ad.check(twice, *args, order=1)


def test_closed_forms():
    def cube(x):
        return x * x * x * x

    derived, expected = cube, [16.0, 32.0, 48.0, 48.0, 24.0]
    for value in expected:
        assert derived(2.0) == value
        derived = ad.grad(derived)
    root = newton
    for value in (2.0**0.5, 0.5 * 2**-0.5, -0.25 * 2**-1.5, 0.375 * 2**-2.5):
        assert root(2.0) == pytest.approx(value, rel=1e-9)
        root = ad.grad(root)


def shifted(y, x):
    return x + y


def inner_is_constant(x):
    slope = ad.grad(shifted)
    return x * slope(x, x)


def add_y(x, y):
    return x * y


def nested_product(x):
    return x * ad.grad(add_y, wrt="y")(x, 3.0)


def square(x):
    return x * x * x


def newton_step(x):
    return x - square(x) / ad.grad(square)(x)


def curvature(x):
    return np.sum(ad.jacobian(elementwise)(x, 2.0) ** 2)


def test_no_perturbation_confusion():
    """d/dx (x * d/dy (x + y)) is 1, not 2."""
    assert ad.grad(inner_is_constant)(3.0) == 1.0
    assert ad.jvp(inner_is_constant)(3.0, 1.0) == (3.0, 1.0)
    assert ad.grad(nested_product)(3.0) == 6.0
    assert ad.grad(newton_step)(2.0) == pytest.approx(2.0 / 3.0)
    assert ad.jvp(newton_step)(2.0, 1.0)[1] == pytest.approx(2.0 / 3.0)


def test_a_jacobian_inside():
    ad.check(curvature, V3)


def test_against_jax():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy

    def theirs(W, b, x, target):
        h = jnp.tanh(x @ W + b)
        return jnp.mean((h - target) ** 2)

    args = (M, V3, M + 0.5, W3)
    ours = ad.hessian(network, wrt=("W", "b"))(*args)
    expected = jax.hessian(theirs, argnums=(0, 1))(*args)
    for row, theirs_row in zip(ours, expected, strict=True):
        for block, theirs_block in zip(row, theirs_row, strict=True):
            np.testing.assert_allclose(block, theirs_block, rtol=1e-10, atol=1e-14)
