"""Liveness: which names are read later.

In: a function in normal form and a `reads` function.  Out: for every statement the names live behind it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field

from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.webs import reads_of
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import COMPOUND, bodies

Reads = Callable[[n.Stmt], Set[str]]
Dead = Callable[[n.Stmt, Set[str]], bool]


@dataclass
class _Run:
    """What is live along simple statements, last first: the names behind them, and where that changes.

    A set for each of 5,000 statements, of up to 5,000 names, would be most of the compiler's work.
    """

    behind: frozenset[str]
    changes: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))


class _Point:
    """The names live at one step of a run, to be asked for one by one.  There is one for each statement."""

    __slots__ = ("run", "step")

    def __init__(self, run: _Run, step: int) -> None:
        self.run, self.step = run, step

    def __contains__(self, name: object) -> bool:
        changes = self.run.changes.get(name, ())  # type: ignore[call-overload]
        return bool(bisect_right(changes, self.step) % 2) != (name in self.run.behind)

    def __rand__(self, names: Iterable[str]) -> frozenset[str]:
        return frozenset(name for name in names if name in self)


Names = frozenset[str] | _Point
After = dict[int, Names]


@record(frozen=True)
class Live:
    """`after[num]`: the names whose present value may be read after statement `num` (`name in`, `names &`).
    `entry`: at the start."""

    after: After
    entry: frozenset[str]


def find_live(fn: n.Function, reads: Reads = reads_of, dead: Dead = lambda stmt, behind: False) -> Live:
    """Liveness of names, `reads` saying what counts as a read.  `dead` says of a simple statement and the names live
    behind it that nobody needs it: then what it reads does not count."""
    after: After = {}
    return Live(after, _flow(fn.body, frozenset(), reads, dead, after))


def _flow(body: tuple[n.Stmt, ...], live: frozenset[str], reads: Reads, dead: Dead, after: After) -> frozenset[str]:
    """The names live before `body`, of which those in `live` are live behind it."""
    run, now, step = _Run(live), set(live), 0
    changes = run.changes
    for stmt in reversed(body):
        if type(stmt) not in COMPOUND or not bodies(stmt):
            after[stmt.num] = _Point(run, step)
            step += 1
            if dead(stmt, now):
                continue
            read = reads(stmt)
            if type(stmt) is not n.AugAssign:
                for name in bound_by(stmt):
                    if name in now and name not in read:
                        now.remove(name)
                        changes[name].append(step)
            for name in read:
                if name not in now:
                    now.add(name)
                    changes[name].append(step)
            continue
        live = frozenset(now)
        after[stmt.num] = live
        match stmt:
            case n.If(body=then, orelse=orelse):
                first, second = _flow(then, live, reads, dead, after), _flow(orelse, live, reads, dead, after)
                live = first | second | frozenset(reads(stmt))
            case n.For() | n.While():
                upward = _exposed(stmt, reads)
                around = live | upward
                inside = _flow(stmt.body, around, reads, dead, after)
                live = live | inside | frozenset(reads(stmt))
                if isinstance(stmt, n.For) and stmt.target.id not in around:
                    live = live - {stmt.target.id}
        run, now, step = _Run(live), set(live), 0
        changes = run.changes
    return frozenset(now)


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
