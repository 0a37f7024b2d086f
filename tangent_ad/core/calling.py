"""The calls in expressions.

In: an expression, a function.  Out: the calls in it, in the order of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tangent_ad.core import nodes as n
from tangent_ad.core.answers import kept
from tangent_ad.core.walk import contents, expressions, statements


def calls_in(expr: n.Expr) -> tuple[n.Call, ...]:
    """The calls in an expression, outermost first."""
    return () if type(expr) is n.Name or type(expr) is n.Const else contents(expr)[2]


@kept
def called_in(body: tuple[n.Stmt, ...]) -> frozenset[Callable[..., Any]]:
    """The functions that the statements of a body call: what is not among them no pass need look for."""
    found = {id(call.fn): call.fn for stmt in statements(body) for e in expressions(stmt) for call in calls_in(e)}
    return frozenset([fn for fn in found.values() if getattr(fn, "__hash__", None) is not None])


def all_calls(fn: n.Function) -> Iterator[n.Call]:
    """The calls in the statements of a function."""
    for stmt in statements(fn.body):
        for expr in expressions(stmt):
            yield from calls_in(expr)
