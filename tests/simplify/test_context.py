"""What the passes know besides the function."""

from __future__ import annotations

import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import ANY, FLOAT
from tangent_ad.frontend.read import read_function
from tangent_ad.simplify.context import Context, context_of, is_fresh, is_operator, is_pure, is_shadow, kinds_of
from tests.frontend.defining import define
from tests.simplify.passing import derived

NAMES = {
    "x_bar": True, "x_dot": True, "x_bar2": True, "x_dot_bar": True, "x_bar_saved": False, "bar": False,
    "x_bars": False, "crow_bar": True, "x_bar_2": False, "_bar": True,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_shadows(name: str) -> None:
    assert is_shadow(name) is NAMES[name]


VALUES = {
    "x + y": "pure operator fresh",
    "-x": "pure operator fresh",
    "np.sin(x)": "pure fresh",
    "u.sum()": "pure fresh",
    "u.T": "pure",
    "u[1:]": "pure",
    "u.copy()": "pure fresh",
    "u.reshape((2, 2))": "pure",
    "t.pop()": "",
    "2.0 * t.pop()": "operator fresh",
    "[x, u]": "pure fresh",
    "(x, u)": "pure",
    "2.0": "pure fresh",
    "u": "pure",
    "x if y > 0.0 else 2.0": "pure",
}


@pytest.mark.parametrize("text", VALUES)
def test_values(text: str) -> None:
    fn, _ = derived(f"t = [x]\nz = {text}\nreturn z")
    assert isinstance(fn.body[1], n.Assign)
    value = fn.body[1].value
    found = [
        name for name, holds in (("pure", is_pure), ("operator", is_operator), ("fresh", is_fresh)) if holds(value)
    ]
    assert " ".join(found) == VALUES[text]


def test_the_names_of_the_user() -> None:
    user = define(
        "def f(x, *rest, k=1):\n    a, (b, c) = x, (x, x)\n    for i in range(k):\n        a += b\n    return a\n"
    )
    context = context_of(read_function(user), {"x": FLOAT}, frozenset(("dead",)), typed=True)
    assert context.user_names == {"x", "rest", "k", "a", "b", "c", "i"}
    assert [(s.line, s.col) for s in context.augmented] == [(4, 8)]
    assert context.kinds == {"x": FLOAT} and context.without == {"dead"} and context.typed


def test_what_contradicts_itself_says_nothing() -> None:
    """A kind that a statement refuses is no kind; nothing is refused any more."""
    fn, _ = derived("z = x[0, 1, 2]\nreturn z")
    assert kinds_of(fn, Context(frozenset(), {"x": FLOAT})).of("z") == ANY
