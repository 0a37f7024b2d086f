"""First assignment.

In: derived code.  Out: `x_bar = 0.0` followed, in the same block and with no other mention of x_bar between, by
`x_bar += e` or `x_bar = x_bar + e` becomes `x_bar = e`.

An array must not thereby come to share memory: a bare name or a view is copied.  `x_bar = np.zeros_like(x)` also fixes
shape and dtype: it goes only if the first term surely has them.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.defs import mentioned_within
from tangent_ad.analyses.named import Forms
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import bodies, commented, names_read, replace_bodies
from tangent_ad.rules.registry import lookup
from tangent_ad.runtime import helpers
from tangent_ad.simplify.context import Context, is_shadow, kinds_of
from tangent_ad.simplify.forming import find_forms
from tangent_ad.simplify.settled import with_dtypes_kept
from tangent_ad.simplify.shapes import Shapes, find_shapes


def assign_first(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with sums that begin with their first term."""
    kinds = kinds_of(fn, context)
    forms = find_forms(fn, context)
    shapes = functools.cache(lambda: find_shapes(fn, kinds))
    made = replace(fn, body=_block(fn.body, _Known(shapes, forms, context.user_names)))
    return with_dtypes_kept(fn, made, forms, context)


@record(frozen=True)
class _Known:
    """What is known of names; the names of the user's."""

    shapes: Callable[[], Shapes]
    forms: Forms
    user_names: frozenset[str]


def _block(body: tuple[n.Stmt, ...], known: _Known) -> tuple[n.Stmt, ...]:
    found: list[n.Stmt | None] = []
    zeros: dict[str, int] = {}
    for stmt in body:
        inner = bodies(stmt)
        if inner:
            stmt = replace_bodies(stmt, tuple(_block(b, known) for b in inner))
        name, term = _addition(stmt) if zeros else (None, None)
        if name is not None and term is not None and name in zeros and name not in names_read(term):
            zero = found[zeros[name]]
            assert isinstance(zero, n.Assign)
            term = _like_zero(name, term, zero.value, known)
        if name is not None and term is not None and name in zeros and name not in names_read(term):
            at = zeros.pop(name)
            zero = found[at]
            assert isinstance(zero, n.Assign)
            found[at] = None
            comments = (*zero.info.comments, *stmt.info.comments)
            moved = _following(found, at)
            info = stmt.info
            if zero.info.comments and moved is not None:
                target = found[moved]
                assert target is not None
                found[moved] = commented(target, zero.info.comments)
            elif zero.info.comments:
                info = replace(stmt.info, comments=comments)
            is_number = isinstance(zero.value, n.Const) and isinstance(stmt, n.AugAssign)
            stmt = n.Assign(n.Name(name), term if is_number else _owned(term), info=info, num=stmt.num)
        if zeros:
            for m in zeros.keys() & mentioned_within(stmt):
                del zeros[m]
        if type(stmt) is n.Assign and type(stmt.target) is n.Name and _is_zero(stmt.value):
            zeros[stmt.target.id] = len(found)
        found.append(stmt)
    return tuple(s for s in found if s is not None)


def _following(found: list[n.Stmt | None], at: int) -> int | None:
    return next((k for k in range(at + 1, len(found)) if found[k] is not None), None)


def _addition(stmt: n.Stmt) -> tuple[str | None, n.Expr | None]:
    """The name and the term of `name += term`, `name -= term`, `name = name + term`."""
    match stmt:
        case n.AugAssign(target=n.Name(id=name), fn=operator.add, value=term):
            return name, term
        case n.AugAssign(target=n.Name(id=name), fn=operator.sub, value=term):
            return name, n.Call(operator.neg, "-", (term,))
        case n.Assign(target=n.Name(id=name), value=n.Call(fn=operator.add, args=(n.Name(id=same), term))):
            return (name, term) if same == name else (None, None)
    return None, None


def _like_zero(name: str, term: n.Expr, zero: n.Expr, known: _Known) -> n.Expr | None:
    """The term as it may take the place of the zero: None if that cannot be told."""
    if not _is_zeros_like(zero):
        return term
    assert isinstance(zero, n.Call)
    match term:  # what has an adjoint holds floating-point numbers
        case n.Call(fn=np.full, args=(n.Call(fn=np.shape, args=(x,)), value), keywords=()) if is_shadow(name):
            if x == zero.args[0]:
                return n.Call(np.full_like, "np.full_like", (x, value))
    shapes, made = known.shapes(), is_shadow(name) and name not in known.user_names
    root = shapes.like(zero)
    if root is not None and root in shapes.floating and shapes.like(term) == root:
        return term
    if made and known.forms.alike(term, zero):
        return term
    (x,) = zero.args
    if made and isinstance(x, n.Name) and x.id in known.forms.stable:
        return n.Call(helpers.spread, "spread", (term, x))
    return None


def _is_zeros_like(value: n.Expr) -> bool:
    return isinstance(value, n.Call) and value.fn is np.zeros_like and len(value.args) == 1 and not value.keywords


def _is_zero(value: n.Expr) -> bool:
    """Zeros that adjoints start from."""
    if type(value) is n.Const:
        return type(value.value) is float and value.value == 0.0
    if type(value) is not n.Call:
        return False
    if _is_zeros_like(value):
        return True
    if value.fn is np.zeros and isinstance(value.args[0], n.Tuple):
        return all(isinstance(e, n.Const) and e.value == 1 for e in value.args[0].elts)
    return False


def _owned(term: n.Expr) -> n.Expr:
    """`term` as memory of its own."""
    rule = lookup(term.fn) if isinstance(term, n.Call) else None
    if (rule is not None and rule.result == "fresh") or isinstance(term, n.Const):
        return term
    return n.Call(helpers.copy_of, "copy_of", (term,))
