"""Which names may share memory in derived code, and what statements read and write of it.

In: derived code and its kinds.  Out: `Memory`: classes of names (two names in different classes never share memory that
is written), and per statement the names it binds and the classes it writes.

A derived function never writes memory of its arguments (what it writes it has copied first), so parameters need no
common class.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence, Set

from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.effects import needed_content
from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.core import nodes as n
from tangent_ad.core.calling import calls_in
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import COMPOUND, NOTHING, bodies, children, names_read, one_name, statements
from tangent_ad.rules.registry import lookup
from tangent_ad.simplify.context import is_pure


@record(frozen=True, slots=True)
class Effect:
    """What a statement does, nested bodies included: names it binds, classes of memory it writes."""

    binds: frozenset[str]
    writes: frozenset[str]


@record(frozen=True)
class Memory:
    """`class_of[name]`; `effects[num]` of every statement; the names that are numbers."""

    class_of: dict[str, str]
    effects: dict[int, Effect]
    numbers: frozenset[str]

    def reads(self, expr: n.Expr) -> frozenset[str]:
        """The classes of memory whose content `expr` reads."""
        if names_read(expr) <= self.numbers:
            return NOTHING
        names = needed_content(expr) - self.numbers
        return frozenset([self.class_of.get(name, name) for name in names]) if names else NOTHING

    def is_number(self, name: str) -> bool:
        return name in self.numbers


def find_memory(fn: n.Function, kinds: NameKinds) -> Memory:
    """Classes and effects of `fn` (numbered)."""
    parent: dict[str, str] = {}

    def find(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for stmt in statements(fn.body):
        shared = _shared(stmt, kinds)
        group: Sequence[str] = sorted(shared) if len(shared) > 1 else ()
        for other in group[1:]:
            parent[find(other)] = find(group[0])
    class_of = {name: find(name) for name in list(parent)}
    effects: dict[int, Effect] = {}

    def collect(body: tuple[n.Stmt, ...]) -> None:
        for stmt in body:
            if type(stmt) in COMPOUND:
                for inner in bodies(stmt):
                    collect(inner)
            elif type(stmt) is n.Assign and type(stmt.target) is n.Name and is_pure(stmt.value):  # nearly all are
                effects[stmt.num] = _binds_alone(stmt.target.id)
                continue
            bound = bound_by(stmt)
            binds = one_name(bound[0]) if len(bound) == 1 else frozenset(bound)
            written = _written(stmt, kinds)
            writes = frozenset([class_of.get(name, name) for name in written]) if written else NOTHING
            if type(stmt) in COMPOUND and (nested := [effects[s.num] for inner in bodies(stmt) for s in inner]):
                binds = binds.union(*(e.binds for e in nested))
                writes = writes.union(*(e.writes for e in nested))
            effects[stmt.num] = Effect(binds, writes)

    collect(fn.body)
    return Memory(class_of, effects, kinds.numbers)


@functools.lru_cache(maxsize=100_000)
def _binds_alone(name: str) -> Effect:
    """What a statement does that binds one name and writes nothing."""
    return Effect(one_name(name), NOTHING)


def names_alone(fn: n.Function, memory: Memory) -> frozenset[str]:
    """The names that `fn` binds and that share memory with no other name."""
    bound = {name for stmt in statements(fn.body) for name in bound_by(stmt)}
    together: dict[str, int] = {}
    for name in memory.class_of.keys() | bound | {p.name for p in fn.params}:
        key = memory.class_of.get(name, name)
        together[key] = together.get(key, 0) + 1
    return frozenset(name for name in bound if together[memory.class_of.get(name, name)] == 1)


def _shared(stmt: n.Stmt, kinds: NameKinds) -> Set[str]:
    """The names that share memory after `stmt` because of it."""
    if type(stmt) is n.Assign and type(stmt.target) is n.Name and stmt.target.id in kinds.numbers:
        return NOTHING
    match stmt:
        case n.Assign(target=target, value=value):
            found = sources(value, kinds)
            return found | set(_targets(target)) if found else set()
        case n.ExprStmt(value=n.Call(args=args)):
            return {name for a in args for name in sources(a, kinds)}
    return set()


def _targets(target: n.Expr) -> Iterable[str]:
    if isinstance(target, n.Tuple):
        return [name for e in target.elts for name in _targets(e)]
    while isinstance(target, n.Index):
        target = target.value
    return names_read(target)


def sources(value: n.Expr, kinds: NameKinds) -> set[str]:
    """The names whose memory the value may be a part of."""
    found: set[str] = set()
    todo = [value]
    while todo:
        e = todo.pop()
        if isinstance(e, n.Name):
            if not kinds.at(e).is_number:
                found.add(e.id)
        elif isinstance(e, n.Index):
            todo.append(e.value)
        elif isinstance(e, n.Call):
            rule = lookup(e.fn)
            if rule is None or rule.result != "fresh":
                todo.extend(children(e))
        else:
            todo.extend(children(e))
    return found


def _written(stmt: n.Stmt, kinds: NameKinds) -> Set[str]:
    """The names into whose memory `stmt` itself writes; a tape that is popped is written."""
    found: set[str] = set()
    if type(stmt) is n.Assign and type(stmt.target) is n.Name:
        return _written_by_calls(stmt.value)
    match stmt:
        case n.Assign(target=target) | n.AugAssign(target=target):
            for place in target.elts if isinstance(target, n.Tuple) else (target,):
                if isinstance(place, n.Index):
                    found |= set(_targets(place))
            in_place = isinstance(stmt, n.AugAssign) and isinstance(target, n.Name)
            if in_place and not kinds.at(target).is_number:
                found |= names_read(target)
    value = getattr(stmt, "value", None)
    return found | _written_by_calls(value) if isinstance(value, n.Expr) else found


def _written_by_calls(expr: n.Expr) -> frozenset[str]:
    """The names that stand in arguments which a call in the expression writes."""
    found: set[str] = set()
    for call in calls_in(expr) if not is_pure(expr) else ():
        rule = lookup(call.fn)
        if rule is None or rule.writes:
            for k, arg in enumerate(call.args):
                if rule is None or k in rule.writes:
                    found |= names_read(arg)
    return frozenset(found)
