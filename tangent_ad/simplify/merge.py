"""Sums in one statement.

In: derived code.  Out: `x_bar += a` followed by `x_bar -= b` is `x_bar += a - b`, where both are numbers, elements at
the same place, or the same part of an array, the line stays short, and one of the two may as well run beside the other.
`x_bar = a` and `x_bar += b` are `x_bar = a + b`, for numbers, elements, and arrays of one shape.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace

from tangent_ad.analyses.defs import base_name
from tangent_ad.analyses.named import Forms
from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import bodies, changed, commented, expressions, names_read, replace_bodies
from tangent_ad.emit.exprs import expression_text
from tangent_ad.simplify.context import Context, binary, is_fresh, is_pure, is_shadow, kinds_of
from tangent_ad.simplify.forming import find_forms
from tangent_ad.simplify.memory import Memory, find_memory
from tangent_ad.simplify.settled import COPIES, with_dtypes_kept

WIDTH = 72
BACK = 12
"""How many statements back an earlier addition is looked for."""


def merge_sums(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with neighbouring additions to one adjoint put together."""
    kinds, forms = kinds_of(fn, context), find_forms(fn, context)
    known = _Known(kinds, forms, find_memory(fn, kinds), context.user_names)
    return with_dtypes_kept(fn, replace(fn, body=_block(fn.body, known)), forms, context)


@record(frozen=True)
class _Known:
    kinds: NameKinds
    forms: Forms
    memory: Memory
    user_names: frozenset[str]


def _block(body: tuple[n.Stmt, ...], known: _Known) -> tuple[n.Stmt, ...]:
    found: list[n.Stmt] = []
    for stmt in body:
        if inner := bodies(stmt):
            stmt = replace_bodies(stmt, tuple(_block(b, known) for b in inner))
        at = _earlier(found, stmt, known)
        both = _together(found[at], stmt, known) if at is not None else None
        if at is None or both is None:
            found.append(stmt)
        elif at == len(found) - 1:
            found[at] = both
        elif _may_pass(found[at], found[at + 1 :], known) and not _is_added_to(found[at], found[at + 1 :]):
            if comments := found[at].info.comments:
                found[at + 1] = commented(found[at + 1], comments)
            del found[at]
            found.append(changed(both, info=stmt.info, num=stmt.num))
        elif _may_pass(stmt, found[at + 1 :], known):
            found[at] = both
        else:
            found.append(stmt)
    return tuple(found)


def _earlier(found: list[n.Stmt], stmt: n.Stmt, known: _Known) -> int | None:
    """Where the last statement stands that has to do with what `stmt` adds to, if it sets or adds to the same place."""
    added = _addition(stmt)
    base = added.target if added is not None else n.Const(None)
    while isinstance(base, n.Index):
        base = base.value
    if added is None or not isinstance(base, n.Name):
        return None
    memory = known.memory
    place = memory.class_of.get(base.id, base.id)
    for at in range(len(found) - 1, max(len(found) - 1 - BACK, -1), -1):
        first = found[at]
        if isinstance(first, (n.AugAssign, n.Assign)) and first.target == added.target:
            return at
        effect = memory.effects[first.num]
        only_adds = isinstance(added.target, n.Index) and _only_adds(first, base.id)
        if base.id in effect.binds or bodies(first) or (place in effect.writes and not only_adds):
            return None
        for e in (first.value, *_indices(first.target)) if only_adds else expressions(first):  # type: ignore[attr-defined]
            if place in memory.reads(e) or base.id in names_read(e):
                return None
    return None


def _is_added_to(stmt: n.Stmt, others: list[n.Stmt]) -> bool:
    """Does the statement set an element, perhaps one that the others add to?"""
    base = base_name(stmt.target) if isinstance(stmt, n.Assign) else None
    return base is not None and any(_only_adds(other, base) for other in others)


def _only_adds(stmt: n.Stmt, name: str) -> bool:
    """Does the statement add to a part of the array of a name?  Sums may be taken in any order."""
    sums = isinstance(stmt, n.AugAssign) and stmt.fn in (operator.add, operator.sub)
    return sums and isinstance(stmt.target, n.Index) and base_name(stmt.target) == name  # type: ignore[attr-defined]


def _indices(place: n.Expr) -> tuple[n.Expr, ...]:
    """What a place reads to tell which one it is."""
    return (*_indices(place.value), place.index) if isinstance(place, n.Index) else ()


def _may_pass(stmt: n.Stmt, others: list[n.Stmt], known: _Known) -> bool:
    """May `stmt` as well run on the other side of these statements, which leave the place alone that it writes?"""
    assert isinstance(stmt, (n.Assign, n.AugAssign))
    if not is_pure(stmt.value):
        return False
    memory = known.memory
    effects = [memory.effects[other.num] for other in others]
    names = names_read(stmt.value) | names_read(stmt.target)
    read = memory.reads(stmt.value).union(*map(memory.reads, _indices(stmt.target)))  # an index may be an element
    return not any(e.binds & names or e.writes & read for e in effects)


def _addition(stmt: n.Stmt) -> n.AugAssign | None:
    """`stmt` as an addition; `x = x + e` is one that makes a new array."""
    match stmt:
        case n.AugAssign(fn=operator.add | operator.sub):
            return stmt
        case n.Assign(target=n.Name() as x, value=n.Call(fn=operator.add | operator.sub as fn, args=(y, e))):
            if x == y and x.id not in names_read(e) and stmt.annotation is None:
                return n.AugAssign(x, fn, e, info=stmt.info, num=stmt.num)
    return None


def _together(first: n.Stmt, stmt: n.Stmt, known: _Known) -> n.Stmt | None:
    """One statement for both, if they add to the same number, or to the same part of an array."""
    second = _addition(stmt)
    if second is None or not isinstance(first, (n.AugAssign, n.Assign)) or first.target != second.target:
        return None
    if _sign(first) not in (operator.add, operator.sub) or second.info.comments:
        return None
    if not (is_pure(first.value) and is_pure(second.value)):  # what comes off a list keeps its order
        return None
    if not any(is_shadow(name) and name not in known.user_names for name in names_read(first.target)):
        return None
    if isinstance(first, n.Assign) and isinstance(stmt, n.Assign):
        fits = first.annotation is None
    else:
        number = known.kinds.at(first.target).is_number
        whole = isinstance(first.target, n.Name) and isinstance(first, n.Assign)
        fits = number or (_is_whole(first.value, second, known) if whole else _is_part(first, second, known))
    if not fits:
        return None
    effect = known.memory.effects[first.num]
    if effect.binds & names_read(second.value) or effect.writes & known.memory.reads(second.value):
        return None
    fn, value = _sign(first), first.value
    if isinstance(value, n.Call) and value.fn in COPIES and isinstance(first.target, n.Name):
        value = value.args[0]
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


def _is_whole(value: n.Expr, second: n.AugAssign, known: _Known) -> bool:
    """Is a new array added to, and has it the shape of the sum?"""
    same = known.forms.of(second.value).shape == () or known.forms.same(value, second.value)
    return is_fresh(value) and same and known.forms.loose


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
