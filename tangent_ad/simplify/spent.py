"""Zeros at places whose adjoint has been taken.

In: derived code.  Out: the same without `x_bar[i] = 0.0` where no statement that may run later reads this place.

The backward sweep takes the adjoint of what was written, and clears it for the value that stood there before.  Where
the loop writes each place once, as recurrences and factorizations do, nobody reads the zero; `analyses/footprints.py`
tells.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from tangent_ad.analyses.defs import Definitions, find_definitions
from tangent_ad.analyses.footprints import Footprints, indices_of
from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.analyses.webs import Webs, find_webs
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import Kind
from tangent_ad.core.walk import changed, expressions, map_body, names_read
from tangent_ad.simplify.clears import is_clear
from tangent_ad.simplify.context import Context, is_shadow, kinds_of
from tangent_ad.simplify.memory import find_memory, names_alone

READERS = 100
"""The most statements that one zero is compared with; of more, one mostly reads it."""


@record(frozen=True)
class _Kinds:
    names: NameKinds

    def at(self, num: int, expr: n.Expr) -> Kind:
        return self.names.at(expr)


@record(frozen=True)
class _Known:
    """What footprints ask."""

    defs: Definitions
    webs: Webs
    kinds: _Kinds


def drop_spent(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) without zeros that nobody reads."""
    defs = find_definitions(fn)
    clears = [stmt for stmt in defs.statements if defs.loops[stmt.num] and is_clear(stmt)]
    if not clears:
        return fn
    kinds = kinds_of(fn, context)
    alone = names_alone(fn, find_memory(fn, kinds)) - context.user_names - {p.name for p in fn.params}
    work = _Work(Footprints(_Known(defs, find_webs(fn), _Kinds(kinds))), defs)
    gone = {stmt.num for stmt in clears if (name := _adjoint(stmt)) in alone and name and work.is_spent(stmt, name)}
    if not gone:
        return fn

    def left(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        if stmt.num not in gone:
            return (stmt,)
        return (changed(n.Pass(), info=stmt.info, num=stmt.num),) if stmt.info.comments else ()

    return replace(fn, body=map_body(fn.body, left))


def _adjoint(stmt: n.Stmt) -> str | None:
    match stmt:
        case n.Assign(target=n.Index(value=n.Name(id=name))) if is_shadow(name):
            return name
    return None


class _Work:
    def __init__(self, footprints: Footprints, defs: Definitions) -> None:
        self.footprints, self.defs = footprints, defs
        self.readers: dict[str, list[n.Stmt]] = defaultdict(list)
        for stmt in defs.statements:
            for name in frozenset().union(*map(names_read, expressions(stmt))):
                if is_shadow(name):
                    self.readers[name].append(stmt)

    def is_spent(self, clear: n.Stmt, name: str) -> bool:
        """Is the place read by nothing that may run after `clear`?"""
        around = set(self.defs.loops[clear.num])
        later = [
            stmt
            for stmt in self.readers[name]
            if (stmt.num > clear.num or around & set(self.defs.loops[stmt.num])) and indices_of(stmt, name)
        ]
        if len(later) > READERS:
            return False
        later.sort(key=lambda stmt: (stmt.num < clear.num, stmt.num))  # the next is the likeliest to read it
        return all(self.footprints.spent(clear.num, stmt.num, name) for stmt in later)
