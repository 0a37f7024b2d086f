"""The numbers of statements.

In: functions.  Out: the same with their statements numbered in the order of the text.
"""

from __future__ import annotations

from dataclasses import replace

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import COMPOUND, changed, map_body, statements


def number(fn: n.Function) -> n.Function:
    """`fn` with its statements numbered 0, 1, ... in the order of the text."""
    if all([stmt.num == position for position, stmt in enumerate(statements(fn.body))]):
        return fn
    made: list[n.Stmt] = []
    first = 0
    for stmt in fn.body:
        if type(stmt) in COMPOUND:
            inner = (stmt,)
            made += map_body(inner, lambda position, s, first=first: (_numbered(s, first + position),))  # type: ignore[misc]
            first += len(statements(inner))
        else:
            made.append(_numbered(stmt, first))
            first += 1
    return replace(fn, body=tuple(made))


def _numbered(stmt: n.Stmt, position: int) -> n.Stmt:
    if stmt.num == position:
        return stmt
    if type(stmt) is n.Assign:  # nearly all are
        return n.Assign(stmt.target, stmt.value, stmt.annotation, stmt.info, position)
    return changed(stmt, num=position)


def ordered(fn: n.Function) -> n.Function:
    """`fn` with numbers that grow in the order of the text: its own if they do, so that statements stay what they are
    when a pass takes some of them away."""
    last = -1
    for stmt in statements(fn.body):
        if stmt.num <= last:
            return number(fn)
        last = stmt.num
    return fn
