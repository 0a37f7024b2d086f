"""Contributions of operations on numbers: worked out once for each form, the same as rule by rule."""

from __future__ import annotations

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym
from tangent_ad.core.kinds import FLOAT, array
from tangent_ad.emit.exprs import expression_text
from tangent_ad.modes.reverse.formulas import RESULT, Formulas
from tests.analyses.program import program
from tests.hunt.compare import agree

HEAD = "x: float, y: float, k: int, u: 'Float[np.ndarray, \"n\"]'"
G = n.Name("g")


def given(value: str, wrt: str = "x y", known: Formulas | None = None) -> tuple[list[str] | None, Formulas]:
    """What `t = value` gives to its operands, as `name: contribution`."""
    p = program(HEAD, f"t = {value}\nreturn t * 1.0", wrt)
    stmt = p.fn.body[p[f"t = {value}"]]
    assert isinstance(stmt, n.Assign) and isinstance(stmt.value, n.Call)
    formulas = known or Formulas(p.facts)
    found = formulas.contributions(stmt.num, stmt.value, Sym(G, FLOAT), RESULT)
    if found is None:
        return None, formulas
    return [f"{expression_text(at)}: {expression_text(made)}" for at, made, _ in found], formulas


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x * y", ["x: g * y", "y: g * x"]),
        ("y * x", ["y: g * x", "x: g * y"]),
        ("x * x", ["x: g * (2.0 * x)"]),
        ("x - y", ["x: g", "y: -g"]),
        ("x * 3.0", ["x: g * 3.0"]),
        ("x * k", ["x: g * k"]),
        ("np.sin(y)", ["y: g * np.cos(y)"]),
    ],
)
def test_names_are_put_in(value: str, expected: list[str]) -> None:
    assert given(value)[0] == expected


def test_only_what_is_active_is_given_something() -> None:
    assert given("x * y", "y")[0] == ["y: g * x"]
    assert given("x * k", "y x")[0] == ["x: g * k"]


def test_arrays_and_parts_are_for_the_rules() -> None:
    assert given("u * x", "x u")[0] is None
    p = program(HEAD, "t = x * y\nreturn t", "x y")
    call = n.Call(np.multiply, "np.multiply", (n.Name("x"), n.Name("y")), (("where", n.Const(True)),))
    assert Formulas(p.facts).contributions(0, call, Sym(G, FLOAT), RESULT) is None
    stmt = p.fn.body[0]
    assert isinstance(stmt, n.Assign) and isinstance(stmt.value, n.Call)
    assert Formulas(p.facts).contributions(0, stmt.value, Sym(G, array(1)), RESULT) is None


def powers(x: float, y: float, k: int):
    """One operation with literals and names of several kinds: no form stands for another."""
    return x**2 + x**3 + x**k + 2.0**x + y**x + x**0.5 + (-x) ** 2 + x**1 + x * 0.0 + x**0


def turned(x: float, y: float):
    """The same operation, its operands turned round or the same."""
    a = x / y
    b = y / x
    c = a / a
    return a / b + b / a + c - b / y + np.maximum(a, b) + np.maximum(b, a) * np.maximum(a, a)


def test_no_form_stands_for_another() -> None:
    agree(powers, 0.7, 1.3, 3)
    agree(turned, 0.7, 1.3)
