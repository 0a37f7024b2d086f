"""What is indexed, and how.

In: the webs and statements of a function; expressions.  Out: the webs that are arrays because they are indexed; the
arrays of which more is asked than single elements; the loops whose variables are never negative.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from tangent_ad.analyses.webs import Webs
from tangent_ad.core import nodes as n
from tangent_ad.core.answers import kept
from tangent_ad.core.walk import children, expressions, subexpressions


def indexed_webs(webs: Webs, order: tuple[n.Stmt, ...]) -> frozenset[int]:
    """The webs that are indexed, maybe under another name: what is indexed is an array."""
    indexed: set[int] = set()
    copies: list[tuple[int, int]] = []
    for s in order:
        for e in expressions(s):
            for name in _indexed_in(e) if type(e) is not n.Name else ():
                indexed.add(webs.of_read.get((s.num, name), -1))
        if type(s) is n.Assign and type(s.target) is n.Name:
            source = _same_array(s.value)
            if source is not None and (s.num, source.id) in webs.of_read:
                copies.append((webs.of_def[(s.num, s.target.id)], webs.of_read[(s.num, source.id)]))
    for target, original in reversed(copies):
        if target in indexed:
            indexed.add(original)
    return frozenset(indexed)


def _same_array(value: n.Expr) -> n.Name | None:
    """The name of which `value` is a copy of the reference or a transposition: an array if the one is."""
    if type(value) is n.Call and value.fn is np.transpose and len(value.args) == 1:
        value = value.args[0]
    return value if type(value) is n.Name else None


@kept
def _indexed_in(expr: n.Expr) -> tuple[str, ...]:
    """The names that are indexed in an expression, or stand in a product of matrices, which no number has either."""
    found: list[str] = []
    for part in subexpressions(expr):
        if type(part) is n.Index and isinstance(part.value, n.Name) and not takes_nothing(part.index):
            found.append(part.value.id)
        elif type(part) is n.Call and (part.fn is operator.matmul or part.fn is np.matmul):
            found += [a.id for a in part.args if type(a) is n.Name]
    return tuple(found)


def index_parts(index: n.Expr) -> tuple[n.Expr, ...]:
    return index.elts if isinstance(index, n.Tuple) else (index,)


def takes_nothing(index: n.Expr) -> bool:
    """Is the index one that a number of NumPy has too (`x[None]`, `x[...]`)?"""
    return all(isinstance(p, n.Const) and (p.value is None or p.value is Ellipsis) for p in index_parts(index))


def asked_whole(exprs: Iterable[n.Expr], lengths: Mapping[str, int]) -> set[str]:
    """The arrays of these lengths that stand in `exprs` otherwise than with a constant index within their bounds."""
    found: set[str] = set()
    todo = list(exprs)
    while todo:
        e = todo.pop()
        match e:
            case n.Name(id=name) if name in lengths:
                found.add(name)
            case n.Index(value=n.Name(id=name), index=n.Const(value=int() as k)) if name in lengths:
                if type(k) is not int or not -lengths[name] <= k < lengths[name]:
                    found.add(name)
            case _:
                todo.extend(children(e))
    return found


def element_of(expr: n.Expr, parts: Mapping[str, Sequence[str]]) -> n.Expr:
    """`v[1]` as the name of that element, for the arrays v of which `parts` names the elements."""
    match expr:
        case n.Index(value=n.Name(id=name), index=n.Const(value=int() as k)) if name in parts:
            return n.Name(parts[name][k])
    return expr


def never_negative(loop: n.For) -> bool:
    """Is the loop's variable surely not negative?  A negative index means the same element as some other one."""
    step = loop.step.value if isinstance(loop.step, n.Const) else None
    if step not in (1, -1):
        return False
    end, least = (loop.start, 0) if step == 1 else (loop.stop, -1)
    return isinstance(end, n.Const) and type(end.value) is int and end.value >= least
