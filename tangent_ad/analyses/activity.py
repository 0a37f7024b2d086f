"""Activity: which values depend on what is differentiated and matter for the result.

In: a numbered function in normal form with webs, kinds and memory relations.  Out: `Activity`: the active webs.

Flow-insensitive over webs: a web is *varied* if a differentiated parameter can reach it, *useful* if it can reach the
result; *active* is both.  Names that share memory vary together.
"""

from __future__ import annotations

from collections import defaultdict

from tangent_ad.analyses.effects import content_names, relation
from tangent_ad.analyses.kinds import Kinds
from tangent_ad.analyses.webs import PARAMETER, Webs
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import statements
from tangent_ad.rules.registry import lookup


@record(frozen=True)
class Activity:
    webs: Webs
    active: frozenset[int]

    def reads(self, num: int, name: str) -> bool:
        """Is the value of `name` that statement `num` reads active?"""
        return self.webs.of_read.get((num, name), -1) in self.active

    def defines(self, num: int, name: str) -> bool:
        """Is the value of `name` that statement `num` (-1: the caller) defines active?"""
        return self.webs.of_def.get((num, name), -1) in self.active


def find_activity(fn: n.Function, webs: Webs, kinds: Kinds, wrt: tuple[str, ...]) -> Activity:
    """The webs through which a derivative of the result in the parameters `wrt` flows."""
    forward: dict[int, set[int]] = defaultdict(set)
    results: set[int] = set()

    def edge(num: int, source: n.Expr, target: int) -> None:
        for name in content_names(source):
            web = webs.of_read.get((num, name))
            if web is not None and web in kinds.web_kinds and kinds.web_kinds[web].may_be_active:
                forward[web].add(target)

    for stmt in statements(fn.body):
        match stmt:
            case n.Assign(target=n.Name(id=name), value=value):
                target = webs.of_def[(stmt.num, name)]
                if carries(value):
                    edge(stmt.num, value, target)
                    rel = relation(stmt, kinds)
                    if rel.how != "fresh" and rel.of is not None and (stmt.num, rel.of) in webs.of_read:
                        forward[target].add(webs.of_read[(stmt.num, rel.of)])
            case n.AugAssign(target=n.Name(id=name), value=value):
                target = webs.of_def[(stmt.num, name)]
                edge(stmt.num, value, target)
                edge(stmt.num, stmt.target, target)
            case (
                n.Assign(target=n.Index(value=n.Name(id=name)), value=value)
                | n.AugAssign(target=n.Index(value=n.Name(id=name)), value=value)
            ):
                edge(stmt.num, value, webs.of_read[(stmt.num, name)])
            case n.ExprStmt(value=n.Call(args=(n.Name(id=name), *rest))):
                for value in rest:
                    edge(stmt.num, value, webs.of_read[(stmt.num, name)])
            case n.Return(value=value) if value is not None:
                results |= {webs.of_read[(stmt.num, name)] for name in content_names(value)}
    backward: dict[int, set[int]] = defaultdict(set)
    for source, targets in forward.items():
        for t in targets:
            backward[t].add(source)
    varied = _reach({webs.of_def[(PARAMETER, name)] for name in wrt}, forward)
    useful = _reach(results, backward)
    can = {w for w in varied & useful if w in kinds.web_kinds and kinds.web_kinds[w].may_be_active}
    return Activity(webs, frozenset(can))


def carries(value: n.Expr) -> bool:
    """May a derivative flow through this operation at all?"""
    if isinstance(value, n.Call):
        if value.fn is list.pop:
            return True
        rule = lookup(value.fn)
        return rule is None or rule.diff != "zero"
    return not isinstance(value, n.BoolOp)


def _reach(start: set[int], edges: dict[int, set[int]]) -> set[int]:
    found, todo = set(start), list(start)
    while todo:
        for web in edges.get(todo.pop(), ()):
            if web not in found:
                found.add(web)
                todo.append(web)
    return found
