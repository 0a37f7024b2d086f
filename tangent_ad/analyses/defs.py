"""Definitions and writes: where in the text a name is bound and memory is written.

In: a numbered function in normal form.  Out: `Definitions`, frozen tables by statement number.

The reference storage policy asks one question of it: may the name be bound again, or its memory be written, on some
path that leaves statement S?  The answer here is by position: a later statement, or any statement of the outermost
loop around S.  It is an over-approximation, so a value is at worst saved in vain.
"""

from __future__ import annotations

from collections import defaultdict

from tangent_ad.core import nodes as n
from tangent_ad.core.answers import kept
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import bodies, bound_names, expressions, names_read


def bound_by(stmt: n.Stmt) -> tuple[str, ...]:
    """The names that `stmt` itself binds (an augmented assignment of a name counts)."""
    kind = type(stmt)
    if kind is n.Assign or kind is n.AugAssign or kind is n.For:
        target = stmt.target  # type: ignore[attr-defined]
        return (target.id,) if type(target) is n.Name else bound_names(target)
    return ()


def base_name(place: n.Expr) -> str | None:
    """The name whose memory `place`, an element, row or view of it or itself, lies in; None of anything else.

    >>> base_name(n.Index(n.Index(n.Name("x"), n.Const(0)), n.Name("i")))
    'x'
    """
    while isinstance(place, n.Index):
        place = place.value
    return place.id if isinstance(place, n.Name) else None


@kept
def bound_within(stmt: n.Stmt) -> frozenset[str]:
    """The names that `stmt` and the statements in it bind."""
    inner = [bound_within(s) for body in bodies(stmt) for s in body]
    return frozenset(bound_by(stmt)).union(*inner)


@kept
def mentioned_within(stmt: n.Stmt) -> frozenset[str]:
    """The names that stand in `stmt` and in the statements in it, whether they are read or bound."""
    inner = [mentioned_within(s) for body in bodies(stmt) for s in body]
    return frozenset().union(*map(names_read, expressions(stmt)), *inner)


def surely_runs(loop: n.For | n.While) -> bool:
    """Are the bounds of `loop` constants that give it at least one trip?"""
    if not isinstance(loop, n.For):
        return False
    bounds = [e.value for e in (loop.start, loop.stop, loop.step) if isinstance(e, n.Const)]
    whole = [v for v in bounds if isinstance(v, int)]
    return len(whole) == 3 and whole[2] != 0 and len(range(whole[0], whole[1], whole[2])) > 0


@record(frozen=True)
class Definitions:
    """`statements`: in the order of the text, which their numbers follow.  `defs[name]`: numbers of the statements that
    bind it.  `loops[num]`: the loops around a statement, outermost first (their numbers).  `span[num]`: first and last
    number of what a compound statement holds, itself included."""

    statements: tuple[n.Stmt, ...]
    defs: dict[str, tuple[int, ...]]
    loops: dict[int, tuple[int, ...]]
    span: dict[int, tuple[int, int]]
    branches: dict[int, int]
    by_number: dict[int, n.Stmt]

    def statement(self, num: int) -> n.Stmt:
        """The statement of that number."""
        return self.by_number[num]

    def bound_after(self, name: str, num: int) -> bool:
        """May `name` be bound on a path that leaves statement `num`?  The variable of a loop around it never counts:
        only its loop binds it (normal form), and a backward sweep over the loop sets it to the same value again."""
        found = self.defs.get(name, ())
        return not any(d in self.loops[num] for d in found) and any(self.after(d, num) for d in found)

    def after(self, event: int, num: int) -> bool:
        """May the statement `event` run after the statement `num` did?"""
        if event > num:
            return True
        loops = self.loops[num]
        return bool(loops) and event >= self.span[loops[0]][0]

    def sole_definition(self, name: str) -> int | None:
        """The number of the only statement that binds `name`, if there is just one."""
        found = self.defs.get(name, ())
        return found[0] if len(found) == 1 else None

    def unconditional(self, num: int) -> bool:
        """True if the statement stands in no loop and no branch."""
        return not self.loops[num] and not self.branches[num]


@kept
def find_definitions(fn: n.Function) -> Definitions:
    """Index `fn` once."""
    order: list[n.Stmt] = []
    defs: dict[str, list[int]] = defaultdict(list)
    loops: dict[int, tuple[int, ...]] = {}
    span: dict[int, tuple[int, int]] = {}
    branches: dict[int, int] = {}

    def visit(body: tuple[n.Stmt, ...], around: tuple[int, ...], depth: int) -> None:
        for stmt in body:
            assert not order or stmt.num > order[-1].num, "statements are numbered in the order of the text"
            order.append(stmt)
            loops[stmt.num], branches[stmt.num] = around, depth
            for name in bound_by(stmt):
                defs[name].append(stmt.num)
            if nested := bodies(stmt):
                is_loop = not isinstance(stmt, n.If)
                for inner in nested:
                    visit(inner, (*around, stmt.num) if is_loop else around, depth + (not is_loop))
            span[stmt.num] = (stmt.num, order[-1].num)

    visit(fn.body, (), 0)
    by_number = {stmt.num: stmt for stmt in order}
    return Definitions(tuple(order), {k: tuple(v) for k, v in defs.items()}, loops, span, branches, by_number)
