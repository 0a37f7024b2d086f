"""Store, compute again, or leave: how each value that the backward sweep reads is provided.

In: the blocks of both sweeps, values.  Out: `Plan`.

Values are provided at the head of the backward sweep of the block in which they come about; from there on they stand in
a name until that block's sweep ends.  A value that its name still holds needs nothing.  Of the others, block by block,
the innermost first, the cheapest set is kept from which the rest can be computed again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from tangent_ad.analyses.effects import may_be_array
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import INT, Kind
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import names_read
from tangent_ad.storage.again import cost_of, is_exact, may_test_again, operands_again
from tangent_ad.storage.cut import cheapest_cut
from tangent_ad.storage.invert import Inverse, inverse_of
from tangent_ad.storage.marks import Read, all_reads
from tangent_ad.storage.steps import Block, all_steps
from tangent_ad.storage.tapes import Tapes
from tangent_ad.storage.values import FUNCTION, Home, Value, Values

OPTIONS = ("recompute", "preallocate", "fuse", "share", "invert", "wide", "places")
"""What can be left out of a `Policy` by name."""


@record(frozen=True)
class Policy:
    """What storage may do.  reuse: read a value where its name still holds it.  recompute: compute it again.
    preallocate: keep numbers of counted loops in arrays.  fuse: run independent iterations forwards and backwards in
    one.  share: numbers that are computed twice are one value.  invert: take counters back.  wide: adjoints are summed
    to the shapes of their values late.  places: what elements of an array hold is read there, if no later write hits
    them.  Without all of them, every value an adjoint reads is kept on a list: the
    reference.  repeated: the backward sweep runs more than once: what it
    binds, it finds bound.  typed: kinds come from compiled types."""

    reuse: bool = True
    recompute: bool = True
    preallocate: bool = True
    fuse: bool = True
    repeated: bool = False
    share: bool = True
    invert: bool = True
    wide: bool = True
    places: bool = True
    typed: bool = False


@dataclass
class Plan:
    """kept, again, undone: for each block the values kept, computed again and taken back, in the order they come about.
    inverses: how they are taken back.  held: the names of values that do not stand under their own.  flags: the
    conditions (numbers of `if`s) that are kept, with the name of the flag.  kinds, sample: the kind of each value
    provided, and a read of it.  stands: for values whose shape alone is read, those that are provided in their place.
    likenesses: for others of them, what is an array of that shape."""

    kept: dict[Home, list[Value]] = field(default_factory=dict)
    again: dict[Home, list[Value]] = field(default_factory=dict)
    undone: dict[Home, list[Value]] = field(default_factory=dict)
    inverses: dict[Value, Inverse] = field(default_factory=dict)
    held: dict[Value, str] = field(default_factory=dict)
    flags: dict[int, str] = field(default_factory=dict)
    kinds: dict[Value, Kind] = field(default_factory=dict)
    sample: dict[Value, Read] = field(default_factory=dict)
    stands: dict[Value, Value] = field(default_factory=dict)
    likenesses: dict[Value, n.Expr] = field(default_factory=dict)

    @cached_property
    def provided(self) -> frozenset[Value]:
        """All values kept, computed again or taken back."""
        found = (*self.kept.values(), *self.again.values(), *self.undone.values())
        return frozenset(v for values in found for v in values)

    def name_of(self, value: Value) -> str | None:
        """The name that holds a value that is provided."""
        value = self.stands.get(value, value)
        return self.held.get(value, value.name if value in self.provided else None)


class _Planner:
    def __init__(self, root: Block, values: Values, policy: Policy, fresh: Fresh, tapes: Tapes) -> None:
        self.root, self.values, self.policy, self.fresh, self.tapes = root, values, policy, fresh, tapes
        self.sizes = tapes.sizes
        self.plan = Plan()
        self.wanted: dict[Home, dict[Value, None]] = defaultdict(dict)
        self.seen: dict[str, list[tuple[Home, Value]]] = defaultdict(list)

    def read(self, read: Read, home: Home) -> Value | None:
        """Take note of a read that happens in the backward sweep of the block `home`; the value to be provided for it,
        if its name may not hold it any more."""
        value = self.values.at(read)
        self.seen[read.name].append((home, value))
        if value.name != read.name:
            self.seen[value.name].append((home, value))
        if value.states[0][0] == "count" or (self.policy.reuse and not self.values.may_change(read)):
            return None
        self.plan.sample.setdefault(value, self.values.meant(read))
        self.plan.kinds.setdefault(value, self.values.kind(read))
        return value

    def want(self, read: Read, home: Home) -> None:
        value = self.read(read, home)
        if value is not None:
            self.wanted[self.values.place(value)[0]][value] = None

    def run(self) -> Plan:
        ifs: dict[Home, list[tuple[int, n.If]]] = defaultdict(list)
        homes: dict[Home, None] = {FUNCTION: None}
        for block, step in all_steps(self.root):
            homes[block.home] = None
            for read in all_reads((*step.ahead, *step.adjoint)):
                self.want(read, block.home)
            if step.fused:
                continue
            if isinstance(step.header, n.If):
                ifs[block.home].append((step.stmt.num, step.header))
            elif step.header is not None:
                if isinstance(step.stmt, n.For):  # the loop binds its variable in the backward sweep too
                    counted = Value(step.stmt.target.id, (("count", step.stmt.num),))
                    self.seen[counted.name].append((step.blocks[0].home, counted))
                for read in all_reads((step.header,)):
                    self.want(read, block.home)
                for read in all_reads(step.first):
                    self.want(read, step.blocks[0].home)
            if step.trips is not None and step.header is not None and self.values.loops_in_sweep(step.stmt.num):
                value = Value(step.trips, (("exit", step.stmt.num),))
                self.plan.kinds[value] = INT
                self.wanted[block.home][value] = None
        for home in sorted(homes, key=lambda h: (-len(self.values.chains[h]), h)):
            self.block(home, ifs[home])
        provided = [
            (home, value)
            for home in homes
            for found in (self.plan.kept, self.plan.again, self.plan.undone)
            for value in found.get(home, ())
        ]
        for home, value in provided:  # its name is bound there, whether or not that is read
            self.seen[value.name].append((home, value))
        for home, value in provided:
            self.settle_name(value, home)
        return self.plan

    def block(self, home: Home, ifs: list[tuple[int, n.If]]) -> None:
        """Decide for the values that come about in one block."""
        operands: dict[Value, tuple[Value, ...]] = {}
        reads: dict[Value, list[Read]] = {}
        fixed: list[Value] = []
        found = list(self.wanted.pop(home, ()))
        whole = {(v.name, v.states[0]): v for v in found if v.content}
        wanted = []
        for value in found:
            other = value if value.content else whole.get((value.name, value.states[0]), value)
            if other is value:
                wanted.append(value)
            else:
                self.plan.stands[value] = other
        todo = list(wanted)
        while todo:
            value = todo.pop()
            if value in operands:
                continue
            again = None
            if self.policy.recompute and value in self.plan.sample and self.values.place(value)[0] == home:
                again = operands_again(self.values, value, self.is_copied(value, home))
                if again is None and self.stand_in(value, home):
                    again = []
            if again is None:
                inverse = inverse_of(self.values, value, home) if self.policy.invert else None
                if inverse is not None:
                    self.plan.inverses[value] = inverse
                fixed.append(value)
                operands[value] = ()
                continue
            inner: list[Value] = []
            for read in again:
                operand = self.quiet(read)
                if operand is not None and self.weighs(operand, home):
                    inner.append(operand)
            operands[value], reads[value] = tuple(inner), again
            todo += inner
        inverses = self.plan.inverses
        cost = {value: 0 if value in inverses else cost_of(self.plan.kinds[value]) for value in operands}
        kept = cheapest_cut(operands, cost, fixed, wanted)
        chosen = self.reached(wanted, operands, kept, home, {})
        joined = self.joined_shapes(chosen)
        if joined:
            self.plan.stands.update(joined)
            chosen = self.reached(wanted, operands, kept, home, joined)
        for value in chosen:
            if value not in kept:
                for read in reads[value]:
                    self.want_operand(read, home)
        for num, stmt in ifs:
            self.condition(num, stmt, home, chosen, kept)
        order = sorted(chosen, key=lambda v: (self.values.place(v)[1], v.name, v.states))
        self.plan.kept[home] = [v for v in order if v in kept and v not in inverses]
        self.plan.again[home] = [v for v in order if v not in kept]
        self.plan.undone[home] = [v for v in order if v in kept and v in inverses]
        for value in self.plan.undone[home]:
            self.want_left(value, inverses[value])

    def want_left(self, value: Value, inverse: Inverse) -> None:
        """What the loop left of a counter, if its name does not hold it any more when the backward sweep begins."""
        if not inverse.direct:
            left = Value(value.name, (inverse.left,))
            self.plan.kinds[left] = INT
            self.wanted[self.values.block_of[inverse.loop]][left] = None

    def reached(
        self,
        wanted: list[Value],
        operands: dict[Value, tuple[Value, ...]],
        kept: frozenset[Value],
        home: Home,
        joined: dict[Value, Value],
    ) -> dict[Value, None]:
        """The values of the block that are provided: what is wanted and, where that is computed again, its operands; of
        those in `joined` the other one."""
        chosen: dict[Value, None] = {}
        todo = list(wanted)
        while todo:
            value = todo.pop()
            value = joined.get(value, value)
            if value in chosen:
                continue
            if self.values.place(value)[0] != home:  # for that block to provide; `want_operand` asks for it
                continue
            chosen[value] = None
            if value not in kept:
                todo += operands[value]
        return chosen

    def joined_shapes(self, chosen: dict[Value, None]) -> dict[Value, Value]:
        """Where a value is provided anyway, nothing else is for its shape."""
        whole = {(v.name, v.states[0]): v for v in chosen if v.content}
        pairs = ((v, whole.get((v.name, v.states[0]))) for v in chosen if not v.content)
        return {value: other for value, other in pairs if other is not None}

    def is_copied(self, value: Value, home: Home) -> bool:
        """Is keeping the value to copy an array, in code that is compiled?  There arithmetic on arrays is one loop."""
        kind = self.plan.kinds[value]
        if not self.policy.typed or not kind.is_array or self.sizes is None:
            return False
        return self.tapes.rows(home, kind, self.sizes.form(value, self.plan.sample[value])) is not None

    def stand_in(self, value: Value, home: Home) -> bool:
        """Is only the shape of the value read, and that known without it?"""
        if self.sizes is None or value.content:
            return False
        form = self.sizes.form(value, self.plan.sample[value])
        found = self.sizes.likeness(form, self.plan.kinds[value], max(home[0], 0))
        if found is not None:
            self.plan.likenesses[value] = found
        return found is not None

    def weighs(self, operand: Value, home: Home) -> bool:
        """Does providing an operand cost something here?  A number of a block around does not: it is kept less often
        than anything here."""
        if self.values.place(operand)[0] == home:
            return True
        return operand.content and may_be_array(self.plan.kinds[operand])

    def quiet(self, read: Read) -> Value | None:
        """The value to be provided for an operand, without taking note of the read: it may not come to that."""
        value = self.values.at(read)
        if value.states[0][0] == "count" or not self.values.may_change(read):
            return None
        self.plan.sample.setdefault(value, self.values.meant(read))
        self.plan.kinds.setdefault(value, self.values.kind(read))
        return value

    def want_operand(self, read: Read, home: Home) -> None:
        value = self.read(read, home)
        if value is not None and self.values.place(value)[0] != home:
            self.wanted[self.values.place(value)[0]][value] = None

    def condition(self, num: int, stmt: n.If, home: Home, chosen: dict[Value, None], kept: frozenset[Value]) -> None:
        """Test the condition again if that takes nothing new and is exact; else keep one bit."""
        reads = [r for r in all_reads((stmt,)) if r.name in names_read(stmt.test)]
        good = may_test_again(stmt.test) and (self.policy.reuse or not reads)
        for read in reads if good else ():
            value = self.quiet(read)
            if value is None:
                continue
            at = self.values.place(value)[0]
            provided = value in chosen if at == home else value in self.wanted.get(at, ())
            good = good and provided and (value in kept or is_exact(self.values, value))
        if good:
            for read in reads:
                self.read(read, home)
            return
        self.plan.flags[num] = self.fresh.take("branch")

    def settle_name(self, value: Value, home: Home) -> None:
        """Another name where, in the sweep of that block, the value's own name means something else too."""
        chains, anywhere = self.values.chains, self.policy.repeated
        if (anywhere and value in self.plan.inverses) or any(
            (anywhere or home in chains[at]) and not value.stands_for(v) for at, v in self.seen[value.name]
        ):
            self.plan.held[value] = self.fresh.take(value.name)


def make_plan(root: Block, values: Values, policy: Policy, fresh: Fresh, tapes: Tapes) -> Plan:
    """How to provide what the backward sweep of `root` reads."""
    return _Planner(root, values, policy, fresh, tapes).run()
