"""Adjoints that are handed on and come back.

In: derived code.  Out: one name for an adjoint that gets a second one and gives it back, with nothing about the first
between:

    v_bar = u_bar
    t_bar = v_bar[1:-1].copy()            t_bar = u_bar[1:-1].copy()
    v_bar[1:-1] = 0.0                     u_bar[1:-1] = 0.0
    u_bar = v_bar

So the reverse of `v = u.copy()`, a write into v and `u = v` works on one array under one name; what is set to zero and
added to then stands together, and is looked at again.
"""

from __future__ import annotations

from dataclasses import replace

from tangent_ad.analyses.defs import mentioned_within
from tangent_ad.analyses.live import Live, find_live
from tangent_ad.analyses.webs import reads_of
from tangent_ad.core import nodes as n
from tangent_ad.core.order import ordered
from tangent_ad.core.walk import bodies, changed, commented, map_expressions, map_names, replace_bodies, statements
from tangent_ad.simplify.clears import settle_clears
from tangent_ad.simplify.context import Context, is_shadow

Stmts = tuple[n.Stmt, ...]
Pair = tuple[str, str]


def join_names(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with fewer names for the same adjoints."""
    pairs = {pair for stmt in statements(fn.body) if (pair := _handed(stmt, context)) is not None}
    if not any((b, a) in pairs for a, b in pairs):
        return fn
    body = _block(fn.body, find_live(fn, reads_of), context)
    if body == fn.body:
        return fn
    made = ordered(replace(fn, body=body))
    return made if "clears" in context.without else settle_clears(made, context)


def _handed(stmt: n.Stmt, context: Context) -> Pair | None:
    """The names in `v_bar = u_bar`."""
    match stmt:
        case n.Assign(target=n.Name(id=name), value=n.Name(id=source), annotation=None) if name != source:
            made = all(is_shadow(x) and x not in context.user_names for x in (name, source))
            return (name, source) if made else None
    return None


def _block(body: Stmts, live: Live, context: Context) -> Stmts:
    found = [replace_bodies(s, tuple(_block(b, live, context) for b in bodies(s))) if bodies(s) else s for s in body]
    at = 0
    while at < len(found):
        pair = _handed(found[at], context)
        end = None if pair is None else _back(found, at, pair, live, context)
        if pair is not None and end is not None:
            between = [_renamed(s, pair) for s in found[at + 1 : end]]
            comments = found[at].info.comments
            if comments and between:
                between[0] = commented(between[0], comments)
            if comments and not between:
                between = [changed(n.Pass(), info=found[at].info, num=found[at].num)]
            found[at : end + 1] = between or ([] if len(found) > 2 else [n.Pass()])
        else:
            at += 1
    return tuple(found)


def _back(found: list[n.Stmt], at: int, pair: Pair, live: Live, context: Context) -> int | None:
    """Where the adjoint has its first name again, if only its second one is used until then, and not behind."""
    name, source = pair
    for end in range(at + 1, len(found)):
        stmt = found[end]
        if _handed(stmt, context) == (source, name):
            return None if name in live.after[stmt.num] or stmt.info.comments else end
        if source in mentioned_within(stmt):
            return None
    return None


def _renamed(stmt: n.Stmt, pair: Pair) -> n.Stmt:
    """The statement with the first name of the pair spelled as the second."""
    name, source = pair
    if name not in mentioned_within(stmt):
        return stmt

    def other(e: n.Name) -> n.Expr:
        return n.Name(source, e.version) if e.id == name else e

    made = map_expressions(stmt, lambda e: map_names(e, other))
    return (
        replace_bodies(made, tuple(tuple(_renamed(s, pair) for s in b) for b in bodies(made))) if bodies(made) else made
    )
