"""Names that are bound on some paths only, bound on all.

In: a function in normal form and its kinds.  Out: the function in which a name that may not be bound where it is read
has a value before: one that is never read where the function gets to its end.

    for k in range(n):                y = np.nan
        if k > 0:                     for k in range(n):
            s = s + y * y                 if k > 0:
        y = x + s                             s = s + y * y
                                          y = x + s

The backward sweep keeps at the head of an iteration what a name holds there, whether it is read or not.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.defs import bound_within
from tangent_ad.analyses.effects import relation
from tangent_ad.analyses.kinds import Kinds
from tangent_ad.analyses.webs import UNDEFINED
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import Kind
from tangent_ad.core.order import number
from tangent_ad.core.walk import statements

UNBOUND = n.Const(math.nan)
DTYPES = {"int": int, "bool": bool, "float32": np.float32}


def bound_everywhere(fn: n.Function, kinds: Kinds, shared: bool = False) -> n.Function:
    """`fn` (numbered) with a first value for each name that may be read unbound, and shares memory with nothing or,
    `shared`, perhaps with others; itself if there are none."""
    webs = kinds.webs
    found: dict[str, n.Expr] = {}
    open_reads = [(num, name) for (num, name), defs in webs.reaching.items() if UNDEFINED in defs and len(defs) > 1]
    for num, name in sorted(open_reads):
        web = webs.of_read.get((num, name))
        if web is None or name in found:
            continue
        value = _first_value(kinds.at(num, n.Name(name)))
        if value is not None and not _is_other(fn, kinds, web, name, shared):
            found[name] = value
    if not found:
        return fn
    body: list[n.Stmt] = []
    for stmt in fn.body:
        for name in sorted(bound_within(stmt) & found.keys()):
            body.append(n.Assign(n.Name(name), found.pop(name)))
        body.append(stmt)
    return number(replace(fn, body=tuple(body)))


def _first_value(kind: Kind) -> n.Expr | None:
    """A value of a kind."""
    if kind.is_array:
        zero, rank = n.Const(0), max(kind.rank or 0, 1)
        shape = zero if rank == 1 else n.Tuple((zero,) * rank)
        dtype = DTYPES.get(kind.dtype or "")
        given = () if dtype is None else (n.Global(_spelling(dtype), dtype),)
        return n.Call(np.empty, "np.empty", (shape, *given))
    if kind.form not in ("value", "any"):
        return None
    return n.Const(DTYPES[kind.dtype](0)) if kind.is_number and kind.dtype in ("int", "bool") else UNBOUND


def _spelling(dtype: type) -> str:
    return f"np.{dtype.__name__}" if dtype is np.float32 else dtype.__name__


def _is_other(fn: n.Function, kinds: Kinds, web: int, name: str, shared: bool) -> bool:
    """Is a definition of the web a loop's, or does it (unless `shared`) perhaps share memory with another name?"""
    for stmt in statements(fn.body):
        if kinds.webs.of_def.get((stmt.num, name)) != web or isinstance(stmt, n.AugAssign):
            continue
        if not isinstance(stmt, n.Assign) or stmt.target != n.Name(name):
            return True
        if not shared and relation(stmt, kinds).how != "fresh":
            return True
    return False
