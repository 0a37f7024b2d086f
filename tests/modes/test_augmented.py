"""Augmented assignments as what they mean."""

from __future__ import annotations

import pytest

from tangent_ad.analyses.annotations import annotated_kinds
from tangent_ad.analyses.kinds import infer_kinds
from tangent_ad.analyses.webs import find_webs
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import statements
from tangent_ad.emit.text import body_text
from tangent_ad.modes.augmented import resolve_augmented
from tests.analyses.program import program
from tests.modes.rewritten import HEAD, functions
from tests.modes.running import assert_same


@pytest.mark.parametrize(
    ("stmt", "text"),
    [
        ("x += 2.0", "x = x + 2.0\n"),
        ("x **= x", "x = x ** x\n"),
        ("k //= 2", "k = k // 2\n"),
        ("u += w", "u[...] += w\n"),
        ("u -= u", "u[...] -= u\n"),
        ("u *= x", "t3 = u * x\nu[...] = t3\n"),
        ("u[0] += x", "u[0] += x\n"),
    ],
)
def test_by_kind(stmt: str, text: str) -> None:
    p = program(HEAD, f"{stmt}\nreturn u * x * k")
    made = resolve_augmented(p.fn, p.kinds)
    assert body_text(made.body).startswith(text)


def test_what_is_not_known_stays() -> None:
    p = program("x, y", "x += y\nreturn x")
    assert resolve_augmented(p.fn, p.kinds) is p.fn
    p = program("x, k: int", "k += 1\ny = k * x\ny += x\nreturn y")
    assert body_text(resolve_augmented(p.fn, p.kinds).body) == "k = k + 1\ny = k * x\ny += x\nreturn y\n"


def test_the_same_function() -> None:
    resolved = 0
    for p, sets in functions():
        made = resolve_augmented(p.fn, p.kinds)
        resolved += made is not p.fn
        for args in sets:
            assert_same(made, p.fn, *args)
        kinds = infer_kinds(made, find_webs(made), annotated_kinds(p.fn))
        for stmt in statements(made.body):
            if isinstance(stmt, n.AugAssign) and isinstance(stmt.target, n.Name):
                assert not kinds.at(stmt.num, stmt.target).has_rank, body_text((stmt,))
    assert resolved > 5
