"""Elementary functions that the primal has computed already.

In: the blocks of both sweeps, values.  Out: the same blocks; where an adjoint computes what a statement of the primal
gives (in the adjoint of a sine, the cosine that the primal needs itself), it reads that.

Only what stands in its name then, or is provided for another adjoint anyway: nothing is kept for this.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import contents, expressions, map_calls, map_expressions
from tangent_ad.rules.registry import lookup
from tangent_ad.storage.again import ARITHMETIC, CHEAP
from tangent_ad.storage.marks import Read, all_reads, before, behind
from tangent_ad.storage.shared import version_key
from tangent_ad.storage.steps import Block, Step, all_steps
from tangent_ad.storage.values import Home, Value, Values

Definition = tuple[str, int]


def reuse(root: Block, values: Values) -> Block:
    """`root` with adjoints that read elementary functions of the primal in the place of computing them again."""
    asked = {call.fn for _, step in all_steps(root) for call in _calls(step.adjoint)}
    if not asked:
        return root
    defined: dict[Hashable, list[Definition]] = {}
    for stmt in values.facts.defs.statements:
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name) and stmt.num in values.runs:
            call = stmt.value
            if type(call) is n.Call and call.fn in asked:
                key = version_key(call, before(stmt.num), values)
                if key is not None:
                    defined.setdefault(key, []).append((stmt.target.id, stmt.num))
    return _Reuse(root, values, defined).block(root) if defined else root


def is_elementary(call: n.Call) -> bool:
    """Is it a function that costs more than arithmetic, of names and literals?"""
    if call.fn in CHEAP or call.fn in ARITHMETIC or not all(type(a) is n.Name or type(a) is n.Const for a in call.args):
        return False
    rule = lookup(call.fn)
    return rule is not None and rule.diff == "partials"


def _calls(stmts: Iterable[n.Stmt]) -> Iterator[n.Call]:
    """The elementary functions in adjoint statements."""
    for stmt in stmts:
        for expr in expressions(stmt):
            yield from (call for call in contents(expr)[2] if is_elementary(call))


class _Reuse:
    def __init__(self, root: Block, values: Values, defined: dict[Hashable, list[Definition]]) -> None:
        self.root, self.values, self.defined = root, values, defined
        self.read: frozenset[Value] | None = None

    def block(self, block: Block) -> Block:
        steps = []
        for step in block.steps:
            if step.blocks:
                step = replace(step, blocks=tuple([self.block(inner) for inner in step.blocks]))
            if any(True for _ in _calls(step.adjoint)):
                step = replace(step, adjoint=self.rewritten(step, block.home))
            steps.append(step)
        return replace(block, steps=tuple(steps))

    def rewritten(self, step: Step, home: Home) -> tuple[n.Stmt, ...]:
        def known(call: n.Call) -> n.Expr:
            return (self.held(call, step.stmt.num, home) or call) if is_elementary(call) else call

        return tuple([map_expressions(s, lambda expr: map_calls(expr, known)) for s in step.adjoint])

    def held(self, call: n.Call, at: int, home: Home) -> n.Name | None:
        """The name of what the primal computed in the place of `call`, for the adjoint of statement `at` of a block."""
        key = version_key(call, None, self.values)
        for name, num in self.defined.get(key, ()) if key is not None else ():
            if self.reaches(name, num, at, home):
                return n.Name(name, behind(num), call.span)
        return None

    def reaches(self, name: str, num: int, at: int, home: Home) -> bool:
        """Does the definition run whenever statement `at` does, and is its value there for the adjoint of that?"""
        values = self.values
        chain, of = values.chains[home], values.block_of[num]
        if of not in chain or any(h[0] in values.fused for h in chain[chain.index(of) + 1 :]):
            return False  # a fused loop has what is in its own names
        if num > at and (of != home or any(at < event < num for event in values.events.get(name, ()))):
            return False  # what stands between has run backwards, and may have put back what the name held there
        read = Read(name, behind(num), True)
        return not values.may_change(read) or values.at(read) in self.reads()

    def reads(self) -> frozenset[Value]:
        """The values that adjoints read."""
        if self.read is None:
            found = (r for _, step in all_steps(self.root) for r in all_reads((*step.ahead, *step.adjoint)))
            self.read = frozenset(self.values.at(r) for r in found)
        return self.read
