"""Which names are read later."""

from __future__ import annotations

from tangent_ad.analyses.live import find_live
from tests.analyses.program import Program, program


def live(p: Program, at: str) -> set[str]:
    names = {name for _, name in p.webs.of_def}
    return set(names & find_live(p.fn).after[p[at]])


def test_straight_line() -> None:
    p = program("x, y", "a = x * y\nx = a + 1.0\nb = x\nreturn b")
    assert live(p, "a = x * y") == {"a"}
    assert live(p, "x = a + 1.0") == {"x"}
    assert live(p, "return b") == set()
    assert find_live(p.fn).entry == {"x", "y"}


def test_what_a_loop_carries_is_live_at_its_end() -> None:
    p = program("x, n", "s = 0.0\nfor i in range(n):\n    t = s * x\n    s = t + i\nreturn s")
    assert live(p, "s = t + i") == {"s", "x"}
    assert live(p, "t = s * x") == {"t", "i", "x"}
    assert live(p, "s = 0.0") == {"s", "x", "n"}
    assert live(p, "for i in range(n):") == {"s"}


def test_a_loop_that_may_not_run_binds_nothing_for_sure() -> None:
    p = program("x, n", "y = x\nfor _ in range(n):\n    y = 2.0\nreturn y")
    assert "y" in live(p, "y = x")


def test_a_while_tests_again() -> None:
    p = program("x", "k = 0\nwhile k < 3:\n    k = k + 1\n    z = x\nreturn z")
    assert live(p, "k = k + 1") == {"k", "x"}
    assert live(p, "z = x") == {"k", "x", "z"}


def test_a_branch() -> None:
    p = program("x, y, c", "z = x\nif c:\n    z = y\nelse:\n    w = z\n    z = w\nreturn z")
    assert live(p, "z = x") == {"z", "y", "c"}
    assert live(p, "z = y") == {"z"}
    assert live(p, "w = z") == {"w"}


def test_a_write_reads_its_base_and_an_augmented_name_itself() -> None:
    p = program("u: 'Float[np.ndarray, \"n\"]', x: float", "v = u.copy()\nv[0] = x\ns = 0.0\ns += x\nreturn v[1] + s")
    assert live(p, "v = u.copy()") == {"v", "x"}
    assert live(p, "v[0] = x") == {"v", "x"}
    assert live(p, "s = 0.0") == {"v", "s", "x"}


def test_what_nobody_needs_reads_nothing() -> None:
    p = program("x, y", "a = x * y\nb = a + y\nreturn x")
    found = find_live(p.fn, dead=lambda stmt, behind: stmt.num in (p["b = a + y"], p["a = x * y"]))
    assert found.entry == {"x"}
    assert find_live(p.fn).entry == {"x", "y"}
