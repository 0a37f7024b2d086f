"""Text to Python's AST.

In: text that Python itself could compile.  Out: its AST, also when asked for far down the stack.
"""

from __future__ import annotations

import ast
import sys


def parse(text: str, filename: str) -> ast.Module:
    """`ast.parse` with room for what nests deep."""
    try:
        return ast.parse(text, filename)
    except RecursionError:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + 20_000)
        try:
            return ast.parse(text, filename)
        finally:
            sys.setrecursionlimit(limit)
