"""Effects: what memory each statement reads and writes, and what its result may share memory with.

In: statements in normal form and kinds.  Out: for one statement its writes and, for a definition, the memory relation.

relation of a definition `x = ...` to operand `y`:
    "fresh"  new memory, or no memory at all (a number)
    "view"   certainly the memory of y, seen through a basic index or a transposition
    "maybe"  perhaps the memory of y (`reshape`, an index of unknown kind)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_ad.analyses.indexed import index_parts, takes_nothing
from tangent_ad.analyses.kinds import Kinds
from tangent_ad.core import nodes as n
from tangent_ad.core.answers import kept
from tangent_ad.core.calling import calls_in
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import Kind
from tangent_ad.core.walk import children, expressions, names_read, one_name
from tangent_ad.rules.registry import lookup
from tangent_ad.runtime import helpers

SHAPE_ONLY = (len, np.shape, np.size, np.ndim)
SECOND_FOR_SHAPE = (helpers.sum_to, helpers.spread, helpers.unreduce, helpers.stored_in)
"""Functions that read only the shape (and the dtype) of their first, or of their second argument."""
OF_SHAPES = frozenset((*SHAPE_ONLY, *SECOND_FOR_SHAPE))


@record(frozen=True, slots=True)
class Relation:
    how: str
    of: str | None = None


FRESH = Relation("fresh")


def may_be_array(kind: Kind) -> bool:
    return kind.form == "any" or (kind.form == "value" and kind.rank != 0) or kind.form == "tape"


def relation(stmt: n.Assign, kinds: Kinds) -> Relation:
    """The memory of what `stmt` (an assignment to a name) defines."""
    assert isinstance(stmt.target, n.Name)
    kind = kinds.defined(stmt.num, stmt.target.id)
    if not may_be_array(kind):
        return FRESH
    match stmt.value:
        case n.Name(id=name):
            return Relation("view" if kind.is_array else "maybe", name)
        case n.Index(value=n.Name(id=name), index=index):
            if kinds.at(stmt.num, stmt.value.value).form == "tuple":
                return Relation("maybe", name)
            how = index_form(index, stmt.num, kinds)
            if _of_elements(kinds.at(stmt.num, stmt.value.value), index, stmt.num, kinds):
                return FRESH
            if how == "basic":
                number = takes_nothing(index) and _may_be_number(kinds.at(stmt.num, stmt.value.value))
                return Relation("view" if kind.is_array and not number else "maybe", name)
            return FRESH if how == "fancy" else Relation("maybe", name)
        case n.Call(fn=list.pop, args=(n.Name(id=name), *_)):
            return Relation("maybe", name)
        case n.Call(fn=fn, args=(n.Name(id=name), *_)):
            rule = lookup(fn)
            how = rule.result if rule else "maybe"
            if how == "fresh":
                return FRESH
            sure = kind.is_array and not _may_be_number(kinds.at(stmt.num, stmt.value.args[0]))
            return Relation("view" if how == "view" and sure else "maybe", name)
        case n.Global(value=held):
            return FRESH if isinstance(held, int | float) else Relation("maybe", None)
        case n.Index(value=n.Global(value=list() | tuple() as held)) if all(isinstance(e, int | float) for e in held):
            return FRESH
        case n.Index(value=n.Global(), index=index):
            return FRESH if index_form(index, stmt.num, kinds) == "fancy" else Relation("maybe", None)
        case n.Call(fn=fn, args=(n.Global(), *_)):
            rule = lookup(fn)
            return FRESH if rule is not None and rule.result == "fresh" else Relation("maybe", None)
    return FRESH


def _of_elements(base: Kind, index: n.Expr, num: int, kinds: Kinds) -> bool:
    """Is there a number for each axis?  Integers take an element, a truth value makes a copy: neither is a view."""
    parts = index_parts(index)
    return base.has_rank and len(parts) == base.rank and all(kinds.at(num, part).is_number for part in parts)


def _may_be_number(kind: Kind) -> bool:
    """May this be a number (also an array without axes)?  What is made of it may still be an array, but no view."""
    return not kind.is_array


def index_form(index: n.Expr, num: int, kinds: Kinds) -> str:
    """ "basic" (integers and slices: a view or an element), "fancy" (arrays: a copy) or "unknown"."""
    forms = set()
    for part in index_parts(index):
        if isinstance(part, n.Slice) or (isinstance(part, n.Const) and (part.value is None or part.value is Ellipsis)):
            continue
        kind = kinds.at(num, part)
        if kind.is_number and kind.dtype == "int":
            continue
        forms.add("fancy" if kind.is_array else "unknown")
    if not forms:
        return "basic"
    return "fancy" if "fancy" in forms else "unknown"


def written(stmt: n.Stmt, kinds: Kinds) -> tuple[str, ...]:
    """The names through which `stmt` writes (or may write) memory that others can see."""
    match stmt:
        case n.Assign(target=n.Index(value=n.Name(id=name))) | n.AugAssign(target=n.Index(value=n.Name(id=name))):
            return (name,)
        case n.AugAssign(target=n.Name(id=name)):
            return (name,) if may_be_array(kinds.at(stmt.num, stmt.target)) else ()
        case n.ExprStmt(value=n.Call(fn=fn, args=args)) if fn not in (list.append, list.pop):
            rule = lookup(fn)
            positions = rule.writes if rule else range(len(args))
            return tuple(a.id for k in positions if isinstance(a := args[k], n.Name))
    return ()


def content_reads(stmt: n.Stmt) -> frozenset[str]:
    """The names whose content (not only shape) `stmt` reads; a store reads its base only as a place."""
    found: set[str] = set()
    parts = expressions(stmt)
    if isinstance(stmt, (n.Assign, n.For)):
        parts = parts[1:]
        if isinstance(stmt.target, n.Index):
            found |= content_names(stmt.target.index)
    for expr in parts:
        found |= content_names(expr)
    return frozenset(found)


@kept
def content_names(expr: n.Expr) -> frozenset[str]:
    """The names whose content an expression reads."""
    return _content(expr, ())


def needed_content(expr: n.Expr) -> frozenset[str]:
    """The names whose content an adjoint expression reads; helpers read only the shape of their second argument."""
    return one_name(expr.id) if type(expr) is n.Name else _needed(expr)


@kept
def _needed(expr: n.Expr) -> frozenset[str]:
    return _content(expr, SECOND_FOR_SHAPE)


def _content(expr: n.Expr, second_for_shape: tuple[Any, ...]) -> frozenset[str]:
    if OF_SHAPES.isdisjoint([call.fn for call in calls_in(expr)]):
        return names_read(expr)
    found: set[str] = set()
    todo = [expr]
    while todo:
        e = todo.pop()
        if isinstance(e, n.Name):
            found.add(e.id)
        elif isinstance(e, n.Call) and e.fn in SHAPE_ONLY and isinstance(e.args[0], n.Name):
            todo.extend(e.args[1:])
        elif isinstance(e, n.Call) and e.fn in second_for_shape and isinstance(e.args[1], n.Name):
            todo.extend((e.args[0], *e.args[2:], *(v for _, v in e.keywords)))
        else:
            todo.extend(children(e))
    return frozenset(found)
