"""Integers that stand for floats."""

from __future__ import annotations

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.analyses.facts import Facts, find_facts
from tangent_ad.core import nodes as n
from tangent_ad.emit.text import body_text
from tangent_ad.modes.integers import as_floats, may_fill_with_ints, rounded_numbers
from tests.analyses.program import Program, program
from tests.frontend.defining import define

FULL = "a = np.full(3, x)\nb = a * y\nreturn np.sum(b)"


def made(model: str, params: str = "x y") -> n.Function:
    """A derivative that makes an adjoint in the likeness of `model`."""
    like = n.Assign(n.Name("a_bar"), n.Call(np.zeros_like, "np.zeros_like", (n.Name(model),)))
    return n.Function("f_grad", tuple(map(n.Param, params.split())), (like,))


@pytest.mark.parametrize(
    ("body", "model", "found"),
    [
        (FULL, "a", ("x", "y")),
        (FULL, "b", ("x", "y")),  # of two ints
        (FULL, "x", ()),  # a parameter: of the caller's
        (FULL, "c", ()),
        (FULL.replace("x)", "x * 1.0)"), "a", ()),
        (FULL.replace("x)", "x // 1)"), "a", ("x", "y")),
        (FULL.replace("x)", "2.0 * y)"), "b", ()),
        ("a = np.zeros(3)\na[0] = x\nreturn np.sum(a) * y", "a", ()),
        ("a = np.array([x, 1])\nreturn np.sum(a) * y", "a", ("x", "y")),
        ("a = np.array([x, 1.0])\nreturn np.sum(a) * y", "a", ()),
    ],
)
def test_numbers_that_would_be_rounded(body: str, model: str, found: tuple[str, ...]) -> None:
    p = program("x, y", body, "x y")
    assert rounded_numbers(scalar(p), made(model)) == found


def scalar(p: Program) -> Facts:
    return find_facts(p.fn, p.wrt, {}, True, "all")


def test_only_what_is_differentiated_and_no_arrays() -> None:
    p = program("x, y: 'Float[np.ndarray, \"n\"]'", "a = np.full(3, x)\nreturn np.sum(a) * np.sum(y)", "y")
    assert rounded_numbers(p.facts, made("a")) == ()
    p = program("x: float, y: float", FULL, "y")
    assert rounded_numbers(p.facts, made("b")) == ()
    p = program("x: int, y: float", FULL, "y")
    assert rounded_numbers(p.facts, made("b")) == ("y",), "x is an int anyway: then b is one if y is"


def test_floats_from_the_start() -> None:
    fn = as_floats(program("x, y", "return x * y").fn, ("x", "y"))
    assert body_text(fn.body).startswith("# an int stands for its float\nx = x * 1.0\ny = y * 1.0\nt = x * y\n")


@pytest.mark.parametrize(
    ("body", "fills"),
    [
        ("a = 1\nif x > 0:\n    a = x\nreturn np.sum(np.full(3, a))", True),
        ("a = 1.0\nif x > 0:\n    a = x\nreturn np.sum(np.full(3, a))", False),
        ("a = 1\nif x > 0:\n    a = x\nreturn np.sum(np.ones(3) * a)", False),
        ("a = 0\nfor i in range(3):\n    a = a + x\nreturn np.sum(np.array([a, 1]))", True),
        ("a = 1\nb = np.full(3, a)\na = x\nreturn np.sum(b) * a", False),
    ],
)
def test_a_number_of_two_kinds(body: str, fills: bool) -> None:
    assert may_fill_with_ints(program("x: float", body).facts) == fills


@pytest.mark.parametrize("body", [FULL, "a = np.array([x, 1])\na[1] = a[0] * y\nreturn a[1] * a[0]"])
def test_an_int_has_the_derivative_of_its_float(body: str) -> None:
    f = define("def f(x, y):\n" + "".join(f"    {line}\n" for line in body.splitlines()))
    assert ad.grad(f, wrt=("x", "y"))(3, 2) == ad.grad(f, wrt=("x", "y"))(3.0, 2.0)
