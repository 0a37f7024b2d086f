"""Adjoints of sums over one axis as products that stretch: the same numbers, and only where the shapes are sure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym
from tangent_ad.core.kinds import VALUE, Kind, array
from tangent_ad.emit.text import body_text
from tangent_ad.simplify.forming import find_forms
from tangent_ad.simplify.reduced import is_floating, stretched_product, stretched_term, zeros
from tests.modes.running import assert_same
from tests.simplify.passing import ARGUMENTS, FLOATS, derived

SUM = "g = np.sum(m, axis={})\n"
PRODUCTS = {
    "the first axis": (SUM.format(0), "unreduce(g, m, axis=0) * m", "g * m"),
    "the last axis": (SUM.format(1), "unreduce(g, m, axis=1) * m", "g[:, None] * m"),
    "the last axis from behind": (SUM.format(1), "m * unreduce(g, m, axis=-1)", "m * g[:, None]"),
    "of three": ("w = np.ones((2, 3, 4))\ng = np.sum(w, axis=1)\n", "unreduce(g, w, axis=1) * w", "g[:, None] * w"),
    "a number": ("g = np.sum(u)\n", "unreduce(g, u, axis=0) * u", "g * u"),
    "times numbers": (SUM.format(1), "2.0 * unreduce(g, m, axis=1) / x * m", "(2.0 * g / x)[:, None] * m"),
    "with a sign": (SUM.format(1), "-unreduce(g, m, axis=1) * m", "(-g)[:, None] * m"),
    "another of the shape": (SUM.format(0) + "w = m * 2.0\n", "unreduce(g, m, axis=0) * w", "g * w"),
    "an expression of the shape": (SUM.format(0), "unreduce(g, m, axis=0) * np.sin(m)", "g * np.sin(m)"),
    "another shape": (SUM.format(0), "unreduce(g, m, axis=0) * v", None),
    "a row of it": (SUM.format(0), "unreduce(g, m, axis=0) * m[0]", None),
    "a number that is stretched": (SUM.format(0), "unreduce(g, m, axis=0) * x", None),
    "over all axes": ("g = np.sum(m)\n", "unreduce(g, m) * m", None),
    "several axes": ("g = np.sum(m)\n", "unreduce(g, m, axis=(0, 1)) * m", None),
    "an axis that is no constant": (SUM.format("n % 2"), "unreduce(g, m, axis=n % 2) * m", None),
    "axes that are kept": ("g = np.sum(m, axis=1, keepdims=True)\n", "unreduce(g, m, axis=1, keepdims=True) * m", None),
    "divided by it": (SUM.format(0), "x / unreduce(g, m, axis=0) * m", None),
    "times an array": (SUM.format(0), "unreduce(g, m, axis=0) * m[0] * m", None),
    "no sum": ("g = x\n", "g * m", None),
}  # fmt: skip


@pytest.mark.parametrize("case", PRODUCTS)
def test_products(case: str) -> None:
    first, product, expected = PRODUCTS[case]
    fn, context = derived(f"{first}z = {product}\nreturn z")
    stmt = fn.body[-2]
    assert isinstance(stmt, n.Assign) and isinstance(stmt.value, n.Call)
    made = stretched_product(*stmt.value.args, find_forms(fn, context))
    if expected is None:
        assert made is None
        return
    assert made is not None and body_text((n.ExprStmt(made),)).strip() == expected
    new = replace(fn, body=(*fn.body[:-2], replace(stmt, value=made), fn.body[-1]))
    for args in ARGUMENTS:
        assert_same(new, fn, *args)


def test_terms() -> None:
    """What is added to a place stretches there."""
    fn, context = derived(SUM.format(1) + "w = m * 2.0\nz = unreduce(g, m, axis=1)\nreturn z")
    forms = find_forms(fn, context)
    stmt = fn.body[-2]
    assert isinstance(stmt, n.Assign)
    made = stretched_term(n.Name("w"), stmt.value, forms)
    assert made is not None and body_text((n.ExprStmt(made),)).strip() == "g[:, None]"
    for place in (n.Name("v"), n.Name("u"), n.Name("x")):
        assert stretched_term(place, stmt.value, forms) is None


@pytest.mark.parametrize(
    ("kind", "shape", "expected"),
    [
        (array(1, "float"), (1,), "np.zeros_like(u)"),
        (array(1, "float32"), (1,), "np.zeros_like(u)"),
        (array(2, "float"), (1, 1), "np.zeros_like(u)"),
        (array(2, "float"), (1,), None),
        (array(1, "float"), (2,), None),
        (array(1, "int"), (1,), None),
        (VALUE, (1,), None),
    ],
)
def test_zeros(kind: Kind, shape: tuple[int, ...], expected: str | None) -> None:
    """Zeros of size 1 for a floating array of that rank."""
    fn, context = derived(f"z = np.zeros({shape})\nreturn z", {**FLOATS, "u": kind})
    assert isinstance(fn.body[0], n.Assign)
    made = zeros(fn.body[0].value, n.Name("u"), find_forms(fn, context))
    assert (made and body_text((n.ExprStmt(made),)).strip()) == expected


def test_floating() -> None:
    fn, context = derived("a = np.zeros(3)\nb = np.arange(3)\nc = u > v\nd = u * c\nreturn x", {**FLOATS, "m": VALUE})
    forms = find_forms(fn, context)
    found = {name: is_floating(n.Name(name), forms) for name in "uabcdm"}
    assert found == {"u": True, "a": True, "b": False, "c": False, "d": True, "m": False}
    assert is_floating((Sym(n.Name("u")) * 2.0).expr, forms)
