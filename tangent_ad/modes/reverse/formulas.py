"""What an operation on numbers gives to its operands, worked out once for each form of it.

In: calls of names and literals, all numbers.  Out: the contributions to the adjoints of the active names.

A rule is asked with stand-ins for the names: `<0> * <1>` of two floats, the first of them active, gives `<g> * <1>` to
the first, whatever the names are.  A program has thousands of operations, of a dozen forms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from tangent_ad.analyses.facts import Facts
from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym, node
from tangent_ad.core.walk import map_names
from tangent_ad.errors import RefusedError
from tangent_ad.rules.registry import Rule, lookup
from tangent_ad.storage.marks import before

Given = tuple[tuple[int, n.Expr], ...]
"""The positions of operands, and what each is given."""
G, RESULT = n.Name("<g>"), n.Name("<result>")


@dataclass
class Formulas:
    """Those of one function."""

    facts: Facts
    known: dict[tuple[Any, ...], Given | None] = field(default_factory=dict)

    def contributions(self, num: int, call: n.Call, g: Sym, result: n.Expr) -> list[tuple[n.Expr, n.Expr, str]] | None:
        """(operand, contribution, form) for each active operand of a call in statement `num`, with the version of what
        they read; None if it is no operation on numbers, or no plain one."""
        rule = lookup(call.fn)
        if rule is None or rule.partials is None or call.keywords or not g.kind.is_number:
            return None
        kinds, webs, active = self.facts.kinds.web_kinds, self.facts.webs.of_read, self.facts.activity.active
        form: list[Any] = [id(rule), id(g.kind)]
        places: dict[str, int] = {}
        for arg in call.args:
            if type(arg) is n.Name:
                web = webs.get((num, arg.id), -1)
                kind = kinds.get(web)
                if kind is None or not kind.is_number:
                    return None
                form.append((places.setdefault(arg.id, len(places)), id(kind), web in active))
            elif type(arg) is n.Const:
                form.append(arg.key)
            else:
                return None
        key = tuple(form)
        if key not in self.known:
            self.known[key] = self.found(num, rule, call, g, form[2:])
        given = self.known[key]
        if given is None:
            return None
        names: dict[str, n.Expr] = {G.id: g.expr, RESULT.id: result}
        for arg in call.args:
            if type(arg) is n.Name:
                names[f"<{places[arg.id]}>"] = n.Name(arg.id, before(num), arg.span)
        return [(call.args[k], map_names(value, lambda e: names[e.id]), "value") for k, value in given]

    def found(self, num: int, rule: Rule, call: n.Call, g: Sym, form: list[Any]) -> Given | None:
        """What the rule gives, with stand-ins for the names; None if it refuses."""
        args = []
        for arg, held in zip(call.args, form, strict=True):
            expr = n.Name(f"<{held[0]}>") if type(arg) is n.Name else arg
            args.append(Sym(expr, self.facts.kinds.at(num, arg)))
        try:
            bound, kw = rule.bind(tuple(args))
            if kw or len(bound) != len(args):
                return None
            active = [type(arg) is n.Name and held[2] for arg, held in zip(call.args, form, strict=True)]
            made = merged(rule, bound, kw, Sym(RESULT, g.kind), active)
            return tuple([(k, node(Sym(G, g.kind) * partial)) for k, partial in made])
        except RefusedError:
            return None


def merged(
    rule: Rule, args: tuple[Any, ...], kw: dict[str, Any], result: Sym, active: Sequence[bool]
) -> list[tuple[int, Any]]:
    """The partials in the active operands; a name that stands twice has one, at its first position."""
    assert rule.partials is not None
    found: dict[str, tuple[int, Any]] = {}
    for k, (arg, partial) in enumerate(zip(args, rule.partials(result, *args, **kw), strict=False)):
        if partial is None or not isinstance(arg, Sym) or not active[k]:
            continue
        assert isinstance(arg.expr, n.Name)
        first = k
        if arg.expr.id in found:
            first, before = found[arg.expr.id]
            same = isinstance(before, Sym) and isinstance(partial, Sym) and before.expr == partial.expr
            partial = 2.0 * partial if same else before + partial
        found[arg.expr.id] = (first, partial)
    return list(found.values())
