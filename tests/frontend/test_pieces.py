"""Python's AST in pieces of bounded depth."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from tangent_ad.frontend.parse import parse
from tangent_ad.frontend.pieces import DEPTH, Pieces, gast


def whole(pieces: Pieces, node: Any) -> str:
    """The text of a converted expression, its placeholders resolved on the way."""
    node = pieces.resolve(node)
    if isinstance(node, gast.BinOp):
        return f"({whole(pieces, node.left)} + {whole(pieces, node.right)})"
    if isinstance(node, gast.Call):
        return f"{node.func.id}({', '.join(whole(pieces, a) for a in node.args)})"
    return str(node.id)


def height(node: Any) -> int:
    return 1 + max((height(child) for child in gast.iter_child_nodes(node)), default=0)


@pytest.mark.parametrize("count", [2, DEPTH, 3 * DEPTH, 2000])
def test_sums_and_towers(count: int) -> None:
    terms = [f"x{k}" for k in range(count)]
    wanted = terms[0]
    for term in terms[1:]:
        wanted = f"({wanted} + {term})"
    pieces = Pieces()
    node = pieces.convert(parse(" + ".join(terms), "<text>").body[0].value)  # type: ignore[attr-defined]
    assert height(node) <= 2 * DEPTH
    limited = count <= 3 * DEPTH
    assert not limited or whole(pieces, node) == wanted


def test_wide_and_deep() -> None:
    text = "f(" + ", ".join("g(" * 60 + f"x{k}" + ")" * 60 for k in range(3)) + ")"
    pieces = Pieces()
    node = pieces.convert(parse(text, "<text>").body[0].value)  # type: ignore[attr-defined]
    assert whole(pieces, node) == text


def test_a_piece_is_given_once_and_names_are_left() -> None:
    pieces = Pieces()
    name = pieces.convert(ast.parse("x", mode="eval").body)
    assert pieces.resolve(name) is name
    deep = pieces.convert(parse("g(" * 50 + "x" + ")" * 50, "<text>").body[0].value)  # type: ignore[attr-defined]
    placeholder = deep
    while isinstance(placeholder, gast.Call):
        placeholder = placeholder.args[0]
    assert isinstance(pieces.resolve(placeholder), gast.Call)
    with pytest.raises(KeyError):
        pieces.resolve(placeholder)


def test_two_expressions_share_no_placeholders() -> None:
    pieces = Pieces()
    nodes = [pieces.convert(parse("g(" * 50 + f"x{k}" + ")" * 50, "<text>").body[0].value) for k in range(3)]  # type: ignore[attr-defined]
    assert [whole(pieces, node).strip("g()") for node in nodes] == ["x0", "x1", "x2"]
