"""Where the adjoint of each name starts at zero, and when it is cleared."""

from __future__ import annotations

import numpy as np

from tangent_ad.modes.reverse.adjoints import Adjoints, plan_adjoints
from tangent_ad.storage.values import FUNCTION
from tests.analyses.program import Program, program
from tests.hunt.compare import agree

U = "u: 'Float[np.ndarray, \"n\"]'"


def plan(p: Program) -> Adjoints:
    return plan_adjoints(p.facts)


def test_what_lives_in_an_iteration_starts_in_it() -> None:
    p = program("x: float, k: int", "s = 0.0\nfor i in range(k):\n    t = x * i\n    s = s + t * t\nreturn s")
    found, loop = plan(p), p["for i in range(k):"]
    assert found.homes["t"] == ((loop, 0),)
    assert found.homes["s"] == found.homes["x"] == (FUNCTION,)


def test_what_an_iteration_hands_on_starts_outside() -> None:
    p = program("x: float, k: int", "s = 0.0\nt = x\nfor i in range(k):\n    s = s + t\n    t = x * i\nreturn s")
    assert plan(p).homes["t"] == (FUNCTION,)


def test_a_name_that_is_bound_on_one_way_only_is_carried() -> None:
    p = program(
        "x: float, k: int",
        "s = 0.0\nt = x\nfor i in range(k):\n    if i > 1:\n        t = x * i\n    s = s + t\nreturn s",
    )
    assert plan(p).homes["t"] == (FUNCTION,)


def test_clearing() -> None:
    p = program(
        "x: float, k: int",
        "y = x\ny = y * x\nfor i in range(k):\n    y = y * i\n    t = y * x\n    y = y + t\nreturn y",
    )
    found = plan(p)
    assert found.must_clear(p["y = y * x"], "y") and found.must_clear(p["y = y * i"], "y")
    assert not found.must_clear(p["y = x"], "y"), "nothing comes before"
    assert not found.must_clear(p["t = y * x"], "t"), "it starts anew in each iteration"


def test_steady_names_have_their_full_shape() -> None:
    p = program(f"{U}, k: int", "v = u * 2.0\nfor _ in range(k):\n    w = v * u\n    v[0] = w[1]\nreturn np.sum(v)")
    assert {"u", "v"} <= plan(p).steady and "w" not in plan(p).steady
    p = program(U, "u = u * 2.0\nreturn np.sum(u)")
    assert "u" not in plan(p).steady, "its shape may change"


def two_lives(x, k):
    """One name within a loop and, apart from it, outside."""
    t = x * x
    s = np.sin(t)
    for i in range(k):
        t = s * x + i
        s = s + t * 0.1
    t = s * s
    return t * x


def never_bound_in_the_last(x, k):
    y = x
    for i in range(k):
        if i < k - 1:
            t = y * x
        y = y + t * 0.1
    return y


def test_values() -> None:
    for k in (0, 1, 3):
        agree(two_lives, 0.7, k)


def bound_by_an_inner_loop(x, k):
    y = x
    for i in range(k):
        for j in range(k - 1 - i):
            t = y * x + j
        y = y + t * 0.1
    return y


def an_array(u: Float[np.ndarray, "n"], k):
    s = 0.0
    for i in range(k):
        if i % 2 == 0:
            v = u * (s + 1.0)
        s = s + v[0] * v[1]
    return s


def test_what_an_earlier_iteration_has_bound() -> None:
    """There is no value before the loop, and yet one is carried around it."""
    for k in (2, 3, 4):
        agree(never_bound_in_the_last, 0.7, k)
        agree(bound_by_an_inner_loop, 0.7, k)
        agree(an_array, np.array([0.4, 0.9]), k)
