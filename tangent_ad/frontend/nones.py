"""Conditions of a called function that its arguments decide: `if scale is None` where None, or a number, is given.

In: the function as it was read, what its parameters are bound to.  Out: the function with the branch that is taken.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import replace

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import bodies, contents, expressions, map_expr, map_expressions, replace_bodies, statements
from tangent_ad.frontend import pure

Known = dict[str, bool]
"""Of names that are as they were given: are they None?"""
TESTS = (operator.is_, operator.is_not)


def decide_nones(callee: n.Function, bound: Mapping[str, n.Expr]) -> n.Function:
    """`callee` without the tests of `is None` that `bound` decides."""
    # what a global holds may change after the derivative is made
    known = {name: value.value is None for name, value in bound.items() if isinstance(value, n.Const)}
    calls = (c for stmt in statements(callee.body) for e in expressions(stmt) for c in contents(e)[2])
    if not known or not any(c.fn in TESTS for c in calls):
        return callee
    return replace(callee, body=tuple(_block(callee.body, known)))


def _block(body: tuple[n.Stmt, ...], known: Known) -> list[n.Stmt]:
    """The statements of a block that run; `known` loses what they bind."""
    made: list[n.Stmt] = []
    for stmt in body:
        if isinstance(stmt, (n.For, n.While)):  # what an iteration binds, the next one finds
            _forget(stmt, known)
        stmt = map_expressions(stmt, lambda e: map_expr(e, lambda part: _decided(part, known)))
        if isinstance(stmt, n.If) and isinstance(stmt.test, n.Const) and isinstance(stmt.test.value, bool):
            made += _block(stmt.body if stmt.test.value else stmt.orelse, known)
            continue
        if inner := bodies(stmt):
            left = (tuple(_block(b, dict(known))) or ((n.Pass(),) if b else ()) for b in inner)
            stmt = replace_bodies(stmt, tuple(left))
        _forget(stmt, known)
        made.append(stmt)
    return made


def _forget(stmt: n.Stmt, known: Known) -> None:
    for name in pure.assigned_names(stmt):
        known.pop(name, None)
    for body in bodies(stmt):
        for inner in body:
            _forget(inner, known)


def _decided(expr: n.Expr, known: Known) -> n.Expr:
    match expr:
        case n.Call(fn=fn, args=(n.Name(id=name), n.Const(value=None))) if fn in TESTS and name in known:
            return n.Const(known[name] == (fn is operator.is_))
        case n.Call(fn=operator.not_, args=(n.Const(value=bool() as value),)):
            return n.Const(not value)
        case n.IfExp(test=n.Const(value=bool() as value), body=body, orelse=orelse):
            return body if value else orelse
    return expr
