"""What the backward sweep needs of the forward sweep, kept on tapes.

In: for one statement, the primal names its adjoint reads.  Out: the statements that save before (or behind) it in the
forward sweep and restore in the backward sweep.

The reference policy: each value is saved where it is used and restored where its adjoint needs it, on a list that is
only appended to and popped; the backward sweep mirrors the forward sweep, so last in is first out.  Nothing is saved
where the name still holds the value: no definition of it, and no write to its memory if its content is read, may run
after the statement.  A list holds values of one kind, so it is typed under Numba.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tangent_ad.analyses.effects import may_be_array, needed_content
from tangent_ad.analyses.facts import Facts
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import Kind
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import expressions, names_read, statements
from tangent_ad.modes import common
from tangent_ad.modes.reverse.laws import before
from tangent_ad.modes.reverse.sharing import Save


@dataclass(frozen=True)
class Kept:
    """The statements of the forward sweep and of the backward sweep."""

    forward: tuple[n.Stmt, ...]
    backward: tuple[n.Stmt, ...]


@dataclass
class Tapes:
    """Hands out tapes; `made` lists them in the order of the text."""

    facts: Facts
    fresh: Fresh
    everything: bool = False
    made: dict[tuple[str, Kind, int], n.Name] = field(default_factory=dict)

    def tape(self, name: str, kind: Kind, own: int = -1) -> n.Name:
        """The tape for values of `name`; with `own`, one that serves only the statement of that number."""
        key = (name, kind, own)
        if key not in self.made:
            self.made[key] = n.Name(self.fresh.take(f"{name}_saved"))
        return self.made[key]

    def creation(self) -> list[n.Stmt]:
        return [n.Assign(name, n.List(())) for name in self.made.values()]

    def operands(
        self, num: int, adjoint: Iterable[n.Stmt], primal: frozenset[str], header: bool = False
    ) -> dict[str, Save]:
        """What the statements `adjoint` read of the names `primal`, as statement `num` begins, and must be saved.

        The header of a loop is saved before its body and restored before it too, which is not last in, first out: it
        has tapes of its own.
        """
        shape, content = needs(adjoint)
        found: dict[str, Save] = {}
        for name in sorted((shape | content) & primal):
            if not self.may_change(name, num, name in content):
                continue
            at = self.facts.aliases.mention(num, name)
            kind, target = self.facts.kinds.at(at, n.Name(name)), n.Name(name, before(num))
            tape = self.tape(name, kind, num if header else -1)
            found[name] = Save(append(tape, self.frozen(name, at, kind)), n.Assign(target, pop(tape)), target)
        return found

    def keep_operands(self, num: int, adjoint: Iterable[n.Stmt], primal: frozenset[str], header: bool = False) -> Kept:
        """The same as statements of both sweeps."""
        saves = list(self.operands(num, adjoint, primal, header).values())
        return Kept(tuple(s.push for s in saves), tuple(s.restore for s in reversed(saves)))

    def may_change(self, name: str, num: int, content: bool, behind: bool = False) -> bool:
        """May `name` mean something else when the backward sweep comes to statement `num`?  `behind`: the value meant
        is that behind the statement, not before it."""
        if self.facts.defs.bound_after(name, num) or (not behind and self._binds(num, name)):
            return True
        if self.everything and not self._is_counter(name, num):
            return True
        at = self.facts.aliases.mention(num, name)
        if not content or not may_be_array(self.facts.kinds.at(at, n.Name(name))):
            return False
        roots = self.facts.aliases.roots_of(at, name)
        writes = self.facts.aliases.writes
        return any(roots & found and (w == num or self.facts.defs.after(w, num)) for w, found in writes)

    def _is_counter(self, name: str, num: int) -> bool:
        return any(d in self.facts.defs.loops[num] for d in self.facts.defs.defs.get(name, ()))

    def _binds(self, num: int, name: str) -> bool:
        return num in self.facts.defs.defs.get(name, ())

    def frozen(self, name: str, num: int, kind: Kind) -> n.Expr:
        """The value of `name` as it is now: a copy where its memory may be written later."""
        roots = self.facts.aliases.roots_of(num, name)
        if kind.is_number or not may_be_array(kind) or not self.facts.aliases.ever_written(roots):
            return n.Name(name)
        return common.copied(n.Name(name), kind)

    def keep_value(self, num: int, name: n.Name, wish: str, kind: Kind) -> Kept:
        """Keep a fresh name (assigned by the forward sweep at statement `num` alone) for the mirror of that place."""
        if self.facts.defs.unconditional(num) and not self.everything:
            return Kept((), ())
        tape = self.tape(wish, kind)
        return Kept((append(tape, name),), (n.Assign(name, pop(tape)),))


def needs(stmts: Iterable[n.Stmt]) -> tuple[frozenset[str], frozenset[str]]:
    """The names of which `stmts` read the shape only, and those of which they read the content."""
    shape: set[str] = set()
    content: set[str] = set()
    for stmt in statements(tuple(stmts)):
        for expr in expressions(stmt):
            shape |= names_read(expr)
            content |= needed_content(expr)
    return frozenset(shape - content), frozenset(content)


def append(tape: n.Name, value: n.Expr) -> n.Stmt:
    return n.ExprStmt(n.Call(list.append, ".append()", (tape, value)))


def pop(tape: n.Name) -> n.Expr:
    return n.Call(list.pop, ".pop()", (tape,))
