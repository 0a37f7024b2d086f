"""One identity for each value: reads that mean the same, reads that do not, and what may have changed."""

from __future__ import annotations

import pytest

from tangent_ad.storage.marks import Read, before, behind
from tangent_ad.storage.values import FUNCTION, GIVEN, Value, Values, find_values
from tests.analyses.program import Program, program

U = "u: 'Float[np.ndarray, \"n\"]'"


def values(p: Program, *left_out: str, **options: object) -> Values:
    runs = frozenset(s.num for s in p.defs.statements) - p.nums(*left_out)
    return find_values(p.facts, runs, **options)  # type: ignore[arg-type]


def at(v: Values, p: Program, name: str, line: str, content: bool = True) -> Value:
    return v.at(Read(name, before(p[line]), content))


def after(v: Values, p: Program, name: str, line: str) -> Value:
    return v.at(Read(name, behind(p[line]), True))


def test_straight_line() -> None:
    p = program("x: float", "a = x * x\nb = x + a\nx = b * a\nc = x * a\nreturn c")
    v = values(p)
    assert at(v, p, "x", "a = x * x") == at(v, p, "x", "b = x + a") == Value("x", (GIVEN,))
    assert at(v, p, "x", "c = x * a") == after(v, p, "x", "x = b * a") != at(v, p, "x", "b = x + a")
    assert at(v, p, "a", "c = x * a") == after(v, p, "a", "a = x * x")


def test_loops_and_branches() -> None:
    p = program("x: float, n: int", "y = x\nfor i in range(n):\n    z = y * i\n    if x > 0.5:\n        y = z\n"
                "    w = y + z\nreturn y * w")  # fmt: skip
    v = values(p)
    loop, test = p["for i in range(n):"], p["if x > 0.5:"]
    assert at(v, p, "y", "z = y * i").states == (("carried", loop),)
    assert at(v, p, "i", "z = y * i").states == (("count", loop),)
    assert at(v, p, "y", "w = y + z").states == (("exit", test),)
    assert at(v, p, "y", "t = y * w").states == (("exit", loop),)
    assert at(v, p, "x", "t = y * w").states == (GIVEN,)
    assert v.place(at(v, p, "y", "w = y + z")) == ((loop, 0), test)
    assert v.place(at(v, p, "y", "z = y * i")) == ((loop, 0), -1)
    assert v.place(at(v, p, "x", "t = y * w")) == (FUNCTION, -1)


def test_what_does_not_run_changes_nothing() -> None:
    p = program("x: float, n: int", "y = x\nfor i in range(n):\n    y = y * i\nreturn y")
    read = Read("y", before(p["return y"]), True)
    assert values(p).at(read).states == (("exit", p["for i in range(n):"]),)
    assert values(p, "y = y * i").at(read).states == (("def", p["y = x"]),)


def test_memory_has_states_of_its_own() -> None:
    p = program(f"{U}, x: float", "v = u * 2.0\na = v * v\nv[0] = x\nb = v * v\nreturn np.sum(a * b)", "u x")
    v = values(p)
    first, second = at(v, p, "v", "a = v * v"), at(v, p, "v", "b = v * v")
    assert first != second and first.states[0] == second.states[0]
    assert second.states[1] == ("def", p["v[0] = x"])
    assert at(v, p, "v", "a = v * v", False) == at(v, p, "v", "b = v * v", False), "the shape is the same"
    assert first.stands_for(at(v, p, "v", "b = v * v", False)) and not first.stands_for(second)
    assert at(values(p, "v[0] = x"), p, "v", "b = v * v") == first


def test_a_write_through_a_view_is_seen() -> None:
    p = program(f"{U}, x: float", "v = u * 2.0\nw = v[1:]\na = v * v\nw[0] = x\nb = v * v\nreturn np.sum(a * b)", "u x")
    v = values(p)
    assert at(v, p, "v", "a = v * v") != at(v, p, "v", "b = v * v")


def test_what_may_change() -> None:
    p = program("x: float, n: int", "a = x * x\nfor i in range(n):\n    b = a * i\n    a = b * b\nc = a * x\nreturn c")
    v = values(p)

    def may(name: str, line: str) -> bool:
        return v.may_change(Read(name, before(p[line]), True))

    assert may("a", "b = a * i") and may("b", "a = b * b")
    assert not may("i", "b = a * i"), "the backward sweep counts too"
    assert not may("a", "c = a * x") and not may("x", "a = x * x")
    assert not v.may_change(Read("a", behind(p["c = a * x"]), True))


@pytest.mark.parametrize(
    ("bounds", "index", "may"), [("len(u)", "i", False), ("len(u)", "0", True), ("-1, 2", "i", True)]
)
def test_each_iteration_writes_elements_of_its_own(bounds: str, index: str, may: bool) -> None:
    body = f"v = u.copy()\ns = 0.0\nfor i in range({bounds}):\n    v[{index}] = x\n    s = s + v[i]\nreturn s"
    p = program(f"{U}, x: float", body, "u x")
    assert values(p).may_change(Read("v", before(p["t = v[i]"]), True)) == may


def test_a_write_of_the_same_iteration_comes_behind() -> None:
    body = "v = u.copy()\ns = 0.0\nfor i in range(len(u)):\n    s = s + v[i]\n    v[i] = x\nreturn s"
    p = program(f"{U}, x: float", body, "u x")
    assert values(p).may_change(Read("v", before(p["t = v[i]"]), True))


def test_a_fused_loop_runs_its_backward_sweep_in_each_iteration() -> None:
    p = program("x: float, n: int", "s = 0.0\nfor i in range(n):\n    a = x * i\n    s = s + a * a\nreturn s")
    read = Read("a", before(p["t = a * a"]), True)
    assert values(p).may_change(read)
    assert not values(p, fused=frozenset(p.nums("for i in range(n):"))).may_change(read)
