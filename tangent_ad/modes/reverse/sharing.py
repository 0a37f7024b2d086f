"""One save for several statements.

In: the steps of a block, each with what its adjoint saves.  Out: the same steps with the saves that are not needed
dropped.

In a block the backward sweep comes to the later of two statements first.  If both read the same value of x, with no
definition of x and no write to its memory between them, then what the later one restores still stands when the sweep
comes to the earlier one.  Loops and branches between them restore x, if at all, to the same value.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.facts import Facts
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import statements
from tangent_ad.modes.reverse.laws import before

Stmts = tuple[n.Stmt, ...]


@dataclass(frozen=True)
class Save:
    """A value on a tape: the statement that puts it there and the one that takes it back into `held`."""

    push: n.Stmt
    restore: n.Stmt
    held: n.Name


@dataclass(frozen=True)
class Step:
    """A statement of the primal: its forward statements, its adjoint, the operands it saves, the result it saves.

    `result_name` is the name under which the result can be read if a later statement restores it; None if the adjoint
    reads the old value of that name too.
    """

    stmt: n.Stmt
    forward: Stmts
    adjoint: Stmts = ()
    operands: dict[str, Save] = field(default_factory=dict)
    result: Save | None = None
    result_name: str | None = None


def share(steps: list[Step], facts: Facts) -> tuple[list[Step], dict[int, n.Name]]:
    """The steps without saves that a later step makes too; and, by the number of a statement whose result needs no
    save of its own, the name (with its version) under which it stands."""
    standing: dict[str, int] = {}
    done: list[Step] = []
    renamed: dict[int, n.Name] = {}
    for step in reversed(steps):
        name = step.result_name
        if step.result is not None and name is not None and name in standing:
            renamed[step.stmt.num] = n.Name(name, before(standing[name]))
            step = replace(step, result=None)
        for gone in _changed(step.stmt, set(standing), facts):
            standing.pop(gone, None)
        kept = {name: save for name, save in step.operands.items() if name not in standing}
        for name in kept:
            standing[name] = step.stmt.num
        done.append(replace(step, operands=kept))
    return done[::-1], renamed


def _changed(stmt: n.Stmt, names: set[str], facts: Facts) -> set[str]:
    """Which of `names` does `stmt`, with all in it, bind, or write the memory of?"""
    inner = tuple(statements((stmt,)))
    found = {name for s in inner for name in bound_by(s)}
    first, last = inner[0].num, inner[-1].num
    written = [roots for at, roots in facts.aliases.writes if first <= at <= last]
    if written:
        for name in names:
            mine = {root for (_, held), web in facts.webs.of_def.items() if held == name for root in _roots(facts, web)}
            if any(mine & roots for roots in written):
                found.add(name)
    return found


def _roots(facts: Facts, web: int) -> frozenset[tuple[int, str]]:
    return facts.aliases.roots.get(web, frozenset())
