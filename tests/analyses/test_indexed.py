"""What is indexed is an array; what is asked for as a whole; what is never a negative index."""

from __future__ import annotations

import pytest

from tangent_ad.analyses.indexed import asked_whole, element_of, indexed_webs, never_negative, takes_nothing
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import expressions
from tests.analyses.program import program


def indexed(body: str) -> set[str]:
    p = program("u, v, x", body)
    found = indexed_webs(p.webs, p.defs.statements)
    return {name for (_, name), web in p.webs.of_def.items() if web in found}


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("return u[0]", {"u"}),
        ("a = u\nb = a\nreturn b[1:]", {"u", "a", "b"}),
        ("a = u.T\nreturn a[0]", {"u", "a"}),
        ("a = u * v\nreturn a[0]", {"a"}),  # one of them may be a number
        ("a = u.copy()\nreturn a[0]", {"a"}),
        ("return u[None] + v[...] + x[None, ...]", set()),
        ("u[0] = x\nreturn u", {"u"}),
        ("u[x] += v\nreturn u", {"u"}),
        ("for i in range(3):\n    a = u\n    u = a[0]\nreturn u", {"u", "a"}),
        ("return u[v[0]]", {"u", "v"}),
    ],
)
def test_indexed(body: str, names: set[str]) -> None:
    assert indexed(body) == names


def test_another_value_of_the_name() -> None:
    p = program("u, x", "a = x * 2.0\nb = a * x\na = u\nc = a[0]\nreturn b * c")
    found = indexed_webs(p.webs, p.defs.statements)
    assert p.webs.of_def[(p["a = u"], "a")] in found
    assert p.webs.of_def[(p["a = x * 2.0"], "a")] not in found


LENGTHS = {"u": 2, "v": 3}


@pytest.mark.parametrize(
    ("expr", "whole"),
    [
        ("u[0] + u[1] * u[-2]", set()),
        ("u[2]", {"u"}),  # the program stops there
        ("u[-3] + v[-3]", {"u"}),
        ("u[True]", {"u"}),
        ("u[x]", {"u"}),
        ("u[0:1] * v[0]", {"u"}),
        ("np.sin(v)", {"v"}),
        ("v[u[0]]", {"v"}),
        ("x[u[0]] + x[v]", {"v"}),
        ("len(u) + v[0][0]", {"u"}),
    ],
)
def test_asked_whole(expr: str, whole: set[str]) -> None:
    (returned,) = expressions(program("u, v, x", f"return {expr}").fn.body[-1])
    stmts = program("u, v, x", f"return {expr}").fn.body
    assert asked_whole((e for s in stmts for e in expressions(s)), LENGTHS) == whole, returned


def test_elements() -> None:
    parts = {"u": ("a", "b", "c")}
    at = lambda k: n.Index(n.Name("u"), n.Const(k))
    assert element_of(at(1), parts) == n.Name("b")
    assert element_of(at(-1), parts) == n.Name("c")
    assert element_of(n.Index(n.Name("v"), n.Const(1)), parts) == n.Index(n.Name("v"), n.Const(1))
    assert element_of(n.Name("u"), parts) == n.Name("u")


def test_an_index_that_numbers_have_too() -> None:
    assert takes_nothing(n.Const(None)) and takes_nothing(n.Tuple((n.Const(Ellipsis), n.Const(None))))
    assert not takes_nothing(n.Const(0)) and not takes_nothing(n.Tuple((n.Const(None), n.Slice())))


@pytest.mark.parametrize(
    ("loop", "never"),
    [
        ("range(x)", True),
        ("range(2, x)", True),
        ("range(-1, x)", False),
        ("range(j, x)", False),
        ("range(x, -1, -1)", True),
        ("range(x, -2, -1)", False),
        ("range(x, j, -1)", False),
        ("range(0, x, 2)", False),
        ("range(0, x, j)", False),
    ],
)
def test_indices_that_may_be_negative(loop: str, never: bool) -> None:
    stmt = program("i, j, x", f"for i in {loop}:\n    pass\nreturn x").defs.statements[0]
    assert isinstance(stmt, n.For) and never_negative(stmt) == never
