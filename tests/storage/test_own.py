"""Arrays of which each iteration uses elements of its own, and those of which it does not."""

from __future__ import annotations

import pytest

from tangent_ad.core import nodes as n
from tangent_ad.storage.own import OwnElements
from tests.analyses.program import program

U = "u: 'Float[np.ndarray, \"n\"]', m: 'Float[np.ndarray, \"n k\"]', x: float, n: int"


def apart(loop: str, body: str, root: str = "u") -> bool:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    p = program(U, f"s = 0.0\nfor i in {loop}:\n{lines}return s + u[0] + m[0, 0]", "u")
    first = next(s.num for s in p.defs.statements if isinstance(s, n.For))
    return OwnElements(p.facts).keeps_apart(first, (-1, root))


@pytest.mark.parametrize("loop", ["range(n)", "range(2, n)", "range(n, -1, -1)", "range(n, 1, -1)"])
def test_its_own_element(loop: str) -> None:
    assert apart(loop, "s = s + u[i]\nu[i] = s")
    assert apart(loop, "s = s + m[i, 0]\nm[i, 1] = s", "m")
    assert apart(loop, "row = m[i]\nrow[0] = s\ns = s + row[1]", "m")


@pytest.mark.parametrize(
    ("loop", "body"),
    [
        ("range(-2, 2)", "s = s + u[i]\nu[i] = s"),  # -1 is the last one
        ("range(n, -2, -1)", "s = s + u[i]\nu[i] = s"),
        ("range(x2, n)", "s = s + u[i]\nu[i] = s"),
        ("range(0, n, 2)", "s = s + u[i]\nu[i] = s"),  # not looked at
        ("range(n)", "s = s + u[i - 1]\nu[i] = s"),
        ("range(n)", "s = s + u[0]\nu[i] = s"),
        ("range(n)", "s = s + np.sum(u)\nu[i] = s"),
        ("range(n)", "v = u\ns = s + v[i]\nu[i] = s"),
        ("range(n)", "for j in range(n):\n    s = s + u[j]\n    u[i] = s"),
    ],
)
def test_not_its_own(loop: str, body: str) -> None:
    assert not apart(loop.replace("x2", "int(x)"), body)


def test_the_same_axis_everywhere() -> None:
    assert not apart("range(n)", "s = s + m[i, 0]\nm[0, i] = s", "m")
    assert not apart("range(n)", "s = s + m[0, i]\nm[1, i] = s", "m"), "constants in front are not looked through"


def test_a_while_has_no_variable() -> None:
    p = program(U, "s = 0.0\nwhile s < x:\n    s = s + u[0]\n    u[0] = s\nreturn s", "u")
    loop = next(s.num for s in p.defs.statements if isinstance(s, n.While))
    assert not OwnElements(p.facts).keeps_apart(loop, (-1, "u"))


def test_may_reach() -> None:
    p = program(
        U,
        "s = 0.0\nfor i in range(n):\n    u[i] = x\n    s = s + u[i]\n    m[0, 0] = s\n    s = s + m[0, 1]\nreturn s",
        "u m",
    )
    own = OwnElements(p.facts)
    write, read = p["u[i] = x"], p["t = u[i]"]
    assert own.may_reach(write, read, (-1, "u"))
    assert not own.may_reach(p["m[0, 0] = s"], p["u[i] = x"], (-1, "u")), "no other iteration uses that element"
    assert own.may_reach(p["m[0, 0] = s"], read, (-1, "m")), "the next iteration may find it"
