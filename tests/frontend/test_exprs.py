"""Expressions of Python as expressions of core: names by what they mean, places in characters, messages as Python's."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import subexpressions
from tangent_ad.emit.exprs import expression_text
from tangent_ad.errors import RefusedError
from tangent_ad.frontend.read import read_function
from tests.frontend.defining import define


def value(text: str, head: str = "x, y, u", **names: Any) -> n.Expr:
    fn = read_function(define(f"def f({head}):\n    return {text}\n", "f", names))
    found = fn.body[-1]
    assert isinstance(found, n.Return) and found.value is not None
    return found.value


def test_names_mean_what_the_scope_says() -> None:
    def sin(x):
        return x

    assert value("np.sin(x)").fn is np.sin  # type: ignore[attr-defined]
    assert value("xp.sin(x)", xp=np).fn is np.sin  # type: ignore[attr-defined]
    assert value("sin(x)", sin=np.sin).fn is np.sin  # type: ignore[attr-defined]
    assert value("sin(x)", sin=sin).fn is sin  # type: ignore[attr-defined]
    with pytest.raises(RefusedError, match="calling `sin`, a local value"):
        value("sin(x)", "x, sin", sin=np.sin)
    with pytest.raises(RefusedError, match="name `cosine` is not defined"):
        value("cosine(x)")
    with pytest.raises(RefusedError, match=r"`np` has no attribute `sinn`(?s:.*)np\.sin"):
        value("np.sinn(x)")


def test_constants_of_modules() -> None:
    assert value("np.pi") == n.Global("np.pi", np.pi)
    assert value("-np.inf") == n.Const(-np.inf)
    assert value("K", K=2.0) == n.Global("K", 2.0)
    assert value("-1.5 ** 2") == n.Call(operator.neg, "-", (n.Call(operator.pow, "**", (n.Const(1.5), n.Const(2))),))
    assert value("-1.5") == n.Const(-1.5) and value("- -1") == n.Call(operator.neg, "-", (n.Const(-1),))
    assert value("-True") == n.Call(operator.neg, "-", (n.Const(True),))


def test_methods_and_attributes_are_functions_of_their_object() -> None:
    u = n.Name("u")
    assert value("u.sum(axis=0)") == n.Call(np.sum, ".sum()", (u,), (("axis", n.Const(0)),))
    assert value("u.T") == n.Call(np.transpose, ".T", (u,)) and value("u.shape[0]").value.fn is np.shape  # type: ignore[attr-defined]
    assert value("u.reshape(2, 3)") == value("u.reshape((2, 3))")
    assert value("u.reshape(6)") == n.Call(np.reshape, ".reshape()", (u, n.Const(6)))
    assert value("(u + x).sum()").args[0].fn is operator.add  # type: ignore[attr-defined]


def test_comparisons() -> None:
    assert expression_text(value("x < y < 2.0")) == "x < y < 2.0"
    chain = value("x < y * 2.0 < 3.0")
    assert isinstance(chain, n.BoolOp) and chain.op == "and" and chain.values[0].args[1] == chain.values[1].args[0]  # type: ignore[attr-defined]
    assert isinstance(value("x < np.sin(y) < 3.0"), n.BoolOp)

    def effect(x):
        return x

    with pytest.raises(RefusedError, match="would run twice"):
        value("x < effect(y) < 3.0", effect=effect)
    assert isinstance(value("effect(x) < y < effect(x)", effect=effect), n.BoolOp)


def spans(text: str) -> dict[str, str]:
    """What the file shows where each call and name is said to stand."""
    f = define(f"def f(x, größe, u):\n    return {text}\n", "f")
    fn = read_function(f)
    assert fn.source is not None
    lines = fn.source.text.splitlines()
    found = {}
    for part in subexpressions(fn.body[-1].value):  # type: ignore[attr-defined]
        if isinstance(part, n.Call | n.Name | n.Index) and part.span is not None:
            at = part.span
            assert at.line == at.end_line
            found[expression_text(part)] = lines[at.line - 1][at.col : at.end_col]
    return found


@pytest.mark.parametrize("text", ["größe * x + np.sin(größe)", "u[größe] - u.sum() * größe", '"ä" == x and größe > x'])
def test_places_are_counted_in_characters(text: str) -> None:
    found = spans(text)
    assert found and all(shown == printed for printed, shown in found.items())


MESSAGES = (
    "'plain'", "f'x is {x}'", "f'{x:.3f} of {y!r:>8}'", "f'{{x}} is {x} {{}}'", "f'{{}}'", "f'{x + y} and {u[0]:g}'",
    "'a' f'{x}' 'b{{}}'",
)  # fmt: skip


@pytest.mark.parametrize("text", MESSAGES)
def test_messages_say_what_python_says(text: str) -> None:
    """An f-string is a call of `str.format`, with the same result."""
    f = define(f"def f(x, y, u):\n    assert x < 0.0, {text}\n    return x\n", "f")
    stmt = read_function(f).body[0]
    assert isinstance(stmt, n.Assert) and stmt.message is not None
    given = (0.5, np.float64(2.25), np.array([1e-9]))
    with pytest.raises(AssertionError) as caught:
        f(*given)
    made = eval(expression_text(stmt.message), {"np": np}, dict(zip("xyu", given, strict=True)))
    assert made == caught.value.args[0]


def test_a_computed_format_is_refused() -> None:
    f = define("def f(x, y):\n    assert x < 0.0, f'{x:{y}}'\n    return x\n", "f")
    with pytest.raises(RefusedError, match="a computed format is not supported"):
        read_function(f)


@pytest.mark.parametrize(
    "text",
    ["[v for v in u]", "lambda: x", "{1: x}", "(y := x)", "x in u", "f(*u)", "g(x)(y)", "u.tolist()", "u.flat", "1j",
     "range(3)", "u.append(x, y)", "x.format(y)", "'{}'.join(u)"],
)  # fmt: skip
def test_what_is_not_in_the_language_is_refused_at_its_place(text: str) -> None:
    with pytest.raises(RefusedError) as caught:
        value(f"x * 2.0 + ({text})")
    assert caught.value.line == 2 and caught.value.col >= 22


def test_long_chains() -> None:
    """Far more terms than Python's own visitors reach; Python 3.12 itself compiles no 3,000."""
    text = " + ".join(f"x * {k}.0" for k in range(2400))
    assert expression_text(value(text)) == text


def test_trip_counts() -> None:
    call = value("len(range(x, y, 2))")
    assert isinstance(call, n.Call) and call.fn is len and call.args[0].fn is range  # type: ignore[attr-defined]
