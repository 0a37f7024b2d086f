"""Liveness: which names are read later.

In: a function in normal form and a `reads` function.  Out: for every statement the names live behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.webs import reads_of
from tangent_ad.core import nodes as n

Reads = Callable[[n.Stmt], Iterable[str]]


@dataclass(frozen=True)
class Live:
    """`after[num]`: the names whose present value may be read after statement `num`.  `entry`: at the start."""

    after: dict[int, frozenset[str]]
    entry: frozenset[str]


def find_live(fn: n.Function, reads: Reads = reads_of) -> Live:
    """Liveness of names, `reads` saying what counts as a read."""
    after: dict[int, frozenset[str]] = {}
    return Live(after, _flow(fn.body, frozenset(), reads, after))


def _flow(
    body: tuple[n.Stmt, ...], live: frozenset[str], reads: Reads, after: dict[int, frozenset[str]]
) -> frozenset[str]:
    """The names live before `body`, of which those in `live` are live behind it."""
    for stmt in reversed(body):
        after[stmt.num] = live
        match stmt:
            case n.If(body=then, orelse=orelse):
                first, second = _flow(then, live, reads, after), _flow(orelse, live, reads, after)
                live = first | second | frozenset(reads(stmt))
            case n.For() | n.While():
                upward = _exposed(stmt, reads)
                around = live | upward
                after[stmt.num] = live
                inside = _flow(stmt.body, around, reads, after)
                live = live | inside | frozenset(reads(stmt))
                if isinstance(stmt, n.For) and stmt.target.id not in around:
                    live = live - {stmt.target.id}
            case _:
                bound = set() if isinstance(stmt, n.AugAssign) else set(bound_by(stmt))
                if bound or reads(stmt):
                    live = (live - bound) | frozenset(reads(stmt))
    return live


def _exposed(loop: n.For | n.While, reads: Reads) -> frozenset[str]:
    """Names that an iteration may read before it binds them."""
    seen: set[str] = set()
    bound: set[str] = set()
    if isinstance(loop, n.For):
        bound.add(loop.target.id)
    else:
        seen |= set(reads(loop))
    _collect(loop.body, reads, bound, seen)
    return frozenset(seen)


def _collect(body: tuple[n.Stmt, ...], reads: Reads, bound: set[str], seen: set[str]) -> None:
    """Add to `seen` what `body` may read before it is bound, and to `bound` what `body` surely binds."""
    for stmt in body:
        if not isinstance(stmt, n.For):
            seen |= set(reads(stmt)) - bound
        match stmt:
            case n.If():
                then, orelse = set(bound), set(bound)
                _collect(stmt.body, reads, then, seen)
                _collect(stmt.orelse, reads, orelse, seen)
                bound |= then & orelse
            case n.For():
                seen |= set(reads(stmt)) - bound
                _collect(stmt.body, reads, bound | {stmt.target.id}, seen)
            case n.While():
                _collect(stmt.body, reads, set(bound), seen)
            case _:
                bound |= set(bound_by(stmt))
