"""Variables that compiled code cannot hold: a number on one path and an array on another.

In: a derivative in core and the kinds of its names.  Out: nothing, or a refusal that shows the user's line.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from tangent_ad.analyses.kinds import Kinds
from tangent_ad.analyses.webs import PARAMETER
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import Kind
from tangent_ad.core.walk import expressions, is_guard, statements, subexpressions
from tangent_ad.errors import RefusedError, refuse

OURS = re.compile(r"_(bar|dot|saved)\d*$")
ANY = -1
"""The rank of an array of which it is not known."""
HINT = "an array from the start, as `np.zeros_like(x)`; or leave out `jit=True`"
Found = dict[int, dict[int, tuple[str, n.Stmt | None]]]
KindOf = Callable[[n.Expr, int], Kind]


def check_types(fn: n.Function, kinds: Kinds, kind_of: KindOf) -> None:
    """Refuses values of one variable (one web) that are surely of different ranks; `kind_of` an expression, as a
    statement reads it."""
    if any(_is_settled(s) for s in statements(fn.body)):
        return
    ranks: Found = {}
    for name, web in kinds.webs.params(fn).items():
        given = kinds.defined(PARAMETER, name)
        if given.form == "other":  # None, say: Numba leaves out the branches that it does not take
            return
        _note(ranks, web, given, name, None)
    for stmt in statements(fn.body):
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name):
            web = kinds.webs.of_def[(stmt.num, stmt.target.id)]
            if not kinds.web_kinds[web].has_rank:
                _note(ranks, web, kind_of(stmt.value, stmt.num), stmt.target.id, stmt)
        for choice in _choices(stmt):
            web = min((0, *ranks)) - 1  # a value without a name
            for value in (choice.body, choice.orelse):
                _note(ranks, web, kind_of(value, stmt.num), "t", stmt)
    clashes = [r for r in ranks.values() if (0 in r and len(r) > 1) or len(r.keys() - {0, ANY}) > 1]
    if clashes:
        raise _refusal(fn, min(clashes, key=_order))


def _choices(stmt: n.Stmt) -> list[n.IfExp]:
    return [e for expr in expressions(stmt) for e in subexpressions(expr) if isinstance(e, n.IfExp)]


def _is_settled(stmt: n.Stmt) -> bool:
    """May Numba know from types which branch is taken?  Then it leaves out the other."""
    if is_guard(stmt):
        return False
    if isinstance(stmt, n.If) and isinstance(stmt.test, n.Const):
        return True
    parts = [part for expr in expressions(stmt) for part in subexpressions(expr)]
    asked = [part for part in parts if isinstance(part, n.Call)]
    return any(c.fn is np.ndim or (c.fn is len and any(b.fn is np.shape for b in asked)) for c in asked)


def _note(ranks: Found, web: int, kind: Kind, name: str, stmt: n.Stmt | None) -> None:
    if kind.is_number or kind.is_array:
        ranks.setdefault(web, {}).setdefault(0 if kind.is_number else kind.rank or ANY, (name, stmt))


def _order(found: dict[int, tuple[str, n.Stmt | None]]) -> tuple[bool, int]:
    """The user's own names first."""
    (name, stmt), *_ = found.values()
    return bool(OURS.search(name)), -1 if stmt is None else stmt.num


def _refusal(fn: n.Function, found: dict[int, tuple[str, n.Stmt | None]]) -> RefusedError:
    (one, first), (two, second) = sorted(found.items())[:: len(found) - 1]
    spans = [s.info.span if s is not None else None for _, s in (first, second)]
    at, other = (0, 1) if spans[0] is not None else (1, 0)
    stmt = (first, second)[at][1]
    source = (stmt.info.source if stmt is not None else None) or fn.source
    here, there = (_told((one, two)[k]) for k in (at, other))
    name, line = OURS.sub("", first[0]), spans[other]
    if not _says(source, spans[at], name):  # a temporary
        text = f"this value is {here} on one path and {there} on another"
    elif line is None or line == spans[at]:
        text = f"`{name}` is {here} here and {there} elsewhere"
    else:
        text = f"`{name}` is {here} here and {there} in line {line.line}"
    return refuse(f"{text}: compiled code has one type for a name", spans[at], source, HINT)


def _says(source: n.Source | None, span: n.Span | None, name: str) -> bool:
    """Is the name in the user's line?"""
    line = source.text.splitlines()[span.line - 1] if source is not None and span is not None else ""
    return re.search(rf"\b{name}\b", line) is not None


def _told(rank: int) -> str:
    return "a number" if rank == 0 else f"a {rank}-d array" if rank > 0 else "an array"
