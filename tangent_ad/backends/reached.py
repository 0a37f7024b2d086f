"""Code that Numba must not find to be unreachable.

In: a derivative in core.  Out: the same, with the constants that conditions compare spelled as calls (`int(0)`).

Numba removes branches and loops whose condition is made of constants.  If it so removes all appends to a list, the list
has no type and nothing compiles: where there are lists, it must not look through the conditions.
"""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import changed, is_guard, map_body, names_read, statements
from tangent_ad.frontend.pure import COMPARISONS

PLAIN = (bool, int, float)


def keep_reached(fn: n.Function) -> n.Function:
    """`fn` with conditions that Numba cannot decide, if it has lists."""
    inside = list(statements(fn.body))
    if not any(isinstance(s, n.Assign) and s.value == n.List(()) for s in inside):
        return fn
    tested = {name for s in inside if isinstance(s, (n.If, n.While)) for name in names_read(s.test)}

    def rewrite(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        match stmt:
            case n.If(test=test) | n.While(test=test) if not is_guard(stmt):
                return (changed(stmt, test=_undecided(test)),)
            case n.Assign(target=n.Name(id=name), value=n.Const() as value) if name in tested:
                return (changed(stmt, value=_called(value)),)
        return (stmt,)

    return replace(fn, body=map_body(fn.body, rewrite))


def _undecided(test: n.Expr) -> n.Expr:
    """A condition with calls for the numbers that it compares."""
    if isinstance(test, n.BoolOp):
        return replace(test, values=tuple(_undecided(v) for v in test.values))
    if isinstance(test, n.Call) and (test.fn is operator.not_ or test.fn in COMPARISONS):
        return replace(test, args=tuple(_undecided(a) for a in test.args))
    return _called(test)


def _called(expr: n.Expr) -> n.Expr:
    """A number as a call that gives it."""
    value: Any = expr.value if isinstance(expr, (n.Const, n.Global)) else None
    if isinstance(value, np.bool_ | np.integer | np.floating) and isinstance(expr, n.Global):
        value = value.item()
    for kind in PLAIN:
        if type(value) is kind:
            return n.Call(kind, kind.__name__, (expr,))
    return expr
