"""Which array parameters a function goes over as a whole.

In: a function in normal form.  Out: the names of the parameters of which it reads as much as they hold: in an operation
on the array, or element by element in loops of no constant length.

The others are read here and there (`u[i - 1]` for an `i` that is given).  Their adjoint, made anew in each call, would
cost more than the function itself.  What is found decides which form of the derivative is chosen, never its value.
"""

from __future__ import annotations

import numpy as np

from tangent_ad.analyses.indexed import index_parts
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import bound_names, expressions, names_read, statements, subexpressions
from tangent_ad.frontend.pure import SIZES
from tangent_ad.rules.registry import Carried, lookup


def read_whole(fn: n.Function) -> frozenset[str]:
    """The parameters of `fn` that it goes over."""
    params, varying = frozenset(p.name for p in fn.params), _varying(fn)
    order = tuple(statements(fn.body))
    means: dict[str, frozenset[str]] = {p: frozenset((p,)) for p in params}
    for stmt in order:  # names of the same memory
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name):
            shared = frozenset().union(*(means.get(name, frozenset()) for name in _shared(stmt.value)))
            means[stmt.target.id] = means.get(stmt.target.id, frozenset()) | shared
    found: set[str] = set()
    for stmt in order:
        for expr in expressions(stmt):
            for part in subexpressions(expr):
                if isinstance(part, n.Call) and not _shared(part):
                    found |= set(_gone_over(part))
                elif isinstance(part, n.Index) and all(_is_wide(p, varying) for p in index_parts(part.index)):
                    found |= {part.value.id} if isinstance(part.value, n.Name) else set()
    return frozenset().union(*(means.get(name, frozenset()) for name in found))


def _shared(value: n.Expr) -> tuple[str, ...]:
    """The name whose memory a value may be, all of it."""
    if isinstance(value, n.Call) and len(value.args) > 0:
        rule = lookup(value.fn)
        if rule is not None and rule.result != "fresh":
            value = value.args[0]
    return (value.id,) if isinstance(value, n.Name) else ()


def _gone_over(call: n.Call) -> tuple[str, ...]:
    """The names of arrays that an operation reads as a whole."""
    if call.fn in SIZES or call.fn is np.shape:
        return ()
    whole = call.fn.whole if isinstance(call.fn, Carried) else None
    return tuple(a.id for k, a in enumerate(call.args) if isinstance(a, n.Name) and (whole is None or k in whole))


def _varying(fn: n.Function) -> frozenset[str]:
    """What loops of no constant length bind."""
    found: set[str] = set()
    for stmt in statements(fn.body):
        if isinstance(stmt, n.For) and all(isinstance(b, n.Const) for b in (stmt.start, stmt.stop, stmt.step)):
            continue
        if isinstance(stmt, (n.For, n.While)):
            found |= {stmt.target.id} if isinstance(stmt, n.For) else set()
            for inner in statements(stmt.body):
                if isinstance(inner, (n.Assign, n.AugAssign)):
                    found |= set(bound_names(inner.target))
    return frozenset(found)


def _is_wide(part: n.Expr, varying: frozenset[str]) -> bool:
    """Does a part of an index take much of its axis, in all iterations together?"""
    if isinstance(part, n.Slice):
        return all(bound is None or isinstance(bound, n.Const) for bound in (part.lower, part.upper))
    if isinstance(part, n.Const):
        return part.value is None or part.value is Ellipsis
    return bool(names_read(part) & varying)
