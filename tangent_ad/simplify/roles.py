"""Where names are read, and in which role.

In: a statement of derived code.  Out: its reads as `Place`s.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tangent_ad.analyses.effects import SECOND_FOR_SHAPE, SHAPE_ONLY
from tangent_ad.core import nodes as n
from tangent_ad.core.answers import kept
from tangent_ad.core.walk import bodies, children, expressions
from tangent_ad.rules.registry import lookup

LIKE_FIRST = (np.zeros_like, np.ones_like, np.full_like, np.empty_like)


class Place(NamedTuple):
    """A read of a name: whether it is surely evaluated, and its role: "place" (memory that is written), "summed" (the
    name of an augmented assignment), "base" (of an index or a method), "shape" (only its shape is read), "value"."""

    name: str
    sure: bool
    role: str


def places_in(stmt: n.Stmt) -> list[Place]:
    """The reads that stand directly in a statement."""
    kind = type(stmt)
    if kind is n.Assign and type(stmt.target) is n.Name:  # type: ignore[attr-defined]
        return reads_of_expression(stmt.value)  # type: ignore[attr-defined]
    found: list[Place] = []
    target = stmt.target if isinstance(stmt, (n.Assign, n.AugAssign, n.For)) else None
    for expr in expressions(stmt):
        if expr is target:
            todo: list[n.Expr] = [expr]
            while todo:
                e = todo.pop()
                if isinstance(e, n.Tuple):
                    todo.extend(e.elts)
                elif isinstance(e, n.Name):
                    found += [Place(e.id, True, "summed")] if isinstance(stmt, n.AugAssign) else []
                elif isinstance(e, n.Index):
                    found += reads_of_expression(e.index)
                    found += [p._replace(role="place") for p in reads_of_expression(e.value)]
        else:
            found += reads_of_expression(expr)
    return found


def reads_of_expression(expr: n.Expr) -> list[Place]:
    """The reads in an expression."""
    return [_value_of(expr.id)] if type(expr) is n.Name else _reads_in(expr)


@functools.lru_cache(maxsize=100_000)
def _value_of(name: str) -> Place:
    return Place(name, True, "value")


@kept
def _reads_in(expr: n.Expr) -> list[Place]:
    found: list[Place] = []
    todo: list[tuple[n.Expr, bool, str]] = [(expr, True, "value")]
    while todo:
        e, sure, role = todo.pop()
        if type(e) is n.Name:
            found.append(_value_of(e.id) if sure and role == "value" else Place(e.id, sure, role))
            continue
        if type(e) is n.Call and _takes_values(e):
            todo += [(part, sure, "value") for part in e.args if type(part) is not n.Const]
            continue
        ask = _ROLES.get(type(e))
        for k, part in enumerate(children(e)):
            if type(part) is not n.Const:
                todo.append((part, sure and (k == 0 or type(e) not in _CHOICES), ask(e, k) if ask else "value"))
    return found


def _takes_values(call: n.Call) -> bool:
    """Has every part of the call the role of a value?"""
    rule = None if call.keywords else lookup(call.fn)
    return rule is not None and not rule.writes and call.fn not in _OF_PLACES and call.spelling[0] != "."


_OF_PLACES = frozenset((*SHAPE_ONLY, *SECOND_FOR_SHAPE, *LIKE_FIRST))


def _role_in_call(call: n.Call, k: int) -> str:
    """The role of what stands at position `k` of a call."""
    fn, rule = call.fn, lookup(call.fn)
    if rule is None or k in rule.writes:
        return "place"
    if k == 0 and (fn in SHAPE_ONLY or fn in LIKE_FIRST):
        return "shape"
    if k == 1 and fn in SECOND_FOR_SHAPE:
        return "shape"
    return "base" if k == 0 and call.spelling.startswith(".") else "value"


_CHOICES = frozenset((n.BoolOp, n.IfExp))
_ROLES: dict[type, Callable[[Any, int], str]] = {
    n.Index: lambda e, k: "base" if k == 0 else "value",
    n.Call: _role_in_call,
}
"""The role of the parts of an expression, by its type and their position; elsewhere they are values."""


@kept
def inside(stmt: n.Stmt) -> dict[str, set[str]]:
    """The names read in the bodies of a statement, with their roles."""
    found: dict[str, set[str]] = {}
    for inner in bodies(stmt):
        for s in inner:
            for p in places_in(s):
                found.setdefault(p.name, set()).add(p.role)
            if bodies(s):
                for name, roles in inside(s).items():
                    found.setdefault(name, set()).update(roles)
    return found
