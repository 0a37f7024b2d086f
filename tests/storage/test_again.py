"""What is computed again in the backward sweep, and from what."""

from __future__ import annotations

import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import FLOAT, array
from tangent_ad.storage.again import cost_of, is_exact, may_test_again, operands_again
from tangent_ad.storage.marks import Read, behind
from tangent_ad.storage.values import find_values
from tests.analyses.program import Program, program

HEAD = "x: float, i: int, u: 'Float[np.ndarray, \"n\"]', m: 'Float[np.ndarray, \"n k\"]'"


def asked(line: str, content: bool = True, then: str = "") -> tuple[Program, set[str] | None, bool]:
    p = program(HEAD, f"r = {line}\n{then}\nreturn r")
    values = find_values(p.facts, frozenset(s.num for s in p.defs.statements))
    [num] = [s.num for s in p.defs.statements if isinstance(s, n.Assign) and s.target == n.Name("r")]
    value = values.at(Read("r", behind(num), content))
    found = operands_again(values, value)
    return p, None if found is None else {read.name for read in found}, is_exact(values, value)


@pytest.mark.parametrize(
    ("line", "operands", "exact"),
    [
        ("x * 2.0", {"x"}, False),
        ("x - i", {"x", "i"}, False),
        ("2 * i", {"i"}, True),
        ("i + 1", {"i"}, True),
        ("x ** 2", {"x"}, False),
        ("x ** 2.5", None, True),
        ("x ** i", None, True),
        ("x / 3.0", {"x"}, False),
        ("np.sin(x)", None, True),
        ("u[i]", {"u", "i"}, True),
        ("len(u)", {"u"}, True),
        ("m[i]", {"m", "i"}, True),
        ("u * 2.0", None, True),
        ("np.sum(u)", None, True),
        ("m.copy()", None, True),
        ("x > 0.5", None, True),
    ],
)
def test_operations(line: str, operands: set[str] | None, exact: bool) -> None:
    _, found, is_the_same = asked(line)
    assert found == operands and is_the_same == exact


def test_of_an_array_only_the_shape() -> None:
    assert asked("u * 2.0", content=False)[1] == {"u"}
    assert asked("np.sin(u)", content=False)[1] == {"u"}
    assert asked("u + m", content=False)[1] is None, "of two arrays either may have the shape"
    assert asked("np.sum(m, axis=0)", content=False)[1] is None


def test_a_view_of_what_is_written_is_not_the_same_again() -> None:
    assert asked("m[0]")[1] == asked("m.T")[1] == {"m"}
    p = program(HEAD, "row = m[0]\na = row * 2.0\nm[0, 0] = x\nb = row * a\nreturn np.sum(b) + m[0, 0]", "m")
    values = find_values(p.facts, frozenset(s.num for s in p.defs.statements))
    first = values.at(Read("row", behind(p["row = m[0]"]), True))
    later = values.at(Read("row", 2 * p["b = row * a"], True))
    assert operands_again(values, first) is not None
    assert later != first and operands_again(values, later) is None


@pytest.mark.parametrize(
    ("test", "may"),
    [("x > 0.5", True), ("i % 2 == 0 and x > u[i]", True), ("np.sin(x) > 0.5", False), ("x ** 2 > 0.5", False),
     ("len(u) > i", True), ("x / 2.0 > 1.0", False)],
)  # fmt: skip
def test_conditions(test: str, may: bool) -> None:
    p = program(HEAD, f"r = 1.0\nif {test}:\n    r = x\nreturn r")
    [found] = [s for s in p.defs.statements if isinstance(s, n.If)]
    named = isinstance(found.test, n.Name)  # what is not pure has a name of its own, which is tested
    assert (may_test_again(found.test) and not named) == may


def test_costs() -> None:
    assert cost_of(FLOAT) < cost_of(array(1)) < cost_of(array(2)) <= cost_of(array(None))
