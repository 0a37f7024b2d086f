"""Adjoints that have their full shape already.

In: derived code.  Out: the same with `x_bar = spread(x_bar, x)` only where x_bar may not have the shape of x yet.

The mode writes it before every statement that writes to an element of x_bar.  Where neither x_bar nor x is bound again,
once is enough; if that holds for all of a loop, once before the loop.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tangent_ad.analyses.defs import bound_by
from tangent_ad.core import nodes as n
from tangent_ad.core.calling import called_in
from tangent_ad.core.walk import bodies, changed, replace_bodies, statements
from tangent_ad.runtime import helpers

Pair = tuple[str, str]
"""An adjoint and the name whose shape it has."""


def spread_once(fn: n.Function) -> n.Function:
    """`fn` (numbered) without needless spreading."""
    if helpers.spread not in called_in(fn.body):
        return fn
    body, _ = _block(fn.body, frozenset())
    return replace(fn, body=body)


def _block(body: tuple[n.Stmt, ...], full: frozenset[Pair]) -> tuple[tuple[n.Stmt, ...], frozenset[Pair]]:
    """The statements, and what is full behind them."""
    found: list[n.Stmt] = []
    for stmt in body:
        pair = _spread(stmt)
        if pair is not None:
            if pair in full:
                if stmt.info.comments:
                    found.append(changed(n.Pass(), info=stmt.info, num=stmt.num))
                continue
            full = frozenset(p for p in full if p[0] != pair[0]) | {pair}
            found.append(stmt)
            continue
        if isinstance(stmt, (n.For, n.While)):
            kept = _kept_in(stmt)
            ahead = sorted(_spread_in(stmt) & kept - full)
            first = {p[0]: p for p in reversed(ahead)}  # of one adjoint, one
            for bar, name in sorted(first.values()):
                spread = n.Call(helpers.spread, "spread", (n.Name(bar), n.Name(name)))
                found.append(n.Assign(n.Name(bar), spread, info=replace(n.NO_INFO, span=stmt.info.span)))
            full = frozenset(p for p in full if p[0] not in first) | frozenset(first.values())
            inside = frozenset(p for p in full if _stays(p, stmt))
            inner, _ = _block(stmt.body, inside)
            stmt = replace_bodies(stmt, (inner or (n.Pass(),),))
            full = inside
        elif isinstance(stmt, n.If):
            ends = [_block(inner, full) for inner in bodies(stmt)]
            stmt = replace_bodies(stmt, (ends[0][0] or (n.Pass(),), ends[1][0]))
            full = ends[0][1] & ends[1][1]
        else:
            bound = set(bound_by(stmt))
            if bound:
                full = frozenset(p for p in full if not bound & set(p))
            made = _full_zeros(stmt)
            if made is not None:
                full |= {made}
        found.append(stmt)
    return tuple(found), full


def _spread(stmt: n.Stmt) -> Pair | None:
    """`bar = spread(bar, x)`."""
    match stmt:
        case n.Assign(target=n.Name(id=bar), value=n.Call(fn=helpers.spread, args=(n.Name(id=same), n.Name(id=x)))):
            return (bar, x) if bar == same != x else None
    return None


def _full_zeros(stmt: n.Stmt) -> Pair | None:
    """`bar = np.zeros_like(x)`."""
    match stmt:
        case n.Assign(target=n.Name(id=bar), value=n.Call(fn=np.zeros_like, args=(n.Name(id=x),))):
            return (bar, x) if bar != x else None
    return None


def _spread_in(loop: n.Stmt) -> frozenset[Pair]:
    return frozenset(p for s in statements((loop,)) if (p := _spread(s)) is not None)


def _stays(pair: Pair, loop: n.Stmt) -> bool:
    """Is neither name bound in the loop, but for spreading the one to the other?"""
    return not any(_spread(s) != pair and set(bound_by(s)) & set(pair) for s in statements((loop,)))


def _kept_in(loop: n.Stmt) -> frozenset[Pair]:
    return frozenset(p for p in _spread_in(loop) if _stays(p, loop))
