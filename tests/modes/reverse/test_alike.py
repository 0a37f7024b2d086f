"""Shapes are read off what adjoints read anyway."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.derived import build
from tangent_ad.pipeline import Request
from tests.frontend.defining import define
from tests.hunt.compare import agree

U = "u: 'Float[np.ndarray, \"n\"]'"
CASES = {
    "a square, of which the root is read": ("x", "return np.sum(x * x)", "x_bar = 2.0 * x"),
    "functions of one array": (
        "x",
        "y = np.exp(x)\nz = np.log(y + 1.0)\nreturn np.sum(z)",
        "np.divide(1.0, y + 1.0) * y",
    ),
    "a parameter that stays": ("x, k", "y = x - 1.0\nz = y * k\nreturn np.sum(z)", "sum_to(unreduce(1.0, z) * k, x)"),
    "a view of what is kept anyway": (
        "x, k, n",
        "for i in range(n):\n    y = x[1:] - x[:-1]\n    x = x * 0.5\n    x[1:] = k * y\nreturn np.sum(x * x)",
        "sum_to(t_bar * k, t)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_text(name: str) -> None:
    head, body, expected = CASES[name]
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    text = ad.grad(define(f"def f({head}):\n{indented}")).source
    assert expected in text, text


def rebound(x, k, n):
    """The shape of y is that of x before x is bound again, with other axes."""
    s = 0.0
    for _ in range(n):
        y = x * 2.0
        x = x + k
        s = s + np.sum(y) + np.sum(x * x)
    return s


def outside(x, k, n):
    """What is read behind a loop is of the last iteration."""
    y = x
    for i in range(n):
        y = x[i:] * 2.0
        z = y + k
        x = x * 1.5
    return np.sum(y * y) + np.sum(z)


def branching(x, k):
    """The operand is bound in one branch only."""
    y = x
    if np.sum(x) > 0.0:
        w = x * k
        y = np.sin(w)
    z = y * 3.0
    return np.sum(z) + np.sum(y * k)


def written(x, k):
    """What has the shape is written before it is read; its shape stays."""
    y = x.copy()
    z = np.sin(y)
    y[0] = 2.0
    return np.sum(z) * k + np.sum(y * y)


def halves(x, k):
    """The only operand that is read anyway has the shape, but not the axes, of all."""
    y = x[:, :1] * k
    z = y + x
    w = np.sin(z)
    return np.sum(w) + np.sum(y * y)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (1, 3)])
@pytest.mark.parametrize("other", [(3,), (1,), (2, 3), (2, 1)])
def test_values_with_other_shapes(shape: tuple[int, ...], other: tuple[int, ...]) -> None:
    x, k = 0.3 + np.arange(np.prod(shape)).reshape(shape) / 7.0, 0.5 - np.arange(np.prod(other)).reshape(other) / 9.0
    agree(rebound, x, k, 2)
    agree(branching, x, k)
    if len(shape) == 2:
        agree(halves, x, k)


def test_values_of_the_last_iteration() -> None:
    agree(outside, np.arange(4.0), np.array([0.3]), 2)
    agree(written, np.arange(4.0), 2.0)


def masked(x):
    """A mask has the shape, but holds no floating-point numbers."""
    c = np.array([0.5, 2.0])
    return (c > 1.0) * x


def counted(x):
    """Integers have the shape, too."""
    c = np.array([1, 2])
    t = c * x
    return np.sum(t * t)


@pytest.mark.parametrize("without", ["", "first", "full", "settled", "unnest"])
@pytest.mark.parametrize("f", [masked, counted])
def test_a_mask_has_no_adjoint(f: Any, without: str) -> None:
    request = Request("vjp", ("x",), without=frozenset((without,)))
    value, x_bar = build(f, request, "f_vjp").load()(1.0 if f is counted else np.array([3.0, 0.25]), 0.7)
    assert np.array_equal(value, f(0.7))
    assert x_bar == (0.25 if f is masked else 2 * 0.7 * 5.0)


def mixed(x: "Float[np.ndarray, 'n']", y: "Float[np.ndarray, 'n']"):
    """The product has the shape of both, and the dtype of the wider."""
    t = x * y
    return t[0] * 0.1 + t[1] * 0.7


def scaled(x, k):
    """A number of double precision makes an array of it."""
    t = x * k
    return t[0] * 0.1 + t[1] * 0.7


def test_shapes_come_with_their_dtype() -> None:
    x, y = np.array([0.31234, 0.67891], np.float32), np.array([1.1, 2.3])
    _, y_bar = ad.grad(mixed, wrt=("x", "y"))(x, y)
    assert np.array_equal(y_bar, np.array([0.1, 0.7]) * x)
    k_bar = ad.grad(scaled, wrt="k")(x, np.float64(0.3))
    assert abs(k_bar - (0.1 * float(x[0]) + 0.7 * float(x[1]))) < 1e-15
