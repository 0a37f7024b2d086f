"""Adjoints set to zero.

In: derived code.  Out: the same without places of adjoint arrays that are set to zero, or added to, though nobody reads
them any more; `x_bar[i] = 0.0` with `x_bar[i] += e` behind it, and nothing about x_bar between, is `x_bar[i] = e`, or
nothing where e is what x_bar[i] held before.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.defs import base_name, bound_by
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.same import same
from tangent_ad.core.walk import bodies, changed, commented, expressions, names_read, replace_bodies, statements
from tangent_ad.rules.registry import lookup
from tangent_ad.simplify.context import Context, is_pure, is_shadow, kinds_of
from tangent_ad.simplify.memory import Memory, find_memory, names_alone

Classes = frozenset[str]
Stmts = tuple[n.Stmt, ...]


def settle_clears(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with fewer writes of zeros."""
    if not any(is_clear(stmt) for stmt in statements(fn.body)):
        return fn
    memory = find_memory(fn, kinds_of(fn, context))
    given = frozenset(memory.class_of.get(p.name, p.name) for p in fn.params)
    work = _Work(memory, given, context.user_names, names_alone(fn, memory))
    body, _ = work.block(fn.body, frozenset())
    return replace(fn, body=work.joined(body))


def is_clear(stmt: n.Stmt) -> bool:
    """Does a statement set a place to zero?"""
    return (
        isinstance(stmt, n.Assign)
        and isinstance(stmt.target, n.Index)
        and isinstance(stmt.value, n.Const)
        and type(stmt.value.value) is float
        and repr(stmt.value.value) == "0.0"
    )


@record(frozen=True)
class _Work:
    memory: Memory
    given: Classes
    user_names: frozenset[str]
    alone: frozenset[str]

    def class_of(self, name: str) -> str:
        return self.memory.class_of.get(name, name)

    def written(self, stmt: n.Stmt) -> str | None:
        """The class of the adjoint that `stmt` does nothing but write to (a place of)."""
        if not isinstance(stmt, (n.Assign, n.AugAssign)) or not isinstance(stmt.target, n.Index):
            return None
        base = base_name(stmt.target)
        if base is None or not is_shadow(base) or base in self.user_names or self.class_of(base) in self.given:
            return None
        return self.class_of(base) if is_pure(stmt.value) else None

    # places that nobody reads any more -----------------------------------------------------------------------------

    def block(self, body: Stmts, live: Classes) -> tuple[Stmts, Classes]:
        """The statements that matter, and the classes of memory that are read from here on."""
        found: list[n.Stmt] = []
        for stmt in reversed(body):
            inner = bodies(stmt)
            if isinstance(stmt, (n.For, n.While)):
                begin = live
                while True:  # what a later iteration reads is read
                    kept, head = self.block(stmt.body, begin)
                    if head <= begin:
                        break
                    begin |= head
                live = begin | self.read(stmt)
                found.append(replace_bodies(stmt, (kept or (n.Pass(),),)))
                continue
            if inner:
                ends = [self.block(b, live) for b in inner]
                live = self.read(stmt).union(*(head for _, head in ends))
                found.append(replace_bodies(stmt, (ends[0][0] or (n.Pass(),), *(kept for kept, _ in ends[1:]))))
                continue
            target = self.written(stmt)
            if target is not None and target not in live:
                if stmt.info.comments and found:
                    found[-1] = commented(found[-1], stmt.info.comments)
                elif stmt.info.comments:
                    found.append(changed(n.Pass(), info=stmt.info, num=stmt.num))
                continue
            live = (live - self.made(stmt)) | self.read(stmt)
            found.append(stmt)
        return tuple(reversed(found)), live

    def made(self, stmt: n.Stmt) -> Classes:
        """The class that is new memory from here on."""
        match stmt:
            case n.Assign(target=n.Name(id=name), value=n.Call(fn=fn)) if name in self.alone:
                rule = lookup(fn)
                if rule is not None and rule.result == "fresh":
                    return frozenset((self.class_of(name),))
        return frozenset()

    def read(self, stmt: n.Stmt) -> Classes:
        """The classes that `stmt` itself may read, views and calls included."""
        names: set[str] = set()
        parts = list(expressions(stmt))
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name):
            parts.remove(stmt.target)
        elif isinstance(stmt, (n.Assign, n.AugAssign)) and isinstance(stmt.target, n.Index) and self.written(stmt):
            base = base_name(stmt.target)
            parts.remove(stmt.target)
            names |= names_read(stmt.target) - {base}
        for part in parts:
            names |= names_read(part)
        return frozenset(self.class_of(name) for name in names)

    # zeros that are added to ---------------------------------------------------------------------------------------

    def joined(self, body: Stmts) -> Stmts:
        """`body` with `x_bar[i] = 0.0` and `x_bar[i] += e` as one."""
        found: list[n.Stmt | None] = []
        waiting: dict[n.Expr, int] = {}
        taken: dict[n.Expr, str] = {}  # under which name stands what a place held before it was set to zero
        for stmt in body:
            if inner := bodies(stmt):
                stmt = replace_bodies(stmt, tuple(self.joined(b) for b in inner))
            at = waiting.pop(stmt.target, None) if isinstance(stmt, n.AugAssign) else None
            made = self.sum_of(stmt) if at is not None else None
            if at is not None and made is not None:
                zero = found[at]
                assert zero is not None
                comments = (*zero.info.comments, *stmt.info.comments)
                found[at] = None
                if isinstance(made.value, n.Name) and taken.get(made.target) == made.value.id:
                    if comments:
                        found.append(changed(n.Pass(), info=replace(stmt.info, comments=comments), num=stmt.num))
                    continue
                stmt = n.Assign(made.target, made.value, info=replace(stmt.info, comments=comments), num=stmt.num)
            mentioned = self.mentioned(stmt)
            bound = {name for s in (stmt, *(s for b in bodies(stmt) for s in statements(b))) for name in bound_by(s)}
            effect = self.memory.effects.get(stmt.num)  # none of a `pass` in the place of what is gone
            writes = effect.writes if effect is not None else frozenset()
            clear = stmt.target if is_clear(stmt) and isinstance(stmt, n.Assign) and self.written(stmt) else None
            for place in [p for p in waiting if self.touches(p, mentioned, bound, writes)]:
                if not _is_beside(place, stmt, self.class_of):
                    del waiting[place]
            for place, name in list(taken.items()):
                other = self.class_of(name) in writes or name in bound
                if other or (place != clear and self.touches(place, mentioned, bound, writes)):
                    del taken[place]
            if clear is not None:
                waiting[clear] = len(found)
            elif (pair := self.taken(stmt)) is not None:
                taken.update((pair,))
            found.append(stmt)
        return tuple(s for s in found if s is not None)

    def taken(self, stmt: n.Stmt) -> tuple[n.Expr, str] | None:
        """The place, and the name, if `stmt` keeps what stands there under a name of its own."""
        match stmt:
            case n.Assign(target=n.Name(id=name), value=n.Call(fn=np.copy, args=(n.Index() as place,), keywords=())):
                return (place, name) if self.class_of(name) != self.class_of(base_name(place) or name) else None
            case n.Assign(target=n.Name(id=name), value=n.Index() as place) if self.memory.is_number(name):
                return place, name
        return None

    def sum_of(self, stmt: n.Stmt) -> n.Assign | None:
        """`x_bar[i] += e` as what it is where x_bar[i] is zero."""
        if not isinstance(stmt, n.AugAssign) or stmt.fn not in (operator.add, operator.sub):
            return None
        base = base_name(stmt.target)
        if base is None or self.class_of(base) in {self.class_of(name) for name in names_read(stmt.value)}:
            return None
        value = stmt.value if stmt.fn is operator.add else n.Call(operator.neg, "-", (stmt.value,))
        return n.Assign(stmt.target, value)

    def mentioned(self, stmt: n.Stmt) -> Classes:
        """The classes of all names in a statement and in those in it."""
        inside = (stmt, *(s for b in bodies(stmt) for s in statements(b)))
        return frozenset(self.class_of(name) for s in inside for e in expressions(s) for name in names_read(e))

    def touches(self, place: n.Expr, mentioned: Classes, bound: set[str], writes: Classes) -> bool:
        """Does a statement mention the array of `place`, or change which place it is?"""
        base, names = base_name(place), names_read(place)
        if base is None or self.class_of(base) in mentioned or names & bound:
            return True
        return any(self.class_of(name) in writes for name in names)


def _is_beside(place: n.Expr, stmt: n.Stmt, class_of: Callable[[str], str]) -> bool:
    """Does the statement only change another element of the same array, by literal indices?"""
    match place, stmt:
        case (
            n.Index(value=array, index=n.Const(value=int() as k)),
            n.Assign(target=n.Index(value=other, index=n.Const(value=int() as m)), value=value)
            | n.AugAssign(target=n.Index(value=other, index=n.Const(value=int() as m)), value=value),
        ) if same(array, other) and k != m and (k < 0) == (m < 0):
            base = class_of(base_name(array) or "")
            return is_pure(value) and not any(class_of(name) == base for name in names_read(value))
    return False
