"""Values chosen by a condition.

In: derived code, where `a if c else b` of the user's stands as an `if` that binds a temporary in both of its branches.
Out: the expression again, as far as each branch has nothing else to do; where it has, and the temporary is only given
another name behind, the branches bind that name.

    if x > y:
        t = x * y
        t_dot = y * x_dot           a = ...
    else:                    is         ...
        ...                         (in the places of t)
    a = t
"""

from __future__ import annotations

from dataclasses import replace

from tangent_ad.analyses.defs import mentioned_within
from tangent_ad.analyses.live import Live, find_live
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import bodies, changed, is_guard, names_read, replace_bodies, statements
from tangent_ad.emit.exprs import width
from tangent_ad.simplify.comments import take_away
from tangent_ad.simplify.context import Context, is_pure, is_shadow

Stmts = tuple[n.Stmt, ...]
WIDTH = 72


def choose_values(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with conditional expressions in the place of branches that only choose."""
    if not any(isinstance(stmt, n.If) and not is_guard(stmt) for stmt in statements(fn.body)):
        return fn
    work = _Work(context.user_names | {p.name for p in fn.params}, find_live(fn))
    return replace(fn, body=work.block(fn.body))


@record(frozen=True)
class _Work:
    kept: frozenset[str]
    live: Live

    def block(self, body: Stmts) -> Stmts:
        found: list[n.Stmt | None] = []
        for stmt in body:
            last = found[-1] if found else None
            if isinstance(last, n.If) and (named := self.named(last, stmt)) is not None:
                found[-1] = named
                continue
            if inner := bodies(stmt):
                stmt = replace_bodies(stmt, tuple(self.block(b) for b in inner))
            stmt = self.chosen(stmt) or stmt
            if (both := self.otherwise(found, stmt)) is not None:
                at, stmt = both
                stmt = take_away(found, at, stmt)
            found.append(stmt)
        return tuple(s for s in found if s is not None)

    def chosen(self, stmt: n.Stmt) -> n.Stmt | None:
        """The branches as one expression."""
        if not isinstance(stmt, n.If) or len(stmt.body) != 1 or len(stmt.orelse) != 1:
            return None
        first, second = stmt.body[0], stmt.orelse[0]
        match first, second:
            case n.Assign(target=n.Name(id=name), value=a), n.Assign(target=n.Name(id=other), value=b):
                if name == other and not (first.info.comments or second.info.comments):
                    return self.choice(stmt, name, a, b)
        return None

    def otherwise(self, found: list[n.Stmt | None], stmt: n.Stmt) -> tuple[int, n.Stmt] | None:
        """Where a name is bound to a number that `stmt` may replace by another value, and both as one expression."""
        if not isinstance(stmt, n.If) or len(stmt.body) != 1 or stmt.orelse:
            return None
        match stmt.body[0]:
            case n.Assign(target=n.Name(id=name), value=value) as first if not first.info.comments:
                if name in names_read(value) or name in names_read(stmt.test):
                    return None
                for at in range(len(found) - 1, -1, -1):
                    match found[at]:
                        case n.Assign(target=n.Name(id=bound), value=n.Const() as number) if bound == name:
                            made = self.choice(stmt, name, value, number)
                            return None if made is None else (at, made)
                    other = found[at]
                    if other is not None and name in mentioned_within(other):
                        return None
        return None

    def choice(self, stmt: n.If, name: str, a: n.Expr, b: n.Expr) -> n.Stmt | None:
        value = n.IfExp(stmt.test, a, b)
        short = not isinstance(b, n.IfExp) and width(value) <= WIDTH
        if not short or name in self.kept or not is_pure(value):
            return None
        return n.Assign(n.Name(name), value, info=stmt.info, num=stmt.num)

    def named(self, stmt: n.If, after: n.Stmt) -> n.Stmt | None:
        """The branches with the name that their temporary is given by `after`."""
        match after:
            case n.Assign(target=n.Name(id=name), value=n.Name(id=held), annotation=None) if not after.info.comments:
                free = (
                    held not in self.kept
                    and not is_shadow(held)
                    and name != held
                    and held not in self.live.after[after.num]
                )
                if free and name not in mentioned_within(stmt) and _ends(stmt, held):
                    return _renamed(stmt, n.Name(name))
        return None


def _ends(stmt: n.If, name: str) -> bool:
    """Does each branch bind the name by its last statement, and have nothing else to do with it?"""
    if name in names_read(stmt.test):
        return False
    for branch in (stmt.body, stmt.orelse):
        if not branch or any(name in mentioned_within(s) for s in branch[:-1]):
            return False
        last = branch[-1]
        if isinstance(last, n.If):
            if not _ends(last, name):
                return False
        elif not (isinstance(last, n.Assign) and last.target == n.Name(name) and name not in names_read(last.value)):
            return False
    return True


def _renamed(stmt: n.If, target: n.Name) -> n.If:
    branches = []
    for branch in (stmt.body, stmt.orelse):
        last = branch[-1]
        last = _renamed(last, target) if isinstance(last, n.If) else changed(last, target=target)
        branches.append((*branch[:-1], last))
    return replace(stmt, body=branches[0], orelse=branches[1])
