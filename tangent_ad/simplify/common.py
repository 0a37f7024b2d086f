"""Numbers that are computed once.

In: derived code.  Out: the same where a temporary that has the value of an earlier one is only another name of it,
which un-nesting takes away: callees that were inlined, and the two sweeps, compute the same of the same.

    t = -9.81 / length                  t = -9.81 / length
    ...                         is      ...
    t2 = -9.81 / length                 t2 = t
"""

from __future__ import annotations

from dataclasses import field, replace

from tangent_ad.analyses.defs import bound_within
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import bodies, changed, names_read, replace_bodies, statements
from tangent_ad.simplify.context import Context, is_pure, is_shadow, kinds_of
from tangent_ad.simplify.memory import Memory, find_memory

Stmts = tuple[n.Stmt, ...]
Known = dict[n.Expr, str]


def share_numbers(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with temporaries that are names of others."""
    kinds, kept = kinds_of(fn, context), context.user_names | {p.name for p in fn.params}
    memory = find_memory(fn, kinds)
    times: dict[str, int] = {}
    values: dict[n.Expr, int] = {}
    for stmt in statements(fn.body):
        for name in bound_within(stmt) if not bodies(stmt) else ():
            times[name] = times.get(name, 0) + 1
        if (value := _computed(stmt)) is not None:
            values[value] = values.get(value, 0) + 1
    if not any(count > 1 for count in values.values()):
        return fn
    once = frozenset(name for name, count in times.items() if count == 1) & memory.numbers - kept
    return replace(fn, body=_Work(memory, once).block(fn.body, {}))


def _computed(stmt: n.Stmt) -> n.Expr | None:
    """What a temporary is bound to, if that is more than a name."""
    match stmt:
        case n.Assign(target=n.Name(id=name), value=n.Call() | n.Index() as value, annotation=None):
            return value if not is_shadow(name) and is_pure(value) else None
    return None


@record(frozen=True)
class _Work:
    """`once`: temporaries, numbers, that one statement binds.  `users`: values by the names and [memory] they read."""

    memory: Memory
    once: frozenset[str]
    users: dict[str, list[n.Expr]] = field(default_factory=dict)

    def block(self, body: Stmts, known: Known) -> Stmts:
        """`body`, ahead of which the names of `known` hold what they stand for."""
        found = []
        for stmt in body:
            if inner := bodies(stmt):
                if isinstance(stmt, (n.For, n.While)):
                    self.forget(stmt, known)  # the next iteration finds what this one has changed
                stmt = replace_bodies(stmt, tuple(self.block(b, dict(known)) for b in inner))
            value = _computed(stmt)
            name = stmt.target.id if value is not None else ""  # type: ignore[attr-defined]
            other = known.get(value) if value is not None and name in self.once else None
            if other is not None:
                found.append(changed(stmt, value=n.Name(other)))
                continue
            found.append(stmt)
            self.forget(stmt, known)
            if value is not None and name in self.once and name not in names_read(value):
                self.learn(value, name, known)
        return tuple(found)

    def forget(self, stmt: n.Stmt, known: Known) -> None:
        """Takes away what a statement, with all in it, may have changed."""
        effect = self.memory.effects[stmt.num]
        for key in (*bound_within(stmt), *(f"[{place}]" for place in effect.writes)):
            for value in self.users.get(key, ()):
                known.pop(value, None)

    def learn(self, value: n.Expr, name: str, known: Known) -> None:
        known[value] = name
        for key in (*names_read(value), *(f"[{place}]" for place in self.memory.reads(value))):
            self.users.setdefault(key, []).append(value)
