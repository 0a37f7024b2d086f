"""The zeros that adjoints start from in a block.

In: zeros, and the adjoint statements behind them.  Out: those that are left where a sum begins with its first term;
whether a fused loop touches the adjoint that one starts.
"""

from __future__ import annotations

import operator

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import expressions, names_read, statements
from tangent_ad.storage.steps import Step, adjoints_in
from tangent_ad.storage.touched import base_of

Stmts = list[n.Stmt]
ZERO = n.Const(0.0)


def begun(zeros: Stmts, stmts: Stmts) -> Stmts:
    """The statements behind the zeros that adjoints start from.  `x_bar = 0.0` of a number is left out where the next
    mention of x_bar, in the same block, is `x_bar += e`: that becomes `x_bar = e`."""
    waiting = {
        z.target.id for z in zeros if isinstance(z, n.Assign) and isinstance(z.target, n.Name) and z.value == ZERO
    }
    started: set[str] = set()
    found: Stmts = []
    for stmt in stmts:
        if type(stmt) is n.AugAssign and type(stmt.target) is n.Name and stmt.target.id in waiting:
            bar, fn, value = stmt.target.id, stmt.fn, stmt.value
            if fn in (operator.add, operator.sub) and bar not in names_read(value):
                started.add(bar)
                term = value if fn is operator.add else n.Call(operator.neg, "-", (value,))
                stmt = n.Assign(stmt.target, term, info=stmt.info)
        found.append(stmt)
        for part in statements((stmt,)) if waiting else ():
            for expr in expressions(part):
                waiting -= names_read(expr)
    left = [z for z in zeros if not (isinstance(z, n.Assign) and names_read(z.target) & started)]
    return [*left, *found]


def mentions(zero: n.Stmt, step: Step) -> bool:
    """Does the fused loop `step`, or what runs ahead of it, touch the adjoint that `zero` starts?"""
    assert isinstance(zero, n.Assign)
    bar = base_of(zero.target)
    inner = [*step.ahead, *(s for block in step.blocks for s in adjoints_in(block))]
    return any(bar in names_read(e) for s in statements(tuple(inner)) for e in expressions(s))
