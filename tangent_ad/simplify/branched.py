"""Sums that begin in branches.

In: derived code.  Out: the same where an adjoint, a number, that is zero ahead of an `if` is set by what a branch adds
to it first; the zero itself goes if every branch does so, or stands where the adjoint is chosen.

    y_bar = 0.0
    if x > y:                   if x > y:
        y_bar += t * x              y_bar = t * x
    else:               is      else:
        y_bar += t                  y_bar = t
"""

from __future__ import annotations

import operator
from dataclasses import replace

from tangent_ad.analyses.defs import mentioned_within
from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import bodies, is_guard, names_read, replace_bodies, statements
from tangent_ad.simplify.comments import take_away
from tangent_ad.simplify.context import Context, is_shadow, kinds_of

Stmts = tuple[n.Stmt, ...]


def begin_in_branches(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with adjoints that begin in branches."""
    if not any(isinstance(stmt, n.If) and not is_guard(stmt) for stmt in statements(fn.body)):
        return fn
    return replace(fn, body=_Work(kinds_of(fn, context), context.user_names).block(fn.body))


@record(frozen=True)
class _Work:
    kinds: NameKinds
    user_names: frozenset[str]

    def block(self, body: Stmts) -> Stmts:
        found: list[n.Stmt | None] = []
        zeros: dict[str, int] = {}
        for stmt in body:
            if inner := bodies(stmt):
                stmt = replace_bodies(stmt, tuple(self.block(b) for b in inner))
            mentioned = mentioned_within(stmt) if zeros else frozenset()
            for name in sorted(zeros.keys() & mentioned):
                at = zeros.pop(name)
                if isinstance(stmt, n.If):
                    stmt, begins = _begun(stmt, name)
                    if begins:
                        stmt = take_away(found, at, stmt)
            if self.is_zero(stmt):
                assert isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name)
                zeros[stmt.target.id] = len(found)
            found.append(stmt)
        return tuple(stmt for stmt in found if stmt is not None)

    def is_zero(self, stmt: n.Stmt) -> bool:
        match stmt:
            case n.Assign(target=n.Name(id=name), value=n.Const(value=float() as value), annotation=None):
                made = is_shadow(name) and name not in self.user_names
                return repr(value) == "0.0" and made and self.kinds.of(name).is_number
        return False


def _begun(stmt: n.If, name: str) -> tuple[n.If, bool]:
    """The branches with the adjoint, which is zero ahead of them, set where they add to it first; do all of them?"""
    if name in names_read(stmt.test):
        return stmt, False
    body, first = _branch(stmt.body, name)
    orelse, second = _branch(stmt.orelse, name)
    return replace(stmt, body=body, orelse=orelse), first and second


def _branch(body: Stmts, name: str) -> tuple[Stmts, bool]:
    at = next((k for k, stmt in enumerate(body) if name in mentioned_within(stmt)), None)
    if at is None:
        return body, False
    stmt = body[at]
    if isinstance(stmt, n.If):
        made, begins = _begun(stmt, name)
        return (*body[:at], made, *body[at + 1 :]), begins
    match stmt:
        case n.AugAssign(target=n.Name(id=added), fn=operator.add | operator.sub, value=value):
            if added == name and name not in names_read(value):
                value = value if stmt.fn is operator.add else n.Call(operator.neg, "-", (value,))
                first = n.Assign(stmt.target, value, info=stmt.info, num=stmt.num)
                return (*body[:at], first, *body[at + 1 :]), True
        case n.Assign(target=n.Name(id=bound), value=value) if bound == name and name not in names_read(value):
            return body, True
    return body, False
