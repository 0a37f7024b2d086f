"""Which statements the forward sweep must run."""

from __future__ import annotations

from tangent_ad.emit.text import body_text
from tangent_ad.storage.marks import Read, before, behind
from tangent_ad.storage.needed import find_needed
from tests.analyses.program import Program, program

U = "u: 'Float[np.ndarray, \"n\"]'"


def needed(p: Program, *reads: Read, whole: bool = False, names: tuple[str, ...] = ()) -> set[str]:
    """The first lines of the statements, without the last one, which always runs."""
    found = find_needed(p.facts, reads, names, (), whole) - {p.fn.body[-1].num}
    return {body_text((p.defs.statement(num),)).splitlines()[0] for num in found}


def test_only_what_is_read() -> None:
    p = program("x: float", "a = x * x\nb = a * 2.0\nc = a + b\nd = c * c\nreturn d")
    assert needed(p) == set()
    assert needed(p, Read("b", before(p["c = a + b"]), True)) == {"a = x * x", "b = a * 2.0"}
    assert needed(p, Read("a", behind(p["a = x * x"]), True)) == {"a = x * x"}
    assert needed(p, whole=True) == {"a = x * x", "b = a * 2.0", "c = a + b", "d = c * c"}


def test_a_loop_around_and_what_it_carries() -> None:
    p = program(
        "x: float, n: int", "m = n + 1\na = x\nfor i in range(m):\n    b = a * i\n    a = b\n    c = b * b\nreturn c"
    )
    everything = needed(p, Read("b", before(p["c = b * b"]), True))
    assert everything == {"m = n + 1", "a = x", "for i in range(m):", "b = a * i", "a = b"}


def test_a_branch_brings_its_condition() -> None:
    p = program("x: float", "k = x * 3.0\na = x\nif k > 1.0:\n    a = x * x\nb = a * a\nreturn b")
    assert needed(p, Read("a", before(p["b = a * a"]), True)) == {"k = x * 3.0", "a = x", "if k > 1.0:", "a = x * x"}


def test_writes_that_may_be_seen() -> None:
    p = program(f"{U}, x: float", "v = u * x\nw = v[1:]\nw[0] = x\na = v * v\nv[1] = x\nreturn np.sum(a)", "u x")
    assert needed(p, Read("v", before(p["a = v * v"]), True)) == {"v = u * x", "w = v[1:]", "w[0] = x"}
    assert needed(p, Read("v", before(p["a = v * v"]), False)) == {"v = u * x"}, "of the shape alone, no write"


def test_a_write_in_a_loop_is_seen_by_the_next_iteration() -> None:
    body = "v = u * x\ns = 0.0\nfor i in range(len(u)):\n    s = s + v[{}]\n    v[i] = x\nreturn s"
    for index, seen in (("0", True), ("i", False)):
        p = program(f"{U}, x: float", body.format(index), "u x")
        assert ("v[i] = x" in needed(p, Read("t", behind(p[f"t = v[{index}]"]), True))) == seen


def test_what_can_raise_or_never_end_runs() -> None:
    body = "assert x > 0.0\nk = x\nwhile k < 3.0:\n    k = k + x\n    z = k * y\n"
    p = program("x: float, y: float", body + "if y < 0.0:\n    raise ValueError('y')\nreturn x * y")
    stops = {"assert x > 0.0", "while k < 3.0:", "if y < 0.0:", 'raise ValueError("y")'}
    assert needed(p) == stops | {"k = x", "k = k + x"}


def test_names_with_all_their_definitions() -> None:
    p = program("x: float", "a = x * x\nb = a * 2.0\na = b * x\nreturn a")
    assert needed(p, names=("a",)) == {"a = x * x", "b = a * 2.0", "a = b * x"}
