"""What adjoint statements do to adjoints.

In: adjoint statements.  Out: `Touched`, the adjoints that they read, assign and add to.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass, field

from tangent_ad.analyses.indexed import never_negative
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import children, expressions, names_read, statements, subexpressions
from tangent_ad.runtime import helpers


@dataclass
class Touched:
    """The adjoints that are read, assigned (or cleared, or changed otherwise), added to."""

    read: set[str] = field(default_factory=set)
    assigned: set[str] = field(default_factory=set)
    added: set[str] = field(default_factory=set)

    @property
    def all(self) -> set[str]:
        return self.read | self.assigned | self.added


def touched(stmts: Iterable[n.Stmt], bars: frozenset[str]) -> Touched:
    """What `stmts`, with all in them, do to the adjoints `bars`."""
    found = Touched()
    for stmt in statements(tuple(stmts)):
        parts: tuple[n.Expr, ...] = expressions(stmt)
        match stmt:
            case n.AugAssign(target=target, value=value):
                sums = stmt.fn in (operator.add, operator.sub)
                (found.added if sums else found.assigned).add(base_of(target))
                found.read |= indices_of(target)
                parts = (value,)
            case n.Assign(target=n.Name(id=bar), value=n.Call(fn=operator.add, args=(n.Name(id=same), rest))) if (
                bar == same and bar not in names_read(rest)
            ):
                found.added.add(bar)
                parts = (rest,)
            case n.Assign(target=target, value=value):
                found.assigned.add(base_of(target))
                found.read |= indices_of(target)
                parts = (value,)
            case n.ExprStmt(value=n.Call(fn=helpers.add_at, args=(place, *rest))):
                found.added.add(base_of(place))
                parts = tuple(rest)
            case n.ExprStmt(value=n.Call(args=args)):
                found.assigned |= {name for a in args for name in names_read(a)}
        for part in parts:
            found.read |= names_read(part)
    return Touched(found.read & bars, found.assigned & bars, found.added & bars)


AXES = (0, 1, 2)
"""The axes that are looked at."""


def base_of(place: n.Expr) -> str:
    """The name in whose memory a place lies."""
    while not isinstance(place, n.Name):
        if isinstance(place, n.Index):
            place = place.value
        elif isinstance(place, n.Call) and place.args:
            place = place.args[0]
        else:
            return ""
    return place.id


def indices_of(place: n.Expr) -> set[str]:
    """The names read in the indices of a place."""
    return set(names_read(place)) - {base_of(place)}


def own_elements(stmts: Iterable[n.Stmt], loop: n.For, bars: set[str]) -> set[str]:
    """Those of `bars` of which each iteration touches only elements with its variable in one and the same axis."""
    own: set[str] = set()
    index = loop.target.id
    if not never_negative(loop):
        return own
    exprs = [expr for stmt in statements(tuple(stmts)) for expr in expressions(stmt)]
    for axis in AXES:
        own |= bars - set().union(*(loose_names(expr, index, axis) for expr in exprs))
    return own


def loose_names(expr: n.Expr, index: str, axis: int) -> set[str]:
    """The names in `expr` that are not indexed by `index` in that axis."""
    found: set[str] = set()
    todo = [expr]
    while todo:
        e = todo.pop()
        if isinstance(e, n.Name):
            found.add(e.id)
        elif isinstance(e, n.Index) and isinstance(e.value, n.Name):
            parts = e.index.elts if isinstance(e.index, n.Tuple) else (e.index,)
            placed = len(parts) > axis and not any(isinstance(p, (n.Slice, n.Const)) for p in parts[:axis])
            if not (placed and isinstance(at := parts[axis], n.Name) and at.id == index):
                found.add(e.value.id)
            todo.append(e.index)
        else:
            todo.extend(children(e))
    return found


def has_lists(stmts: Iterable[n.Stmt], bars: set[str]) -> bool:
    """Is something appended to, or popped from, one of `bars`?"""
    for stmt in statements(tuple(stmts)):
        for expr in expressions(stmt):
            for part in subexpressions(expr):
                if isinstance(part, n.Call) and part.fn in (list.append, list.pop) and base_of(part) in bars:
                    return True
    return False
