"""The law of counters that are taken back, checked on every function that is generated.

In: the facts of the primal and the derived function, as the mode made it.  Out: nothing, or an InternalError.

*Inversion law*: `i -= e` of a primal name, in the backward sweep, undoes the one statement of a loop that changes i.
It stands at the head of the loop that runs over the same iterations, the last one first; what it begins with is what
the loop left; e is the amount of the primal's statement, whose names the version law looks at; and the primal changes i
nowhere else in the loop, not under a condition, and by an integer.
"""

from __future__ import annotations

import operator

from tangent_ad.analyses.defs import Definitions, bound_by
from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.webs import UNDEFINED, Webs
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import children, statements
from tangent_ad.errors import InternalError
from tangent_ad.modes.common import unaugmented
from tangent_ad.modes.reverse.kept import TapeLaw, runs_back
from tangent_ad.storage.marks import Read, before
from tangent_ad.storage.place import Sweeps

LOOPS = (n.For, n.While)
OPPOSITE = {operator.add: operator.sub, operator.sub: operator.add}


def check_inverted(facts: Facts, defs: Definitions, webs: Webs, sweeps: Sweeps, tapes: TapeLaw) -> None:
    """Raise InternalError where a counter is taken back that was not, or to another value."""
    for stmt in defs.statements:
        undone = undone_in(stmt)
        if undone is not None:
            _Inversion(facts, defs, webs, sweeps, tapes).check(stmt, *undone)


def undone_in(stmt: n.Stmt) -> tuple[str, int, n.Call] | None:
    """The name, the version and the value of a statement that takes a counter back."""
    match stmt:
        case n.Assign(
            target=n.Name(id=held, version=int() as version),
            value=n.Call(args=(n.Name(id=old, version=None), _)) as undone,
        ) if held == old:
            return held, version, undone
    return None


class _Inversion:
    def __init__(self, facts: Facts, defs: Definitions, webs: Webs, sweeps: Sweeps, tapes: TapeLaw) -> None:
        self.facts, self.defs, self.webs, self.sweeps, self.tapes = facts, defs, webs, sweeps, tapes

    def check(self, stmt: n.Stmt, held: str, version: int, undone: n.Call) -> None:
        name = self.sweeps.names.get(held, held)
        read = Read(name, version, True)
        loop, update = self.updated(read)
        change = unaugmented(self.facts.defs.statements[update])
        value = change.value if isinstance(change, n.Assign) else None
        if not isinstance(value, n.Call) or OPPOSITE.get(value.fn) is not undone.fn or len(value.args) != 2:
            raise broken(f"`{name}` is not changed by a sum")
        first, second = value.args
        if first != n.Name(name) and value.fn is operator.add:
            first, second = second, first
        if first != n.Name(name) or not self.is_same(undone.args[1], second, update):
            raise broken(f"`{name}` is not taken back by what it was changed")
        reaching = self.facts.webs.reaching[(update, name)]
        if not all(self.facts.kinds.defined(d, name).dtype == "int" for d in reaching - {UNDEFINED}):
            raise broken(f"`{name}` is no integer")
        back, there = self.tapes.home[stmt.num], self.defs.by_number.get(self.tapes.running.get(loop, -1))
        if back is None or there is None or not runs_back(there, back, in_order=True):
            raise broken(f"`{name}` is not taken back in the loop that changed it, run backwards")
        self.begins(stmt, held, name, back, there, frozenset(reaching))

    def updated(self, read: Read) -> tuple[int, int]:
        """The primal's loop and the one statement in it that changes the name; the read comes before that."""
        found = self.facts.defs.defs.get(read.name, ())
        for loop in reversed(self.facts.defs.loops[read.num]):
            first, last = self.facts.defs.span[loop]
            inside = [d for d in found if first <= d <= last]
            if not inside:
                continue
            stmt = self.facts.defs.statements[loop]
            direct = [s.num for s in stmt.body] if isinstance(stmt, (n.For, n.While)) else []
            if len(inside) == 1 and inside[0] in direct and read.num <= inside[0] and not read.is_behind:
                return loop, inside[0]
            break
        raise broken(f"`{read.name}` is taken back, but not changed once in each iteration")

    def is_same(self, ours: n.Expr, theirs: n.Expr, num: int) -> bool:
        """Is the amount, marked, what the primal's statement `num` adds, with its temporaries spelled out?"""
        if isinstance(ours, n.Name):
            name = self.sweeps.names.get(ours.id, ours.id)
            return theirs == n.Name(name) and ours.version == before(num)
        if isinstance(theirs, n.Name):
            reaching = self.facts.webs.reaching.get((num, theirs.id), frozenset())
            d = min(reaching, default=UNDEFINED)
            stmt = self.facts.defs.statements[d] if d >= 0 else None
            here, there = self.facts.defs.loops[num], self.facts.defs.loops[d] if d >= 0 else ()
            once = len(reaching) == 1 and d < num and there == here[: len(there)]
            return once and isinstance(stmt, n.Assign) and self.is_same(ours, stmt.value, d)
        if type(ours) is not type(theirs) or getattr(ours, "fn", None) is not getattr(theirs, "fn", None):
            return False
        parts = children(ours), children(theirs)
        if not parts[0] and not parts[1]:
            return ours == theirs
        return len(parts[0]) == len(parts[1]) and all(self.is_same(a, b, num) for a, b in zip(*parts, strict=True))

    # what the backward sweep begins with ------------------------------------------------------------------------

    def begins(self, stmt: n.Stmt, held: str, name: str, back: n.Stmt, there: n.Stmt, expected: frozenset[int]) -> None:
        """What is taken back begins with what the loop left."""
        found = self.webs.reaching[(stmt.num, held)] - {stmt.num}
        source, at = held, back.num
        ahead = [
            self.defs.by_number[d] for d in found if d >= 0 and self.tapes.body_of[d] is self.tapes.body_of[back.num]
        ]
        match [s for s in ahead if s.info.origin is None and s.num < back.num]:
            case [n.Assign(value=n.Name(id=source_name, version=None)) as start] if found == {start.num}:
                source, at = source_name, start.num
                found = self.webs.reaching[(start.num, source)]
        if source in self.sweeps.tapes:
            self.kept_behind(source, name, there)
        elif len(found) == 1 and self.restored_from(min(found)) is not None:
            (d,) = found
            if self.tapes.body_of[d] is not self.tapes.body_of[back.num] or d > at:
                raise broken(f"`{name}` is taken back from what another iteration left")
            self.kept_behind(str(self.restored_from(d)), name, there)
        elif source != name or not all(self.is_forward(d, expected) for d in found):
            raise broken(f"`{name}` is not taken back from what its loop left")
        elif self.runs_again(there, back, name):
            raise broken(f"`{name}` no longer holds what its loop left")

    def is_forward(self, d: int, expected: frozenset[int]) -> bool:
        """Is it a definition of the forward sweep that the loop leaves?  One from before the loop is what reaches the
        backward sweep on paths on which neither of the two loops runs."""
        if d < 0:
            return d in expected or d == UNDEFINED
        origin = self.defs.by_number[d].info.origin
        if origin is None or self.tapes.running.get(origin) != d:
            return False
        return origin in expected or origin < min(e for e in expected if e >= 0)

    def runs_again(self, there: n.Stmt, back: n.Stmt, name: str) -> bool:
        """May the forward sweep change the name behind the loop, before the backward sweep comes to it?"""
        shared = set(self.defs.loops[there.num]) & set(self.defs.loops[back.num])
        if len(shared) < len(self.defs.loops[there.num]):
            return True
        body = self.tapes.body_of[there.num]
        if self.tapes.body_of[back.num] is body:
            between = [s for s in self.defs.statements if there.num < s.num < back.num]
            own = {s.num for s in statements((there,))}
            return any(name in bound_by(s) for s in between if s.num not in own and s.info.origin is not None)
        return False

    def restored_from(self, d: int) -> str | None:
        """The tape that the definition `d` restores from."""
        if d < 0 or self.defs.by_number[d].info.origin is not None:
            return None
        tapes = [t for t in self.sweeps.tapes if any(s.num == d for s in self.tapes.of_tape[t].reads)]
        return tapes[0] if len(tapes) == 1 else None

    def kept_behind(self, tape: str, name: str, there: n.Stmt) -> None:
        """Is the tape filled behind the loop, with what that left?"""
        for fill in self.tapes.of_tape[tape].fills:
            body = self.tapes.body_of[fill.num]
            between = [s for s in body if there.num < s.num < fill.num]
            bound = any(name in bound_by(s) for s in statements(tuple(between)))
            value = fill.value.args[1] if isinstance(fill, n.ExprStmt) else fill.value  # type: ignore[attr-defined]
            if body is not self.tapes.body_of[there.num] or fill.num < there.num or bound or value != n.Name(name):
                raise broken(f"`{name}` is not kept behind its loop")


def broken(what: str) -> InternalError:
    return InternalError(f"reverse mode broke the inversion law: {what}")
