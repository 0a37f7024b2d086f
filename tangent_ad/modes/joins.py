"""Joins apart: a name of its own for each value that a name takes on different paths.

In: a numbered function in normal form, and names.  Out: the function in which every definition of these names makes a
new name, and where paths meet the value is handed to the name that is read from there on:

    g = a[1:]               g = a[1:]
    if c:                   if c:
        a[2] *= 3.0             a[2] *= 3.0
    else:                       g3 = g
        g = np.ones(3)      else:
    return g                    g2 = np.ones(3)
                                g3 = g2
                            return g3

It is asked for where a name is a view on one path and something else on another: within the branch `g` is then a view
like any other, and only what holds after the join is a value of which nobody knows whose memory it is.
"""

from __future__ import annotations

from dataclasses import replace

from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.effects import relation
from tangent_ad.analyses.kinds import Kinds
from tangent_ad.analyses.live import Live, find_live
from tangent_ad.analyses.webs import UNDEFINED, find_webs
from tangent_ad.core import nodes as n
from tangent_ad.core.names import Fresh
from tangent_ad.core.order import number
from tangent_ad.core.walk import changed, map_expressions, map_names, statements
from tangent_ad.frontend.pure import all_names

Now = dict[str, str]


def shared_names(fn: n.Function, kinds: Kinds) -> frozenset[str]:
    """The names that are perhaps views of others, and the names of what they are views of."""
    found: set[str] = set()
    for stmt in statements(fn.body):
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name):
            rel = relation(stmt, kinds)
            if rel.of is not None and rel.how != "fresh":
                found |= {stmt.target.id, rel.of}
    counters = {stmt.target.id for stmt in statements(fn.body) if isinstance(stmt, n.For)}
    return frozenset(found - counters)


def joins_apart(fn: n.Function, names: frozenset[str]) -> n.Function:
    """`fn` (numbered) with a name for each definition of `names`, numbered again.  A name that a path may leave unbound
    where it would be handed over stays as it is."""
    given = {p.name for p in fn.params}
    work = _Apart(names, find_live(fn), Fresh(all_names(fn)), set(given))
    body, _ = work.flow(fn.body, {name: name for name in names & given})
    made = number(replace(fn, body=body))
    unbound = work.handed_unbound(made)
    return joins_apart(fn, names - unbound) if unbound else made


class _Apart:
    """`used`: the names that hold their first value under the user's spelling; `joined`: of each name that values are
    handed to, the user's."""

    def __init__(self, names: frozenset[str], live: Live, fresh: Fresh, used: set[str]) -> None:
        self.names, self.live, self.fresh, self.used = names, live, fresh, used
        self.joined: dict[str, str] = {}

    def handed_unbound(self, made: n.Function) -> frozenset[str]:
        """The user's names whose values are handed over where there may be none."""
        reaching = find_webs(made).reaching
        return frozenset(
            self.joined[stmt.target.id]
            for stmt in statements(made.body)
            if isinstance(stmt, n.Assign)
            and isinstance(stmt.target, n.Name)
            and stmt.target.id in self.joined
            and isinstance(stmt.value, n.Name)
            and UNDEFINED in reaching[(stmt.num, stmt.value.id)]
        )

    def join(self, name: str) -> str:
        found = self.take(name)
        self.joined[found] = name
        return found

    def take(self, name: str) -> str:
        if name in self.used:
            return self.fresh.take(name)
        self.used.add(name)
        return name

    def flow(self, body: tuple[n.Stmt, ...], now: Now) -> tuple[tuple[n.Stmt, ...], Now]:
        """`body` with its names apart, and under which name each value stands behind it."""
        made: list[n.Stmt] = []
        for stmt in body:
            match stmt:
                case n.If():
                    stmt, now = self.branch(stmt, now)
                case n.For() | n.While():
                    before, stmt, now = self.loop(stmt, now)
                    made += before
                case n.Assign() if not isinstance(stmt.target, n.Index):
                    value = _read(stmt.value, now)
                    now = dict(now)
                    stmt = changed(stmt, value=value, target=self.bound(stmt.target, now))
                case _:
                    stmt = map_expressions(stmt, lambda e, now=now: _read(e, now))  # type: ignore[misc]
            made.append(stmt)
        return tuple(made), now

    def bound(self, target: n.Expr, now: Now) -> n.Expr:
        if isinstance(target, n.Name) and target.id in self.names:
            now[target.id] = self.take(target.id)
            return replace(target, id=now[target.id])
        if isinstance(target, n.Tuple):
            return n.Tuple(tuple(self.bound(e, now) for e in target.elts))
        return _read(target, now) if isinstance(target, n.Index) else target

    def branch(self, stmt: n.If, now: Now) -> tuple[n.Stmt, Now]:
        test = _read(stmt.test, now)
        body, first = self.flow(stmt.body, dict(now))
        orelse, second = self.flow(stmt.orelse, dict(now))
        if stmt.body and isinstance(stmt.body[-1], n.Raise):
            return changed(stmt, test=test, body=body, orelse=orelse), second
        after = {name: first[name] for name in first if second.get(name) == first[name]}
        for name in sorted((first.keys() | second.keys()) - after.keys()):
            if name in self.live.after[stmt.num]:
                after[name] = self.join(name)
                body, orelse = body + _copy(after, first, name), orelse + _copy(after, second, name)
        return changed(stmt, test=test, body=body, orelse=orelse), after

    def loop(self, stmt: n.For | n.While, now: Now) -> tuple[tuple[n.Stmt, ...], n.Stmt, Now]:
        found = sorted(self.names & _bound_in(stmt.body))
        around = {name: self.join(name) for name in found if name in self.live.after[stmt.body[-1].num]}
        before = tuple(s for name in around for s in _copy(around, now, name))
        after = {**now, **around}
        body, end = self.flow(stmt.body, after)
        body += tuple(s for name in around for s in _copy(around, end, name))
        if isinstance(stmt, n.While):
            return before, changed(stmt, test=_read(stmt.test, after), body=body), after
        bounds = {k: _read(getattr(stmt, k), now) for k in ("start", "stop", "step")}
        return before, changed(stmt, body=body, **bounds), after


def _bound_in(body: tuple[n.Stmt, ...]) -> set[str]:
    return {name for stmt in statements(body) for name in bound_by(stmt)}


def _copy(target: Now, source: Now, name: str) -> tuple[n.Stmt, ...]:
    """The statement that hands the value over, unless there is none or it stands under that name."""
    if name not in source or source[name] == target[name]:
        return ()
    return (n.Assign(n.Name(target[name]), n.Name(source[name])),)


def _read(expr: n.Expr, now: Now) -> n.Expr:
    return map_names(expr, lambda e: n.Name(now[e.id], e.version, e.span) if e.id in now else e)
