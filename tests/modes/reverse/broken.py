"""Derivatives that are broken on purpose.

In: a function, and what is to go wrong.  Out: `Derivative`, as the mode made it and the laws saw it; others like it
with a statement left out, moved or changed; what it gives when it is run.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.order import number
from tangent_ad.core.walk import bodies, expressions, map_body, map_expr, map_expressions, statements, subexpressions
from tangent_ad.derived import Derived
from tangent_ad.emit.text import body_text
from tangent_ad.errors import InternalError
from tangent_ad.modes.reverse import function
from tangent_ad.modes.reverse.laws import check_laws
from tangent_ad.pipeline import Request, derive


@dataclass(frozen=True)
class Derivative:
    user: Any
    facts: Any
    made: n.Function
    bars: frozenset[str]
    sweeps: Any

    def check(self) -> None:
        check_laws(self.facts, self.made, self.bars, self.sweeps)

    def run(self, *args: Any) -> np.ndarray:
        """The adjoints, one behind the other, and what became of the arguments."""
        given = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
        with np.errstate(all="ignore"):
            found = Derived((self.made,), self.user, "broken").load()(*given)
        found = (found if isinstance(found, tuple) else (found,)) + tuple(given)
        return np.concatenate([np.ravel(np.asarray(part, dtype=float)) for part in found])

    def find(self, text: str) -> n.Stmt:
        """The one statement of that text; of several, `text@1` is the second."""
        text, _, which = text.partition("@")
        found = [s for s in statements(self.made.body) if first_line(s) == text]
        assert found and (which or len(found) == 1), body_text(self.made.body)
        return found[int(which or 0)]

    def rebuilt(self, change: Callable[[n.Stmt], tuple[n.Stmt, ...]]) -> Derivative:
        made = replace(self.made, body=map_body(self.made.body, lambda _, s: change(s)))
        return replace(self, made=number(made))

    def restores(self, name: str) -> Iterator[n.Assign]:
        """Where the backward sweep restores a value of that name."""
        for stmt in statements(self.made.body):
            if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name) and stmt.target.version is not None:
                if self.sweeps.names.get(stmt.target.id, stmt.target.id) == name:
                    yield stmt

    def without(self, text: str) -> Derivative:
        gone = self.find(text)
        return self.rebuilt(lambda s: () if s.num == gone.num else (s,))

    def moved(self, text: str, behind: str) -> Derivative:
        what, where = self.find(text), self.find(behind)
        return self.rebuilt(lambda s: () if s.num == what.num else (s, what) if s.num == where.num else (s,))

    def swapped(self, first: str, second: str) -> Derivative:
        """The two statements in each other's place."""
        a, b = self.find(first), self.find(second)
        return self.rebuilt(lambda s: (b,) if s.num == a.num else (a,) if s.num == b.num else (s,))

    def changed(self, text: str, change: Callable[[n.Expr], n.Expr]) -> Derivative:
        what = self.find(text)
        new = map_expressions(what, lambda e: map_expr(e, change))
        assert new != what
        return self.rebuilt(lambda s: (new,) if s.num == what.num else (s,))

    def with_behind(self, text: str, new: n.Stmt) -> Derivative:
        where = self.find(text)
        return self.rebuilt(lambda s: (s, new) if s.num == where.num else (s,))


def derivative(f: Any, *wrt: str, mode: str = "grad", **options: Any) -> Derivative:
    """The derivative of `f`, before it is simplified."""
    seen: list[tuple[Any, ...]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(function, "check_laws", lambda *given: seen.append(given))
        derive(f, Request(mode, wrt, **options), f"{f.__name__}_{mode}")
    return Derivative(f, *seen[-1])


def first_line(stmt: n.Stmt) -> str:
    return next(line for line in body_text((stmt,)).splitlines() if not line.startswith("#"))


def earlier(e: n.Expr) -> n.Expr:
    """The element before it."""
    return n.Index(e.value, n.Call(operator.sub, "-", (e.index, n.Const(1)))) if isinstance(e, n.Index) else e


def renamed(old: str, new: str) -> Callable[[n.Expr], n.Expr]:
    return lambda e: replace(e, id=new) if isinstance(e, n.Name) and e.id == old else e


def uncopied(e: n.Expr) -> n.Expr:
    return e.args[0] if isinstance(e, n.Call) and e.fn is np.copy else e


def mutants(good: Derivative) -> Iterator[tuple[str, Derivative]]:
    """`good` with one of the statements that storage made left out, moved, or changed, in every way there is."""
    tapes = sorted(good.sweeps.tapes)
    for body in _all_bodies(good.made.body):
        for k, stmt in enumerate(body):
            simple = isinstance(stmt, n.Assign | n.AugAssign | n.ExprStmt)
            names = {e.id for part in expressions(stmt) for e in _names(part)}
            if not simple or stmt.info.origin is not None or names & good.bars:
                continue
            yield f"without {first_line(stmt)}", good.rebuilt(lambda s, gone=stmt: () if s is gone else (s,))
            for where in body[k + 1 :]:
                if not isinstance(where, n.Return):
                    made = good.rebuilt(lambda s, a=stmt, b=where: () if s is a else (s, a) if s is b else (s,))
                    yield f"{first_line(stmt)} behind {first_line(where)}", made
            for used in sorted(names & set(tapes)):
                others = [renamed(used, tape) for tape in tapes if tape != used]
                for change in (*others, earlier, uncopied):
                    new = map_expressions(stmt, lambda e, change=change: map_expr(e, change))
                    if new != stmt:
                        made = good.rebuilt(lambda s, a=stmt, b=new: (b,) if s is a else (s,))
                        yield f"{first_line(new)} for {first_line(stmt)}", made
            for new in _miscounted(stmt):
                made = good.rebuilt(lambda s, a=stmt, b=new: (b,) if s is a else (s,))
                yield f"{first_line(new)} for {first_line(stmt)}", made


def _miscounted(stmt: n.Stmt) -> Iterator[n.Stmt]:
    """`i = i - e` the wrong way, by one more, by another version of e, and of another name."""
    match stmt:
        case n.Assign(target=n.Name(id=name), value=n.Call(fn=operator.add | operator.sub as fn, args=(first, amount))):
            if not isinstance(first, n.Name) or first.id != name:
                return
            other = (operator.add, "+") if fn is operator.sub else (operator.sub, "-")
            yield replace(stmt, value=n.Call(*other, (first, amount)))
            yield replace(stmt, value=n.Call(*other, (amount, first)))
            yield replace(
                stmt, value=replace(stmt.value, args=(first, n.Call(operator.add, "+", (amount, n.Const(1)))))
            )
            for used in _names(amount):
                yield replace(stmt, value=replace(stmt.value, args=(first, map_expr(amount, renamed(used.id, name)))))


def _all_bodies(body: tuple[n.Stmt, ...]) -> Iterator[tuple[n.Stmt, ...]]:
    yield body
    for stmt in body:
        for inner in bodies(stmt):
            yield from _all_bodies(inner)


def _names(expr: n.Expr) -> Iterator[n.Name]:
    return (e for e in subexpressions(expr) if isinstance(e, n.Name))


def found_out(good: Derivative, *args: Any) -> int:
    """How many of the mutants the laws find out; none of the others may be wrong."""
    expected, caught = good.run(*args), 0
    for what, mutant in mutants(good):
        try:
            mutant.check()
        except InternalError:
            caught += 1
            continue
        try:
            found = mutant.run(*args)
        except (NameError, IndexError, TypeError):  # it stops, and says nothing wrong
            continue
        np.testing.assert_allclose(found, expected, rtol=1e-12, err_msg=what)
    return caught
