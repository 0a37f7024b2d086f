"""The text of both sweeps, with every value kept and provided as planned.

In: the blocks that the mode made.  Out: the statements of the forward sweep and of the backward sweep.
"""

from __future__ import annotations

import operator
from dataclasses import replace
from functools import cached_property

from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.effects import needed_content
from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.forms import UNKNOWN
from tangent_ad.analyses.lengths import Lengths
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import BOOL
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import changed, map_expressions, map_names, names_read
from tangent_ad.frontend.pure import is_condition
from tangent_ad.storage.again import expression_again
from tangent_ad.storage.lasting import is_written_later
from tangent_ad.storage.marks import Read, before, behind, copied
from tangent_ad.storage.needed import can_go
from tangent_ad.storage.plan import Plan, Policy, make_plan
from tangent_ad.storage.reused import reuse
from tangent_ad.storage.shared import with_shared
from tangent_ad.storage.sizes import Sizes
from tangent_ad.storage.steps import Block, Step, all_steps
from tangent_ad.storage.stored import store_of
from tangent_ad.storage.tapes import Tapes, push, restored
from tangent_ad.storage.values import FUNCTION, Home, Value, Values, find_values
from tangent_ad.storage.zeros import begun, mentions

Stmts = list[n.Stmt]
BACKWARD = "backward"
BACKWARD_SEED_ONE = "backward, seed 1"


@record(frozen=True)
class Sweeps:
    """The statements of both sweeps; `creation`: the lists, made first.  names: what stands for a primal name under
    another one, with that primal name.  tapes: the names of tapes.  shapes: the definitions (name and version) that
    are computed again for their shape only.  kept_as: how a value is kept, and the tape; flags: the tapes of
    branches."""

    creation: Stmts
    forward: Stmts
    backward: Stmts
    names: dict[str, str]
    tapes: frozenset[str]
    shapes: frozenset[tuple[str, int]]
    values: Values
    plan: Plan
    kept_as: dict[Value, tuple[str, str]]
    flags: dict[int, str]


def place(
    root: Block, facts: Facts, runs: frozenset[int], policy: Policy, fresh: Fresh, lengths: Lengths | None = None
) -> Sweeps:
    """Both sweeps of `root`, of whose statements only `runs` run; `lengths`: what is known of shapes."""
    steps = [step for _, step in all_steps(root)]
    fused = frozenset(step.stmt.num for step in steps if step.fused)
    loops = frozenset(step.stmt.num for step in steps if isinstance(step.stmt, n.For) and step.header is not None)
    values = replace(find_values(facts, runs, fused, loops, policy.repeated, policy.places), lengths=lengths)
    values = replace(values, typed=policy.typed)
    if policy.share:
        values = with_shared(values)
        root = reuse(root, values)
    sizes = None if lengths is None or not policy.preallocate else Sizes(values, lengths, policy.typed)
    tapes = Tapes(values, fresh, policy.preallocate, policy.reuse, floating_names(facts), sizes)
    plan = make_plan(root, values, policy, fresh, tapes)
    writer = _Writer(values, plan, tapes, facts, runs)
    writer.lay_out()
    forward, backward = writer.block(root)
    names = {held: value.name for value, held in plan.held.items()}
    names |= {tape: value.name for value, (how, tape) in writer.kept_as.items() if how == "name"}
    shapes, tape_names = frozenset(writer.shapes), frozenset(writer.tape_names)
    flags = writer.flag_tapes
    return Sweeps(tapes.lists, forward, backward, names, tape_names, shapes, values, plan, writer.kept_as, flags)


def floating_names(facts: Facts) -> frozenset[str]:
    """The names that hold active values only: numbers that are floats, whatever else is known of them."""
    webs = [(name, web in facts.activity.active) for (_, name), web in facts.webs.of_def.items()]
    return frozenset(name for name, is_active in webs if is_active) - {name for name, active in webs if not active}


class _Writer:
    def __init__(self, values: Values, plan: Plan, tapes: Tapes, facts: Facts, runs: frozenset[int]) -> None:
        self.values, self.plan, self.tapes, self.facts, self.runs = values, plan, tapes, facts, runs
        self.kept_as: dict[Value, tuple[str, str]] = {}
        self.tape_names: set[str] = set()
        self.shapes: set[tuple[str, int]] = set()
        self.pushes: dict[tuple[Home, int], Stmts] = {}
        self.restores: dict[Home, Stmts] = {}
        self.flags: dict[int, tuple[Stmts, Stmts]] = {}
        self.with_lists: set[int] = set()
        self.flag_tapes: dict[int, str] = {}
        self.here = FUNCTION
        """The block that is written."""

    @cached_property
    def held_apart(self) -> frozenset[str]:
        """The names of values that may stand under another name, or be said of another definition; asked for once all
        is laid out."""
        plan, values = self.plan, self.values
        if not plan.held and not values.same:
            return frozenset()
        statements = values.facts.defs.statements
        same = {name for num in values.same for name in bound_by(statements[num])}
        return frozenset(v.name for v in (*plan.provided, *plan.held, *plan.stands)) | same

    # what is kept -----------------------------------------------------------------------------------------------

    def lay_out(self) -> None:
        """Make the tapes, and the statements that fill and read them."""
        for home in sorted(self.plan.kept, key=lambda h: (len(self.values.chains[h]), h)):
            for value in self.plan.kept[home]:
                self.keep(value, home)
        for num in sorted(self.plan.flags):
            self.keep_flag(num)
        for values in self.plan.undone.values():  # the last iteration comes first
            self.with_lists.update(self.plan.inverses[value].loop for value in values)

    def keep(self, value: Value, home: Home) -> None:
        kind = self.plan.kinds[value]
        read = self.plan.sample.get(value)
        form = self.tapes.sizes.form(value, read) if self.tapes.sizes is not None and read is not None else UNKNOWN
        how, tape, layout = self.tapes.keep(home, value.name, kind, form=form)
        self.note(how, home)
        self.tape_names.add(tape.id)
        self.kept_as[value] = (how, tape.id)
        version = read.version if read is not None else None
        at = self.values.place(value)[1]
        kept = n.Name(value.name, version)
        by_reference = read is not None and value.content and not kind.is_number and how != "array"
        changes = by_reference and read is not None and is_written_later(self.values, read, home, at)
        frozen = copied(kept, kind) if changes else kept
        filled = push(how, tape, layout, frozen)
        if how == "name":
            self.plan.held[value] = tape.id
            assert isinstance(filled, n.Assign)
            filled = replace(filled, target=n.Name(tape.id, version))
        else:
            name = n.Name(self.plan.held.get(value, value.name), version)
            self.restores.setdefault(home, []).append(n.Assign(name, restored(how, tape, layout, kind)))
        self.pushes.setdefault((home, at), []).append(filled)

    def note(self, how: str, home: Home) -> None:
        """The loops around a list run backwards in the backward sweep: what was put there last comes back first."""
        if how == "list":
            self.with_lists.update(num for num, _ in self.values.chains[home])

    def keep_flag(self, num: int) -> None:
        """The flag of a condition: its statements ahead of the `if` in both sweeps."""
        stmt, flag = self.facts.defs.statements[num], n.Name(self.plan.flags[num])
        assert isinstance(stmt, n.If)
        test = stmt.test if is_condition(stmt.test) else n.Call(bool, "bool", (stmt.test,))
        ahead: Stmts = [n.Assign(flag, test, info=stmt.info)]
        if not self.values.loops_in_sweep(num) and self.tapes.reuse:
            self.flags[num] = (ahead, [])
            return
        home = self.values.block_of[num]
        how, tape, layout = self.tapes.keep(home, flag.id, BOOL, tested=True)
        self.note(how, home)
        self.flag_tapes[num] = tape.id
        self.tape_names.add(tape.id)
        ahead.append(push(how, tape, layout, flag))
        self.flags[num] = (ahead, [n.Assign(flag, restored(how, tape, layout, BOOL))])

    # the sweeps -------------------------------------------------------------------------------------------------

    def block(self, block: Block) -> tuple[Stmts, Stmts]:
        around, self.here = self.here, block.home
        found = self.sweeps_of(block)
        self.here = around
        return found

    def sweeps_of(self, block: Block) -> tuple[Stmts, Stmts]:
        forward: Stmts = list(self.pushes.get((block.home, -1), ()))
        groups: list[Stmts] = []
        zeros = list(block.zeros)
        for step in block.steps:
            if step.fused:  # the adjoints that it touches start before it
                first = [z for z in zeros if mentions(z, step)]
                zeros = [z for z in zeros if z not in first]
                forward += first
            ahead, back = self.compound(step) if step.blocks else self.simple(step)
            forward += ahead
            forward += self.pushes.get((block.home, step.stmt.num), ())
            groups.append(back)
        backward = [s for group in reversed(groups) for s in group]
        backward = [
            *self.undone(block.home),
            *self.restores.get(block.home, ()),
            *self.computed_again(block.home),
            *backward,
        ]
        if backward or block.home == FUNCTION:
            backward = begun(zeros, backward)
        return forward, backward

    def undone(self, home: Home) -> Stmts:
        """The counters of a loop, each as the iteration began with it."""
        made: Stmts = []
        for value in self.plan.undone.get(home, ()):
            inverse, version = self.plan.inverses[value], self.plan.sample[value].version
            name = self.plan.held.get(value, value.name)
            made.append(self.renamed(n.Assign(n.Name(name, version), inverse.undone(n.Name(name)))))
        return made

    def as_left(self, loop: int) -> Stmts:
        """The counters of a loop as it left them, under the names in which they are taken back."""
        made: Stmts = []
        for value in self.plan.undone.get((loop, 0), ()):
            inverse = self.plan.inverses[value]
            left = None if inverse.direct else self.plan.name_of(Value(value.name, (inverse.left,)))
            source, target = left or value.name, self.plan.held.get(value, value.name)
            if source != target:
                made.append(n.Assign(n.Name(target), n.Name(source)))
        return made

    def computed_again(self, home: Home) -> Stmts:
        made: Stmts = []
        for value in self.plan.again.get(home, ()):
            likeness = self.plan.likenesses.get(value)
            if likeness is not None:
                target = n.Name(self.plan.held.get(value, value.name), self.plan.sample[value].version)
                self.shapes.add((target.id, self.plan.sample[value].version))
                made.append(n.Assign(target, likeness))
                continue
            num = value.states[0][1]
            stmt = self.facts.defs.statements[num]
            assert isinstance(stmt, n.Assign)
            target = n.Name(self.plan.held.get(value, value.name), behind(num))
            store = store_of(self.values, value)
            if store is not None:
                made.append(self.read_back(target, store))
                continue
            if not value.content:
                self.shapes.add((target.id, behind(num)))
            expr = expression_again(self.values, value)
            marked = self.marked(expr, num)
            again = n.Assign(target, marked, info=n.Info(span=stmt.info.span, source=stmt.info.source))
            made.append(self.renamed(again, frozenset() if value.content else names_read(expr)))
        return made

    def read_back(self, target: n.Name, store: n.Assign) -> n.Stmt:
        """A number from the element of an array where it was put."""
        place, num = store.target, store.num
        assert isinstance(place, n.Index) and isinstance(place.value, n.Name)
        at = self.renamed(n.Assign(target, self.marked(place.index, num)))
        assert isinstance(at, n.Assign)
        value = n.Index(n.Name(place.value.id, before(num)), at.value)
        return n.Assign(target, value, info=n.Info(span=store.info.span, source=store.info.source))

    def marked(self, expr: n.Expr, num: int) -> n.Expr:
        return map_names(expr, lambda e: n.Name(e.id, before(num), e.span))

    def simple(self, step: Step) -> tuple[Stmts, Stmts]:
        stmt, own = step.stmt, step.stmt.info
        runs = stmt.num in self.runs and not isinstance(stmt, n.Return)
        ahead: Stmts = []
        if runs:
            ahead.append(changed(stmt, info=n.Info(own.span, own.comments, own.trailing, stmt.num, own.source)))
        back = [self.renamed(s) for s in step.adjoint if type(s) is not n.Pass]
        if any([s.info.origin != stmt.num for s in back]):
            info = n.Info(span=own.span, origin=stmt.num, source=own.source)
            back = [s if s.info.origin == stmt.num else changed(s, info=info) for s in back]
        return ahead, back

    def compound(self, step: Step) -> tuple[Stmts, Stmts]:
        stmt, num = step.stmt, step.stmt.num
        sweeps = [self.block(inner) for inner in step.blocks]
        if step.fused:
            return self.fused(step, *sweeps[0])
        bodies = [tuple(forward) for forward, _ in sweeps]
        needed = num in self.runs or not can_go(stmt) or any(bodies) or num in self.flags
        forward = self.forward_compound(step, bodies) if needed else []
        forward = [*self.tapes.ahead.get(num, ()), *forward]
        backs = [tuple(back) for _, back in sweeps]
        if step.header is None or not any(backs):
            return forward, []
        if isinstance(step.header, n.If):
            return forward, self.backward_branch(step, step.header, backs)
        first = tuple(self.renamed(s) for s in step.first)
        header = self.renamed(step.header)
        if step.any_order and isinstance(stmt, n.For) and num not in self.with_lists:
            start, stop, by = (self.marked(e, num) for e in (stmt.start, stmt.stop, stmt.step))
            header = self.renamed(changed(header, start=start, stop=stop, step=by))
        return forward, [*self.as_left(num), changed(header, body=(*first, *backs[0]))]

    def fused(self, step: Step, forward: Stmts, backward: Stmts) -> tuple[Stmts, Stmts]:
        """A loop that runs both sweeps in each iteration."""
        info = replace(step.stmt.info, origin=step.stmt.num)
        comment = BACKWARD_SEED_ONE if step.scaled else BACKWARD
        if backward:
            backward = [changed(backward[0], info=replace(backward[0].info, comments=(comment,))), *backward[1:]]
        loop = changed(step.stmt, body=(*forward, *backward) or (n.Pass(),), info=info)
        ahead = [self.renamed(s) for s in step.ahead]
        return [*self.tapes.ahead.get(step.stmt.num, ()), *ahead, loop], list(step.scaled)

    def forward_compound(self, step: Step, inner: list[tuple[n.Stmt, ...]]) -> Stmts:
        stmt = step.stmt
        info = replace(stmt.info, origin=stmt.num)
        if isinstance(stmt, n.If):
            then, orelse = inner
            if stmt.num in self.flags:
                ahead = self.flags[stmt.num][0]
                flag = n.Name(self.plan.flags[stmt.num])
                if not then and not orelse:
                    return list(ahead)
                return [
                    *ahead,
                    n.If(flag, then or (n.Pass(),), orelse, info=n.Info(span=stmt.info.span, origin=stmt.num)),
                ]
            if not then and not orelse:
                return []
            return [replace(stmt, body=then or (n.Pass(),), orelse=orelse, info=info)]
        if isinstance(stmt, n.While):
            body = inner[0]
            ahead = []
            if step.trips is not None and step.header is not None:
                trips = n.Name(step.trips)
                ahead = [n.Assign(trips, n.Const(0))]
                body = (*body, n.AugAssign(trips, operator.add, n.Const(1)))
            return [*ahead, replace(stmt, body=body or (n.Pass(),), info=info)]
        assert isinstance(stmt, n.For)
        return [replace(stmt, body=inner[0] or (n.Pass(),), info=info)]

    def backward_branch(self, step: Step, header: n.If, backs: list[tuple[n.Stmt, ...]]) -> Stmts:
        then, orelse = backs
        ahead: Stmts = []
        if step.stmt.num in self.flags:
            test: n.Expr = n.Name(self.plan.flags[step.stmt.num])
            ahead = list(self.flags[step.stmt.num][1])
        else:
            tested = self.renamed(n.If(header.test, ()))
            assert isinstance(tested, n.If)
            test = tested.test
        if not then:
            test = test.args[0] if isinstance(test, n.Call) and test.fn is operator.not_ else _negated(test)
            then, orelse = orelse, ()
        return [*ahead, n.If(test, then, orelse)]

    def is_provided(self, value: Value) -> bool:
        """Is what is provided for the value there by now?  In a fused loop, what is provided in the loop."""
        chains = self.values.chains
        fused = [k for k, at in enumerate(chains[self.here]) if at[0] in self.values.fused]
        return not fused or len(chains[self.values.place(value)[0]]) > fused[-1]

    def renamed(self, stmt: n.Stmt, shapes: frozenset[str] = frozenset()) -> n.Stmt:
        """`stmt` with the names under which the values that it reads are held; of `shapes` it reads the shape only."""
        if not self.held_apart:
            return stmt

        def in_expression(expr: n.Expr) -> n.Expr:
            if names_read(expr).isdisjoint(self.held_apart):
                return expr
            content = needed_content(expr) - shapes

            def held(e: n.Name) -> n.Name:
                if e.version is None:
                    return e
                read = Read(e.id, e.version, e.id in content)
                value = self.values.at(read)
                name = self.plan.name_of(value) if self.is_provided(value) else None
                return e if name is None else n.Name(name, self.values.meant(read).version, e.span)

            return map_names(expr, held)

        return map_expressions(stmt, in_expression)


def _negated(test: n.Expr) -> n.Expr:
    return n.Call(operator.not_, "not", (test,))
