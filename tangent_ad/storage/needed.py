"""Which statements of the primal the derivative needs at all.

In: facts, and the reads of primal values in the backward sweep and in the result.  Out: the numbers of the statements
that the forward sweep must run.

What nobody needs is not run, so it overwrites nothing either: only then is it clear what has to be saved.  Roots are
the marked reads, the value where it is wanted, asserts, raises, and the conditions of `while` loops.
"""

from __future__ import annotations

from collections.abc import Iterable

from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.effects import content_reads
from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.webs import reads_of
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import bodies, statements
from tangent_ad.storage.marks import Read
from tangent_ad.storage.own import OwnElements


def find_needed(
    facts: Facts, reads: Iterable[Read], names: Iterable[str], loops: Iterable[int], whole_result: bool
) -> frozenset[int]:
    """The statements that must run, given what is read; `names` are needed with all their definitions, `loops` run."""
    search = _Search(facts)
    for stmt in facts.defs.statements:
        if isinstance(stmt, (n.Assert, n.Raise, n.While)):
            search.keep(stmt.num)
    for read in reads:
        search.read(read)
    for name in names:
        for num in facts.defs.defs.get(name, ()):
            search.keep(num)
    for num in loops:
        search.keep(num)
    last = facts.fn.body[-1]
    search.kept.add(last.num)
    if whole_result:
        search.operands(last)
    search.run()
    return frozenset(search.kept)


AS_TAPE = -3
"""Stands for what lies on a tape, among the allocations."""


class _Search:
    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.kept: set[int] = set()
        self.todo: list[int] = []
        self.own = OwnElements(facts)
        self.around: dict[int, int] = {}
        for stmt in facts.defs.statements:
            for body in bodies(stmt):
                self.around.update((inner.num, stmt.num) for inner in body)
        self.writers: dict[tuple[int, str], list[int]] = {}
        for num, roots in facts.aliases.writes:
            for root in roots:
                self.writers.setdefault(root, []).append(num)
        for stmt in facts.defs.statements:  # what is appended to a tape or popped from it belongs together
            name = _tape_of(stmt)
            if name is not None:
                web = facts.webs.of_read.get((stmt.num, name), -1)
                self.writers.setdefault((AS_TAPE, str(web)), []).append(stmt.num)

    def keep(self, num: int) -> None:
        while num not in self.kept:
            self.kept.add(num)
            self.todo.append(num)
            if num not in self.around:
                return
            num = self.around[num]

    def read(self, read: Read) -> None:
        if read.is_behind:
            self.keep(read.num)
            return
        at = self.facts.aliases.mention(read.num, read.name)
        self.name(at, read.name, read.content)

    def name(self, at: int, name: str, content: bool) -> None:
        """`name`, as statement `at` finds it, must hold its value."""
        for d in self.facts.webs.reaching.get((at, name), ()):
            if d >= 0:
                self.keep(d)
        if content and self.writers:
            as_tape = (AS_TAPE, str(self.facts.webs.of_read.get((at, name), -1)))
            for root in (*self.facts.aliases.roots_of(at, name), as_tape):
                waiting = self.writers.get(root)
                if waiting:
                    reach = [num for num in waiting if root[0] == AS_TAPE or self.own.may_reach(num, at, root)]
                    if reach:
                        self.writers[root] = [num for num in waiting if num not in set(reach)]
                    for num in reach:
                        self.keep(num)

    def operands(self, stmt: n.Stmt) -> None:
        content = content_reads(stmt)
        for name in reads_of(stmt):
            self.name(stmt.num, name, name in content)

    def run(self) -> None:
        while self.todo:
            stmt = self.facts.defs.statements[self.todo.pop()]
            self.operands(stmt)
            if isinstance(stmt, n.AugAssign):
                for name in bound_by(stmt):
                    self.name(stmt.num, name, True)
            tape = _tape_of(stmt)
            if tape is not None:
                self.name(stmt.num, tape, True)


def _tape_of(stmt: n.Stmt) -> str | None:
    value = getattr(stmt, "value", None)
    if (
        type(value) is n.Call
        and (value.fn is list.append or value.fn is list.pop)
        and isinstance(value.args[0], n.Name)
    ):
        return value.args[0].id
    return None


def can_go(stmt: n.Stmt) -> bool:
    """May a statement of which nothing is needed be left out?"""
    return not any(isinstance(s, (n.Assert, n.Raise, n.While, n.Return)) for s in statements((stmt,)))
