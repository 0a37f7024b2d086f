"""Webs: definitions joined by the reads they reach.

In: a numbered function in normal form.  Out: `Webs`: for every read and every definition of a name the number of its
web.  Kinds belong to webs, so a name may be a number first and an array later.  Definition -1 is the parameter.
"""

from __future__ import annotations

from tangent_ad.analyses.defs import bound_by, bound_within, surely_runs
from tangent_ad.core import nodes as n
from tangent_ad.core.answers import kept
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import bodies, expressions, names_read, statements

State = dict[str, frozenset[int]]
Reaching = dict[tuple[int, str], frozenset[int]]
Reads = list[tuple[tuple[int, str], frozenset[int]]]
PARAMETER = -1


@record(frozen=True)
class Webs:
    """`of_read[(num, name)]` and `of_def[(num, name)]` name a web; `reaching[(num, name)]` the definitions (statement
    numbers) whose value the name may hold when statement `num` begins; `definite` holds (num, name) if it surely is
    defined there."""

    of_read: dict[tuple[int, str], int]
    of_def: dict[tuple[int, str], int]
    reaching: dict[tuple[int, str], frozenset[int]]
    at_end: State

    def params(self, fn: n.Function) -> dict[str, int]:
        return {p.name: self.of_def[(PARAMETER, p.name)] for p in fn.params}


UNDEFINED = -2
NOWHERE: frozenset[int] = frozenset((UNDEFINED,))


@kept
def reads_of(stmt: n.Stmt) -> frozenset[str]:
    """The names whose value `stmt` itself reads: all in it but those it binds; an augmented assignment reads both."""
    kind = type(stmt)
    if kind is n.Assign or kind is n.AugAssign:
        target, value = stmt.target, stmt.value  # type: ignore[attr-defined]
        if kind is n.Assign and type(target) is not n.Index:
            return names_read(value)
        return names_read(target) | names_read(value)
    parts = read_expressions(stmt)
    return names_read(parts[0]) if len(parts) == 1 else frozenset().union(*map(names_read, parts))


def read_expressions(stmt: n.Stmt) -> tuple[n.Expr, ...]:
    """The expressions that `stmt` reads: without the names it binds, with the place it writes to."""
    kind = type(stmt)
    if kind is n.Assign and type(stmt.target) is not n.Index:  # type: ignore[attr-defined]
        return (stmt.value,)  # type: ignore[attr-defined]
    parts = expressions(stmt)
    return parts[1:] if kind is n.For else parts


@kept
def find_webs(fn: n.Function) -> Webs:
    reaching: Reaching = {}
    state: State = {p.name: frozenset((PARAMETER,)) for p in fn.params}
    reads: Reads = []
    state = _flow(fn.body, state, reaching, reads)
    joined = _Union()
    parent = joined.parent
    for p in fn.params:
        parent[(PARAMETER, p.name)] = (PARAMETER, p.name)
    # What is only bound again there is not read: the values have nothing to do with each other.
    for stmt in statements(fn.body):
        for name in bound_by(stmt):
            key = (stmt.num, name)
            parent.setdefault(key, key)
            if type(stmt) is n.AugAssign:
                for d in reaching[key]:
                    if d != UNDEFINED:
                        joined.union(key, (d, name))
    for (_, name), defs in reads:
        if len(defs) > 1:
            real = sorted(defs - {UNDEFINED})
            for d in real[1:]:
                joined.union((real[0], name), (d, name))
    ids: dict[tuple[int, str], int] = {}
    find = joined.find
    of_def = {key: ids.setdefault(key if root is key else find(key), len(ids)) for key, root in parent.items()}
    of_read: dict[tuple[int, str], int] = {}
    for key, defs in reads:
        if len(defs) == 1:
            (first,) = defs
        else:
            first = min(defs - NOWHERE)
        if first != UNDEFINED:
            of_read[key] = of_def[(first, key[1])]
    return Webs(of_read, of_def, reaching, state)


def _flow(body: tuple[n.Stmt, ...], state: State, reaching: Reaching, reads: Reads) -> State:
    """Record what reaches each statement of `body`; the state behind it."""
    for stmt in body:
        kind = type(stmt)
        if kind not in _COMPOUND:
            _record(stmt, state, reaching, reads)
            for name in bound_by(stmt):
                state[name] = frozenset((stmt.num,))
            continue
        if isinstance(stmt, (n.For, n.While)):
            if isinstance(stmt, n.For):
                _record(stmt, state, reaching, reads)
            state = dict(state)
            made, sure = _made_by(stmt)
            for name, found in made.items():
                state[name] = state.get(name, frozenset((UNDEFINED,))) | found
            if isinstance(stmt, n.While):
                _record(stmt, state, reaching, reads)
            entry = dict(state)
            if isinstance(stmt, n.For):
                entry[stmt.target.id] = frozenset((stmt.num,))
            _flow(stmt.body, entry, reaching, reads)
            state.update({name: made[name] for name in sure})
            continue
        _record(stmt, state, reaching, reads)
        if isinstance(stmt, n.If):
            ends = [_flow(inner, dict(state), reaching, reads) for inner in bodies(stmt)]
            if stmt.body and isinstance(stmt.body[-1], n.Raise):
                state = ends[1]
            else:
                state = _join(ends[0], ends[1], bound_within(stmt))
    return state


_COMPOUND = frozenset((n.For, n.While, n.If))


def _made_by(loop: n.For | n.While) -> tuple[State, set[str]]:
    """The definitions that may hold when an iteration of `loop` ends, by name, and the names `loop` surely binds."""
    made, sure = _summary(loop.body)
    if isinstance(loop, n.For):
        made[loop.target.id] = frozenset((loop.num,))
        sure.add(loop.target.id)
    return made, sure if surely_runs(loop) else set()


def _summary(body: tuple[n.Stmt, ...]) -> tuple[State, set[str]]:
    """The definitions in `body` that may reach its end, and the names that it surely binds."""
    made: State = {}
    sure: set[str] = set()
    for stmt in body:
        if isinstance(stmt, n.If):
            first, first_sure = _summary(stmt.body)
            second, second_sure = _summary(stmt.orelse)
            if stmt.body and isinstance(stmt.body[-1], n.Raise):
                first, first_sure = {}, second_sure
            inner = {k: first.get(k, frozenset()) | second.get(k, frozenset()) for k in {**first, **second}}
            bound = first_sure & second_sure
        elif isinstance(stmt, (n.For, n.While)):
            inner, bound = _made_by(stmt)
        else:
            inner = {name: frozenset((stmt.num,)) for name in bound_by(stmt)}
            bound = set(inner)
        for name, found in inner.items():
            made[name] = found if name in bound else made.get(name, frozenset()) | found
        sure |= bound
    return made, sure


def _record(stmt: n.Stmt, state: State, reaching: Reaching, reads: Reads) -> None:
    num, find = stmt.num, state.get
    for name in reads_of(stmt):
        key = (num, name)
        reaching[key] = found = find(name, NOWHERE)
        reads.append((key, found))
    for name in bound_by(stmt):
        reaching[(num, name)] = find(name, NOWHERE)


def _join(a: State, b: State, changed: frozenset[str]) -> State:
    """What holds behind two branches that bind the names `changed`; `a` is no longer used."""
    for name in changed:
        a[name] = a.get(name, NOWHERE) | b.get(name, NOWHERE)
    return a


class _Union:
    """Disjoint sets of definitions."""

    def __init__(self) -> None:
        self.parent: dict[tuple[int, str], tuple[int, str]] = {}

    def find(self, key: tuple[int, str]) -> tuple[int, str]:
        parent = self.parent
        up = parent.setdefault(key, key)
        while up != key:
            parent[key] = above = parent[up]
            key, up = above, parent[above]
        return key

    def union(self, a: tuple[int, str], b: tuple[int, str]) -> None:
        a, b = self.find(a), self.find(b)
        if a != b:
            self.parent[max(a, b)] = min(a, b)
