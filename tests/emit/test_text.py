"""Functions and statements as text: signatures, docstrings and comments that are awkward, and ladders of branches."""

from __future__ import annotations

import ast
import inspect
import linecache
from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import statements
from tangent_ad.emit.text import body_text, function_text, is_plain_annotation, locals_of
from tangent_ad.frontend.read import read_function
from tests.frontend.defining import define

X = n.Name("x")
RETURN = (n.Return(X),)


def made(fn: n.Function) -> Any:
    text = function_text(fn)
    linecache.cache["<printed>"] = (len(text), None, text.splitlines(keepends=True), "<printed>")
    space: dict[str, Any] = {"np": np}
    exec(compile(text, "<printed>", "exec", dont_inherit=True), space)
    return space[fn.name]


SIGNATURES = (
    "x",
    "x, y=1.0",
    "x, *, k",
    "x, *, k=(1, 2.0), m=None",
    "x, *rest",
    "x, *rest, k=-1.5",
    "x: float, y: 'np.ndarray'=None",
    "x, k: int = 3",
    "x, " + ", ".join(f"parameter_{i}=0.5" for i in range(12)),
)


@pytest.mark.parametrize("head", SIGNATURES)
def test_signatures(head: str) -> None:
    f = define(f"def f({head}):\n    return x\n", "f")
    assert inspect.signature(made(read_function(f))) == inspect.signature(f)
    assert all(len(line) <= 120 for line in function_text(read_function(f)).splitlines())


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("float", True),
        ("np.ndarray", True),
        ("'Anything[goes]'", True),
        ("tuple[float, int]", True),
        ("Float[np.ndarray, 'n']", False),
        ("Sequence[float]", False),
        ("xp.ndarray", False),
        ("np.ndarray | None", True),
    ],
)
def test_annotations(text: str, plain: bool) -> None:
    """Only those that mean something where the text stands."""
    assert is_plain_annotation(text) is plain
    annotated = function_text(n.Function("f", (n.Param("x", annotation=text),), RETURN)).startswith(f"def f(x: {text})")
    assert annotated is plain


DOCS = ("one line", 'ends with "quotes"', 'a """ within', "a \\ backslash \\n", "two\nlines",
        "first\n\n    indented\nlast", "bell \x07 and \u200b blank", "grüße", 'quotes"\nand more"')  # fmt: skip


@pytest.mark.parametrize("doc", DOCS)
def test_docstrings(doc: str) -> None:
    assert inspect.getdoc(made(n.Function("f", (n.Param("x"),), RETURN, doc))) == doc


def test_elif_and_else() -> None:
    one, two = n.Assign(X, n.Const(1)), n.Assign(X, n.Const(2))
    inner = n.If(n.Name("b"), (two,), (one,))
    assert body_text((n.If(n.Name("a"), (one,), (inner,)),)) == (
        "if a:\n    x = 1\nelif b:\n    x = 2\nelse:\n    x = 1\n"
    )
    assert body_text((n.If(n.Name("a"), (one,), (inner, two)),)) == (
        "if a:\n    x = 1\nelse:\n    if b:\n        x = 2\n    else:\n        x = 1\n    x = 2\n"
    )
    assert body_text((n.If(n.Name("a"), (), ()), n.While(n.Name("a"), ()))) == "if a:\n    pass\nwhile a:\n    pass\n"


def test_comments_of_an_elif_stand_above_it() -> None:
    commented = n.If(n.Name("b"), (n.Pass(),), (), n.Info(comments=("the other", ""), trailing="or"))
    text = body_text((n.If(n.Name("a"), (n.Pass(),), (commented,)),))
    assert text == "if a:\n    pass\n# the other\n#\nelif b:  # or\n    pass\n"
    ast.parse(text)


def test_a_ladder_of_branches() -> None:
    """Far longer than Python recurses; nothing is indented more for it."""
    stmt = n.If(X, (n.Assign(X, n.Const(0)),), ())
    for k in range(1, 3000):
        stmt = n.If(X, (n.Assign(X, n.Const(k)),), (stmt,))
    lines = body_text((stmt,)).splitlines()
    assert len(lines) == 6000 and sum(line == "elif x:" for line in lines) == 2999
    assert max(map(len, lines)) < 20


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        ((0, 3, 1), "range(3)"),
        ((1, 3, 1), "range(1, 3)"),
        ((0, 3, 2), "range(0, 3, 2)"),
        ((3, 0, -1), "range(3, 0, -1)"),
    ],
)
def test_loops(bounds: tuple[int, int, int], text: str) -> None:
    start, stop, step = map(n.Const, bounds)
    assert body_text((n.For(X, start, stop, step, ()),)) == f"for x in {text}:\n    pass\n"


def test_long_statements_are_broken_where_python_allows() -> None:
    names = [n.Name(f"quite_a_long_name_{k}") for k in range(12)]
    total: n.Expr = names[0]
    for name in names[1:]:
        total = n.Call(np.add, "+", (total, name))
    body = (
        n.Assign(X, total),
        n.Assign(X, n.List(tuple(names))),
        n.If(n.BoolOp("and", tuple(names)), (n.Pass(),)),
        n.Assert(n.BoolOp("or", tuple(names)), n.Const("m" * 30)),
        n.Return(n.Tuple(tuple(names))),
    )
    text = function_text(n.Function("f", (n.Param("x"),), body))
    assert all(len(line) <= 120 for line in text.splitlines())
    assert len(ast.parse(text).body[0].body) == 5  # type: ignore[attr-defined]


def test_names() -> None:
    f = define(
        "def f(x, *, k=1):\n    a, (b, c) = x, (x, x)\n"
        "    for i in range(k):\n        a += c\n    x = a\n    return b\n"
    )
    fn = read_function(f)
    assert locals_of(fn) == {"x", "k", "a", "b", "c", "i"}
    assert len(list(statements(fn.body))) == 5
