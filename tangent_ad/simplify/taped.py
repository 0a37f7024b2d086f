"""What statements do with tapes.

In: statements of derived code.  Out: the tape that one creates, keeps a value on, or takes one from.

A tape is a list, or an array with a place for each iteration.
"""

from __future__ import annotations

import operator

import numpy as np

from tangent_ad.analyses.defs import mentioned_within
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import bodies, map_expressions, map_names, replace_bodies


@record(frozen=True)
class Use:
    """`stmt` keeps `value` on the tape, or takes from it what it calls `name`; `index`: of an array."""

    tape: str
    stmt: n.Stmt
    index: n.Expr | None
    value: n.Expr | None = None
    name: str = ""


def creation_of(stmt: n.Stmt) -> str | None:
    """The name that a statement gives to a new list, or to an array that is still to be filled."""
    match stmt:
        case n.Assign(target=n.Name(id=name), value=n.List(elts=()) | n.Call(fn=np.empty)):
            return name
    return None


def use_of(stmt: n.Stmt, keeps: bool) -> Use | None:
    """What a statement keeps (or takes), as far as it may be on a tape."""
    match stmt:
        case n.ExprStmt(value=n.Call(fn=list.append, args=(n.Name(id=tape), value))) if keeps:
            return Use(tape, stmt, None, value)
        case n.Assign(target=n.Index(value=n.Name(id=tape), index=index), value=value) if keeps:
            return Use(tape, stmt, index, value)
        case n.Assign(target=n.Name(id=name), value=n.Call(fn=list.pop, args=(n.Name(id=tape),))) if not keeps:
            return Use(tape, stmt, None, name=name)
        case n.Assign(target=n.Name(id=name), value=n.Index(value=n.Name(id=tape), index=index)) if not keeps:
            return Use(tape, stmt, index, name=name)
    return None


def is_push_or_pop(stmt: n.Stmt) -> bool:
    """Does the statement put something on a list, or take it off, and nothing else?"""
    use = use_of(stmt, True) or use_of(stmt, False)
    return use is not None and use.index is None


def renamed(stmt: n.Stmt, names: dict[str, str]) -> n.Stmt:
    """The statement, with all in it, under other names."""
    if mentioned_within(stmt).isdisjoint(names):
        return stmt
    made = map_expressions(stmt, lambda expr: map_names(expr, lambda e: n.Name(names.get(e.id, e.id), e.version)))
    return replace_bodies(made, tuple(tuple(renamed(s, names) for s in body) for body in bodies(made)))


OTHER_SIDE = {1: operator.sub, -1: operator.add}
"""How the bound of a loop with that step becomes one of the loop that runs back."""
