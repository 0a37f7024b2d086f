"""Shapes that are numbers.

In: derived code.  Out: the compiler's own statements say the constant length of an array that the function has made
with it, instead of asking the array: `np.zeros_like(out)` is `np.zeros(2)`, `range(out.shape[0])` is `range(2)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import map_body, map_expr, map_expressions
from tangent_ad.runtime import helpers
from tangent_ad.simplify.context import Context
from tangent_ad.simplify.forming import find_forms

DOUBLE = frozenset(("float64",))
MAKERS = {np.zeros_like: (np.zeros, "np.zeros"), np.empty_like: (np.empty, "np.empty")}


def write_sizes(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with constant lengths written out."""
    forms = find_forms(fn, context)
    fixed: dict[str, tuple[int, ...]] = {}
    double: set[str] = set()
    params = {p.name for p in fn.params}
    for name, form in forms.table.items():
        if form.shape and name not in params and all(type(axis) is int for axis in form.shape):
            fixed[name] = tuple(axis for axis in form.shape if isinstance(axis, int))
            if form.dtype == DOUBLE:
                double.add(name)
    if not fixed:
        return fn
    folder = _Folder(fixed, frozenset(double))

    def rewrite(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        if not _is_ours(stmt, context.user_names):
            return (stmt,)
        if isinstance(stmt, n.For):
            length = forms.size(stmt.stop)
            stop = n.Const(length) if type(length) is int else map_expr(stmt.stop, folder.fold)
            return (replace(stmt, stop=stop),)
        return (map_expressions(stmt, lambda e: map_expr(e, folder.fold)),)

    return replace(fn, body=map_body(fn.body, rewrite))


def _is_ours(stmt: n.Stmt, user_names: frozenset[str]) -> bool:
    target = stmt.target if isinstance(stmt, (n.Assign, n.For)) else None
    return isinstance(target, n.Name) and target.id not in user_names


class _Folder:
    def __init__(self, fixed: Mapping[str, tuple[int, ...]], double: frozenset[str]) -> None:
        self.fixed, self.double = fixed, double

    def fold(self, expr: n.Expr) -> n.Expr:
        match expr:
            case n.Call(fn=np.shape, args=(n.Name(id=name),)) if name in self.fixed:
                return n.Tuple(tuple(map(n.Const, self.fixed[name])))
            case n.Index(value=n.Tuple(elts=elts), index=n.Const(value=int() as k)) if 0 <= k < len(elts):
                return elts[k] if all(isinstance(e, n.Const) for e in elts) else expr
            case n.Call(fn=fn, args=(n.Name(id=name),), keywords=()) if name in self.fixed:
                if fn is np.size:
                    return n.Const(int(np.prod(self.fixed[name])))
                if fn is len:
                    return n.Const(self.fixed[name][0])
                if fn in MAKERS and name in self.double:
                    return n.Call(*MAKERS[fn], (self.shape(name),))
            case n.Call(fn=helpers.spread, args=(zero, n.Name(id=name))) if name in self.double and _is_zero(zero):
                return n.Call(np.zeros, "np.zeros", (self.shape(name),))
            case n.Call(fn=np.zeros | np.empty, args=(shape, n.Call(fn=np.ndarray.dtype, args=(n.Name(id=name),)))):
                if name in self.double:
                    one = isinstance(shape, n.Tuple) and len(shape.elts) == 1
                    return replace(expr, args=(shape.elts[0] if one and isinstance(shape, n.Tuple) else shape,))
        return expr

    def shape(self, name: str) -> n.Expr:
        lengths = self.fixed[name]
        return n.Const(lengths[0]) if len(lengths) == 1 else n.Tuple(tuple(map(n.Const, lengths)))


def _is_zero(value: n.Expr) -> bool:
    match value:
        case n.Const(value=float() as number):
            return number == 0.0
        case n.Call(fn=np.zeros, args=(n.Tuple(elts=elts),), keywords=()):
            return all(e == n.Const(1) for e in elts)
    return False
