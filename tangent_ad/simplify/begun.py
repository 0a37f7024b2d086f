"""Sums of arrays that begin with their last term.

In: derived code.  Out: `x_bar = np.zeros_like(x)`, `x_bar[1:] += a`, `x_bar = x_bar + y_bar` is `x_bar =
copy_of(y_bar)`, `x_bar[1:] += a`, where y_bar is the same all along and surely has the shape and the dtype of x.
"""

from __future__ import annotations

import operator
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.named import Forms
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import bodies, expressions, names_read, replace_bodies, statements
from tangent_ad.runtime import helpers
from tangent_ad.simplify.context import Context, is_shadow
from tangent_ad.simplify.forming import find_forms
from tangent_ad.simplify.memory import Memory, find_memory


def begin_sums(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with fewer zeros."""
    if not any(_last_term(stmt) is not None for stmt in statements(fn.body)):
        return fn
    forms = find_forms(fn, context)
    memory = find_memory(fn, forms.kinds)
    return replace(fn, body=_block(fn.body, forms, memory, context.user_names))


def _last_term(stmt: n.Stmt) -> tuple[str, str] | None:
    """The names in `x = x + y`, `x += y`."""
    match stmt:
        case n.Assign(target=n.Name(id=x), value=n.Call(fn=operator.add, args=(n.Name(id=same), n.Name(id=y)))):
            return (x, y) if x == same != y else None
        case n.AugAssign(target=n.Name(id=x), fn=operator.add, value=n.Name(id=y)):
            return (x, y) if x != y else None
    return None


def _block(body: tuple[n.Stmt, ...], forms: Forms, memory: Memory, user_names: frozenset[str]) -> tuple[n.Stmt, ...]:
    found: list[n.Stmt] = []
    for stmt in body:
        if inner := bodies(stmt):
            stmt = replace_bodies(stmt, tuple(_block(b, forms, memory, user_names) for b in inner))
        names = _last_term(stmt)
        at = None if names is None or stmt.info.comments else _beginning(found, *names, forms, memory)
        if at is None or names is None or names[0] in user_names or not is_shadow(names[0]):
            found.append(stmt)
        else:
            begun = found[at]
            assert isinstance(begun, n.Assign)
            found[at] = replace(begun, value=n.Call(helpers.copy_of, "copy_of", (n.Name(names[1]),)))
    return tuple(found)


def _beginning(found: list[n.Stmt], x: str, y: str, forms: Forms, memory: Memory) -> int | None:
    """The place of the zeros in which the sum `x` begins, if all that follows adds to parts of it, and `y` could be
    there from the beginning."""
    ours, theirs = memory.class_of.get(x, x), memory.class_of.get(y, y)
    if ours == theirs:
        return None
    for at in range(len(found) - 1, -1, -1):
        stmt = found[at]
        match stmt:
            case n.Assign(target=n.Name(id=name), value=n.Call(fn=np.zeros_like, args=(like,))) if name == x:
                whole = n.Name(y)
                return at if forms.same(whole, like) and forms.equals(whole, like) else None
        effect = memory.effects[stmt.num]
        if y in effect.binds or theirs in effect.writes:
            return None
        if isinstance(stmt, n.AugAssign) and _adds(stmt, x):
            if ours in memory.reads(stmt.value):
                return None
        elif ours in effect.writes or any(x in names_read(e) for s in statements((stmt,)) for e in expressions(s)):
            return None
    return None


def _adds(stmt: n.AugAssign, x: str) -> bool:
    """Does it add something else to a part of `x`?"""
    place = stmt.target
    if stmt.fn not in (operator.add, operator.sub) or not isinstance(place, n.Index) or place.value != n.Name(x):
        return False
    return x not in names_read(stmt.value) | names_read(place.index)
