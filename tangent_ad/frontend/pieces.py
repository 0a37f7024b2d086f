"""Python's AST to gast in pieces of bounded depth.

In: nodes of the standard `ast`.  Out: gast nodes; subtrees that nest too deep are cut off and converted on demand.

gast converts recursively and overflows at a sum of 300 terms.  Here every subtree more than `DEPTH` levels high is
replaced by a placeholder name, and `Pieces.resolve` gives the converted subtree when the lowering reaches it.
"""

from __future__ import annotations

import ast
from typing import Any

import gast as _gast

gast: Any = _gast
"""The package gast, untyped: it makes its node classes when it is imported."""

DEPTH = 40
_MARK = "\0"  # no Python name contains it


class Pieces:
    """Converts nodes to gast and keeps the subtrees that were cut off."""

    def __init__(self) -> None:
        self._cut: dict[str, ast.AST] = {}

    def convert(self, node: ast.AST) -> Any:
        """The gast form of a node, with placeholders for what nests too deep in it."""
        self._shorten(node)
        return gast.ast_to_gast(node)

    def resolve(self, node: Any) -> Any:
        """The node itself, or the converted subtree if it is a placeholder."""
        if type(node) is gast.Name and node.id.startswith(_MARK):
            return gast.ast_to_gast(self._cut.pop(node.id))
        return node

    def _shorten(self, root: ast.AST) -> None:
        order: list[tuple[ast.AST, list[ast.AST]]] = []
        stack = [root]
        while stack:
            node = stack.pop()
            inside = list(ast.iter_child_nodes(node))
            order.append((node, inside))
            stack.extend(inside)
        if len(order) <= DEPTH:
            return
        height: dict[int, int] = {}
        for node, inside in reversed(order):
            tallest = max((height[id(child)] for child in inside), default=0)
            if tallest >= DEPTH:
                for field, value in ast.iter_fields(node):
                    if isinstance(value, list):
                        value[:] = [self._placeholder(item, height) for item in value]
                    else:
                        setattr(node, field, self._placeholder(value, height))
                tallest = 0
            height[id(node)] = tallest + 1

    def _placeholder(self, node: Any, height: dict[int, int]) -> Any:
        if not isinstance(node, ast.expr) or height[id(node)] < DEPTH:
            return node
        key = f"{_MARK}{len(self._cut)}"
        while key in self._cut:
            key += _MARK
        self._cut[key] = node
        return ast.copy_location(ast.Name(key, ast.Load()), node)
