"""A name for each value that a name takes on different paths."""

from __future__ import annotations

import pytest

from tangent_ad.analyses.webs import find_webs
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import statements
from tangent_ad.emit.text import body_text
from tangent_ad.modes.joins import joins_apart, shared_names
from tests.analyses.program import program
from tests.modes.rewritten import HEAD, functions
from tests.modes.running import assert_same


def test_the_same_function() -> None:
    apart = 0
    for p, sets in functions():
        names = shared_names(p.fn, p.kinds)
        for chosen in (names, frozenset(name for _, name in p.webs.of_def) - loop_variables(p.fn)):
            made = joins_apart(p.fn, chosen)
            apart += made != p.fn
            for args in sets:
                assert_same(made, p.fn, *args)
    assert apart > 40


def loop_variables(fn: n.Function) -> set[str]:
    return {s.target.id for s in statements(fn.body) if isinstance(s, n.For)}


def test_within_a_branch_a_view_is_a_view() -> None:
    p = program(HEAD, "g = u[1:]\nif k:\n    u[2] = x\nelse:\n    g = np.ones(3)\nreturn g")
    text = "g = u[1:]\nif k:\n    u[2] = x\n    g3 = g\nelse:\n    g2 = np.ones(3)\n    g3 = g2\nreturn g3\n"
    assert body_text(joins_apart(p.fn, shared_names(p.fn, p.kinds)).body) == text


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("a = u * 2.0\nb = a.copy()\nreturn b", set()),
        ("a = u[1:]\nb = a * x\nreturn b", {"a", "u"}),
        ("a = u.T\nb = np.reshape(a, (1, -1))\nreturn b", {"u", "a", "b"}),
        ("a = x\nb = a\nreturn b * u[0]", set()),
        ("for i in range(k):\n    a = u\n    b = i\nreturn a", {"a", "u"}),
    ],
)
def test_names_that_may_be_views(body: str, names: set[str]) -> None:
    p = program(HEAD, body)
    assert shared_names(p.fn, p.kinds) == names


def test_nothing_is_handed_over_that_nobody_reads() -> None:
    p = program(HEAD, "if x > 0.0:\n    a = u\n    b = a[0]\nelse:\n    a = w\n    b = a[1]\nreturn b")
    made = joins_apart(p.fn, frozenset("a"))
    assert len(tuple(statements(made.body))) == len(tuple(statements(p.fn.body)))
    assert len({web for (_, name), web in find_webs(made).of_def.items() if name.startswith("a")}) == 2


def test_what_a_path_leaves_unbound_is_not_handed_over() -> None:
    """Before, `g3 = g` stood at the end of the path without a g, which stopped a jvp of a gradient."""
    body = "if k:\n    g = u[1:]\nif k:\n    g = g * x\nelse:\n    u[1] = x\nif k:\n    u[0] = g[0]\nreturn u"
    p = program(HEAD, body)
    assert shared_names(p.fn, p.kinds) == {"g", "u"}
    text = body_text(joins_apart(p.fn, frozenset(("g", "u"))).body)
    assert text == body_text(p.fn.body)
    bound = program(HEAD, f"g = u[2:]\n{body}")
    assert "g2" in body_text(joins_apart(bound.fn, frozenset(("g", "u"))).body)
