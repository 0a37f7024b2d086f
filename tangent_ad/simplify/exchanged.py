"""Values that are exchanged.

In: derived code, where `u, v = v, u` of the user's, and its reverse, stand as three statements with a temporary.  Out:
the one statement, where the temporary holds a value for nothing but that one name is bound before the other.

    t = u + v * v
    u = v               is      u, v = v, u + v * v
    v = t

Compiled code keeps the three: what is known of arrays is known of names that are bound one by one.

A plain copy that is exchanged may be read by the other value, too: `t = v`, `v = u + t`, `u = t` is `u, v = v, u + v`.
Where nothing between asks for the name that the temporary gives its value to, that is bound at once.
"""

from __future__ import annotations

from dataclasses import replace

from tangent_ad.analyses.defs import bound_by, bound_within, mentioned_within
from tangent_ad.analyses.live import Live, find_live
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import bodies, changed, map_names, names_read, replace_bodies, statements
from tangent_ad.emit.exprs import width
from tangent_ad.simplify.context import Context, is_pure, is_shadow, kinds_of
from tangent_ad.simplify.memory import Memory, find_memory
from tangent_ad.simplify.names import TEMPORARY

Stmts = tuple[n.Stmt, ...]
WIDTH = 60
AHEAD = 8
"""How far apart the three statements may stand."""


def exchange_values(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with exchanges in one statement."""
    kept = context.user_names | {p.name for p in fn.params}
    if context.typed or not any(_copied(stmt) not in kept for stmt in statements(fn.body) if _copied(stmt) is not None):
        return fn
    work = _Work(find_memory(fn, kinds_of(fn, context)), find_live(fn), kept)
    return replace(fn, body=work.block(fn.body))


def _copied(stmt: n.Stmt) -> str | None:
    """The name whose value a statement binds to another one."""
    match stmt:
        case n.Assign(target=n.Name(), value=n.Name(id=source), annotation=None):
            return source
    return None


@record(frozen=True)
class _Work:
    memory: Memory
    live: Live
    kept: frozenset[str]

    def block(self, body: Stmts) -> Stmts:
        found = list(body)
        at = 0
        while at < len(found):
            stmt = found[at]
            if inner := bodies(stmt):
                found[at] = replace_bodies(stmt, tuple(self.block(b) for b in inner))
            elif (end := self.only_named(found, at)) is not None:
                found[at] = changed(stmt, target=found[end].target)  # type: ignore[attr-defined]
                del found[end]
            elif (made := self.exchanged(found, at)) is not None:
                middle, end, both = made
                found[end if both.num == found[end].num else middle] = both
                del found[middle if both.num == found[end].num else end], found[at]
                continue
            at += 1
        return tuple(found)

    def only_named(self, found: list[n.Stmt], at: int) -> int | None:
        """Where the temporary that `found[at]` binds gets the name that it may as well have from there."""
        match found[at]:
            case n.Assign(target=n.Name(id=held), annotation=None) if self.is_temporary(held):
                end = self.end(found, at, held)
                if end is None:
                    return None
                (name,) = bound_by(found[end])
                free = is_shadow(held) == is_shadow(name)
                return (
                    end if free and not any({held, name} & mentioned_within(s) for s in found[at + 1 : end]) else None
                )
        return None

    def end(self, found: list[n.Stmt], at: int, held: str) -> int | None:
        """Where another name gets the value of a temporary that nobody reads behind."""
        end = next((k for k in range(at + 2, min(at + AHEAD, len(found))) if _copied(found[k]) == held), None)
        return None if end is None or held in self.live.after[found[end].num] or found[end].info.comments else end

    def exchanged(self, found: list[n.Stmt], at: int) -> tuple[int, int, n.Stmt] | None:
        """Where the other name and this one are bound, and the statement for both, if `found[at]` only keeps a value
        until then."""
        match found[at]:
            case n.Assign(target=n.Name(id=held), value=value, annotation=None) as first:
                if (
                    not self.is_temporary(held)
                    or first.info.comments
                    or not is_pure(value)
                    or held in names_read(value)
                ):
                    return None
            case _:
                return None
        end = self.end(found, at, held)
        if end is None:
            return None
        last = found[end]
        assert isinstance(last, n.Assign) and isinstance(last.target, n.Name)
        changes = [k for k in range(at + 1, end) if self.changes(found[k], value)]
        middle = changes[0] if changes else end
        other = found[middle]
        if not changes or not isinstance(other, n.Assign) or not isinstance(other.target, n.Name):
            return None
        mentions = [k for k in range(at + 1, end) if held in mentioned_within(found[k])]
        if mentions not in ([], [middle]) or (mentions and not isinstance(value, n.Name)):
            return None
        if other.annotation is not None or other.target.id in (held, last.target.id) or not is_pure(other.value):
            return None
        if is_shadow(other.target.id) != is_shadow(last.target.id):
            return None
        theirs = map_names(other.value, lambda e: value if e.id == held else e)
        if width(theirs) + width(value) > WIDTH:
            return None
        targets, values = n.Tuple((other.target, last.target)), n.Tuple((theirs, value))
        between = found[middle + 1 : end]
        if len(changes) == 1 and not any(self.touches(s, other.target.id, theirs) for s in between):
            return middle, end, n.Assign(targets, values, info=other.info, num=last.num)
        if not any(last.target.id in mentioned_within(s) for s in between):
            return middle, end, n.Assign(targets, values, info=other.info, num=other.num)
        return None

    def is_temporary(self, name: str) -> bool:
        return name not in self.kept and TEMPORARY.fullmatch(name) is not None

    def changes(self, stmt: n.Stmt, value: n.Expr) -> bool:
        return bool(bound_within(stmt) & names_read(value) or self.writes(stmt) & self.memory.reads(value))

    def writes(self, stmt: n.Stmt) -> frozenset[str]:
        return self.memory.effects[stmt.num].writes

    def touches(self, stmt: n.Stmt, name: str, value: n.Expr) -> bool:
        """May `name = value` not as well run behind the statement?"""
        return name in mentioned_within(stmt) or self.changes(stmt, value)
