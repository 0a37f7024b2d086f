"""Which names surely hold the same array, and which arrays that share no memory.

In: a function, names of arrays, statements.  Out: for each of the statements what is known ahead of it.

Unlike the classes of names that may share memory, this follows the order of the statements, so it survives
`u, v = v, u` in a loop.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from tangent_ad.analyses.defs import bound_by
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import statements
from tangent_ad.rules.registry import lookup

Pairs = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Relations:
    """`same`: pairs of names that are one array; `apart`: pairs of names whose arrays share no memory.  Both ways."""

    same: Pairs = frozenset()
    apart: Pairs = frozenset()

    def met(self, other: Relations) -> Relations:
        return Relations(self.same & other.same, self.apart & other.apart)

    def without(self, name: str) -> Relations:
        return Relations(*(frozenset(p for p in pairs if name not in p) for pairs in (self.same, self.apart)))


def find_apart(
    fn: n.Function, names: Iterable[str], arrays: Collection[str], at: Collection[int]
) -> dict[int, Relations]:
    """What is known of `names` ahead of the statements `at`; `arrays`: the names that hold nothing but arrays (lists
    would take in what had been apart from them)."""
    flow = _Flow(_sources(fn, set(names), arrays), frozenset(at), {})
    flow.through(fn.body, Relations())
    return flow.found


def _sources(fn: n.Function, names: set[str], arrays: Collection[str]) -> frozenset[str]:
    """`names` with those whose arrays they are bound to, or parts of."""
    bound: dict[str, set[str]] = {}
    for stmt in statements(fn.body):
        for target, value in _pairs(stmt):
            if (base := _base(value)) is not None:
                bound.setdefault(target, set()).add(base)
    todo = list(names)
    while todo:
        more = bound.get(todo.pop(), set()) - names
        names |= more
        todo += more
    return frozenset(name for name in names if name in arrays)


def _pairs(stmt: n.Stmt) -> list[tuple[str, n.Expr]]:
    """The names that a statement binds, each with its value, if they are written beside each other."""
    match stmt:
        case n.Assign(target=n.Name(id=name), value=value):
            return [(name, value)]
        case n.Assign(target=n.Tuple(elts=targets), value=n.Tuple(elts=values)) if len(targets) == len(values):
            pairs = zip(targets, values, strict=True)
            found = [(target.id, value) for target, value in pairs if isinstance(target, n.Name)]
            return found if len(found) == len(targets) else []
    return []


def _owner(value: n.Expr) -> n.Expr:
    """What has the memory that the value is a part of, if it is not new: a name, or what makes an array."""
    while True:
        match value:
            case n.Index(value=whole):
                value = whole
            case n.Call(fn=fn, args=(first, *_)) if (rule := lookup(fn)) is not None and rule.result != "fresh":
                value = first
            case _:
                return value


def _base(value: n.Expr) -> str | None:
    owner = _owner(value)
    return owner.id if isinstance(owner, n.Name) else None


def _is_new(value: n.Expr) -> bool:
    """Is it in memory that no name has yet?"""
    owner = _owner(value)
    rule = lookup(owner.fn) if isinstance(owner, n.Call) else None
    return rule is not None and rule.result == "fresh"


@dataclass
class _Flow:
    names: frozenset[str]
    at: frozenset[int]
    found: dict[int, Relations]
    waiting: frozenset[str] = frozenset()
    """Stand-ins for values that are not bound yet."""

    def through(self, body: tuple[n.Stmt, ...], known: Relations) -> Relations:
        """What is known behind `body`."""
        for stmt in body:
            if stmt.num in self.at:
                self.found[stmt.num] = known
            match stmt:
                case n.If():
                    known = self.through(stmt.body, known).met(self.through(stmt.orelse, known))
                case n.For() | n.While():
                    known = self._around(stmt, known)
                case n.Assign():
                    known = self._assigned(stmt, known)
        return known

    def _assigned(self, stmt: n.Assign, known: Relations) -> Relations:
        pairs = _pairs(stmt)
        if len(pairs) > 1:  # all values are there before the first name is bound
            self.waiting = frozenset(f"={k}" for k in range(len(pairs)))
            for k, (_, value) in enumerate(pairs):
                known = self._bound(f"={k}", value, known)
            pairs = [(name, n.Name(f"={k}")) for k, (name, _) in enumerate(pairs)]
        for name, value in pairs:
            known = self._bound(name, value, known) if name in self.names else known
        for name in bound_by(stmt) if not pairs else ():
            known = known.without(name)
        return known

    def _around(self, loop: n.For | n.While, known: Relations) -> Relations:
        """What holds at the head of a loop, whatever the iteration."""
        if isinstance(loop, n.For):
            known = known.without(loop.target.id)
        while True:
            met = known.met(self.through(loop.body, known))
            if met == known:
                return known
            known = met

    def _bound(self, name: str, value: n.Expr, known: Relations) -> Relations:
        base = _base(value)
        if _is_new(value):
            known, others = known.without(name), (self.names | self.waiting) - {name}
            return Relations(known.same, known.apart | _both(name, others))
        if base is None or base not in self.names | self.waiting:
            return known.without(name)
        whole = isinstance(value, n.Name)
        if base == name:
            return known if whole else Relations(known.without(name).same, known.apart)
        same = {other for other, held in known.same if held == base and other != name}
        apart = {other for other, held in known.apart if held == base and other != name}
        known = known.without(name)
        equal = known.same | _both(name, same | {base}) if whole else known.same
        return Relations(equal, known.apart | _both(name, apart))


def _both(name: str, others: Iterable[str]) -> Pairs:
    return frozenset(pair for other in others for pair in ((name, other), (other, name)))
