"""Branches of one condition in one `if`.

In: derived code.  Out: the same where two statements `if c:` of a block, the second one of adjoints, are one; between
them c keeps its value, and nothing needs the first or is needed by it.

A loop that runs forwards and backwards in one takes each branch twice, for the values and for the adjoints:

    if r <= delta:
        t = 0.5 * r                     r_bar = 0.0
    r_bar = 0.0                 is      if r <= delta:
    if r <= delta:                          t = 0.5 * r
        r_bar += t                          r_bar += t
"""

from __future__ import annotations

from dataclasses import replace

from tangent_ad.analyses.defs import base_name
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.same import same
from tangent_ad.core.walk import (
    bodies,
    commented,
    expressions,
    is_guard,
    names_read,
    replace_bodies,
    statements,
)
from tangent_ad.simplify.context import Context, is_pure, is_shadow, kinds_of
from tangent_ad.simplify.memory import Memory, find_memory

Stmts = tuple[n.Stmt, ...]
BACK = 12
"""How many statements back the first of the two is looked for."""


def join_branches(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with fewer tests of the same."""
    tests = [stmt for stmt in statements(fn.body) if isinstance(stmt, n.If) and not is_guard(stmt)]
    if len(tests) < 2:
        return fn
    return replace(fn, body=_Work(find_memory(fn, kinds_of(fn, context)), context.user_names).block(fn.body))


@record(frozen=True)
class _Does:
    """What statements do, with all in them."""

    binds: frozenset[str]
    writes: frozenset[str]
    names: frozenset[str]
    reads: frozenset[str]

    def meets(self, other: _Does) -> bool:
        """May one of the two need, or change, what the other gives?"""
        return bool(self.binds & (other.names | other.binds) or self.writes & (other.reads | other.writes))


@record(frozen=True)
class _Work:
    memory: Memory
    user_names: frozenset[str]

    def block(self, body: Stmts) -> Stmts:
        found: list[n.Stmt] = []
        for stmt in body:
            if inner := bodies(stmt):
                stmt = replace_bodies(stmt, tuple(self.block(b) for b in inner))
            at = self.first(found, stmt) if isinstance(stmt, n.If) else None
            if at is not None and isinstance(stmt, n.If):
                first = found.pop(at)
                assert isinstance(first, n.If)
                stmt = _joined(first, stmt)
            found.append(stmt)
        return tuple(found)

    def does(self, stmts: Stmts) -> _Does:
        """What statements do; of those that are joined here, by their parts."""
        leaves = [s for s in statements(stmts) if not isinstance(s, n.If)]
        effects = [self.memory.effects[s.num] for s in leaves if s.num in self.memory.effects]
        parts = [e for s in statements(stmts) for e in expressions(s)]
        return _Does(
            frozenset().union(*(e.binds for e in effects)),
            frozenset().union(*(e.writes for e in effects)),
            frozenset().union(*map(names_read, parts)),
            frozenset().union(*map(self.memory.reads, parts)),
        )

    def is_of_adjoints(self, stmt: n.Stmt) -> bool:
        """Is it no statement of the user's, which stays where it is?"""
        if isinstance(stmt, (n.Assign, n.AugAssign)):
            name = base_name(stmt.target)
            return name is not None and is_shadow(name) and name not in self.user_names
        return isinstance(stmt, (n.If, n.For, n.Pass))

    def first(self, found: list[n.Stmt], stmt: n.If) -> int | None:
        """Where an earlier `if` of the same condition stands that may as well run just before `stmt`."""
        if is_guard(stmt) or not is_pure(stmt.test) or not all(map(self.is_of_adjoints, statements((stmt,)))):
            return None
        names, reads = names_read(stmt.test), self.memory.reads(stmt.test)
        for at in range(len(found) - 1, max(len(found) - 1 - BACK, -1), -1):
            first = found[at]
            between = self.does(tuple(found[at:]))
            if between.binds & names or between.writes & reads:
                return None
            if isinstance(first, n.If) and not is_guard(first) and same(first.test, stmt.test):
                does = self.does((first,))
                passes = all(not does.meets(o) and not o.meets(does) for o in map(self.does, zip(found[at + 1 :])))
                return at if passes and all(map(_is_plain, (*found[at:], stmt))) else None
        return None


def _is_plain(stmt: n.Stmt) -> bool:
    """Does the statement always go on to the next one?"""
    return not any(isinstance(s, (n.Return, n.Raise)) for s in statements((stmt,)))


def _joined(first: n.If, second: n.If) -> n.If:
    comments = second.info.comments
    body, orelse = _behind(first.body, second.body, comments), first.orelse
    if second.orelse:
        orelse = _behind(orelse, second.orelse, comments)
    return replace(first, body=body, orelse=orelse, num=second.num)


def _behind(first: Stmts, second: Stmts, comments: tuple[str, ...]) -> Stmts:
    second = (commented(second[0], comments), *second[1:])
    return (*(s for s in first if not isinstance(s, n.Pass) or s.info.comments), *second)
