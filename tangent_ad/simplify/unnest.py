"""Un-nesting: temporaries back into the expressions they were taken out of.

In: derived code.  Out: the same with fewer names.  Only names that the compiler made are touched.

Two kinds of definitions `v = e` are taken away.  *Moved*: e is computed for its value alone, v is read exactly once, by
a later statement of the same block, and nothing between changes what e reads; e takes the place of v.  *Renamed*: e is
a name, a constant or a comparison, and still means the same wherever v is read; then it replaces every read.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.live import Live, find_live
from tangent_ad.core import nodes as n
from tangent_ad.core.answers import kept
from tangent_ad.core.walk import (
    COMPOUND,
    NOTHING,
    bodies,
    commented,
    contents,
    expressions,
    map_expressions,
    map_names,
    names_read,
    replace_bodies,
    statements,
)
from tangent_ad.emit.exprs import width
from tangent_ad.frontend.pure import COMPARISONS
from tangent_ad.runtime import helpers
from tangent_ad.simplify.context import Context, binary, is_operator, is_pure, is_shadow, kinds_of
from tangent_ad.simplify.memory import Effect, Memory, find_memory
from tangent_ad.simplify.repeated import may_repeat, read_few_times
from tangent_ad.simplify.roles import inside, places_in

OPERATORS, WIDTH, SUM, FILLING = 9, 84, 60, 3
"""The most operations, and columns, of an expression put together here; the width of a sum of adjoints; the operations
of a number that an array is filled with: the array can give way to it in a product."""
ATTEMPTS = 5


def unnest_all(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with temporaries put back into expressions, also those of one operation that are read twice."""
    return unnest(fn, context, True)


def unnest(fn: n.Function, context: Context, repeating: bool = False) -> n.Function:
    """`fn` (numbered) with temporaries put back into expressions."""
    made = _made(fn, context)
    if not made:
        return fn
    few = read_few_times(fn, made) if repeating and not context.typed else frozenset()  # Numba is slow at operations
    work = _Work(made, find_memory(fn, kinds_of(fn, context)), find_live(fn), few)
    return replace(fn, body=work.block(fn.body, {}))


def _made(fn: n.Function, context: Context) -> frozenset[str]:
    """The names that the compiler made and that are no parameters."""
    found: set[str] = set()
    for stmt in statements(fn.body):
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name):
            found.add(stmt.target.id)
    return frozenset(found - context.user_names - {p.name for p in fn.params})


class _Held(NamedTuple):
    """A definition that may be taken away: where it stands in its block, and what its value reads."""

    at: int
    stmt: n.Assign
    value: n.Expr
    size: int
    names: frozenset[str]
    classes: frozenset[str]
    renames: bool
    repeats: bool


@dataclass
class _Work:
    made: frozenset[str]
    memory: Memory
    live: Live
    few: frozenset[str]

    def block(self, body: tuple[n.Stmt, ...], renamed: dict[str, n.Expr], again: bool = False) -> tuple[n.Stmt, ...]:
        """A block; `renamed` holds what stands for a name throughout it; `again`: it is in a loop.  A run may find
        renamings that some read forbids; the next run leaves them out."""
        skip: frozenset[str] = frozenset()
        for attempt in range(ATTEMPTS):
            run = _Block(self, renamed, skip, attempt < ATTEMPTS - 1, again).run(body)
            if run.refused <= skip:
                return run.result(body)
            skip |= run.refused
        return body


@dataclass
class _Block:
    """One run over the statements of one block."""

    work: _Work
    renamed: dict[str, n.Expr]
    skip: frozenset[str]
    may_rename: bool
    again: bool
    refused: set[str] = field(default_factory=set)
    out: list[n.Stmt | None] = field(default_factory=list)
    held: dict[str, _Held] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    users: dict[str, set[str]] = field(default_factory=dict)
    inner: dict[int, dict[str, n.Expr]] = field(default_factory=dict)

    def run(self, body: tuple[n.Stmt, ...]) -> _Block:
        for stmt in body:
            self.statement(stmt)
        for name, held in self.held.items():
            if held.renames and name in self.work.live.after[body[-1].num]:
                self.refused.add(name)
            elif held.renames:
                self.out[held.at] = None
        return self

    def result(self, body: tuple[n.Stmt, ...]) -> tuple[n.Stmt, ...]:
        """The statements that are left; comments of one that was taken away stand above the next."""
        found: list[n.Stmt] = []
        waiting: tuple[str, ...] = ()
        for at, (left, stmt) in enumerate(zip(self.out, body, strict=True)):
            if left is None:
                waiting += stmt.info.comments
            else:
                if at in self.inner:
                    again = self.again or not isinstance(left, n.If)
                    left = replace_bodies(left, tuple(self.work.block(b, self.inner[at], again) for b in bodies(left)))
                found.append(commented(left, waiting) if waiting else left)
                waiting = ()
        return tuple(found)

    # one statement ----------------------------------------------------------------------------------------------

    def statement(self, stmt: n.Stmt) -> None:
        effect = self.work.memory.effects[stmt.num]
        if type(stmt) in COMPOUND:
            self.compound(stmt, effect)
            return
        new, size = self.direct(stmt, NOTHING_WITHIN)
        self.forget(effect.binds, effect.writes, stmt)
        self.out.append(new)
        if type(new) is n.Assign and type(new.target) is n.Name:
            self.consider(new, size)

    def compound(self, stmt: n.Stmt, effect: Effect) -> None:
        within = inside(stmt)
        if isinstance(stmt, n.While):  # its test runs again behind its body
            self.forget(effect.binds, effect.writes, stmt)
        new, _ = self.direct(stmt, within)
        self.forget(effect.binds, effect.writes, stmt)
        self.refused |= self.lost & within.keys()
        renamed = dict(self.renamed)
        for name in [v for v in self.held if v in within]:
            held = self.held[name]
            if not held.renames:
                self.drop(name)
            elif held.repeats:  # once is better than in each iteration, or branch
                self.refuse(name)
            elif all(_fits(held.value, role) for role in within[name]):
                renamed[name] = held.value
            else:
                self.refuse(name)
        self.inner[len(self.out)] = renamed
        self.out.append(new)

    def direct(self, stmt: n.Stmt, within: Mapping[str, set[str]]) -> tuple[n.Stmt, int]:
        """The statement's own expressions with what is held put in; their size."""
        size = _size_of(stmt)
        places = places_in(stmt)
        held_names, lost, renamed = self.held, self.lost, self.renamed
        for place in places:
            name = place[0]
            if name in held_names or name in lost or name in renamed:
                break
        else:
            return stmt, size
        named = [place[0] for place in places]
        bound = bound_by(stmt) if not bodies(stmt) else ()
        put: dict[str, n.Expr] = {}
        for p in places:
            if p.name in self.renamed:
                put[p.name] = self.renamed[p.name]
            if p.name in self.lost:
                self.refused.add(p.name)
            held = self.held.get(p.name)
            if held is None:
                continue
            summed = p.role == "summed"
            alone = named.count(p.name) == 1
            fits = _fits(held.value, p.role)
            if summed:
                fits = alone and self.work.memory.is_number(p.name)
            if type(stmt) is n.Return and is_named_adjoint(held.stmt):
                fits = False
            if held.repeats and p.name not in put and fits:
                fits, size = self.is_short(held, size, stmt, WIDTH), size + held.size
            if held.renames and fits:
                put[p.name] = held.value
            elif held.renames:
                self.refuse(p.name)
            else:
                last = p.name in bound or p.name not in self.work.live.after[stmt.num]
                good = fits and p.sure and last and alone and p.name not in within and not isinstance(stmt, n.While)
                if good and self.is_short(held, size, stmt, SUM if summed else WIDTH):
                    put[p.name], size = held.value, size + held.size
                    self.out[held.at] = None
                    del self.held[p.name]
                else:
                    self.drop(p.name)
        if not put:
            return stmt, size

        def exchange(expr: n.Expr) -> n.Expr:
            return map_names(expr, lambda e: put.get(e.id, e))

        if type(stmt) is n.Assign and type(stmt.target) is n.Name:
            return n.Assign(stmt.target, exchange(stmt.value), stmt.annotation, stmt.info, stmt.num), size
        if isinstance(stmt, n.AugAssign) and isinstance(stmt.target, n.Name) and stmt.target.id in put:
            value = binary(stmt.fn, put[stmt.target.id], exchange(stmt.value))
            return n.Assign(stmt.target, value, info=stmt.info, num=stmt.num), size
        kept = stmt.target if isinstance(stmt, (n.Assign, n.For)) else None
        return map_expressions(stmt, lambda e: _in_place(e, exchange) if e is kept else exchange(e)), size

    def is_short(self, held: _Held, size: int, stmt: n.Stmt, width: int) -> bool:
        """Does the expression stay readable, or was it one in the user's text?"""
        span = held.stmt.info.span
        derived = any(map(is_shadow, (*bound_by(held.stmt), *bound_by(stmt))))
        if span is not None and span == stmt.info.span and not derived and not isinstance(stmt, n.ExprStmt):
            return True
        if held.size > FILLING and _is_filling(stmt):
            return False
        if held.size + size > OPERATORS or (isinstance(stmt, n.Return) and is_named_adjoint(held.stmt)):
            return False
        return _width(held.value) + sum(map(_width, expressions(stmt))) <= width

    # what is held -----------------------------------------------------------------------------------------------

    def consider(self, new: n.Assign, size: int) -> None:
        """Hold the definition `new` if it may be taken away."""
        assert isinstance(new.target, n.Name)
        name, value = new.target.id, new.value
        if name not in self.work.made or name in self.skip or new.annotation is not None or not is_pure(value):
            return
        repeats = name in self.work.few and may_repeat(value, self.work.memory, self.again)
        renames = type(value) is n.Name or _is_number(value) or _is_test(value) or self.is_sign(name, value) or repeats
        names = names_read(value)
        if name in names or (renames and not self.may_rename):
            return
        if not renames and isinstance(value, (n.Const, n.Tuple, n.List, n.Global)):
            return
        classes = NOTHING if type(value) is n.Name else self.work.memory.reads(value)
        self.held[name] = _Held(len(self.out) - 1, new, value, size, names, classes, renames, repeats)
        for key in (*names, *[f"[{c}]" for c in classes]) if classes else names:
            self.users.setdefault(key, set()).add(name)

    def is_sign(self, name: str, value: n.Expr) -> bool:
        """Is it an adjoint's number with the other sign?  The sign goes into the sums that it is added to."""
        if type(value) is not n.Call or value.fn is not operator.neg:
            return False
        other = value.args[0]
        return isinstance(other, n.Name) and is_shadow(name) and self.work.memory.is_number(other.id)

    def forget(self, binds: frozenset[str], writes: frozenset[str], stmt: n.Stmt) -> None:
        """Names were bound and memory written: what reads them can no longer be moved past here."""
        for name in sorted(binds) if len(binds) > 1 else binds:
            held = self.held.pop(name, None)
            if held is not None and held.renames:
                if bodies(stmt):
                    self.refused.add(name)
                else:  # all reads of the old value have been replaced
                    self.out[held.at] = None
            self.lost.discard(name)
        keys = sorted((*binds, *(f"[{c}]" for c in writes))) if writes else binds
        for key in keys:
            users = self.users.pop(key, None)
            for name in sorted(users) if users else ():
                if name in self.held:
                    self.drop(name)

    def drop(self, name: str) -> None:
        if self.held.pop(name).renames:
            self.lost.add(name)

    def refuse(self, name: str) -> None:
        self.refused.add(name)
        self.held.pop(name, None)


NOTHING_WITHIN: Mapping[str, set[str]] = {}
_width = kept(width)
"""The columns that an expression takes, remembered."""


def is_named_adjoint(stmt: n.Assign) -> bool:
    """The adjoint of a variable of the user's is returned by its name."""
    name = bound_by(stmt)[0]
    return re.search(r"_bar\d*$", name) is not None and re.match(r"t\d*_bar", name) is None


def _in_place(target: n.Expr, exchange: Callable[[n.Expr], n.Expr]) -> n.Expr:
    """A target with names exchanged, except those that it binds."""
    if isinstance(target, n.Name):
        return target
    if isinstance(target, n.Tuple):
        return n.Tuple(tuple(_in_place(e, exchange) for e in target.elts))
    return exchange(target)


def _fits(value: n.Expr, role: str) -> bool:
    """May `value` stand where a name in this role stands?"""
    if role in ("shape", "place", "summed"):
        return isinstance(value, n.Name) and role != "summed"
    if role == "base":
        return isinstance(value, (n.Name, n.Index)) or (isinstance(value, n.Call) and not is_operator(value))
    return True


def _is_number(value: n.Expr) -> bool:
    return type(value) is n.Const and type(value.value) in (int, float)


def _is_test(value: n.Expr) -> bool:
    """A comparison of names and constants: gives the same when evaluated again."""
    return (
        type(value) is n.Call
        and value.fn in COMPARISONS
        and all(isinstance(a, (n.Name, n.Const, n.Global)) for a in value.args)
    )


def _size_of(stmt: n.Stmt) -> int:
    """The number of operations that stand directly in a statement."""
    if type(stmt) is n.Assign and type(stmt.target) is n.Name:
        return _operations(stmt.value)
    return sum(map(_operations, expressions(stmt)))


def _is_filling(stmt: n.Stmt) -> bool:
    """Does the statement bind a new array that is one number throughout?"""
    value = stmt.value if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name) else None
    return isinstance(value, n.Call) and value.fn in (np.full, np.full_like, helpers.unreduce)


def _operations(expr: n.Expr) -> int:
    return 0 if type(expr) is n.Name or type(expr) is n.Const else contents(expr)[3]
