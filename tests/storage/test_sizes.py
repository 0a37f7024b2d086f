"""Lengths and dtypes, written in names that stand."""

from __future__ import annotations

import numpy as np
import pytest

from tangent_ad.analyses.forms import Form
from tangent_ad.analyses.lengths import find_lengths
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import FLOAT, array
from tangent_ad.emit.exprs import expression_text
from tangent_ad.storage.marks import Read, before, behind
from tangent_ad.storage.sizes import Sizes, empty
from tangent_ad.storage.values import find_values
from tests.analyses.program import Program, program

HEAD = "u: 'Float[np.ndarray, \"n\"]', v: 'Float[np.ndarray, \"n\"]', m: 'Float[np.ndarray, \"n k\"]', x: float, j: int"


def sizes_of(p: Program, *left_out: str, typed: bool = False) -> Sizes:
    values = find_values(p.facts, frozenset(s.num for s in p.defs.statements) - p.nums(*left_out))
    return Sizes(values, find_lengths(p.facts, True, typed), typed)


def shape(body: str, name: str, ahead: str, ever: bool = False) -> str | None:
    """The shape of the value of `name` in the last statement, as it is written ahead of another one."""
    p = program(HEAD, body, "u v m x")
    sizes, last = sizes_of(p), p.fn.body[-1].num
    read = Read(name, before(last), True)
    found = sizes.shape(sizes.form(sizes.values.at(read), read), p[ahead], ever)
    return None if found is None else ", ".join(map(expression_text, found))


@pytest.mark.parametrize(
    ("body", "ahead", "text"),
    [
        ("b = 1.0\na = u * 2.0\nreturn a", "b = 1.0", "u.shape[0]"),
        ("b = 1.0\na = m * 2.0\nreturn a", "b = 1.0", "u.shape[0], m.shape[1]"),
        ("b = 1.0\na = m.T\nreturn a", "b = 1.0", "m.shape[1], u.shape[0]"),
        ("b = 1.0\na = u[1:-1]\nreturn a", "b = 1.0", "max(u.shape[0] - 2, 0)"),
        ("b = 1.0\na = np.zeros((3, 2))\nreturn a", "b = 1.0", "3, 2"),
        ("k = len(u)\nb = 1.0\na = v * 2.0\nreturn a", "b = 1.0", "k"),
        ("b = 1.0\nk = len(u)\na = v * 2.0\nreturn a", "b = 1.0", "u.shape[0]"),
        ("b = 1.0\na = np.zeros(j)\nreturn a", "b = 1.0", "max(j, 0)"),
        ("b = 1.0\na = np.zeros(j + 1)\nreturn a", "t = j + 1", "max(j + 1, 0)"),  # `t` is not there yet
        ("b = 1.0\nk = j * j\na = np.zeros(k - 1)\nreturn a", "b = 1.0", None),
        ("b = 1.0\na = np.zeros(j + 1)\nreturn a", "a = np.zeros(t)", "max(t, 0)"),
        ("b = 1.0\na = u[j:]\nreturn a", "b = 1.0", None),  # no name for that
        ("b = 1.0\na = u[:, None] * v\nreturn a", "b = 1.0", None),
        ("b = 1.0\na = x * 2.0\nreturn a", "b = 1.0", None),  # a number has no axes
    ],
)
def test_shapes(body: str, ahead: str, text: str | None) -> None:
    assert shape(body, "a", ahead) == text


def test_a_parameter_that_is_bound_again() -> None:
    body = "b = 1.0\na = u * 2.0\nu = a[:2]\nc = 1.0\nreturn a"
    assert shape(body, "a", "b = 1.0") == "u.shape[0]", "not yet"
    assert shape(body, "a", "b = 1.0", ever=True) is None
    assert shape(body, "a", "c = 1.0") is None
    inside = "for i in range(j):\n    b = 1.0\n    a = u * 2.0\n    u = a[:2]\nreturn a"
    assert shape(inside, "a", "b = 1.0") is None


def test_a_length_that_is_not_computed() -> None:
    p = program(HEAD, "k = len(u)\nb = 1.0\na = v * 2.0\nreturn a", "u v m x")
    form = find_lengths(p.facts, True, False).defined(p["a = v * 2.0"], "a")
    for left_out, text in (((), "k"), (("k = len(u)",), "u.shape[0]")):
        found = sizes_of(p, *left_out).shape(form, p["b = 1.0"])
        assert found is not None and expression_text(found[0]) == text


def test_a_length_of_a_branch() -> None:
    p = program(HEAD, "if x > 0.0:\n    k = len(u)\n    b = 1.0\na = v * 2.0\nreturn a", "u v m x")
    sizes = sizes_of(p)
    found = sizes.shape(sizes.lengths.defined(p["a = v * 2.0"], "a"), p["a = v * 2.0"])
    assert found is not None and expression_text(found[0]) == "u.shape[0]"


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Form((3,), frozenset(("float64",))), ""),
        (Form((3,), frozenset(("float32",))), "np.float32"),
        (Form((3,), frozenset(("u",))), "u.dtype"),
        (Form((3,), frozenset(("bool",))), "np.bool_"),
        (Form((3,), frozenset(("u", "v"))), None),
        (Form((3,), None), None),
        (Form((3,), frozenset((("number", "x"),))), None),
        (Form((3,), frozenset(("a",))), None),  # `a` is not there yet
    ],
)
def test_dtypes(form: Form, text: str | None) -> None:
    p = program(HEAD, "a = u * 2.0\nreturn a", "u v m x")
    found = sizes_of(p).dtype(form, array(1), p["a = u * 2.0"])
    assert (None if found is None else "".join(map(expression_text, found))) == text


def test_dtypes_of_compiled_code() -> None:
    p = program(HEAD, "a = u * 2.0\nreturn a", "u v m x")
    sizes = sizes_of(p, typed=True)
    unknown = Form((3,), None)
    assert sizes.dtype(unknown, array(1), 0) == ()
    assert sizes.dtype(unknown, array(1, "float32"), 0) == (n.Global("np.float32", np.float32),)
    assert sizes.dtype(unknown, array(1, "int"), 0) is None
    assert sizes.dtype(unknown, array(1, None), 0) is None


def test_what_has_that_form() -> None:
    p = program(HEAD, "a = v * 2.0\nb = np.zeros((2, j))\nreturn a * b", "u v m x")
    sizes = sizes_of(p)
    at = p["t = a * b"]
    a, b = (
        sizes.lengths.defined(p[line], name) for line, name in (("a = v * 2.0", "a"), ("b = np.zeros((2, j))", "b"))
    )
    assert sizes.likeness(a, array(1), at) == n.Name("v"), "u may be of another precision"
    found = sizes.likeness(b, array(2), at)
    assert found is not None and expression_text(found) == "np.empty((2, max(j, 0)))"
    assert sizes.likeness(Form((), a.dtype), FLOAT, at) is None


def test_which_definition_is_meant() -> None:
    p = program(HEAD, "a = u * 2.0\nb = a * a\na = m * 2.0\nreturn a", "u v m x")
    sizes = sizes_of(p)
    first, last = Read("a", before(p["b = a * a"]), True), Read("a", behind(p["a = m * 2.0"]), True)
    assert len(sizes.form(sizes.values.at(first), first).shape or ()) == 1
    assert len(sizes.form(sizes.values.at(last), last).shape or ()) == 2


def test_new_memory() -> None:
    assert expression_text(empty((n.Const(3),), ())) == "np.empty(3)"
    assert expression_text(empty((n.Const(3), n.Name("k")), (n.Name("d"),))) == "np.empty((3, k), d)"
