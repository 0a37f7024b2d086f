"""Values that the backward sweep takes back exactly: counters.

In: a value that an iteration begins with.  Out: the statement that leads to the next one, if it can be undone.

`start += d - j`, once in each iteration, on integers: the backward sweep begins with what the loop left and subtracts
the same at the head of each iteration, the last first.  Nothing is kept for it but, in a loop that the backward sweep
runs in again, what each run left.  Floating-point sums are not undone: rounding would be.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from tangent_ad.analyses.webs import UNDEFINED
from tangent_ad.core import nodes as n
from tangent_ad.core.build import BINARY
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import map_names, names_read, subexpressions
from tangent_ad.frontend.pure import INDEX_ARITHMETIC, SIZES
from tangent_ad.storage.again import reads_of_value
from tangent_ad.storage.values import Home, Value, Values

Operator = Callable[..., Any]
OPPOSITE: dict[Operator, Operator] = {operator.add: operator.sub, operator.sub: operator.add}
SPELLING = {BINARY[symbol]: symbol for symbol in ("+", "-")}


@record(frozen=True, slots=True)
class Inverse:
    """How a counter is taken back.  loop, update: the statements that repeat and change it; `fn` of it and `amount`
    (marked) undoes the change.  direct: its name still holds what the loop left when the backward sweep comes to it."""

    loop: int
    update: int
    fn: Operator
    amount: n.Expr
    direct: bool

    @property
    def left(self) -> tuple[str, int]:
        """The state of the name behind the loop."""
        return ("exit", self.loop)

    def undone(self, name: n.Expr) -> n.Expr:
        """What it was before, of what it is."""
        return n.Call(self.fn, SPELLING[self.fn], (name, self.amount))


def inverse_of(values: Values, value: Value, home: Home) -> Inverse | None:
    """How to undo what an iteration did to `value`, which it began with; `home`: the block of the loop."""
    facts = values.facts
    how, loop = value.states[0]
    if how != "carried" or len(value.states) != 1 or home != (loop, 0) or loop in values.fused:
        return None
    first, last = facts.defs.span[loop]
    events = values.events.get(value.name, ())
    inside = [e for e in events if first <= e <= last]
    if len(inside) != 1 or values.block_of.get(inside[0]) != home:
        return None
    (update,) = inside
    change = change_of(facts.defs.statements[update], value.name)
    if change is None:
        return None
    fn, amount = change
    reaching = facts.webs.reaching.get((update, value.name), frozenset((UNDEFINED,)))
    integers = (facts.kinds.defined(d, value.name) for d in reaching if d != UNDEFINED)
    if UNDEFINED in reaching or not all(kind.is_number and kind.dtype == "int" for kind in integers):
        return None
    whole = _spelled_out(values, update, amount)
    if whole is None:
        return None
    later = any(e > last for e in events)
    return Inverse(loop, update, OPPOSITE[fn], whole, not values.loops_in_sweep(loop) and not later)


def change_of(stmt: n.Stmt, name: str) -> tuple[Operator, n.Expr] | None:
    """Addition or subtraction, and the amount, if that is how the statement changes `name`."""
    match stmt:
        case n.AugAssign(target=n.Name(id=target), fn=fn, value=amount):
            found = target == name
        case n.Assign(target=n.Name(id=target), value=n.Call(fn=fn, args=(first, amount))):
            if first != n.Name(name) and fn is operator.add:
                first, amount = amount, first
            found = target == name and first == n.Name(name)
        case _:
            return None
    return (fn, amount) if found and fn in OPPOSITE and name not in names_read(amount) else None


def _spelled_out(values: Values, num: int, amount: n.Expr) -> n.Expr | None:
    """The amount, marked, without the temporaries that hold parts of it; None unless it is an exact integer made of
    what every name in it still holds in the backward sweep."""
    kind = values.facts.kinds.at(num, amount)
    if not kind.is_number or kind.dtype != "int":
        return None
    if any(isinstance(e, (n.IfExp, n.BoolOp)) for e in subexpressions(amount)):
        return None
    if any(e.fn not in (*INDEX_ARITHMETIC, *SIZES) for e in subexpressions(amount) if isinstance(e, n.Call)):
        return None
    parts: dict[str, n.Expr] = {}
    for read in reads_of_value(num, amount):
        how, at = values.at(read).states[0]
        if how == "count" or not values.may_change(read):
            parts[read.name] = n.Name(read.name, read.version)
            continue
        stmt = values.facts.defs.statements[at] if how == "def" else None
        if not isinstance(stmt, n.Assign) or stmt.target != n.Name(read.name) or len(values.at(read).states) > 1:
            return None
        part = _spelled_out(values, at, stmt.value)
        if part is None:
            return None
        parts[read.name] = part
    return map_names(amount, lambda e: parts[e.id])
