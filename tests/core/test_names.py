"""Fresh names."""

from __future__ import annotations

import builtins
import keyword
import random

from tangent_ad.core.names import RESERVED, Fresh


def test_no_name_is_given_twice() -> None:
    rng = random.Random(3)
    taken = {"x", "x2", "t", "t3", "a_bar"}
    fresh, given = Fresh(taken), []
    for _ in range(300):
        given.append(fresh.take(rng.choice(["x", "x2", "t", "t2", "a_bar", "t22", "sum", "if"])))
        if rng.random() < 0.1:
            fresh.reserve([f"t{len(given)}"])
            taken.add(f"t{len(given)}")
    assert len(set(given)) == len(given)
    assert not set(given) & ({"x", "x2", "t", "t3", "a_bar"} | RESERVED)
    assert all(name in fresh for name in given) and "y" not in fresh


def test_the_first_number_is_two() -> None:
    fresh = Fresh({"x2"})
    assert [fresh.take("x") for _ in range(4)] == ["x", "x3", "x4", "x5"]
    assert Fresh(()).take("np") == "np2"


def test_reserved() -> None:
    assert set(keyword.kwlist) - {"__debug__"} <= RESERVED
    assert {name for name in RESERVED if hasattr(builtins, name)} >= {"sum", "range", "ValueError"}
