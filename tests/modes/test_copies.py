"""One name for two that mean the same."""

from __future__ import annotations

import pytest

from tangent_ad.analyses.defs import bound_by
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import names_read, statements
from tangent_ad.emit.text import body_text
from tangent_ad.modes.copies import propagated, renamed, without_aliases
from tests.analyses.program import program
from tests.modes.rewritten import HEAD, functions
from tests.modes.running import assert_same


def made_here(stmt: n.Stmt) -> bool:
    """Memory of the function's own."""
    return isinstance(stmt, n.Assign) and isinstance(stmt.value, n.Call)


def test_the_same_function() -> None:
    for p, sets in functions():
        names = frozenset(name for _, name in p.webs.of_def)
        for made in (propagated(p.fn, names), without_aliases(p.fn, made_here)):
            for args in sets:
                assert_same(made, p.fn, *args)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("t = x\nreturn t * k", "t = x\nreturn x * k\n"),
        ("t = x\nx = 2.0\nreturn t * k", "t = x\nx = 2.0\nt2 = t * k\nreturn t2\n"),
        ("a = x\nreturn a * k", "a = x\nt = a * k\nreturn t\n"),  # a name of the user's
        ("t = u\nreturn t * k", "t = u\nt2 = t * k\nreturn t2\n"),  # not asked for
        ("t = x\nt = t * k\nreturn t", "t = x\nt = x * k\nreturn t\n"),
        ("t = x\nfor i in range(k):\n    t = t * t\nreturn t", None),
        ("t = x\nif k:\n    x = 2.0\nreturn t * x", "t = x\nif k:\n    x = 2.0\nt2 = t * x\nreturn t2\n"),
        ("for i in range(k):\n    t = x\nreturn t * x", None),  # of another block
    ],
)
def test_copies_of_numbers(body: str, text: str | None) -> None:
    p = program(HEAD, body)
    found = body_text(propagated(p.fn, frozenset("x")).body)
    if text is None:
        assert found == body_text(p.fn.body)
    else:
        assert found.replace("t2 = x * k\nreturn t2", "return x * k") == text


@pytest.mark.parametrize(
    ("body", "left"),
    [
        ("v = np.zeros(2)\nf = v\nf[0] = x\nreturn f[0] + v[1]", 0),
        ("for i in range(k):\n    v = np.zeros(2)\n    f = v\n    f[0] = x\nreturn x", 0),
        ("for i in range(k):\n    v = np.zeros(2)\n    f = v\nreturn f", 1),  # read where there may be none
        (
            "for i in range(k):\n    v = np.zeros(2)\n    if i > 0:\n        x = f[0]\n    f = v\nreturn x",
            1,
        ),  # the last one
        ("v = np.zeros(2)\nfor i in range(k):\n    f = v\nreturn v * x", 1),
        ("v = np.zeros(2)\nf = v\nv = np.ones(2)\nreturn f * v", 1),
        ("v = np.zeros(2)\nf = v\nf = u\nreturn f * v", 2),
        ("f = u\nreturn f * x", 1),
        ("if x > 0.0:\n    v = np.zeros(2)\n    f = v\n    x = f[0]\nreturn x", 0),
        ("if x > 0.0:\n    v = np.zeros(2)\n    f = v\nreturn x", 0),
    ],
)
def test_second_names(body: str, left: int) -> None:
    p = program(HEAD, body)
    made = without_aliases(p.fn, lambda s: isinstance(s, n.Assign) and "np." in body_text((s,)))
    copies = [s for s in statements(made.body) if isinstance(s, n.Assign) and isinstance(s.value, n.Name)]
    assert sum("f" in bound_by(s) for s in copies) == left, body_text(made.body)
    assert [s.num for s in statements(made.body)] == list(range(len(tuple(statements(made.body)))))


def test_renamed_reads() -> None:
    p = program(HEAD, "x = x + u[k]\nu[k] = x\nreturn x")
    means = {"x": "y", "u": "v", "k": "j"}
    assert [body_text((renamed(s, means),)) for s in p.fn.body if isinstance(s, n.Assign)] == [
        "t = v[j]\n",
        "x = y + t\n",
        "v[j] = y\n",
    ]
    assert names_read(p.fn.body[-1].value) == {"x"}  # type: ignore[attr-defined]
