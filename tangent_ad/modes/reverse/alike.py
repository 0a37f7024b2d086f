"""Shapes, read off what is there anyway.

In: the blocks of both sweeps, facts, what is known of shapes.  Out: the same blocks; where adjoints read only the shape
of a value, they read that of another one that surely has it: an operand of which the value was made element by element,
if adjoints read what it holds, or if it is a parameter that stays what it is, or a view of such.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.lengths import Lengths
from tangent_ad.analyses.webs import PARAMETER
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import map_expressions, map_names
from tangent_ad.modes import common
from tangent_ad.modes.reverse.wide import is_elementwise
from tangent_ad.storage.marks import Read, all_reads, before, behind
from tangent_ad.storage.steps import Block, Step, all_steps
from tangent_ad.storage.values import Home

Value = tuple[str, frozenset[int]]
Marked = tuple[str, int]


def read_alike(root: Block, facts: Facts, lengths: Lengths, steady: Sequence[str]) -> tuple[Block, dict[str, str]]:
    """`root` with the shapes of other values in the place of those whose shape alone is read; and for `steady` names,
    which have one value when the backward sweep begins, others that have its shape then."""
    if not lengths.forms.loose:  # what is summed to a shape comes in the precision of what has it
        return root, {}
    reads = [(block.home, read) for block, step in all_steps(root) for read in all_reads(_read_by(step))]
    whole = [Read(name, behind(num), False) for name in steady for num in facts.defs.defs.get(name, ())]
    reads += [(root.home, read) for read in whole]
    if all(read.content for _, read in reads):
        return root, {}
    search = _Search(facts, lengths)
    search.look_at(root, (root.home,))
    search.there.update(search.value(read) for _, read in reads if read.content)
    wanted = {(read.name, read.version): (home, read) for home, read in reads if not search.is_there(read)}
    instead: dict[Marked, n.Name] = {}
    for _ in range(2):  # what nothing takes the place of may itself take that of others
        for marked, (home, read) in wanted.items():
            other = search.other(read, home) if marked not in instead else None
            if other is not None:
                instead[marked] = other
        search.there.update(search.value(read) for marked, (_, read) in wanted.items() if marked not in instead)
    begun = {}
    for read in whole:
        other = instead.get((read.name, read.version))
        if other is not None and not facts.defs.bound_after(other.id, (other.version or 0) // 2):
            begun[read.name] = other.id
    return (_rewritten(root, instead) if instead else root), begun


def _read_by(step: Step) -> Iterator[n.Stmt]:
    yield from (*step.ahead, *step.adjoint, *step.first)
    if step.header is not None:
        yield step.header


def _rewritten(block: Block, instead: dict[Marked, n.Name]) -> Block:
    def mark(e: n.Name) -> n.Name:
        return e if e.version is None else instead.get((e.id, e.version), e)

    def rewritten(stmts: tuple[n.Stmt, ...]) -> tuple[n.Stmt, ...]:
        return tuple([map_expressions(s, lambda expr: map_names(expr, mark)) for s in stmts])

    steps = []
    for step in block.steps:
        inner = tuple([_rewritten(b, instead) for b in step.blocks])
        header = None if step.header is None else rewritten((step.header,))[0]
        parts = (rewritten(step.adjoint), inner, header, rewritten(step.first), rewritten(step.ahead))
        names = ("adjoint", "blocks", "header", "first", "ahead")
        steps.append(replace(step, **dict(zip(names, parts, strict=True))))  # type: ignore[arg-type]
    return replace(block, steps=tuple(steps))


@dataclass
class _Search:
    """`there`: values that are read anyway; `chains`: for each block, itself and those around; `block_of`: the block of
    each statement; `sources`: see `made_of`."""

    facts: Facts
    lengths: Lengths
    there: set[Value] = field(default_factory=set)
    chains: dict[Home, tuple[Home, ...]] = field(default_factory=dict)
    block_of: dict[int, Home] = field(default_factory=dict)
    sources: dict[Value, frozenset[Value]] = field(default_factory=dict)

    def look_at(self, block: Block, chain: tuple[Home, ...]) -> None:
        self.chains[block.home] = chain
        for step in block.steps:
            self.block_of[step.stmt.num] = block.home
            for inner in step.blocks:
                self.look_at(inner, (*chain, inner.home))

    def value(self, read: Read) -> Value:
        """The definitions, one of which gives what is read."""
        if read.is_behind:
            return read.name, frozenset((read.num,))
        at = self.facts.aliases.mention(read.num, read.name)
        return read.name, self.facts.webs.reaching.get((at, read.name), frozenset())

    def other(self, read: Read, home: Home) -> n.Name | None:
        """A name, with its version, that is good for a read of a shape in the backward sweep of the block `home`."""
        todo = [self.value(read)]
        seen = set(todo)
        while todo:
            name, defs = todo.pop()
            num = min(defs, default=PARAMETER)
            if len(defs) != 1 or self.block_of.get(num) not in self.chains[home]:
                continue
            for operand in self.operands(num, name):
                found = Read(operand, before(num), False)
                value = self.value(found)
                if self.is_there(found) or self.is_view_of_such(value):
                    return n.Name(operand, before(num))
                if value not in seen and max(value[1], default=num) < num:
                    seen.add(value)
                    todo.append(value)
        return None

    def is_there(self, read: Read) -> bool:
        name, defs = self.value(read)
        return (name, defs) in self.there or (defs == {PARAMETER} and not self.facts.defs.defs.get(name))

    def is_view_of_such(self, value: Value) -> bool:
        views, num = self.facts.aliases.views, min(value[1], default=PARAMETER)
        return len(value[1]) == 1 and num in views and self.is_there(Read(views[num], before(num), False))

    def operands(self, num: int, name: str) -> list[str]:
        """The operands that surely have the shape and the dtype of what statement `num` makes of them, and hold
        floating-point numbers: what an adjoint flows to does."""
        match common.unaugmented(self.facts.defs.statements[num]):
            case n.Assign(target=n.Name(), value=n.Call(keywords=()) as call) if is_elementwise(call):
                kinds, made = self.facts.kinds, self.lengths.defined(num, name)
                arrays = list(dict.fromkeys(a for a in call.args if not kinds.at(num, a).is_number))
                if len(arrays) > 1:
                    arrays = [a for a in arrays if made.shape and self.lengths.same(num, made, a)]
                of = frozenset[Value]().union(*(self.made_of(num, a) for a in call.args))
                active = [a for a in arrays if isinstance(a, n.Name) and self.facts.activity.reads(num, a.id)]
                return [a.id for a in active if self.made_of(num, a) == of]
        return []

    def made_of(self, num: int, expr: n.Expr) -> frozenset[Value]:
        """The values whose dtypes make that of what statement `num` reads: those it comes from as a view, or element by
        element.  Literals count nothing."""
        if not isinstance(expr, n.Name):
            return frozenset() if isinstance(expr, n.Const) else frozenset(((str(expr), frozenset((num,))),))
        value = self.value(Read(expr.id, before(num), False))
        if value not in self.sources:
            found = frozenset((value,))
            d = min(value[1], default=PARAMETER)
            if len(value[1]) == 1 and 0 <= d < num:
                if d in self.facts.aliases.views:
                    found = self.made_of(d, n.Name(self.facts.aliases.views[d]))
                else:
                    match common.unaugmented(self.facts.defs.statements[d]):
                        case n.Assign(value=n.Call(keywords=()) as call) if is_elementwise(call):
                            found = frozenset[Value]().union(*(self.made_of(d, a) for a in call.args))
            self.sources[value] = found
        return self.sources[value]
