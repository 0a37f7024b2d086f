"""Expressions in normal form: every operand that is not an atom has a name, given in Python's order of evaluation."""

from __future__ import annotations

import pytest

from tangent_ad.emit.text import body_text
from tangent_ad.errors import RefusedError
from tangent_ad.frontend.desugar import desugar
from tangent_ad.frontend.read import read_function
from tests.frontend.defining import define

HELPERS = {
    name: define(f"def {name}(a):\n    a = a + {number}\n    return a\n", name)
    for name, number in (("first", 1.0), ("second", 2.0))
}


def normal(expression: str) -> str:
    """The text of `return expression` in normal form."""
    f = define(f"def f(u, w, x, y, k):\n    return {expression}\n", "f", HELPERS)
    return body_text(desugar(read_function(f)).body)


TEXTS = {
    "x * y + x": "t = x * y\nt2 = t + x\nreturn t2\n",
    "(x + y) * (x - y)": "t = x + y\nt2 = x - y\nt3 = t * t2\nreturn t3\n",
    "u[k + 1]": "t = u[k + 1]\nreturn t\n",
    "u[k:, None][::2]": "t = u[k:, None]\nt2 = t[::2]\nreturn t2\n",
    "u[int(x)]": "t = int(x)\nt2 = u[t]\nreturn t2\n",
    "(x, y)[1] * 2.0": "t = y * 2.0\nreturn t\n",
    "u.shape[0] * x": "t = u.shape[0]\nt2 = t * x\nreturn t2\n",
    "first(x) * second(y)": "a = x\na = a + 1.0\na2 = y\na2 = a2 + 2.0\nt = a * a2\nreturn t\n",
    "x if x < y else -y": "if x < y:\n    t = x\nelse:\n    t = -y\nreturn t\n",
    "x and y": "t = x\nif t:\n    t = y\nreturn t\n",
    "x or y or 1.0": "t = x\nif not t:\n    t = y\n    if not t:\n        t = 1.0\nreturn t\n",
    "x, (y * y, x)": "t = y * y\nreturn x, (t, x)\n",
}


@pytest.mark.parametrize("expression", TEXTS)
def test_text(expression: str) -> None:
    assert normal(expression) == TEXTS[expression]


def test_what_is_not_evaluated_stays_behind_its_condition() -> None:
    """The call of the side that is not taken must not run: it may raise, or write."""
    made = normal("x if x > 0.0 else first(y)")
    assert made.index("if x > 0.0:") < made.index("else:") < made.index("a + 1.0")


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("u[0, (x, y)[k]]", "the position in a tuple must be a constant"),
        ("(x, y)[k]", "the position in a tuple must be a constant"),
        ("(x, y) if k else (y, x)", "a conditional expression of tuples"),
        ("first((x, y))", "`a` of `first` is a tuple that is rebound"),
    ],
)
def test_what_has_no_normal_form(expression: str, message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        normal(expression)
