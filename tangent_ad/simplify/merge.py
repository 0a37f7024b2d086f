"""Sums in one statement.

In: derived code.  Out: `x_bar += a` directly followed by `x_bar -= b` is `x_bar += a - b`, where both are numbers, or
elements at the same place, and the line stays short; of arrays and their elements (`x_bar[1:] += a`) also where there
are statements between that have nothing to do with it.  `x_bar[i] = a` and `x_bar[i] += b` are `x_bar[i] = a + b`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace

from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import bodies, changed, expressions, names_read, replace_bodies
from tangent_ad.emit.exprs import expression_text
from tangent_ad.simplify.context import Context, binary, is_shadow, kinds_of
from tangent_ad.simplify.memory import Memory, find_memory

WIDTH = 72
BACK = 12
"""How many statements back an earlier addition is looked for."""


def merge_sums(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with neighbouring additions to one adjoint put together."""
    kinds = kinds_of(fn, context)
    return replace(fn, body=_block(fn.body, _Known(kinds, find_memory(fn, kinds), context.user_names)))


@record(frozen=True)
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
        at = _earlier(found, stmt, known) if both is None else None
        if both is not None:
            found[-1] = both
        elif at is not None and (both := _together(found[at], stmt, known)) is not None:
            del found[at]
            found.append(changed(both, info=stmt.info, num=stmt.num))
        else:
            found.append(stmt)
    return tuple(found)


def _earlier(found: list[n.Stmt], stmt: n.Stmt, known: _Known) -> int | None:
    """The place of an earlier addition to the same part of an array that may as well run just before `stmt`."""
    if not isinstance(stmt, n.AugAssign):
        return None
    kind = known.kinds.at(stmt.target)
    if not kind.is_array and not (kind.is_number and isinstance(stmt.target, n.Index)):
        return None
    base = stmt.target
    while isinstance(base, n.Index):
        base = base.value
    if not isinstance(base, n.Name):
        return None
    memory = known.memory
    place = memory.class_of.get(base.id, base.id)
    for at in range(len(found) - 1, max(len(found) - 1 - BACK, -1), -1):
        first = found[at]
        if isinstance(first, (n.AugAssign, n.Assign)) and first.target == stmt.target:
            between = [memory.effects[s.num] for s in found[at + 1 :]]
            binds = frozenset().union(*(e.binds for e in between))
            writes = frozenset().union(*(e.writes for e in between))
            free = not binds & (names_read(first.value) | names_read(first.target))
            read = memory.reads(first.value) | memory.reads(first.target)  # an index may be an element
            return at if free and not writes & read and not first.info.comments else None
        if place in memory.effects[first.num].writes or bodies(first):
            return None
        if any(place in memory.reads(e) for e in expressions(first)):
            return None
    return None


def _together(first: n.Stmt, second: n.Stmt, known: _Known) -> n.Stmt | None:
    """One statement for both, if they add to the same number, or to the same part of an array."""
    if not (isinstance(first, (n.AugAssign, n.Assign)) and isinstance(second, n.AugAssign)):
        return None
    if first.target != second.target or (isinstance(first, n.Assign) and not isinstance(first.target, n.Index)):
        return None
    names = names_read(first.target)
    if not {_sign(first), second.fn} <= {operator.add, operator.sub} or second.info.comments:
        return None
    made = any(is_shadow(name) and name not in known.user_names for name in names)
    if not made or not (known.kinds.at(first.target).is_number or _is_part(first, second, known)):
        return None
    changed = known.memory.effects[first.num]
    if changed.binds & names_read(second.value) or changed.writes & known.memory.reads(second.value):
        return None
    fn, value = _sign(first), first.value
    if isinstance(first, n.Assign) and second.fn is operator.add and (less := _opposite(value)) is not None:
        value = binary(operator.sub, second.value, less)
    elif fn is operator.sub and second.fn is operator.add:  # -a + b is b - a
        fn, value = operator.add, binary(operator.sub, second.value, first.value)
    else:
        value = binary(operator.sub if fn is not second.fn else operator.add, value, second.value)
    if len(expression_text(value)) > WIDTH:
        return None
    return replace(first, value=value) if isinstance(first, n.Assign) else replace(first, fn=fn, value=value)


def _opposite(value: n.Expr) -> n.Expr | None:
    """`a` if the value is `-a`."""
    is_negative = isinstance(value, n.Call) and value.fn is operator.neg
    return value.args[0] if is_negative else None  # type: ignore[attr-defined]


def _sign(stmt: n.AugAssign | n.Assign) -> Callable[..., object]:
    return stmt.fn if isinstance(stmt, n.AugAssign) else operator.add


def _is_part(first: n.AugAssign | n.Assign, second: n.AugAssign, known: _Known) -> bool:
    """Is what is added to all of an array, or a view of it, and is the sum as precise as that?"""
    kind, target = known.kinds.at(first.target), first.target
    if not kind.is_array or (kind.dtype != "float32" and "float32" in _dtypes(first, second, known)):
        return False
    parts = target.index if isinstance(target, n.Index) else n.Tuple(())
    return all(
        isinstance(part, (n.Slice, n.Const)) or (known.kinds.at(part).is_number and known.kinds.at(part).dtype == "int")
        for part in (parts.elts if isinstance(parts, n.Tuple) else (parts,))
    )


def _dtypes(first: n.AugAssign | n.Assign, second: n.AugAssign, known: _Known) -> set[str | None]:
    return {known.kinds.at(first.value).dtype, known.kinds.at(second.value).dtype}
