"""The adjoints of statements that write into memory: stores, updates in place, calls for their effect.

In: facts and the places of adjoints.  Out: the statements that take what the written place's adjoint holds, clear it
where the write replaced what was there, and pass it on to what was written.
"""

from __future__ import annotations

import operator
from typing import Any

from tangent_ad.analyses.effects import index_form
from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.forms import Form
from tangent_ad.analyses.lengths import Lengths
from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym, node
from tangent_ad.core.kinds import Kind
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import names_read
from tangent_ad.modes import common
from tangent_ad.modes.reverse.adjoints import zero_of
from tangent_ad.modes.reverse.places import Places, as_value
from tangent_ad.runtime import helpers
from tangent_ad.storage.marks import append, pop

Stmts = list[n.Stmt]


class Writes:
    def __init__(self, facts: Facts, places: Places, fresh: Fresh, lengths: Lengths | None = None) -> None:
        """lengths: what is known of shapes; without it every adjoint is summed back."""
        self.facts, self.places, self.fresh, self.lengths = facts, places, fresh, lengths

    def keeps_shape(self, num: int, made: Form, value: n.Expr) -> bool:
        """Has the operand `value` of statement `num` surely the shape `made`?  (Adjoints on their way may be of another
        precision than their values if no value is known to be of single precision.)"""
        return self.lengths is not None and self.lengths.forms.loose and self.lengths.same(num, made, value)

    def store(self, stmt: n.Assign, name: str) -> Stmts:
        """The adjoint of `name[index] = value`."""
        assert isinstance(stmt.target, n.Index)
        num, index = stmt.num, stmt.target.index
        before, place = self.places.place(num, n.Name(name))
        target = n.Index(place, index)
        made: Stmts = list(before)
        kind = self.facts.kinds.at(num, stmt.target)
        if self.places.is_active(num, stmt.value):
            taken = n.Name(self.fresh.take("t_bar"))
            fancy = index_form(index, num, self.facts.kinds) != "basic"
            held = (
                n.Call(helpers.read_last, "read_last", (place, as_value(index)))
                if fancy
                else common.copied(target, kind)
            )
            made.append(n.Assign(taken, held))
            made.append(n.Assign(target, n.Const(0.0)))
            made += self.places.give(num, stmt.value, self.stored(stmt, taken, kind), "fresh")
        else:
            made.append(n.Assign(target, n.Const(0.0)))
        return made

    def stored(self, stmt: n.Assign | n.AugAssign, taken: n.Expr, kind: Kind) -> n.Expr:
        """The adjoint of a stored value: stores broadcast, so it is summed back to the value's shape."""
        if kind.is_number or names_read(stmt.value) <= self.places.adjoints.wide:
            return taken
        if self.lengths is not None and isinstance(stmt.target, n.Index):
            place = self.lengths.reading(stmt.num).of(stmt.target)
            if place.shape and self.keeps_shape(stmt.num, place, stmt.value):
                return taken
        return n.Call(helpers.sum_to, "sum_to", (taken, stmt.value))

    def update(self, stmt: n.AugAssign, name: str) -> Stmts:
        """The adjoint of `name[index] += value` (or `-=`): the element's own adjoint stays."""
        assert isinstance(stmt.target, n.Index)
        num, index = stmt.num, stmt.target.index
        if not self.places.is_active(num, stmt.value):
            return []
        before, place = self.places.place(num, n.Name(name))
        target = n.Index(place, index)
        kind = self.facts.kinds.at(num, stmt.target)
        fancy = index_form(index, num, self.facts.kinds) != "basic"
        held = (
            n.Call(helpers.read_last, "read_last", (place, as_value(index))) if fancy else common.copied(target, kind)
        )
        made: Stmts = list(before)
        if not kind.is_number:
            taken = n.Name(self.fresh.take("t_bar"))
            made.append(n.Assign(taken, held))
            held = taken
        value = self.stored(stmt, held, kind)
        if stmt.fn is operator.sub:
            value = n.Call(operator.neg, "-", (value,))
        return made + self.places.give(num, stmt.value, value, "fresh")

    def effect(self, stmt: n.ExprStmt, call: n.Call, name: str) -> Stmts:
        """The adjoint of a call that writes its first argument."""
        if call.fn is list.append:
            taken = n.Name(self.fresh.take("t_bar"))
            popped = n.Assign(taken, pop(self.places.bar(self.places.adjoints.read(stmt.num, name))))
            if not self.places.is_active(stmt.num, call.args[1]):
                return [popped]
            return [popped, *self.places.give(stmt.num, call.args[1], taken, "bare")]
        if call.fn is list.pop:
            return [self.no_adjoint(stmt.num, name)]
        bound = common.bind_call(self.facts, stmt.num, call)
        if bound.rule.diff == "zero" or bound.rule.vjp is None:
            return []
        before, place = self.places.place(stmt.num, n.Name(name))
        made: Stmts = list(before)
        bars = bound.rule.vjp(Sym(place, self.facts.kinds.at(stmt.num, n.Name(name))), None, *bound.args, **bound.kw)
        for arg, value in zip(bound.args, bars, strict=False):
            if value is None or not isinstance(arg, Sym) or not self.places.is_active(stmt.num, arg.expr):
                continue
            made += self.places.give(stmt.num, arg.expr, node(built(value)), "value")
        return made

    def no_adjoint(self, num: int, tape: str) -> n.Stmt:
        """What is popped from an active tape and not used: the mirror of the tape is given a zero."""
        kind = self.facts.kinds.at(num, n.Name(tape))
        return append(
            self.places.bar(self.places.adjoints.read(num, tape)), zero_of(kind.elts[0] if kind.elts else Kind())
        )


def built(value: Any) -> Any:
    """A contribution that a rule gave, or built now if it gave a function."""
    return value() if callable(value) and not isinstance(value, Sym) else value
