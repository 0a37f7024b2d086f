"""Adjoints that change when all that needs their old value has run.

In: derived code.  Out: the same without a second name for an adjoint that is read after it has changed:

    t_bar = x_bar
    x_bar = t_bar * np.cos(x)       is      y_bar += x_bar * x
    y_bar += t_bar * x                      x_bar = x_bar * np.cos(x)
"""

from __future__ import annotations

from dataclasses import replace

from tangent_ad.analyses.defs import bound_within, mentioned_within
from tangent_ad.analyses.live import Live, find_live
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import bodies, names_read, replace_bodies, statements
from tangent_ad.simplify.context import Context, is_pure, is_shadow, kinds_of
from tangent_ad.simplify.memory import Memory, find_memory
from tangent_ad.simplify.names import TEMPORARY
from tangent_ad.simplify.taped import renamed

Stmts = tuple[n.Stmt, ...]
AHEAD = 12
"""How far behind its change an old value is looked for."""


def postpone_changes(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with changes of adjoints behind what reads the old value."""
    kept = context.user_names | {p.name for p in fn.params}
    if not any(_second_name(stmt, kept) for stmt in statements(fn.body)):
        return fn
    return replace(fn, body=_Work(find_memory(fn, kinds_of(fn, context)), find_live(fn), kept).block(fn.body))


def _second_name(stmt: n.Stmt, kept: frozenset[str]) -> tuple[str, str] | None:
    """The names, if a statement gives an adjoint the name of a temporary."""
    match stmt:
        case n.Assign(target=n.Name(id=held), value=n.Name(id=name), annotation=None) if not stmt.info.comments:
            made = held not in kept and name not in kept and is_shadow(name) and is_shadow(held)
            return (held, name) if made and TEMPORARY.fullmatch(held) and held != name else None
    return None


@record(frozen=True)
class _Work:
    memory: Memory
    live: Live
    kept: frozenset[str]

    def block(self, body: Stmts) -> Stmts:
        found = [replace_bodies(s, tuple(map(self.block, bodies(s)))) if bodies(s) else s for s in body]
        at = 0
        while at < len(found):
            names = _second_name(found[at], self.kept)
            if names is not None and (places := self.places(found, at, *names)) is not None:
                change, last = places
                held, name = names
                moved = renamed(found[change], {held: name})
                between = [renamed(s, {held: name}) for s in found[at + 1 : last + 1] if s is not found[change]]
                found[at : last + 1] = [*between, moved]
            else:
                at += 1
        return tuple(found)

    def places(self, found: list[n.Stmt], at: int, held: str, name: str) -> tuple[int, int] | None:
        """Where the adjoint changes, and where its old value is read last, if the change may as well run there."""
        end = min(at + AHEAD, len(found))
        change = next((k for k in range(at + 1, end) if name in bound_within(found[k])), None)
        reads = [k for k in range(at + 1, end) if held in mentioned_within(found[k])]
        if change is None or not reads or reads[-1] < change or held in self.live.after[found[reads[-1]].num]:
            return None
        stmt, between = found[change], found[change + 1 : reads[-1] + 1]
        if not isinstance(stmt, n.Assign) or stmt.target != n.Name(name) or stmt.annotation is not None:
            return None
        if stmt.info.comments or not is_pure(stmt.value) or any(map(bodies, found[at + 1 : reads[-1] + 1])):
            return None
        own = frozenset((self.memory.class_of.get(held, held), self.memory.class_of.get(name, name)))
        number = self.memory.is_number(name) and self.memory.is_number(held)
        read, needs = self.memory.reads(stmt.value), names_read(stmt.value)
        for other in found[at + 1 : reads[-1] + 1]:
            effect = self.memory.effects[other.num]
            if held in effect.binds or (effect.writes & own and not number):
                return None
        for other in between:
            effect = self.memory.effects[other.num]
            if name in mentioned_within(other) or effect.binds & needs or effect.writes & read:
                return None
        return change, reads[-1]
