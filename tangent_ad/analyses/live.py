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
    _read_before_bound((loop,), set(), seen, reads)
    return frozenset(seen)


def _read_before_bound(body: tuple[n.Stmt, ...], bound: set[str], seen: set[str], reads: Reads) -> set[str]:
    """Adds to `seen` what `body` may read before binding it; returns what is bound in any case afterwards."""
    for stmt in body:
        match stmt:
            case n.If(body=then, orelse=orelse):
                seen |= set(reads(stmt)) - bound
                first = _read_before_bound(then, set(bound), seen, reads)
                bound = first & _read_before_bound(orelse, set(bound), seen, reads)
            case n.For():
                seen |= set(reads(stmt)) - bound
                _read_before_bound(stmt.body, bound | {stmt.target.id}, seen, reads)
            case n.While():
                seen |= set(reads(stmt)) - bound
                _read_before_bound(stmt.body, set(bound), seen, reads)
            case _:
                seen |= set(reads(stmt)) - bound
                bound |= set(bound_by(stmt))
    return bound
