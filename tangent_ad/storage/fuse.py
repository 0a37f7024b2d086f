"""Fusion: loops whose iterations do not depend on each other run forwards and backwards in one.

In: the blocks of both sweeps.  Out: the same, with loops marked as fused, and the adjoints that such a loop needs moved
ahead of it.

A loop is fused with its reverse if no adjoint flows between its iterations except sums, and the adjoints that it reads
are known before it begins: what gives them stands behind the loop, reads only what nothing from there on changes, and
moves ahead.  Otherwise, if the loop reads the adjoint of one number alone, and all that it adds to starts at zero, it
runs with seed 1.0 and the sums are scaled once that adjoint is known.  Of what an iteration computes nothing needs then
be kept for another sweep.
"""

from __future__ import annotations

from dataclasses import replace

from tangent_ad.analyses.defs import bound_within
from tangent_ad.analyses.facts import Facts
from tangent_ad.core import nodes as n
from tangent_ad.core.build import BINARY
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import map_expr, map_expressions, statements
from tangent_ad.storage.marks import all_reads
from tangent_ad.storage.steps import Block, Step, Stmts, adjoints_in
from tangent_ad.storage.touched import Touched, has_lists, own_elements, touched
from tangent_ad.storage.values import Home

ONE = n.Const(1.0)
At = tuple[int, int]
"""An adjoint statement: of which step of the block, and which of its statements; -1: of the blocks in the step."""


@record(frozen=True)
class Bars:
    """The adjoint variables: all of them, the blocks in which each starts at zero, those that are numbers, and those
    that are written in place from the start."""

    names: frozenset[str]
    homes: dict[str, tuple[Home, ...]]
    numbers: frozenset[str]
    steady: frozenset[str]


def fuse(root: Block, facts: Facts, bars: Bars) -> Block:
    """`root` with loops fused where they may be."""
    return _Fuser(facts, bars).block(root)


class _Fuser:
    def __init__(self, facts: Facts, bars: Bars) -> None:
        self.facts, self.bars = facts, bars

    def block(self, block: Block, may_fuse: bool = True) -> Block:
        """The loops of a block; what stands in a loop that is not fused, or in a branch, cannot be fused either."""
        steps, scaled = list(block.steps), set[str]()
        for k, step in enumerate(steps):
            loop = None
            if isinstance(step.stmt, n.For) and step.header is not None and not step.first:
                loop = _Loop(self, block, steps, k, scaled)
                if may_fuse:
                    loop.fuse()
            if not steps[k].fused and step.blocks:
                inner = tuple(self.block(b, False) for b in step.blocks)
                steps[k] = replace(steps[k], blocks=inner, any_order=loop is not None and loop.in_any_order())
        return replace(block, steps=tuple(steps))


class _Loop:
    """The loop `steps[k]` of a block; `scaled`: what loops that ran with seed 1.0 have added to."""

    def __init__(self, fuser: _Fuser, block: Block, steps: list[Step], k: int, scaled: set[str]) -> None:
        self.fuser, self.facts, self.bars = fuser, fuser.facts, fuser.bars
        self.home, self.steps, self.k, self.scaled = block.home, steps, k, scaled
        step = steps[k]
        assert isinstance(step.stmt, n.For)
        adjoints = adjoints_in(step.blocks[0])
        self.does = touched(adjoints, self.bars.names)
        self.outside = {bar for bar in self.does.all if not self.starts_within(bar)}
        self.own = own_elements(adjoints, step.stmt, self.outside)
        self.lists = has_lists(adjoints, self.outside)
        self.followed = fuser.bars.names.union(*(bound_within(s) for later in steps[k + 1 :] for s in later.adjoint))
        """What the statements behind the loop are followed by: adjoints, and what stands for one on its way."""
        self.behind = [at for j in range(len(steps) - 1, k, -1) for at in self.parts(j)]

    def starts_within(self, bar: str) -> bool:
        """Does the adjoint start at zero inside the loop?"""
        first, last = self.facts.defs.span[self.steps[self.k].stmt.num]
        return any(first <= home[0] <= last for home in self.bars.homes.get(bar, ()))

    def parts(self, j: int) -> list[At]:
        """The adjoint statements of a step, in the order in which they run."""
        return [(j, -1)] if self.steps[j].blocks else [(j, m) for m in range(len(self.steps[j].adjoint))]

    def touched_at(self, at: At) -> Touched:
        step = self.steps[at[0]]
        if at[1] < 0:
            return touched([s for inner in step.blocks for s in adjoints_in(inner)], self.followed)
        return touched((step.adjoint[at[1]],), self.followed)

    def in_any_order(self) -> bool:
        """Does no adjoint flow between iterations except sums?"""
        shared = self.outside - self.own
        return not (self.lists or self.does.assigned & shared or self.does.read & self.does.added & shared)

    def fuse(self) -> None:
        """Fuse the loop if it may be."""
        if not self.in_any_order() or self.outside & self.scaled:
            return
        shared = self.outside - self.own
        taken = self.own & (self.does.read | self.does.assigned)
        needed = (self.does.read & shared) | taken
        summed = (self.does.added & self.outside) - taken
        moved = self.to_move(needed)
        if moved is not None and self.may_follow(moved, needed, summed):
            self.move(moved)
        elif not taken:
            self.with_seed_one(needed, summed)

    def to_move(self, needed: set[str]) -> list[At] | None:
        """The adjoint statements behind the loop that must run ahead of it; None if one of them cannot."""
        wanted, moved = set(needed), []
        for at in reversed(self.behind):  # what runs last first: what it reads is given by what runs before it
            does = self.touched_at(at)
            if not (does.assigned | does.added) & wanted:
                continue
            if at[1] < 0 or not self.is_stable(self.steps[at[0]].adjoint[at[1]]):
                return None
            wanted |= does.all
            moved.append(at)
        moved.reverse()
        changed: set[str] = set()
        for at in reversed(self.behind):  # what stays must not have read what a moved one, which ran after it, changes
            does = self.touched_at(at)
            if at in moved:
                changed |= does.assigned | does.added
            elif does.read & changed or does.assigned & changed:
                return None
        return moved

    def is_stable(self, stmt: n.Stmt) -> bool:
        """Does the adjoint statement read only primal values that hold ahead of the loop and stay?"""
        first = self.steps[self.k].stmt.num
        around = self.facts.defs.loops[first]
        for read in all_reads(statements((stmt,))):
            for event in self.facts.defs.defs.get(read.name, ()):
                loops = self.facts.defs.loops[event]
                if event in around:
                    continue
                if event >= first or loops != around[: len(loops)]:
                    return False
            roots = self.facts.aliases.roots_of(self.facts.aliases.mention(read.num, read.name), read.name)
            if read.content and self.facts.aliases.ever_written(roots):
                return False
        return True

    def may_follow(self, moved: list[At], needed: set[str], summed: set[str]) -> bool:
        """May what is not moved run behind the loop's adjoint, although it ran before?"""
        for at in self.behind:
            if at not in moved:
                does = self.touched_at(at)
                if (does.read | does.assigned) & summed or does.all & (needed & self.own):
                    return False
        return True

    def move(self, moved: list[At]) -> None:
        ahead = tuple(self.steps[j].adjoint[m] for j, m in moved)
        for j in {j for j, _ in moved}:
            left = tuple(s for m, s in enumerate(self.steps[j].adjoint) if (j, m) not in moved)
            self.steps[j] = replace(self.steps[j], adjoint=left)
        inner = self.fuser.block(self.steps[self.k].blocks[0])
        self.steps[self.k] = replace(self.steps[self.k], fused=True, ahead=ahead, blocks=(inner,))

    def with_seed_one(self, needed: set[str], summed: set[str]) -> None:
        """Run with seed 1.0, and scale the sums once the adjoint is known."""
        if len(needed) != 1 or not summed or not needed <= self.bars.numbers:
            return
        if any(self.bars.homes.get(bar) != (self.home,) for bar in summed):
            return
        elsewhere = [self.touched_at(at) for at in self.behind]
        elsewhere += [self.touched_at((j, -1)) for j in range(self.k) if self.steps[j].fused]
        elsewhere += [touched(step.ahead, self.bars.names) for step in self.steps]
        if any(does.all & summed for does in elsewhere):
            return
        (seed,) = needed
        inner = self.fuser.block(with_one(self.steps[self.k].blocks[0], seed))
        scaled = tuple(self.times(bar, seed) for bar in sorted(summed))
        self.scaled |= summed
        self.steps[self.k] = replace(self.steps[self.k], fused=True, blocks=(inner,), scaled=scaled)

    def times(self, bar: str, seed: str) -> n.Stmt:
        place = n.Name(bar)
        if bar in self.bars.steady or bar in self.bars.numbers:
            return n.AugAssign(place, BINARY["*"], n.Name(seed))
        return n.Assign(place, n.Call(BINARY["*"], "*", (place, n.Name(seed))))


def with_one(block: Block, seed: str) -> Block:
    """`block` with 1.0 for the adjoint `seed`."""

    def one(e: n.Expr) -> n.Expr:
        return ONE if isinstance(e, n.Name) and e.id == seed else e

    def inside(stmts: Stmts) -> Stmts:
        return tuple(map_expressions(s, lambda e: map_expr(e, one)) for s in stmts)

    steps = tuple(
        replace(step, adjoint=inside(step.adjoint), blocks=tuple(with_one(b, seed) for b in step.blocks))
        for step in block.steps
    )
    return replace(block, steps=steps)
