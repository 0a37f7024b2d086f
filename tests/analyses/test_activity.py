"""Through which values a derivative flows."""

from __future__ import annotations

import tangent_ad as ad
from tests.analyses.program import Program, program

U = "u: 'Float[np.ndarray, \"n\"]'"


def active(p: Program) -> set[str]:
    found = p.facts.activity
    return {name for (num, name) in p.webs.of_def if found.defines(num, name)}


def test_varied_and_useful() -> None:
    p = program("x: float, y: float", "a = x * 2.0\nb = y * 3.0\nc = a * 5.0\nd = a + b\nreturn d")
    assert active(p) == {"x", "a", "d"}, "b does not vary, c is of no use"


def test_nothing_flows_through_tests_integers_and_shapes() -> None:
    p = program(f"{U}, x: float", "k = len(u)\nb = x > 0.5\ni = int(x)\nf = np.floor(x)\nreturn k + b + i + f", "u x")
    assert active(p) == set()


def test_a_condition_carries_nothing() -> None:
    p = program("x: float, y: float", "r = 1.0\nif x > 0.0:\n    r = 2.0\nreturn r * y")
    assert active(p) == set()


def test_around_a_loop() -> None:
    p = program("x: float, n: int", "a = 0.0\nb = 0.0\nfor _ in range(n):\n    b = a\n    a = x\nreturn b")
    assert active(p) == {"x", "a", "b"}


def test_a_write_varies_its_array_and_all_its_views() -> None:
    p = program(f"{U}, x: float", "v = u.copy()\nw = v[1:]\nw[0] = x\nreturn np.sum(v)", "x")
    assert {"x", "v", "w"} <= active(p) and "u" not in active(p)
    p = program(f"{U}, x: float", "v = u.copy()\nw = v[1:].copy()\nw[0] = x\nreturn np.sum(v)", "x")
    assert active(p) == set()


def test_names_of_two_kinds_are_told_apart() -> None:
    p = program("x: float", "t = x * x\ny = t\nt = 3.0\nz = t + y\nreturn z")
    facts = p.facts.activity
    assert facts.defines(p["t = x * x"], "t") and not facts.defines(p["t = 3.0"], "t")
    assert facts.reads(p["y = t"], "t") and not facts.reads(p["z = t + y"], "t")


def test_stopped_gradients() -> None:
    p = program("x: float", "y = ad.stop_gradient(x) * x\nreturn y", ad=ad)
    assert active(p) == {"x", "y"}
    p = program("x: float", "y = ad.stop_gradient(x) * 2.0\nreturn y", ad=ad)
    assert active(p) == set()
