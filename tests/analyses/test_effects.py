"""What statements write, and with what a new value shares memory."""

from __future__ import annotations

import pytest

from tangent_ad.analyses.effects import content_reads, index_form, needed_content, relation, written
from tangent_ad.core import nodes as n
from tangent_ad.runtime import helpers
from tests.analyses.program import program

M = "m: 'Float[np.ndarray, \"n k\"]'"


@pytest.mark.parametrize(
    ("head", "line", "how", "of"),
    [
        (M, "v = m", "view", "m"),
        (M, "v = m[0]", "view", "m"),
        (M, "v = m[::-1, 1:]", "view", "m"),
        (M, "v = m.T", "view", "m"),
        (M, "v = m[0, 1]", "fresh", None),
        (M, "v = m * 2.0", "fresh", None),
        (M, "v = m.copy()", "fresh", None),
        (M, "v = m[m > 0.0]", "fresh", None),
        (M, "v = np.reshape(m, (-1,))", "maybe", "m"),
        (M, "v = np.ravel(m)", "maybe", "m"),
        (M, "v = np.asarray(m)", "maybe", "m"),
        (f"{M}, i", "v = m[i]", "maybe", "m"),
        (f"{M}, i: int", "v = m[i]", "view", "m"),
        ("x", "v = x", "maybe", "x"),
        ("x: float", "v = x", "fresh", None),
        ("x", "v = x[None]", "maybe", "x"),
        ("x", "v = x[...]", "maybe", "x"),
    ],
)
def test_relations(head: str, line: str, how: str, of: str | None) -> None:
    p = program(head, f"{line}\nreturn v")
    stmt = next(s for s in p.defs.statements if isinstance(s, n.Assign) and s.target == n.Name("v"))
    found = relation(stmt, p.kinds)
    assert (found.how, found.of) == (how, of)


@pytest.mark.parametrize(
    ("head", "index", "form"),
    [
        (M, "m[0]", "basic"),
        (M, "m[..., None, 1:]", "basic"),
        (f"{M}, i: int", "m[i, -i]", "basic"),
        (f"{M}, i", "m[i]", "unknown"),
        (f"{M}, i", "m[i, np.array([0, 1])]", "fancy"),
        (M, "m[m > 0.5]", "fancy"),
    ],
)
def test_index_forms(head: str, index: str, form: str) -> None:
    p = program(head, f"v = {index}\nreturn v")
    stmt = next(s for s in p.defs.statements if isinstance(s, n.Assign) and s.target == n.Name("v"))
    assert isinstance(stmt.value, n.Index)
    assert index_form(stmt.value.index, stmt.num, p.kinds) == form


def test_writes() -> None:
    p = program(f"{M}, x: float, y", "x += 1.0\ny += 1.0\nm[0, 0] = x\nm[1] += 2.0\nv = m\nreturn v")
    found = {s.num: written(s, p.kinds) for s in p.defs.statements}
    assert found[p["m[0, 0] = x"]] == ("m",) and found[p["m[1] += 2.0"]] == ("m",)
    assert found[p["y += 1.0"]] == ("y",), "it may be an array"
    assert found[p["x += 1.0"]] == found[p["v = m"]] == ()


def test_what_is_read_for_its_shape_only() -> None:
    p = program(f"{M}, x", "a = len(m)\nb = m.shape[0]\nc = np.zeros_like(x)\nm[0, a] = b\nd = m * x\nreturn d")
    by_text = {s.num: content_reads(s) for s in p.defs.statements}
    assert by_text[p["a = len(m)"]] == frozenset()
    assert by_text[p["b = m.shape[0]"]] == frozenset()
    assert by_text[p["m[0, a] = b"]] == {"a", "b"}, "the base is read as a place"
    assert by_text[p["d = m * x"]] == {"m", "x"}


def test_helpers_read_the_shape_of_their_second_argument() -> None:
    g, x = n.Name("g"), n.Name("x")
    assert needed_content(n.Call(helpers.sum_to, "sum_to", (g, x))) == {"g"}
    assert needed_content(n.Call(helpers.spread, "spread", (g, x))) == {"g"}
    assert needed_content(n.Call(helpers.share, "share", (g, x))) == {"g", "x"}
