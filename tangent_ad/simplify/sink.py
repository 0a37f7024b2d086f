"""Sums that concern one branch only.

In: derived code.  Out: the same with what an adjoint is passed on to inside the branch in which it is not zero:

    hold_bar = 0.0                          if branch:
    if branch:                                  ...
        ...                                 else:
    else:                            is         hold_bar = 0.0
        hold_bar += t_bar                       hold_bar += t_bar
    high_bar += hold_bar * up                   high_bar += hold_bar * up

Zero times something is not added where it is known to be zero.
"""

from __future__ import annotations

import operator
from dataclasses import replace

from tangent_ad.analyses.live import Live, find_live
from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import bodies, changed, expressions, is_guard, names_read, replace_bodies, statements
from tangent_ad.simplify.context import Context, is_shadow, kinds_of
from tangent_ad.simplify.memory import Memory, find_memory

Stmts = tuple[n.Stmt, ...]


def sink_sums(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with sums moved into branches."""
    if not any(isinstance(stmt, n.If) and not is_guard(stmt) for stmt in statements(fn.body)):
        return fn
    kinds = kinds_of(fn, context)
    work = _Work(kinds, find_memory(fn, kinds), find_live(fn), context.user_names)
    return replace(fn, body=work.block(fn.body))


def _mentions(stmt: n.Stmt, name: str) -> bool:
    inside = (stmt, *(s for body in bodies(stmt) for s in statements(body)))
    return any(name in names_read(e) for s in inside for e in expressions(s))


@record(frozen=True)
class _Work:
    kinds: NameKinds
    memory: Memory
    live: Live
    user_names: frozenset[str]

    def block(self, body: Stmts) -> Stmts:
        at = 0
        while at < len(body):
            stmt = body[at]
            if isinstance(stmt, n.If) and not is_guard(stmt):
                moved: Stmts | None = body
                while moved is not None:  # each goes from before the `if` into it
                    body, at = moved, at - (len(moved) < len(body))
                    found = (self.sunk(body, at, zero) for zero in self.zeros(body[:at]))
                    moved = next((made for made in found if made is not None), None)
            at += 1
        return tuple(
            replace_bodies(s, tuple(self.block(b) for b in inner)) if (inner := bodies(s)) else s for s in body
        )

    def zeros(self, before: Stmts) -> list[n.Assign]:
        """The adjoints, numbers, that are set to zero in a block and not mentioned again in it."""
        found: dict[str, n.Assign] = {}
        for stmt in before:
            for name in [name for name in found if _mentions(stmt, name)]:
                del found[name]
            match stmt:
                case n.Assign(target=n.Name(id=name), value=n.Const(value=float() as value)) if repr(value) == "0.0":
                    if is_shadow(name) and name not in self.user_names and self.kinds.of(name).is_number:
                        found[name] = stmt
        return list(found.values())

    def sunk(self, body: Stmts, at: int, zero: n.Assign) -> Stmts | None:
        """`body` with the sums of an adjoint, and its zero, in the one branch of `body[at]` that gives it a value."""
        test = body[at]
        assert isinstance(test, n.If) and isinstance(zero.target, n.Name)
        name = zero.target.id
        given = [any(_mentions(s, name) for s in branch) for branch in (test.body, test.orelse)]
        if sum(given) != 1 or name in names_read(test.test):
            return None
        behind = body[at + 1 :]
        sums = [s for s in behind if _mentions(s, name)]
        if not sums or not all(_is_sum_of(s, name) and not s.info.comments for s in sums):
            return None
        if name in self.live.after[sums[-1].num]:
            return None
        for k, stmt in enumerate(behind):
            if stmt in sums and not all(self.commute(other, stmt) for other in behind[:k] if other not in sums):
                return None
        branches = [test.body, test.orelse]
        which = given.index(True)
        bare = changed(zero, info=replace(zero.info, comments=()))
        branches[which] = (bare, *branches[which], *sums)
        ahead: list[n.Stmt] = [*body[:at], changed(test, body=branches[0], orelse=branches[1])]
        here = next(k for k, s in enumerate(ahead) if s is zero)
        after = ahead[here + 1]
        comments = (*zero.info.comments, *after.info.comments)
        ahead[here : here + 2] = [changed(after, info=replace(after.info, comments=comments))]
        return (*ahead, *(s for s in behind if s not in sums))

    def commute(self, one: n.Stmt, two: n.Stmt) -> bool:
        """May two statements change places?"""
        first, second = self.memory.effects[one.num], self.memory.effects[two.num]
        read_one, read_two = self.read(one), self.read(two)
        if first.binds & (read_two[0] | second.binds) or second.binds & read_one[0]:
            return False
        shared = first.writes & (read_two[1] | second.writes) | second.writes & read_one[1]
        return not shared or (self.adds(one) == self.adds(two) == shared and len(shared) == 1)

    def adds(self, stmt: n.Stmt) -> frozenset[str]:
        """The class of memory that `stmt` adds to, without reading it otherwise."""
        match stmt:
            case n.AugAssign(target=n.Index() as place, fn=operator.add | operator.sub, value=value):
                written = self.memory.effects[stmt.num].writes
                inside = names_read(value).union(*(names_read(e.index) for e in _places(place)))
                return frozenset() if written & {self.memory.class_of.get(m, m) for m in inside} else written
        return frozenset()

    def read(self, stmt: n.Stmt) -> tuple[frozenset[str], frozenset[str]]:
        """The names, and the classes of memory, that a statement mentions."""
        inside = (stmt, *(s for body in bodies(stmt) for s in statements(body)))
        names = frozenset(name for s in inside for e in expressions(s) for name in names_read(e))
        classes = frozenset(self.memory.class_of.get(m, m) for m in names if not self.memory.is_number(m))
        return names, classes


def _places(place: n.Expr) -> list[n.Index]:
    found = []
    while isinstance(place, n.Index):
        found.append(place)
        place = place.value
    return found


def _is_sum_of(stmt: n.Stmt, name: str) -> bool:
    """Does `stmt` add something that is zero when `name` is?"""
    match stmt:
        case n.AugAssign(target=target, fn=operator.add | operator.sub, value=value):
            return name not in names_read(target) and _is_linear(value, name)
    return False


def _is_linear(expr: n.Expr, name: str) -> bool:
    match expr:
        case n.Name(id=same):
            return same == name
        case n.Call(fn=operator.neg | operator.pos, args=(a,)):
            return _is_linear(a, name)
        case n.Call(fn=operator.mul, args=(a, b)):
            if name in names_read(a):
                return name not in names_read(b) and _is_linear(a, name)
            return _is_linear(b, name)
        case n.Call(fn=operator.truediv, args=(a, b)):
            return name not in names_read(b) and _is_linear(a, name)
        case n.Call(fn=operator.add | operator.sub, args=(a, b)):
            return _is_linear(a, name) and _is_linear(b, name)
    return False
