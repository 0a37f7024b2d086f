"""Views, allocations, and writes that cannot be followed."""

from __future__ import annotations

import numpy as np
import pytest

from tangent_ad.emit.text import body_text
from tangent_ad.errors import RefusedError
from tests.analyses.program import Program, program

U = "u: 'Float[np.ndarray, \"n\"]'"
M = "m: 'Float[np.ndarray, \"n k\"]'"


def views(p: Program) -> dict[str, str]:
    found = p.facts.aliases.views
    return {body_text((p.defs.statement(num),)).strip(): base for num, base in found.items()}


def roots(p: Program, at: str, name: str) -> set[tuple[int, str]]:
    return set(p.facts.aliases.roots_of(p[at], name))


def test_a_view_of_a_view() -> None:
    p = program(M, "row = m[0]\nx = row[1:]\nx[0] = 2.0\nreturn np.sum(m)")
    assert views(p) == {"row = m[0]": "m", "x = row[1:]": "row"}
    assert roots(p, "x[0] = 2.0", "x") == {(-1, "m")}


def test_a_copy_is_no_view() -> None:
    p = program(M, "row = m[0].copy()\nrow[0] = 2.0\nreturn np.sum(m) * row[1]")
    assert views(p) == {"t = m[0]": "m"}
    assert roots(p, "row[0] = 2.0", "row") == {(p["row = t.copy()"], "row")}


def test_a_view_whose_base_is_bound_again_is_none() -> None:
    p = program(U, "v = u[1:]\nu = u * 2.0\nreturn np.sum(v * u[1:])")
    assert "v = u[1:]" not in views(p)
    p = program(M, "m = m.T\nreturn np.sum(m[0])")
    assert "m = m.T" not in views(p), "the base is gone as soon as the view is made"


def test_a_view_whose_index_is_bound_again_is_none() -> None:
    p = program(f"{M}, i: int", "row = m[i]\ni = i + 1\nreturn np.sum(row * m[i])")
    assert "row = m[i]" not in views(p)
    p = program(f"{M}, k: int", "s = 0.0\nfor i in range(k):\n    row = m[i]\n    s += row[0]\nreturn s")
    assert views(p) == {"row = m[i]": "m"}, "each iteration makes it anew"


def test_a_view_carried_into_the_next_iteration_is_none() -> None:
    p = program(f"{M}, k: int", "row = m[0]\ns = 0.0\nfor i in range(k):\n    s += row[0]\n    row = m[i]\nreturn s")
    assert views(p) == {}


def test_the_same_view_on_two_ways() -> None:
    body = "if c:\n    row = m[0]\nelse:\n    row = m[{}]\nrow[0] = 1.0\nreturn np.sum(row)"
    assert len(program(f"{M}, c: bool", body.format(0)).facts.aliases.views) == 2
    assert views(program(f"{M}, c: bool", body.format(1))) == {}


def test_roots_join_in_loops_and_branches() -> None:
    p = program(f"{U}, n: int", "v = u.copy()\nfor _ in range(n):\n    w = v\n    v = v * 2.0\nreturn np.sum(v * w)")
    allocations = {(p["v = u.copy()"], "v"), (p["v = v * 2.0"], "v")}
    assert roots(p, "w = v", "v") == allocations
    assert roots(p, "t = v * w", "w") == allocations


def test_written_after() -> None:
    p = program(f"{U}, n: int", "a = u * 2.0\nb = a * a\na[0] = 1.0\nfor _ in range(n):\n    b[0] = a[1]\nreturn b[0]")
    assert p.facts.aliases.written_after("a", p["b = a * a"])
    assert not p.facts.aliases.written_after("a", p["t = a[1]"])
    assert p.facts.aliases.written_after("b", p["b[0] = t"]), "by the next iteration"
    assert not p.facts.aliases.written_after("u", p["a = u * 2.0"])


REFUSED = {
    "an alias of unknown kind is added to": ("a, s: float", "b = a\nb += s\nreturn np.sum(a) + np.sum(b)"),
    "a view of what is bound again": (U, "v = u[1:]\nu = u[:-1]\nv[0] = 2.0\nreturn np.sum(u) + np.sum(v)"),
    "what may be a view": (M, "v = np.reshape(m, (-1,))\nv[0] = 2.0\nreturn np.sum(m) + np.sum(v)"),
    "a view of one or the other": (
        f"{U}, c: bool",
        "v = np.ones(3)\nif c:\n    v = u\nv[0] = 2.0\nreturn np.sum(u) + np.sum(v)",
    ),
    "carried views": (
        f"{M}, k: int",
        "row = m[0]\nfor i in range(k):\n    row[0] = 2.0\n    row = m[i]\nreturn np.sum(m) + np.sum(row)",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_writes_that_cannot_be_followed_are_refused(what: str) -> None:
    with pytest.raises(RefusedError):
        _ = program(*REFUSED[what]).facts


ALLOWED = {
    "nobody looks again": (M, "v = np.reshape(m, (-1,))\nv[0] = 2.0\nreturn np.sum(v)"),
    "a copy in between": (M, "v = np.reshape(m, (-1,)).copy()\nv[0] = 2.0\nreturn np.sum(m) + np.sum(v)"),
    "views of one owner": (U, "v = u[1:]\nw = u[:-1]\nv[0] = 2.0\nw[1] = 3.0\nreturn np.sum(u) + np.sum(v * w)"),
    "only the shape is read": (M, "v = np.reshape(m, (-1,))\nv[0] = 2.0\nreturn np.sum(v) * len(m)"),
}


@pytest.mark.parametrize("what", ALLOWED)
def test_writes_that_can(what: str) -> None:
    assert program(*ALLOWED[what]).facts.aliases.writes


def test_a_captured_array_is_not_written() -> None:
    with pytest.raises(RefusedError, match="captured array `TABLE`"):
        _ = program("x: float", "t = TABLE\nt[0] = x\nreturn t[0]", TABLE=np.zeros(2)).facts
