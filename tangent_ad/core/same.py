"""When two programs are the same.

In: nodes or functions.  Out: whether they mean the same text; a function without what is not printed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import changed, map_body, map_expr, map_expressions


def erase(fn: n.Function) -> n.Function:
    """`fn` without what is not printed: spans, comments, numbers, versions."""

    def bare(expr: n.Expr) -> n.Expr:
        if isinstance(expr, n.Name):
            return n.Name(expr.id)
        if isinstance(expr, (n.Call, n.Index)) and expr.span is not None:
            return replace(expr, span=None)
        return expr

    def stripped(_: int, stmt: n.Stmt) -> Iterable[n.Stmt]:
        plain = map_expressions(stmt, lambda expr: map_expr(expr, bare))
        return (changed(plain, info=n.NO_INFO, num=-1),)

    return n.Function(fn.name, fn.params, map_body(fn.body, stripped), fn.doc)


def same(a: Any, b: Any) -> bool:
    """What `a == b` means for nodes, tuples of nodes and functions, also where they nest too deep for `==`."""
    stack = [(a, b)]
    while stack:
        x, y = stack.pop()
        if x is y:
            continue
        if type(x) is not type(y):
            return False
        if isinstance(x, tuple):
            if len(x) != len(y):
                return False
            stack.extend(zip(x, y, strict=True))
        elif isinstance(x, _NODES):
            stack.extend((getattr(x, name), getattr(y, name)) for name in _compared(type(x)))
        elif x is not y and x != y:
            return False
    return True


_NODES = (n.Expr, n.Stmt, n.Function, n.Param)
_COMPARED: dict[type, tuple[str, ...]] = {}


def _compared(kind: type) -> tuple[str, ...]:
    if kind not in _COMPARED:
        _COMPARED[kind] = tuple(f.name for f in fields(kind) if f.compare)
    return _COMPARED[kind]
