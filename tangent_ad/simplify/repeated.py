"""What may as well be computed again as be given a name.

In: a definition of derived code.  Out: is it so cheap, and read so seldom, that it may stand wherever it is read?

`2.0 * x` beside `(x * x - a) / (2.0 * x)` is what the user wrote, and compiled code computes it once anyway.
"""

from __future__ import annotations

import operator
from collections import Counter

from tangent_ad.analyses.defs import bound_by
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import statements
from tangent_ad.simplify.context import is_shadow
from tangent_ad.simplify.memory import Memory
from tangent_ad.simplify.roles import places_in

CHEAP = (operator.add, operator.sub, operator.mul)
OFTEN = 3
"""How often it may stand in the text."""


def read_few_times(fn: n.Function, made: frozenset[str]) -> frozenset[str]:
    """The names of those made that one statement binds and that are read more than once, but not often."""
    reads, binds = Counter[str](), Counter[str]()
    for stmt in statements(fn.body):
        binds.update(bound_by(stmt))
        reads.update([p.name for p in places_in(stmt)])
    return frozenset(name for name in made if binds[name] == 1 and 1 < reads[name] <= OFTEN)


def may_repeat(value: n.Expr, memory: Memory, again: bool) -> bool:
    """Is it one sum, difference or product of numbers, or a part of an array that is asked for outside loops (`again`:
    it stands in one)?"""
    if type(value) is n.Index:
        array = value.value
        return not again and isinstance(array, n.Name) and not is_shadow(array.id) and _is_written_down(value.index)
    if type(value) is not n.Call or value.fn not in CHEAP:
        return False
    return all(type(a) is n.Const or (type(a) is n.Name and memory.is_number(a.id)) for a in value.args)


def _is_written_down(index: n.Expr) -> bool:
    """Is the index made of literals?"""
    parts = index.elts if isinstance(index, n.Tuple) else (index,)
    ends = [e for p in parts for e in ((p.lower, p.upper, p.step) if isinstance(p, n.Slice) else (p,))]
    return all(e is None or isinstance(e, n.Const) for e in ends)
