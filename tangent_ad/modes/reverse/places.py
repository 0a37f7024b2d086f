"""Adjoint variables as places that contributions are added to.

In: operands of a statement.  Out: the statements that add to their adjoints.

The adjoint of a shadow view is the same view of its owner's adjoint.  The adjoint of a name that owns its value is a
variable; sums into it give fresh arrays, so no two adjoints ever share memory.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field

from tangent_ad.analyses.effects import index_form
from tangent_ad.analyses.facts import Facts
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import ANY, Kind, join
from tangent_ad.core.names import Fresh
from tangent_ad.modes import common
from tangent_ad.modes.reverse.adjoints import Adjoints, name_of
from tangent_ad.runtime import helpers


@dataclass
class Places:
    facts: Facts
    adjoints: Adjoints
    fresh: Fresh
    bars: dict[str, str] = field(default_factory=dict)
    webs_of: dict[str, list[int]] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)

    def bar(self, variable: str) -> n.Name:
        if variable not in self.bars:
            self.bars[variable] = self.fresh.take(f"{name_of(variable)}_bar")
        return n.Name(self.bars[variable])

    def is_active(self, num: int, expr: n.Expr) -> bool:
        return isinstance(expr, n.Name) and self.facts.activity.reads(num, expr.id)

    def kind_of_name(self, name: str) -> Kind:
        """What covers all active values of a name: its adjoint variable holds the adjoints of all of them."""
        if not self.webs_of:
            for (_, defined), web in self.facts.webs.of_def.items():
                self.webs_of.setdefault(defined, []).append(web)
        if name in self.kinds:
            return self.kinds[name]
        found: Kind | None = None
        for web in self.webs_of.get(name, ()):
            if web in self.facts.activity.active or found is None:
                kind = self.facts.kinds.web_kinds.get(web, ANY)
                found = kind if found is None else join(found, kind)
        self.kinds[name] = found or ANY
        return self.kinds[name]

    def owner(self, num: int, name: str) -> str:
        """The name of whose memory `name` is a shadow view at statement `num`; itself if it is nobody's view."""
        view = self.facts.aliases.view_at(num, name)
        while view is not None:
            num, name = view.num, self.facts.aliases.views[view.num]
            view = self.facts.aliases.view_at(num, name)
        return name

    def place(self, num: int, name: n.Name) -> tuple[list[n.Stmt], n.Expr]:
        """The adjoint of `name` as a full-shaped array that can be written in place."""
        owner = self.owner(num, name.id)
        variable = owner if owner != name.id else self.adjoints.read(num, owner)
        before = [] if owner in self.adjoints.steady else self.full(variable, n.Name(owner))
        return before, self.shadow(num, name.id)

    def full(self, variable: str, like: n.Expr) -> list[n.Stmt]:
        bar = self.bar(variable)
        return [n.Assign(bar, common.spread(bar, like))]

    def shadow(self, num: int, name: str) -> n.Expr:
        """The adjoint of `name` at `num`: a variable, or a view of its owner's."""
        view = self.facts.aliases.view_at(num, name)
        if view is None:
            return self.bar(self.adjoints.read(num, name))
        base = self.shadow(view.num, self.facts.aliases.views[view.num])
        match view.value:
            case n.Index(index=index):
                return n.Index(base, index)
            case n.Call(fn=fn, spelling=spelling, args=args, keywords=keywords):
                return n.Call(fn, spelling, (base, *args[1:]), keywords)
        return base

    def give(self, num: int, target: n.Expr, value: n.Expr, form: str) -> list[n.Stmt]:
        """Add `value` to the adjoint of the operand `target` of statement `num`."""
        if isinstance(target, n.Index):
            assert isinstance(target.value, n.Name)
            before, place = self.place(num, target.value)
            if index_form(target.index, num, self.facts.kinds) == "basic":
                return [*before, added(n.Index(place, target.index), value)]
            return [*before, n.ExprStmt(n.Call(helpers.add_at, "add_at", (place, as_value(target.index), value)))]
        assert isinstance(target, n.Name)
        if self.facts.aliases.view_at(num, target.id) is not None:
            before, place = self.place(num, target)
            whole = place if isinstance(place, n.Index) else n.Index(place, n.Const(Ellipsis))
            return [*before, added(whole, value)]
        bar = self.bar(self.adjoints.read(num, target.id))
        if self.kind_of_name(target.id).is_number or target.id in self.adjoints.steady:
            return [added(bar, value)]
        return [n.Assign(bar, n.Call(operator.add, "+", (bar, value)))]


def added(place: n.Expr, value: n.Expr) -> n.Stmt:
    """`place += value`, with `-=` for a negated value."""
    if isinstance(value, n.Call) and value.fn is operator.neg:
        return n.AugAssign(place, operator.sub, value.args[0])
    return n.AugAssign(place, operator.add, value)


def as_value(index: n.Expr) -> n.Expr:
    """An index as an argument of a call: `a:b` becomes `slice(a, b)`."""
    if isinstance(index, n.Tuple):
        return n.Tuple(tuple(as_value(e) for e in index.elts))
    if isinstance(index, n.Slice):
        ends = [n.Const(None) if e is None else e for e in (index.lower, index.upper, index.step)]
        return n.Call(slice, "slice", tuple(ends))
    return index
