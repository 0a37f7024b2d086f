"""Where names are bound and what may run after what."""

from __future__ import annotations

import pytest

from tangent_ad.analyses.defs import bound_within, surely_runs
from tangent_ad.core import nodes as n
from tests.analyses.program import program

NESTED = program(
    "x, n",
    "a = x\nfor i in range(n):\n    b = a\n    for j in range(i):\n        a = b * j\n    c = a\n"
    "if x > 0.0:\n    d = c\nreturn a",
)


def test_after_is_by_position_and_by_the_outermost_loop() -> None:
    p, after = NESTED, NESTED.defs.after
    assert after(p["c = a"], p["a = x"]) and not after(p["a = x"], p["c = a"])
    assert after(p["b = a"], p["a = b * j"]), "the outer loop comes round again"
    assert after(p["a = b * j"], p["a = b * j"]), "a statement in a loop runs after itself"
    assert not after(p["a = x"], p["a = x"])
    assert not after(p["c = a"], p["d = c"]), "what stands before a branch does not run after it"


def test_bound_after() -> None:
    p = NESTED
    assert p.defs.bound_after("a", p["b = a"])
    assert p.defs.bound_after("b", p["a = b * j"])
    assert not p.defs.bound_after("b", p["d = c"])
    assert not p.defs.bound_after("i", p["c = a"]), "its own loop binds it to the same again in a backward sweep"
    assert p.defs.bound_after("j", p["b = a"]) and not p.defs.bound_after("j", p["a = b * j"])
    assert not p.defs.bound_after("nobody", p["a = x"])


def test_definitions_loops_and_branches() -> None:
    p = NESTED
    outer, inner = p["for i in range(n):"], p["for j in range(i):"]
    assert p.defs.loops[p["a = b * j"]] == (outer, inner)
    assert p.defs.loops[outer] == ()
    assert p.defs.span[outer] == (outer, p["c = a"])
    assert p.defs.sole_definition("b") == p["b = a"] and p.defs.sole_definition("a") is None
    assert p.defs.unconditional(p["a = x"])
    assert not p.defs.unconditional(p["b = a"]) and not p.defs.unconditional(p["d = c"])
    assert bound_within(p.defs.statement(outer)) == {"i", "b", "j", "a", "c"}


@pytest.mark.parametrize("start", [-2, 0, 3])
@pytest.mark.parametrize("stop", [-2, 0, 3])
@pytest.mark.parametrize("step", [-2, -1, 1, 2])
def test_surely_runs(start: int, stop: int, step: int) -> None:
    loop = n.For(n.Name("i"), n.Const(start), n.Const(stop), n.Const(step), ())
    assert surely_runs(loop) == (len(range(start, stop, step)) > 0)


def test_what_is_not_constant_may_not_run() -> None:
    assert not surely_runs(n.For(n.Name("i"), n.Const(0), n.Name("n"), n.Const(1), ()))
    assert not surely_runs(n.For(n.Name("i"), n.Const(0), n.Const(2), n.Const(0), ())), "range(0, 2, 0) raises"
    assert not surely_runs(n.While(n.Const(True), ()))
