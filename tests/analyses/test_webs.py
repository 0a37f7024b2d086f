"""Which definitions reach which reads, and which belong together."""

from __future__ import annotations

import random

import pytest

from tangent_ad.analyses.webs import _Union
from tests.analyses.program import Program, program


def reaching(p: Program, at: str, name: str) -> set[int]:
    return set(p.webs.reaching[(p[at], name)])


def web(p: Program, at: str, name: str) -> int:
    return p.webs.of_read[(p[at], name)]


def test_straight_line_names_are_apart() -> None:
    p = program("x", "x = x + 1.0\ny = x * x\nx = y - 2.0\nreturn x")
    assert reaching(p, "x = x + 1.0", "x") == p.nums("param")
    assert reaching(p, "y = x * x", "x") == p.nums("x = x + 1.0")
    assert reaching(p, "return x", "x") == p.nums("x = y - 2.0")
    assert len({web(p, at, "x") for at in ("x = x + 1.0", "y = x * x", "return x")}) == 3


def test_branches_join_only_what_is_read_behind() -> None:
    p = program("x, c", "if c:\n    x = x * 2.0\n    t = x\nelse:\n    t = 1.0\n    u = t\nreturn t + x")
    assert reaching(p, "return t2", "t2") == p.nums("t2 = t + x")
    assert reaching(p, "t2 = t + x", "t") == p.nums("t = x", "t = 1.0")
    assert reaching(p, "t2 = t + x", "x") == p.nums("x = x * 2.0", "param")
    assert web(p, "t2 = t + x", "t") == p.webs.of_def[(p["t = x"], "t")] == p.webs.of_def[(p["t = 1.0"], "t")]


def test_a_loop_may_not_run() -> None:
    p = program("x, n", "for i in range(n):\n    y = x * i\n    x = y\nreturn x")
    assert reaching(p, "y = x * i", "x") == p.nums("param", "x = y")
    assert reaching(p, "return x", "x") == p.nums("param", "x = y")
    assert reaching(p, "y = x * i", "y") == p.nums("undefined", "y = x * i")
    assert reaching(p, "x = y", "y") == p.nums("y = x * i")


def test_a_loop_that_surely_runs() -> None:
    p = program("x", "for i in range(3, 0, -2):\n    y = x * i\nreturn y")
    assert reaching(p, "return y", "y") == p.nums("y = x * i")
    p = program("x", "for i in range(3, 3):\n    y = x * i\nreturn y")
    assert reaching(p, "return y", "y") == p.nums("y = x * i", "undefined")


def test_the_variable_of_a_loop() -> None:
    p = program("x, n", "i = 7\nfor i in range(n):\n    x = x * i\nreturn x * i")
    loop = "for i in range(n):"
    assert reaching(p, "x = x * i", "i") == p.nums(loop)
    assert reaching(p, "t = x * i", "i") == p.nums("i = 7", loop)


def test_a_while_reads_its_condition_at_its_head() -> None:
    p = program("x", "k = 0\nwhile k < 3:\n    x = x * k\n    k = k + 1\nreturn x")
    assert reaching(p, "while k < 3:", "k") == p.nums("k = 0", "k = k + 1")
    assert reaching(p, "return x", "x") == p.nums("param", "x = x * k")


def test_a_branch_that_raises_does_not_come_out() -> None:
    p = program("x", "y = 1.0\nif x < 0.0:\n    y = 2.0\n    raise ValueError()\nreturn y * x")
    assert reaching(p, "t = y * x", "y") == p.nums("y = 1.0")


def test_swapped_names() -> None:
    p = program("a, b, n", "for _ in range(n):\n    a, b = b, a * b\nreturn a")
    assert reaching(p, "a = b", "b") == p.nums("param", "b = t")
    assert reaching(p, "t = a * b", "a") == p.nums("param", "a = b")
    assert web(p, "a = b", "b") == web(p, "t = a * b", "b") != web(p, "t = a * b", "a") == web(p, "return a", "a")


def test_names_of_two_kinds_are_two_webs() -> None:
    p = program("x", "y = x * 2.0\nz = y + 1.0\ny = np.ones(3)\nreturn y * z")
    assert web(p, "z = y + 1.0", "y") != web(p, "t = y * z", "y")
    assert p.kinds.defined(p["y = x * 2.0"], "y").rank is None
    assert p.kinds.defined(p["y = np.ones(3)"], "y").rank == 1


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_what_reaches_is_what_python_would_find(n: int) -> None:
    """Every definition that a run meets is among those that reach the read."""
    body = "k = 0\nwhile k < n:\n    if k % 2 == 0:\n        y = 1.0 + k\n    else:\n        y = 2.0 + k\n    k += 1\n"
    p = program("n", body + "if n > 0:\n    z = y\nelse:\n    z = 0.0\nreturn z")
    found = reaching(p, "z = y", "y")
    last = "y = 1.0 + k" if n % 2 else "y = 2.0 + k"
    assert n == 0 or p[last] in found
    assert found == p.nums("y = 1.0 + k", "y = 2.0 + k", "undefined")


def test_disjoint_sets_against_merging_lists() -> None:
    """Chains of any length: what is joined stays joined however often it is asked for."""
    rng = random.Random(3)
    for _ in range(200):
        sets = _Union()
        groups = [{k} for k in range(12)]
        for _ in range(14):
            a, b = rng.randrange(12), rng.randrange(12)
            sets.union((a, "x"), (b, "x"))
            one, two = (next(g for g in groups if k in g) for k in (a, b))
            if one is not two:
                groups.remove(two)
                one |= two
            asked = rng.randrange(12)
            sets.find((asked, "x"))
        for group in groups:
            assert len({sets.find((k, "x")) for k in group}) == 1
        assert len({sets.find((k, "x")) for k in range(12)}) == len(groups)
