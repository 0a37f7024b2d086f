"""Tapes that are not needed.

In: derived code.  Out: the same without tapes of which all that is popped is dead, and without tapes that always hold
the one value of a name that is assigned once.

A tape is a name that is assigned `[]` once and otherwise only stands in `tape.append(value)` and `name = tape.pop()`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tangent_ad.analyses.defs import Definitions, find_definitions
from tangent_ad.analyses.live import Live, find_live
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import expressions, map_body, names_read, statements


@dataclass
class _Tape:
    """The statements that name a tape; `other` if one of them is none of the three."""

    created: list[int] = field(default_factory=list)
    pushed: list[n.Expr] = field(default_factory=list)
    popped: list[tuple[int, str]] = field(default_factory=list)
    other: bool = False


def drop_tapes(fn: n.Function) -> n.Function:
    """`fn` (numbered) without tapes nobody needs."""
    tapes = _find(fn)
    if not tapes:
        return fn
    live, defs = find_live(fn), find_definitions(fn)
    params = {p.name for p in fn.params}
    gone = {name for name, tape in tapes.items() if _is_dead(tape, live) or _is_constant(tape, defs, params)}
    if not gone:
        return fn
    return replace(fn, body=map_body(fn.body, lambda _, stmt: () if _tape_of(stmt) in gone else (stmt,)))


def _find(fn: n.Function) -> dict[str, _Tape]:
    tapes = {
        s.target.id: _Tape()
        for s in statements(fn.body)
        if isinstance(s, n.Assign) and isinstance(s.target, n.Name) and isinstance(s.value, n.List) and not s.value.elts
    }
    if not tapes:
        return {}
    for stmt in statements(fn.body):
        name = _tape_of(stmt)
        match stmt:
            case n.Assign(target=n.Name(id=target), value=n.Call()) if name in tapes:
                tapes[name].popped.append((stmt.num, target))
            case n.Assign() if name in tapes:
                tapes[name].created.append(stmt.num)
            case n.ExprStmt(value=n.Call(args=(_, value))) if name in tapes:
                tapes[name].pushed.append(value)
                name = None if names_read(value) & tapes.keys() else name
        for read in (r for e in expressions(stmt) for r in names_read(e)):
            if read in tapes and read != name:
                tapes[read].other = True
    return {name: t for name, t in tapes.items() if not t.other and len(t.created) == 1}


def _tape_of(stmt: n.Stmt) -> str | None:
    """The tape that `stmt` creates, appends to or pops from."""
    match stmt:
        case n.Assign(target=n.Name(id=name), value=n.List(elts=())):
            return name
        case n.Assign(target=n.Name(), value=n.Call(fn=list.pop, args=(n.Name(id=name),))):
            return name
        case n.ExprStmt(value=n.Call(fn=list.append, args=(n.Name(id=name), _))):
            return name
    return None


def _is_dead(tape: _Tape, live: Live) -> bool:
    return not any(target in live.after[num] for num, target in tape.popped)


def _is_constant(tape: _Tape, defs: Definitions, params: set[str]) -> bool:
    """Does the tape hold nothing but the value that the name popped into has anyway?"""
    names = {target for _, target in tape.popped} | {v.id if isinstance(v, n.Name) else "" for v in tape.pushed}
    if len(names) != 1:
        return False
    name = names.pop()
    pops = {num for num, _ in tape.popped}
    others = [d for d in defs.defs.get(name, ()) if d not in pops]
    if len(others) + (name in params) != 1:
        return False
    return all(isinstance(defs.statement(d), n.Assign) and not defs.loops[d] for d in others)
