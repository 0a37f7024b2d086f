"""Adjoints that may be wider than their values.

In: facts, and what is known of shapes.  Out: the names whose adjoint is not summed back to the shape of the value.

The adjoint of `y = a * b` gives a_bar the product `y_bar * b`, summed over the axes along which broadcasting stretched
a.  Where a was made element by element itself, `a = c + d`, and nothing else takes part in its adjoint, that sum may as
well come behind the next product, in the shapes of c and of d: what is multiplied by then does not change along the
axes that are summed over.  So nothing has to remember the shape of a.  This is worth it where the sums to c and to d
have to be written anyway.  What may be a number is one, perhaps, and arithmetic on arrays in the place of that on
numbers would cost more than the shape of a: there a is left out only where it is a term of a sum, or stored, and so is
read for nothing else.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Sequence

from tangent_ad.analyses.effects import may_be_array
from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.lengths import Lengths
from tangent_ad.analyses.webs import PARAMETER
from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym
from tangent_ad.core.walk import bodies, names_read
from tangent_ad.modes import common
from tangent_ad.rules.registry import lookup
from tangent_ad.rules.sums import needs_sum

TERMS = (operator.add, operator.sub)
"""Operations of which adjoints need neither the result nor an operand."""
PLAIN = (*TERMS, operator.mul)
"""Operations of which adjoints do not need the result."""


def find_wide(facts: Facts, lengths: Lengths) -> frozenset[str]:
    """The names of arrays (or of what may be one) that are bound once, element by element, and whose adjoint has one
    contribution, element by element too, from the same block."""
    arrays = [s for s in facts.defs.statements if _may_make_array(facts, s)]
    if not arrays or not lengths.forms.loose:  # sums bring adjoints to the precision of their values
        return frozenset()
    body_of = {s.num: k for k, body in enumerate(_bodies(facts.fn.body)) for s in body}
    uses: dict[str, list[int]] = defaultdict(list)
    for at, name in facts.webs.reaching:
        if facts.activity.reads(at, name):
            uses[name].append(at)
    found: set[str] = set()
    for stmt in arrays:
        made = common.unaugmented(stmt)
        assert isinstance(made, n.Assign) and isinstance(made.target, n.Name) and isinstance(made.value, n.Call)
        name, num = made.target.id, stmt.num
        if len(uses[name]) != 1 or body_of[uses[name][0]] != body_of[num] or not _is_alone(facts, num, name):
            continue
        at = uses[name][0]
        unknown = not facts.kinds.defined(num, name).is_array
        if at < num or (unknown and made.value.fn not in PLAIN) or not _takes_wide(facts, at, name, unknown):
            continue
        if facts.aliases.ever_written(facts.aliases.roots_of(at, name)):
            continue
        args = [facts.kinds.sym(num, a) for a in made.value.args]
        active = [a for a in args if isinstance(a.expr, n.Name) and facts.activity.reads(num, a.expr.id)]
        if all(names_read(a.expr) <= found or may_stretch(facts, lengths, num, name, args, a) for a in active):
            found.add(name)
    return frozenset(found)


def may_stretch(facts: Facts, lengths: Lengths | None, num: int, name: str, args: Sequence[Sym], operand: Sym) -> bool:
    """May statement `num` have broadcast the operand, where it makes `name` of `args` element by element?"""
    if not needs_sum(operand, *args):
        return False
    if lengths is None or not lengths.forms.loose:
        return True
    made = lengths.defined(num, name)
    return not (made.shape and lengths.same(num, made, operand.expr))


def _may_make_array(facts: Facts, stmt: n.Stmt) -> bool:
    match common.unaugmented(stmt):
        case n.Assign(target=n.Name(id=name), value=n.Call(keywords=()) as call):
            kind = facts.kinds.defined(stmt.num, name)
            return may_be_array(kind) and facts.activity.defines(stmt.num, name) and is_elementwise(call)
    return False


def is_elementwise(call: n.Call) -> bool:
    """Is the call one operation for each element of its arguments, broadcast together?"""
    rule = lookup(call.fn)
    return rule is not None and rule.diff == "partials"


def _is_alone(facts: Facts, num: int, name: str) -> bool:
    """Is the statement the one that binds the name?"""
    return facts.defs.defs.get(name) == (num,) and (PARAMETER, name) not in facts.webs.of_def


def _takes_wide(facts: Facts, at: int, name: str, only_terms: bool) -> bool:
    """Is the contribution of statement `at` to the adjoint of `name` one product for each element?  `only_terms`: is it
    that of a term of a sum, or of what is stored?"""
    match common.unaugmented(facts.defs.statements[at]):
        case n.Assign(target=n.Name(), value=n.Call(keywords=()) as call):
            return call.fn in TERMS if only_terms else is_elementwise(call)
        case (
            n.Assign(target=n.Index() as place, value=n.Name(id=stored))
            | n.AugAssign(target=n.Index() as place, value=n.Name(id=stored))
        ):
            return stored == name and name not in names_read(place)
    return False


def _bodies(body: tuple[n.Stmt, ...]) -> list[tuple[n.Stmt, ...]]:
    found = [body]
    for stmt in body:
        for inner in bodies(stmt):
            found += _bodies(inner)
    return found
