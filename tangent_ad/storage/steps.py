"""The two sweeps as the mode makes them, before storage: blocks of steps.

In: nothing.  Out: `Block` and `Step`; what a statement becomes in the backward sweep, with marked reads.
"""

from __future__ import annotations

from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.storage.values import Home

Stmts = tuple[n.Stmt, ...]


@record(frozen=True, slots=True)
class Step:
    """A statement of the primal and its adjoint.

    adjoint: for a simple statement, its adjoint statements.  header: for a compound one, the statement that the
    backward sweep runs its `blocks` under, without bodies (None if nothing of it is active); `first`: what the body of
    that begins with.  trips: the counter of a `while`.  fused: the loop runs its backward sweep in each iteration;
    ahead: the adjoint statements that run before it; scaled: what scales its sums in the backward sweep.  any_order:
    the iterations of the backward sweep may run in any order.
    """

    stmt: n.Stmt
    adjoint: Stmts = ()
    blocks: tuple[Block, ...] = ()
    header: n.Stmt | None = None
    first: Stmts = ()
    trips: str | None = None
    fused: bool = False
    ahead: Stmts = ()
    scaled: Stmts = ()
    any_order: bool = False


@record(frozen=True, slots=True)
class Block:
    """A block of the primal; `zeros`: the adjoints that start in it."""

    home: Home
    steps: tuple[Step, ...]
    zeros: Stmts = ()

    @property
    def is_active(self) -> bool:
        """Has the block a backward sweep?"""
        return any(step.adjoint or step.header is not None for step in self.steps)


def all_steps(block: Block) -> list[tuple[Block, Step]]:
    """Every step with its block, in the order of the text."""
    found: list[tuple[Block, Step]] = []
    stack = [(block, iter(block.steps))]
    while stack:
        around, steps = stack[-1]
        for step in steps:
            found.append((around, step))
            if step.blocks:
                stack += [(inner, iter(inner.steps)) for inner in reversed(step.blocks)]
                break
        else:
            stack.pop()
    return found


def adjoints_in(block: Block) -> list[n.Stmt]:
    """All adjoint statements of a block, with its zeros."""
    found: list[n.Stmt] = list(block.zeros)
    for step in block.steps:
        found += (*step.adjoint, *step.ahead, *step.scaled)
        for inner in step.blocks:
            found += adjoints_in(inner)
    return found
