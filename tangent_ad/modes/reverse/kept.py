"""The law of tapes, checked on every function that is generated.

In: the facts of the primal and the derived function, as the mode made it.  Out: nothing, or an InternalError.

*Tape law*: what comes off a tape is what was put there for it.  A tape is filled in one place and read in one place.
Where it is filled the value is the one that is meant: from there to the statement whose adjoint reads it nothing binds
its name again and nothing writes its memory, and what writes that memory later finds that a copy was kept.  An array is
read with the index it is filled with, in loops over the same variables; what is appended in loops is popped in loops
that run backwards.  A flag is tested as it comes off its tape, and a counter counts every iteration of its `while`.

Nothing here asks the storage room how it decided: only the text and the primal's facts are looked at.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator

import numpy as np

from tangent_ad.analyses.defs import Definitions, bound_by, find_definitions
from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.webs import UNDEFINED, find_webs, reads_of
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import bodies, expressions, names_read, statements, subexpressions
from tangent_ad.errors import InternalError
from tangent_ad.modes.common import unaugmented
from tangent_ad.storage.marks import Read
from tangent_ad.storage.place import Sweeps

Body = tuple[n.Stmt, ...]
Root = tuple[int, str]
Changes = Callable[[n.Stmt], bool]


@record(frozen=True)
class Uses:
    """Where a tape is made, filled and read, and in which body the last two stand."""

    made: list[n.Stmt]
    fills: list[n.Stmt]
    reads: list[n.Stmt]


class TapeLaw:
    """The check of one function: `check()`."""

    def __init__(self, facts: Facts, made: n.Function, sweeps: Sweeps) -> None:
        self.facts, self.made, self.sweeps = facts, made, sweeps
        self.defs: Definitions = find_definitions(made)
        self.body_of: dict[int, Body] = {}
        self.home: dict[int, n.Stmt | None] = {}
        for body, owner in _bodies(made.body, None):
            for stmt in body:
                self.body_of[stmt.num], self.home[stmt.num] = body, owner
        primal = facts.defs.by_number
        self.running: dict[int, int] = {}
        """The statements of the primal that run, with their numbers in the derived text."""
        for stmt in self.defs.statements:
            origin = stmt.info.origin
            if origin is None:
                continue
            meant = unaugmented(primal[origin])
            if type(stmt) is type(meant) if bodies(stmt) else stmt == meant:
                self.running.setdefault(origin, stmt.num)
        self.of_tape = self.find_uses()
        self.content = {tape for value, (_, tape) in sweeps.kept_as.items() if value.content}
        flags = set(sweeps.plan.flags.values())
        self.flag_readers: dict[str, list[n.Stmt]] = {flag: [] for flag in flags}
        for stmt in self.defs.statements if flags else ():
            for flag in reads_of(stmt) & flags:
                self.flag_readers[flag].append(stmt)

    def check(self) -> None:
        for tape in sorted(self.sweeps.tapes):
            uses = self.of_tape[tape]
            if len(uses.fills) != 1:
                raise broken(f"`{tape}` is filled in {len(uses.fills)} places")
            if any(read.num < uses.fills[0].num for read in uses.reads):
                raise broken(f"`{tape}` is read before it is filled")
            (fill,) = uses.fills
            if uses.made:
                self.mirrored(tape, uses.made, fill, uses.reads)
            held = self.held(fill)
            if held is not None:
                self.place(tape, fill, held)
        for num in self.sweeps.plan.flags:
            self.flag(self.sweeps.plan.flags[num], self.sweeps.flags.get(num))
        self.counters()

    def find_uses(self) -> dict[str, Uses]:
        tapes = self.sweeps.tapes
        found = {tape: Uses([], [], []) for tape in tapes}
        for stmt in self.defs.statements if tapes else ():
            match stmt:
                case n.Assign(target=n.Name(id=name), value=n.List(elts=()) | n.Call(fn=np.empty)) if name in tapes:
                    found[name].made.append(stmt)
                case n.Assign(target=n.Name(id=name)) | n.Assign(target=n.Index(value=n.Name(id=name))) if (
                    name in tapes
                ):
                    found[name].fills.append(stmt)
                case n.ExprStmt(value=n.Call(fn=list.append, args=(n.Name(id=name), _))) if name in tapes:
                    found[name].fills.append(stmt)
                case _:
                    for name in frozenset().union(*map(names_read, expressions(stmt))) & tapes:
                        found[name].reads.append(stmt)
        return found

    # how it is kept ---------------------------------------------------------------------------------------------

    def mirrored(self, tape: str, made: list[n.Stmt], fill: n.Stmt, reads: list[n.Stmt]) -> None:
        """An array or a list: what is read belongs to the iteration in which it was put there."""
        if len(made) == 1 and not reads and self.is_flag_of_nothing(fill):
            return
        if len(made) != 1 or len(reads) != 1:
            raise broken(f"`{tape}` is made in {len(made)} places and read in {len(reads)}")
        (read,) = reads
        place = n.Index(n.Name(tape), fill.target.index) if _is_element(fill) else None  # type: ignore[attr-defined]
        parts = [p for p in subexpressions(read.value) if tape in names_read(p)]  # type: ignore[attr-defined]
        popped = any(isinstance(p, n.Call) and p.fn is list.pop and len(p.args) == 1 for p in parts)
        if not (popped if place is None else place in parts):
            raise broken(f"`{tape}` is not read where it was filled")
        before, there, back = (self.defs.loops[s.num] for s in (made[0], fill, read))
        if before != there[: len(before)] or before != back[: len(before)]:
            raise broken(f"`{tape}` is not made before the loops that use it")
        ours, theirs = there[len(before) :], back[len(before) :]
        fused = sum(1 for a, b in zip(ours, theirs, strict=False) if a == b)
        ours, theirs = ours[fused:], theirs[fused:]
        if len(ours) > len(theirs) or (len(ours) < len(theirs) and place is None):
            raise broken(f"`{tape}` is filled in other loops than it is read in")
        for a, b in zip(ours, theirs[len(theirs) - len(ours) :], strict=True):
            if not runs_back(self.defs.by_number[a], self.defs.by_number[b], in_order=place is None):
                raise broken(f"`{tape}` is read in a loop over other values than it is filled in")

    def is_flag_of_nothing(self, fill: n.Stmt) -> bool:
        """Is a flag put on a tape that only the forward sweep tests, its branches having no adjoints?"""
        value = fill.value.args[1] if isinstance(fill, n.ExprStmt) else fill.value  # type: ignore[attr-defined]
        readers = self.flag_readers.get(value.id, []) if isinstance(value, n.Name) else []
        return fill in readers and len(readers) <= 2

    def held(self, fill: n.Stmt) -> n.Name | None:
        """The primal name whose value is kept, with its version."""
        value = fill.value.args[1] if isinstance(fill, n.ExprStmt) else fill.value  # type: ignore[attr-defined]
        return next((e for e in subexpressions(value) if isinstance(e, n.Name) and e.version is not None), None)

    # what is kept -----------------------------------------------------------------------------------------------

    def place(self, tape: str, fill: n.Stmt, held: n.Name) -> None:
        """On the way from where the tape is filled to the statement that is meant, the value stays what it is."""
        assert held.version is not None
        read = Read(held.id, held.version, tape in self.content)
        roots = self.roots(read) if read.content else frozenset[Root]()
        writers = {num for num, found in self.facts.aliases.writes if found & roots and self.writes(num)}

        def changes(stmt: n.Stmt) -> bool:
            return stmt.num in writers or (held.id in bound_by(stmt) and stmt.num in self.running)

        body, done = self.primal_body(fill), self.last_before(fill)
        meant = {read.num} if read.is_behind else {read.num, self.facts.aliases.mention(read.num, read.name)}
        if not any(self.stays(body, done, at, read.is_behind, changes) for at in meant):
            raise broken(f"`{held.id}` is kept where it holds another value, or in another block")
        if self.by_reference(fill) and self.written_later(fill, writers, roots):
            raise broken(f"`{held.id}` is kept by reference, and its memory is written later")

    def writes(self, num: int) -> bool:
        """Does the statement of the primal write where it stands in the derivative?"""
        stmt = self.facts.defs.by_number[num]
        return num in self.running and unaugmented(stmt) is stmt

    def stays(self, body: Body, done: int, at: int, is_behind: bool, changes: Changes) -> bool:
        """Is the value behind the statement `done` of a block of the primal that of the statement `at` in it?"""
        around = [s for s in body if self.facts.defs.span[s.num][0] <= at <= self.facts.defs.span[s.num][1]]
        if not around:
            return False
        if is_behind:
            return around[0].num == at <= done and not any(_any(s, changes) for s in body if at < s.num <= done)
        return done < around[0].num and not self.changed_before(body, done, at, changes)

    def roots(self, read: Read) -> frozenset[Root]:
        facts = self.facts
        if read.is_behind:
            return facts.aliases.roots.get(facts.webs.of_def.get((read.num, read.name), -1), frozenset())
        return facts.aliases.roots_of(facts.aliases.mention(read.num, read.name), read.name)

    def primal_body(self, fill: n.Stmt) -> Body:
        """The statements of the primal among which the tape is filled."""
        owner = self.home[fill.num]
        if owner is None:
            return self.facts.fn.body
        if owner.info.origin is None:
            raise broken("a tape is filled in a block of the backward sweep")
        which = next(k for k, b in enumerate(bodies(owner)) if b is self.body_of[fill.num])
        return bodies(self.facts.defs.by_number[owner.info.origin])[which]

    def last_before(self, fill: n.Stmt) -> int:
        """The last statement of the primal that stands before the tape is filled, in the same block.  Adjoints that
        run ahead of a fused loop stand there, too, with the statements of the primal they belong to."""
        found = [s.info.origin for s in self.body_of[fill.num] if s.num < fill.num and s.info.origin is not None]
        return max((origin for origin in found if self.running.get(origin, fill.num) < fill.num), default=-1)

    def changed_before(self, body: Body, done: int, at: int, changes: Changes) -> bool:
        """May a change happen behind the statement `done` of a block and before the statement `at` in it?"""
        for stmt in body:
            first, last = self.facts.defs.span[stmt.num]
            if stmt.num <= done:
                continue
            if not first <= at <= last:
                if _any(stmt, changes):
                    return True
                continue
            if stmt.num == at and isinstance(stmt, n.For):  # its bounds are read once, before all iterations
                return False
            if isinstance(stmt, (n.For, n.While)) and _any(stmt, changes):
                return True
            for inner in bodies(stmt):
                if inner and inner[0].num <= at <= self.facts.defs.span[inner[-1].num][1]:
                    return self.changed_before(inner, -1, at, changes)
            return False
        return False

    def by_reference(self, fill: n.Stmt) -> bool:
        value = fill.value.args[1] if isinstance(fill, n.ExprStmt) else fill.value  # type: ignore[attr-defined]
        return isinstance(value, n.Name) and not _is_element(fill)

    def written_later(self, fill: n.Stmt, writers: set[int], roots: frozenset[Root]) -> bool:
        """May one of the writers run after the tape is filled, on what it was filled with?"""
        around = [self.defs.by_number[loop].info.origin for loop in self.defs.loops[fill.num]]
        for num in writers:
            if self.running[num] > fill.num:
                return True
            again = bool(set(self.facts.defs.loops[num]) & set(around))
            if again and not all(self.is_anew(num, root, around) for root in roots):
                return True
        return False

    def is_anew(self, write: int, root: Root, around: list[int | None]) -> bool:
        """Does the write, if it runs in a later iteration, find new memory under its name?"""
        stmt = self.facts.defs.by_number[write]
        names = [name for name in reads_of(stmt) if root in self.facts.aliases.roots_of(write, name)]
        if names and (root[0] < 0 or list(self.facts.defs.loops[root[0]]) != around):
            return False
        return all(self.leads_to(root[0], write, name) for name in names)

    def leads_to(self, allocation: int, at: int, name: str) -> bool:
        """Is `name`, where statement `at` reads it, what `allocation` has just defined, or a view of that?"""
        while True:
            reaching = self.facts.webs.reaching.get((at, name), frozenset())
            if reaching == {allocation}:
                return allocation < at
            if len(reaching) != 1 or not (reaching <= self.facts.aliases.views.keys()) or min(reaching) > at:
                return False
            at = min(reaching)
            name = self.facts.aliases.views[at]

    # flags and counters -----------------------------------------------------------------------------------------

    def flag(self, flag: str, tape: str | None) -> None:
        """A flag is set right before it is put on its tape, and tested as it comes back."""
        sets = self.defs.defs.get(flag, ())
        if len(sets) != (1 if tape is None or not self.of_tape[tape].reads else 2):
            raise broken(f"`{flag}` is set in {len(sets)} places")
        if tape is not None and self.of_tape[tape].fills[0].num != sets[0] + 1:
            raise broken(f"`{flag}` is not kept where it is set")
        for stmt in self.flag_readers[flag]:
            is_test = isinstance(stmt, n.If)
            back = is_test and stmt.info.origin is None  # branches of the backward sweep are nobody's
            if find_webs(self.made).reaching[(stmt.num, flag)] - {UNDEFINED} != {sets[-1] if back else sets[0]}:
                raise broken(f"`{flag}` is tested where it is not set")

    def counters(self) -> None:
        """What counts the iterations of a `while` starts right before it and counts at the end of each."""
        for loop in self.defs.statements:
            if not (isinstance(loop, n.For) and loop.info.origin is None and isinstance(loop.stop, n.Name)):
                continue
            counter = loop.stop.id
            sets = [self.defs.by_number[d] for d in self.defs.defs.get(counter, ())]
            starts = [s for s in sets if _is_own(s) and s.value == n.Const(0)]  # type: ignore[attr-defined]
            counts = [s for s in sets if isinstance(s, n.AugAssign)]
            if loop.stop.version is not None or not (starts or counts):
                continue
            start = starts[0] if starts else loop
            behind = next((s for s in self.body_of[start.num] if s.num > start.num), None)
            count = behind.body[-1] if isinstance(behind, n.While) and behind.body else start
            if len(starts) != 1 or count != n.AugAssign(n.Name(counter), operator.add, n.Const(1)):
                raise broken(f"`{counter}` does not count the iterations of a loop")
            if counts != [count]:
                raise broken(f"`{counter}` counts more than the iterations of a loop")
            back = {s.num for s in sets if s not in (start, count)} or {start.num, count.num}
            if not find_webs(self.made).reaching[(loop.num, counter)] <= back | {UNDEFINED}:
                raise broken(f"`{counter}` is not restored where it is read")


def _is_own(stmt: n.Stmt) -> bool:
    """Is it an assignment that the storage room made?"""
    return isinstance(stmt, n.Assign) and stmt.info.origin is None


def _bodies(body: Body, owner: n.Stmt | None) -> Iterator[tuple[Body, n.Stmt | None]]:
    todo = [(body, owner)]
    while todo:
        body, owner = todo.pop()
        yield body, owner
        todo += [(inner, stmt) for stmt in body for inner in bodies(stmt)]


def _any(stmt: n.Stmt, changes: Changes) -> bool:
    return any(changes(s) for s in statements((stmt,)))


def _is_element(fill: n.Stmt) -> bool:
    return isinstance(fill, n.Assign) and isinstance(fill.target, n.Index)


def runs_back(there: n.Stmt, back: n.Stmt, in_order: bool) -> bool:
    """Does the loop `back` go over the iterations of `there`, the last first if they must be `in_order`?"""
    if not isinstance(back, n.For):
        return False
    if isinstance(there, n.While):
        return True
    assert isinstance(there, n.For)
    if in_order:
        step = there.step.value if isinstance(there.step, n.Const) and there.step.value in (1, -1) else 1
        return back.step == n.Const(-step)
    return back.target.id == there.target.id


def broken(what: str) -> InternalError:
    return InternalError(f"reverse mode broke the tape law: {what}")
