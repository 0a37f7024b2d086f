"""Sums in one statement.

In: derived code.  Out: `x_bar += a` directly followed by `x_bar -= b` is `x_bar += a - b`, where both are numbers, or
elements at the same place, and the line stays short.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, replace

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import bodies, names_read, replace_bodies
from tangent_ad.emit.exprs import expression_text
from tangent_ad.simplify.context import Context, NameKinds, binary, is_shadow, kinds_of
from tangent_ad.simplify.memory import Memory, find_memory

WIDTH = 72


def merge_sums(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with neighbouring additions to one adjoint put together."""
    kinds = kinds_of(fn, context)
    return replace(fn, body=_block(fn.body, _Known(kinds, find_memory(fn, kinds), context.user_names)))


@dataclass(frozen=True)
class _Known:
    kinds: NameKinds
    memory: Memory
    user_names: frozenset[str]


def _block(body: tuple[n.Stmt, ...], known: _Known) -> tuple[n.Stmt, ...]:
    found: list[n.Stmt] = []
    for stmt in body:
        if inner := bodies(stmt):
            stmt = replace_bodies(stmt, tuple(_block(b, known) for b in inner))
        both = _together(found[-1], stmt, known) if found else None
        if both is None:
            found.append(stmt)
        else:
            found[-1] = both
    return tuple(found)


def _together(first: n.Stmt, second: n.Stmt, known: _Known) -> n.Stmt | None:
    """One statement for both, if they add to the same number."""
    if not (isinstance(first, n.AugAssign) and isinstance(second, n.AugAssign) and first.target == second.target):
        return None
    names = names_read(first.target)
    signs = operator.add, operator.sub
    if first.fn not in signs or second.fn not in signs or second.info.comments:
        return None
    made = any(is_shadow(name) and name not in known.user_names for name in names)
    if not made or not known.kinds.at(first.target).is_number:
        return None
    changed = known.memory.effects[first.num]
    if changed.binds & names_read(second.value) or changed.writes & known.memory.reads(second.value):
        return None
    fn, value = first.fn, first.value
    if fn is operator.sub and second.fn is operator.add:  # -a + b is b - a
        fn, value = operator.add, binary(operator.sub, second.value, first.value)
    else:
        value = binary(operator.sub if fn is not second.fn else operator.add, value, second.value)
    if len(expression_text(value)) > WIDTH:
        return None
    return replace(first, fn=fn, value=value)
