"""Which value a name holds where: one identity for each, so that two reads can be told to mean the same.

In: the facts of a function and the statements of it that run.  Out: `Values`.

A state says where a value comes from, in structured code: the caller, one definition, the exit of a compound statement
that may have bound the name, the head of an iteration that an earlier one may have bound it for, a loop's own counting.
Memory has states too: what was last written to an allocation.  A value is the state of its name and, where its content
matters, of the memory it lies in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.effects import may_be_array
from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.footprints import Footprints
from tangent_ad.analyses.lengths import Lengths
from tangent_ad.analyses.webs import reads_of
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import Kind
from tangent_ad.core.walk import bodies, statements
from tangent_ad.storage.marks import Read, behind
from tangent_ad.storage.own import OwnElements

Home = tuple[int, int]
"""A block: the number of its statement and which of its bodies; (-1, 0) is the function's own."""
FUNCTION: Home = (-1, 0)
State = tuple[str, int]
"""How a value came about ("param", "def", "exit", "carried", "count") and the number of the statement."""
GIVEN: State = ("param", -1)
Root = tuple[int, str]


@record(frozen=True, slots=True)
class Value:
    """A value that a name holds: `states` of the name and, for content in memory that is written, of that memory.
    content: False if only the shape is meant."""

    name: str
    states: tuple[State, ...]
    content: bool = True

    def stands_for(self, other: Value) -> bool:
        """Is whatever holds this value good for `other` too?"""
        return self == other or (not other.content and self.name == other.name and self.states[0] == other.states[0])


@record(frozen=True)
class Values:
    facts: Facts
    runs: frozenset[int]
    of_name: dict[tuple[int, str], State]
    of_root: dict[tuple[int, Root], State]
    block_of: dict[int, Home]
    chains: dict[Home, tuple[Home, ...]]
    events: dict[str, tuple[int, ...]]
    """The statements that run and bind a name."""
    writes: tuple[tuple[int, frozenset[Root]], ...]
    own: OwnElements
    feet: Footprints
    fused: frozenset[int] = frozenset()
    """The loops that run their backward sweep in each iteration."""
    counted: frozenset[str] = frozenset()
    """The variables of the loops of a backward sweep that runs more than once."""
    same: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    """For a definition whose number an earlier one has, that one: its name and number."""
    staying: dict[Value, bool] = field(default_factory=dict)
    """Of values that were looked at, whether they are the same in every iteration."""
    stores: dict[int, n.Assign | None] = field(default_factory=dict)
    """Of definitions that were looked at, the statement that puts their number where it stays."""
    lengths: Lengths | None = None
    typed: bool = False
    """Do kinds come from compiled types?"""

    def loops_in_sweep(self, num: int) -> tuple[int, ...]:
        """The loops around a statement that its backward sweep runs through: those in the innermost fused one."""
        loops = self.facts.defs.loops[num]
        for k in reversed(range(len(loops))):
            if loops[k] in self.fused:
                return loops[k + 1 :]
        return loops

    def after(self, event: int, num: int) -> bool:
        """May the statement `event` run after the statement `num`, and before the backward sweep comes to that?"""
        loops, inner = self.facts.defs.loops[num], self.loops_in_sweep(num)
        if len(inner) < len(loops) and loops[len(loops) - len(inner) - 1] not in self.facts.defs.loops[event]:
            return False
        return event > num or (bool(inner) and event >= self.facts.defs.span[inner[0]][0])

    def at(self, read: Read) -> Value:
        """The value that a read means."""
        return Value(*self.parts_at(read.name, read.version, read.content))

    def parts_at(self, name: str, version: int, content: bool) -> tuple[str, tuple[State, ...], bool]:
        """What the value is made of that a read of this name, version and content means."""
        facts = self.facts
        num, is_behind = divmod(version, 2)
        at = num if is_behind else facts.aliases.mention(num, name)
        state = ("def", at) if is_behind else self.of_name.get((at, name), GIVEN)
        if at == num and state[1] not in self.same:
            web = (facts.webs.of_def if is_behind else facts.webs.of_read).get((at, name), -1)
            if web in facts.kinds.web_kinds and facts.kinds.web_kinds[web].is_number:  # it has no memory
                return name, (state,), True
        left = None if is_behind else self.left(at, num)
        found = [state]
        if left is not None and any(left[0] <= e <= left[1] for e in self.events.get(name, ())):
            found = [("exit", left[0])]
        if found[0][0] == "def" and found[0][1] in self.same:
            name, num = self.same[found[0][1]]
            return name, (("def", num),), True
        read = Read(name, version, content)
        for root in sorted(self.roots(read, at)) if content else ():
            memory = self.of_root.get((at, root))
            if left is not None and any(left[0] <= w <= left[1] and root in roots for w, roots in self.writes):
                memory = ("exit", left[0])
            if memory is not None and memory not in found:
                found.append(memory)
        return name, tuple(found), content or not may_be_array(self.kind(read))

    def meant(self, read: Read) -> Read:
        """`read`, said of the definition whose value it is if another one came to the same number earlier."""
        value = self.at(read)
        how, num = value.states[0]
        return Read(value.name, behind(num), read.content) if how == "def" and num in self.shared else read

    @cached_property
    def puts(self) -> dict[str, list[n.Assign]]:
        """The statements `y[i] = t`, by the name of `t`."""
        found: dict[str, list[n.Assign]] = {}
        for stmt in self.facts.defs.statements:
            match stmt:
                case n.Assign(target=n.Index(value=n.Name()), value=n.Name(id=put)):
                    found.setdefault(put, []).append(stmt)
        return found

    @cached_property
    def shared(self) -> frozenset[int]:
        """The definitions whose numbers others have too."""
        return frozenset(num for _, num in self.same.values())

    def left(self, mention: int, num: int) -> tuple[int, int] | None:
        """The outermost compound statement, first and last number, around `mention` and not around `num`."""
        if mention == num:
            return None
        around = self.chains[self.block_of[num]]
        for home in self.chains[self.block_of[mention]]:
            if home not in around and home[0] != num:
                return self.facts.defs.span[home[0]]
        return None

    def home_of(self, state: State) -> Home:
        how, num = state
        if how == "param":
            return FUNCTION
        return (num, 0) if how in ("carried", "count") else self.block_of[num]

    def place(self, value: Value) -> tuple[Home, int]:
        """The block in which the value comes about, and the statement of that block behind which it stands (-1: from
        the start of the block)."""
        best: tuple[int, int, Home] = (0, -1, FUNCTION)
        for state in value.states:
            home = self.home_of(state)
            behind = state[1] if state[0] in ("def", "exit") else -1
            best = max(best, (len(self.chains[home]), behind, home))
        return best[2], best[1]

    def may_change(self, read: Read) -> bool:
        """May the name mean something else when the backward sweep comes to the read?"""
        facts, num = self.facts, read.num
        if read.name in self.counted:
            return True
        events = self.events.get(read.name, ())
        loops = facts.defs.loops[num]
        if not loops or not any(e in loops for e in events):
            for e in events:
                if self.after(e, num) or (e == num and not read.is_behind):
                    return True
        if not read.content or not self.writes:
            return False
        at = num if read.is_behind else facts.aliases.mention(num, read.name)
        roots = self.roots(read, at)
        hits = [w for w, found in self.writes if roots & found and self.may_hit(w, num, roots & found)]
        return any(read.is_behind or at != num or not self.feet.missed(w, num, read.name) for w in hits)

    def may_hit(self, write: int, num: int, roots: frozenset[Root]) -> bool:
        """May the write change, after statement `num`, what that statement reads of `roots`?  What another iteration
        writes does not, if each keeps to elements of its own."""
        if write == num:
            return True
        if not self.after(write, num):
            return False
        if write > num:
            return True
        inner = self.loops_in_sweep(num)
        shared = [loop for loop in self.facts.defs.loops[write] if loop in inner]
        return any(not self.own.keeps_apart(loop, root) for loop in shared for root in roots)

    def kind(self, read: Read) -> Kind:
        """The kind of what a read means."""
        if read.is_behind:
            return self.facts.kinds.defined(read.num, read.name)
        return self.facts.kinds.at(self.facts.aliases.mention(read.num, read.name), n.Name(read.name))

    def roots(self, read: Read, at: int) -> frozenset[Root]:
        facts = self.facts
        if read.is_behind:
            return facts.aliases.roots.get(facts.webs.of_def.get((at, read.name), -1), frozenset())
        return facts.aliases.roots_of(at, read.name)


@dataclass
class _Walk:
    facts: Facts
    runs: frozenset[int]
    of_name: dict[tuple[int, str], State] = field(default_factory=dict)
    of_root: dict[tuple[int, Root], State] = field(default_factory=dict)
    block_of: dict[int, Home] = field(default_factory=dict)
    chains: dict[Home, tuple[Home, ...]] = field(default_factory=lambda: {FUNCTION: (FUNCTION,)})
    written: dict[int, frozenset[Root]] = field(default_factory=dict)

    def block(self, body: tuple[n.Stmt, ...], home: Home, names: dict[str, State], memory: dict[Root, State]) -> None:
        for stmt in body:
            num = stmt.num
            self.block_of[num] = home
            for name in {*reads_of(stmt), *bound_by(stmt)}:
                self.of_name[(num, name)] = names.get(name, GIVEN)
                for root in self.facts.aliases.roots_of(num, name):
                    if root in memory:
                        self.of_root[(num, root)] = memory[root]
            inner = bodies(stmt)
            if inner:
                self.compound(stmt, inner, home, names, memory)
            elif num in self.runs:
                for root in self.written.get(num, ()):
                    memory[root] = ("def", num)
                for name in bound_by(stmt):
                    names[name] = ("def", num)
                    memory.pop((num, name), None)  # allocated anew

    def compound(
        self,
        stmt: n.Stmt,
        inner: tuple[tuple[n.Stmt, ...], ...],
        home: Home,
        names: dict[str, State],
        memory: dict[Root, State],
    ) -> None:
        num = stmt.num
        running = [s for body in inner for s in statements(body) if s.num in self.runs]
        bound = {name for s in running for name in bound_by(s)}
        roots = {root for s in running for root in self.written.get(s.num, ())}
        is_loop = isinstance(stmt, (n.For, n.While))
        if isinstance(stmt, n.While):  # its condition is tested at the head of each iteration
            for name in reads_of(stmt) & bound:
                self.of_name[(num, name)] = ("exit", num)
        for which, body in enumerate(inner):
            self.chains[(num, which)] = (*self.chains[home], (num, which))
            entry, held = dict(names), dict(memory)
            if is_loop:
                entry.update((name, ("carried", num)) for name in bound)
                held.update((root, ("carried", num)) for root in roots)
            if isinstance(stmt, n.For):
                entry[stmt.target.id] = ("count", num)
            self.block(body, (num, which), entry, held)
        names.update((name, ("exit", num)) for name in bound)
        memory.update((root, ("exit", num)) for root in roots)
        if isinstance(stmt, n.For) and num in self.runs:
            names[stmt.target.id] = ("exit", num)


def find_values(
    facts: Facts,
    runs: frozenset[int],
    fused: frozenset[int] = frozenset(),
    backward: frozenset[int] = frozenset(),
    repeated: bool = False,
    places: bool = True,
) -> Values:
    """The values of `facts.fn`, of whose statements only `runs` run; the backward sweep runs the loops `backward`, and
    binds their variables too, more than once if it is `repeated`; `places`: ask which elements writes hit."""
    writes = tuple((num, roots) for num, roots in facts.aliases.writes if num in runs)
    walk = _Walk(facts, runs, written=dict(writes))
    walk.block(facts.fn.body, FUNCTION, {}, {})
    binding = runs | backward
    events = {name: tuple(d for d in found if d in binding) for name, found in facts.defs.defs.items()}
    own, loops = OwnElements(facts), [facts.defs.statements[num] for num in backward] if repeated else []
    counted = frozenset(loop.target.id for loop in loops if isinstance(loop, n.For))
    found = (walk.of_name, walk.of_root, walk.block_of, walk.chains, events)
    return Values(facts, runs, *found, writes, own, Footprints(facts, places), fused, counted)
