"""Second names in normal form.

In: a function in normal form.  Out: the function where one name does for two that mean the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from tangent_ad.analyses.defs import bound_by, bound_within
from tangent_ad.core import nodes as n
from tangent_ad.core.order import number
from tangent_ad.core.walk import (
    bodies,
    changed,
    expressions,
    map_body,
    map_expr,
    map_expressions,
    names_read,
    replace_bodies,
    statements,
)

TEMPORARY = re.compile(r"t\d*")


def propagated(fn: n.Function, parts: frozenset[str]) -> n.Function:
    """`fn` where a temporary's copy of one of `parts` is read as that, as long as both stay what they are."""

    def block(body: tuple[n.Stmt, ...]) -> tuple[n.Stmt, ...]:
        means: dict[str, str] = {}
        made: list[n.Stmt] = []
        for stmt in body:
            bound = bound_within(stmt)
            if inner := bodies(stmt):
                stmt = replace_bodies(stmt, tuple(block(b) for b in inner))
            elif means:
                stmt = renamed(stmt, means)
            if bound & (means.keys() | set(means.values())):
                means = {name: part for name, part in means.items() if not {name, part} & bound}
            match stmt:
                case n.Assign(target=n.Name(id=name), value=n.Name(id=part)) if part in parts:
                    if TEMPORARY.fullmatch(name):
                        means = {**means, name: part}
            made.append(stmt)
        return tuple(made)

    return replace(fn, body=block(fn.body))


def without_aliases(fn: n.Function, is_own: Callable[[n.Stmt], bool]) -> n.Function:
    """`fn` (numbered) with one name for what `f = v` gives two.

    Both are bound once, in one block, v by a statement that `is_own` knows; f is read behind that, and nowhere else: it
    is the v of the same iteration.
    """
    bound: dict[str, int] = {}
    for stmt in statements(fn.body):
        for name in bound_by(stmt):
            bound[name] = bound.get(name, 0) + 1
    once = {name for name, count in bound.items() if count == 1} - {p.name for p in fn.params}
    reads: dict[str, list[int]] = {}
    for stmt in statements(fn.body):
        for name in {name for e in expressions(stmt) for name in names_read(e)}:
            reads.setdefault(name, []).append(stmt.num)
    swap: dict[str, str] = {}

    def block(body: tuple[n.Stmt, ...], end: int) -> None:
        made: set[str] = set()
        for k, stmt in enumerate(body):
            last = body[k + 1].num - 1 if k + 1 < len(body) else end
            for inner in bodies(stmt):
                block(inner, last)
            if is_own(stmt):
                made |= set(bound_by(stmt)) & once
            match stmt:
                case n.Assign(target=n.Name(id=name), value=n.Name(id=v)) if name in once and v in made:
                    if all(stmt.num <= at <= end for at in reads.get(name, ())):
                        swap[name] = v

    block(fn.body, len(tuple(statements(fn.body))))
    if not swap:
        return fn

    def renamed(e: n.Expr) -> n.Expr:
        return replace(e, id=swap[e.id]) if isinstance(e, n.Name) and e.id in swap else e

    def rewrite(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name) and stmt.target.id in swap:
            return (n.Pass(info=stmt.info),) if stmt.info.comments else ()
        return (map_expressions(stmt, lambda e: map_expr(e, renamed)),)

    return number(replace(fn, body=map_body(fn.body, rewrite)))


def renamed(stmt: n.Stmt, means: dict[str, str]) -> n.Stmt:
    """`stmt` with other names for what it reads; the name that it binds stays."""

    def other(e: n.Expr) -> n.Expr:
        return n.Name(means[e.id], span=e.span) if isinstance(e, n.Name) and e.id in means else e

    made = map_expressions(stmt, lambda e: map_expr(e, other))
    if isinstance(stmt, (n.Assign, n.AugAssign)) and not isinstance(stmt.target, n.Index):
        made = changed(made, target=stmt.target)
    return made
