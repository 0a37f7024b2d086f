"""All facts of one function: they are of that function, and agree with each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tangent_ad.analyses.facts import find_facts
from tangent_ad.analyses.kinds import infer_kinds
from tangent_ad.core.kinds import FLOAT, INT, array
from tangent_ad.errors import RefusedError
from tests.analyses.program import Program, program

LOOP = """
t = x * w
for i in range(n):
    t = t * x
    k = i + n
y = t + k
return y
"""


def active(p: Program, wrt: tuple[str, ...]) -> set[str]:
    """The names of which a value is active."""
    facts = find_facts(p.fn, wrt, {"n": INT}, True, "all")
    return {name for (_, name), web in facts.webs.of_def.items() if web in facts.activity.active}


def test_activity_follows_wrt() -> None:
    p = program("x, w, n", LOOP)
    assert active(p, ("x",)) == {"x", "t", "y"}
    assert active(p, ("w",)) == {"w", "t", "y"}
    assert active(p, ("x", "w")) == {"x", "w", "t", "y"}
    assert active(p, ("n",)) == set(), "an integer has no derivative"


def test_all_facts_are_of_one_function() -> None:
    p = program("x, w, n", LOOP)
    facts = find_facts(p.fn, ("x",), {}, True, "all")
    assert facts.fn is p.fn and facts.wrt == ("x",)
    assert facts.webs is facts.kinds.webs, "the webs that kinds belong to"
    assert facts.webs is facts.activity.webs
    assert len(facts.defs.statements) == max(s.num for s in facts.defs.statements) + 1


def test_kinds_that_are_known_are_not_found_again() -> None:
    p = program("x, w", "y = x * w\nreturn y")
    known = infer_kinds(p.fn, p.webs, {"x": array(2, "float"), "w": FLOAT})
    assert find_facts(p.fn, ("x",), {}, True, "all", known).kinds is known, "neither given nor demanded kinds count"
    assert find_facts(p.fn, ("x",), {"x": array(1, "float")}, False, "all").kinds.defined(-1, "x").rank == 1


def test_a_scalar_result_is_a_demand() -> None:
    p = program("x, w", "y = x * w\nreturn y")
    assert find_facts(p.fn, ("x",), {}, True, "all").kinds.defined(-1, "w").is_number
    assert not find_facts(p.fn, ("x",), {}, False, "all").kinds.defined(-1, "w").has_rank


def test_which_writes_are_checked() -> None:
    """A view that a loop leaves behind: forward mode follows it by construction, reverse mode cannot."""
    p = program("x, n", "r = x[0]\nfor i in range(n):\n    r = x[i]\nr[0] = r[1] * 2.0\ny = x * x\nreturn y")
    find_facts(p.fn, ("x",), {}, False, "maybe")
    with pytest.raises(RefusedError, match="may share"):
        find_facts(p.fn, ("x",), {}, False, "all")


def test_a_write_into_what_may_be_a_copy_is_refused_by_both() -> None:
    p = program("x", "y = x.reshape(6)\ny[0] = y[1] * 2.0\nz = x * x\nreturn z")
    for check in ("all", "maybe"):
        with pytest.raises(RefusedError, match="may share"):
            find_facts(p.fn, ("x",), {}, False, check)


def test_facts_are_frozen() -> None:
    facts = program("x", "y = x * x\nreturn y").facts
    with pytest.raises(AttributeError):
        facts.wrt = ("y",)  # type: ignore[misc]
    assert replace(facts, wrt=("y",)).wrt == ("y",) and facts.wrt == ("x",)
