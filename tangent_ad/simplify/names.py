"""Temporaries counted again.

In: derived code.  Out: the same with the compiler's temporaries `t`, `t2`, ... numbered in the order of the text, each
with its `t_bar`, `t_dot` and `t_saved`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from tangent_ad.analyses.defs import bound_by
from tangent_ad.core import nodes as n
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import map_body, map_expressions, map_names, names_read, statements
from tangent_ad.frontend.pure import all_names
from tangent_ad.simplify.context import Context

TEMPORARY = re.compile(r"(t\d*)((?:_(?:bar|dot|saved)\d*)*)")


def renumber(fn: n.Function, context: Context) -> n.Function:
    """`fn` with the temporaries that are left counted from the first."""
    made: list[str] = []
    for stmt in statements(fn.body):
        made += [name for name in bound_by(stmt) if name[0] == "t" and TEMPORARY.fullmatch(name)]
    keep = context.user_names | {p.name for p in fn.params}
    names = [name for name in dict.fromkeys(made) if name not in keep]
    fresh = Fresh(all_names(fn) - set(names))
    swap: dict[str, str] = {}
    stems: dict[str, str] = {}
    for name in sorted(names, key=lambda name: "_" in name):  # the temporaries themselves first
        found = TEMPORARY.fullmatch(name)
        assert found is not None
        stem, rest = found.groups()
        if not rest:
            swap[name] = stems[stem] = fresh.take("t")
    for name in names:
        found = TEMPORARY.fullmatch(name)
        assert found is not None
        stem, rest = found.groups()
        if rest:
            swap[name] = fresh.take(stems.get(stem, "t") + re.sub(r"\d+$", "", rest))
    if all(old == new for old, new in swap.items()):
        return fn

    def rename(e: n.Name) -> n.Name:
        return n.Name(swap[e.id], e.version, e.span) if e.id in swap else e

    swapped = frozenset(swap)  # of two sets, the smaller one is gone through

    def renamed(e: n.Expr) -> n.Expr:
        return e if names_read(e).isdisjoint(swapped) else map_names(e, rename)

    def rewrite(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        return (map_expressions(stmt, renamed),)

    return replace(fn, body=map_body(fn.body, rewrite))
