"""Which arrays surely have the shape and dtype of which.

In: derived code and its kinds.  Out: `Shapes`: for an expression the name whose shape and dtype it has, if sure.

A *root* is a name that is assigned once, outside loops, or a parameter that is at most replaced by its copy: its shape
and dtype never change.
"""

from __future__ import annotations

import operator

import numpy as np

from tangent_ad.analyses.defs import Definitions, bound_by, find_definitions
from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import FLOATING
from tangent_ad.core.walk import is_guard, subexpressions
from tangent_ad.runtime import helpers

LIKE_FIRST = (np.zeros_like, np.ones_like, np.full_like, np.empty_like, np.copy, helpers.copy_of)
ELEMENTWISE = (operator.add, operator.sub, operator.mul)
UNARY = (operator.neg, np.sin, np.cos, np.tanh, np.exp, np.log, np.sqrt)


@record(frozen=True)
class Shapes:
    """`root[name]`; `floating`: roots that surely hold floating-point numbers."""

    root: dict[str, str]
    floating: set[str]

    def like(self, expr: n.Expr) -> str | None:
        """The root that `expr` is like."""
        if isinstance(expr, n.Name):
            return self.root.get(expr.id)
        if not isinstance(expr, n.Call) or any(key == "dtype" for key, _ in expr.keywords):
            return None
        if expr.fn in LIKE_FIRST:
            given = 2 if expr.fn is np.full_like else 1  # behind them, a dtype of its own
            return self.like(expr.args[0]) if len(expr.args) <= given else None
        if expr.fn in UNARY:
            found = self.like(expr.args[0])
            return found if found in self.floating else None
        return self.product(expr) if expr.fn in ELEMENTWISE or expr.fn is operator.truediv else None

    def product(self, expr: n.Call) -> str | None:
        """A chain of additions and multiplications is like what all its arrays are like; literals are weak."""
        if not self.floating:
            return None
        found: set[str | None] = set()
        todo: list[n.Expr] = [expr]
        while todo and None not in found:
            e = todo.pop()
            if isinstance(e, n.Call) and (e.fn in ELEMENTWISE or e.fn is operator.truediv):
                todo.extend(e.args)
            elif not (isinstance(e, n.Const) and type(e.value) in (int, float)):
                found.add(self.like(e))
        only = found.pop() if len(found) == 1 else None
        return only if only in self.floating else None


def find_shapes(fn: n.Function, kinds: NameKinds) -> Shapes:
    """The roots of `fn` (numbered)."""
    defs = find_definitions(fn)
    shapes = Shapes({}, floating_names(fn, kinds))
    for p in fn.params:
        if all(_is_copy(defs.statement(d), p.name) for d in defs.defs.get(p.name, ())):
            shapes.root[p.name] = p.name
    once = _once(defs) - {p.name for p in fn.params}
    for stmt in defs.statements:
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name) and stmt.target.id in once:
            name = stmt.target.id
            found = shapes.like(stmt.value)
            if found is not None:
                shapes.root[name] = found
            elif not defs.loops[stmt.num] and kinds.of(name).is_array:
                shapes.root[name] = name
                if kinds.of(name).dtype in FLOATING:
                    shapes.floating.add(name)
    return shapes


def _once(defs: Definitions) -> frozenset[str]:
    """The names that one statement binds (in-place additions keep shape and dtype)."""
    found = []
    for name, numbers in defs.defs.items():
        if len([d for d in numbers if type(defs.by_number[d]) is not n.AugAssign]) == 1:
            found.append(name)
    return frozenset(found)


def _is_copy(stmt: n.Stmt, name: str) -> bool:
    return (
        isinstance(stmt, n.Assign)
        and isinstance(stmt.value, n.Call)
        and stmt.value.fn in (np.copy, helpers.copy_of)
        and stmt.value.args == (n.Name(name),)
        and bound_by(stmt) == (name,)
    )


def floating_names(fn: n.Function, kinds: NameKinds) -> set[str]:
    """The parameters that a guard at the head, or their kind, holds to floating-point arrays."""
    found = {p.name for p in fn.params if _is_floating_array(kinds, p.name)}
    for stmt in fn.body:
        if not is_guard(stmt):
            break
        for part in subexpressions(stmt.test) if not isinstance(stmt.test, n.IfExp) else ():
            match part:
                case n.BoolOp(op="and"):
                    break
                case n.Call(
                    fn=operator.ne,
                    args=(n.Call(fn=np.dtype.kind, args=(n.Call(args=(n.Name(id=name),)),)), n.Const(value="f")),
                ):
                    found.add(name)
    return found


def _is_floating_array(kinds: NameKinds, name: str) -> bool:
    kind = kinds.of(name)
    return kind.is_array and kind.dtype in FLOATING
