"""Derived code as Numba needs it.

In: a derivative in core and the kinds of its parameters.  Out: the same function, where

- a variable has one dtype: a definition of another width is cast (Numba unifies no float32 with float64 arrays);
- a Python number beside a float32 array is spelled `np.float32(2.0)` (Numba would make the result float64);
- all of an array is `x[:, :]`, not `x[...]`;
- `x[a:b] += y`, where y may be a view of x, is `x[a:b] = x[a:b] + y` (Numba does not buffer overlaps).
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.kinds import Kinds, infer_kinds, operand_kind
from tangent_ad.analyses.webs import find_webs
from tangent_ad.core import nodes as n
from tangent_ad.core.build import BINARY
from tangent_ad.core.kinds import ANY, Kind
from tangent_ad.core.walk import map_body, map_expr, map_expressions, number, statements
from tangent_ad.rules.registry import lookup

SPELLING = {fn: spelling for spelling, fn in BINARY.items()}
DIVIDING = (operator.truediv, operator.pow, np.divide, np.power)


def for_numba(fn: n.Function, given: Mapping[str, Kind]) -> n.Function:
    """`fn` in the form that compiles to what NumPy would do."""
    fn = number(fn)
    kinds = infer_kinds(fn, find_webs(fn), {p.name: given[p.name] for p in fn.params if p.name in given}, presume=False)
    single = any(_has_float32(kind) for kind in kinds.web_kinds.values())
    owned = _owned_names(fn)

    def rewrite(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        stmt = _buffered(stmt, kinds, owned)

        def swap(expr: n.Expr) -> n.Expr:
            expr = _spelled_out(expr, stmt.num, kinds)
            return _narrow(expr, stmt.num, kinds) if single else expr

        stmt = map_expressions(stmt, lambda expr: map_expr(expr, swap))
        return (_cast(stmt, kinds) if single else stmt,)

    return number(replace(fn, body=map_body(fn.body, rewrite)))


def _has_float32(kind: Kind) -> bool:
    return kind.dtype == "float32" or any(_has_float32(e) for e in kind.elts or ())


def _kind(expr: n.Expr, num: int, kinds: Kinds) -> Kind:
    return operand_kind(expr, lambda name: kinds.web_kinds.get(kinds.webs.of_read.get((num, name), -1)) or ANY)


def _spelled_out(expr: n.Expr, num: int, kinds: Kinds) -> n.Expr:
    """`x[:, :]` for `x[...]`."""
    if isinstance(expr, n.Index) and expr.index == n.Const(Ellipsis):
        kind = _kind(expr.value, num, kinds)
        if kind.has_rank and kind.rank:
            everything = (n.Slice(),) * kind.rank
            return replace(expr, index=everything[0] if kind.rank == 1 else n.Tuple(everything))
    return expr


def _narrow(expr: n.Expr, num: int, kinds: Kinds) -> n.Expr:
    """An elementwise call whose result is a float32 array, with its numbers in float32."""
    if not isinstance(expr, n.Call) or expr.keywords or not expr.args:
        return expr
    rule = lookup(expr.fn)
    if rule is None or not (rule.diff == "partials" or isinstance(expr.fn, np.ufunc) or expr.fn is np.where):
        return expr
    result = _kind(expr, num, kinds)
    if not result.is_array or result.dtype != "float32":
        return expr
    wide = ("float", "int") if expr.fn in DIVIDING else ("float",)
    args = []
    for k, arg in enumerate(expr.args):
        kind = _kind(arg, num, kinds)
        exponent = k == 1 and expr.fn in (operator.pow, np.power) and kind.dtype == "int"
        if kind.is_number and kind.dtype in wide and not exponent:
            arg = n.Call(np.float32, "np.float32", (arg,))
        args.append(arg)
    return replace(expr, args=tuple(args))


def _cast(stmt: n.Stmt, kinds: Kinds) -> n.Stmt:
    """A definition in the dtype of its variable."""
    if not isinstance(stmt, n.Assign) or not isinstance(stmt.target, n.Name):
        return stmt
    whole = kinds.defined(stmt.num, stmt.target.id)
    mine = _kind(stmt.value, stmt.num, kinds)
    if whole.is_array and whole.dtype == "float" and mine.is_array and mine.dtype == "float32":
        return replace(stmt, value=_astype(stmt.value))
    return stmt


def _astype(value: n.Expr) -> n.Expr:
    return n.Call(np.ndarray.astype, ".astype()", (value, n.Global("np.float64", np.float64)))


def _owned_names(fn: n.Function) -> frozenset[str]:
    """Names that hold nothing but fresh arrays and numbers: no view of another name's memory."""
    values: dict[str, list[n.Expr]] = {}
    for stmt in statements(fn.body):
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name):
            values.setdefault(stmt.target.id, []).append(stmt.value)
    params = {p.name for p in fn.params}
    return frozenset(name for name, made in values.items() if name not in params and all(map(_is_fresh, made)))


def _is_fresh(value: n.Expr) -> bool:
    if isinstance(value, n.Const):
        return True
    rule = lookup(value.fn) if isinstance(value, n.Call) else None
    return rule is not None and rule.result == "fresh"


def _is_apart(value: n.Expr, target: n.Expr, owned: frozenset[str]) -> bool:
    """Does `value` surely share no memory with what `target` writes?  Perhaps its result is its first operand; then
    that is asked instead."""
    while isinstance(value, n.Call | n.Index) and not _is_fresh(value):
        value = value.args[0] if isinstance(value, n.Call) and value.args else getattr(value, "value", n.Name(""))
    base = target
    while isinstance(base, n.Call | n.Index):
        base = base.value if isinstance(base, n.Index) else base.args[0]
    names = isinstance(value, n.Name) and isinstance(base, n.Name)
    return _is_fresh(value) or (names and {value.id, base.id} <= owned and value != base)


def _buffered(stmt: n.Stmt, kinds: Kinds, owned: frozenset[str]) -> n.Stmt:
    """An augmented write of what may overlap, with the sum made first."""
    if not isinstance(stmt, n.AugAssign) or stmt.fn not in SPELLING:
        return stmt
    kind = _kind(stmt.value, stmt.num, kinds)
    safe = kind.is_number or _is_apart(stmt.value, stmt.target, owned)
    held = _kind(stmt.target, stmt.num, kinds)
    if safe or held.is_number or (isinstance(stmt.target, n.Name) and not held.is_array):
        return stmt
    target = stmt.target
    if isinstance(target, n.Name):
        target = n.Index(target, n.Const(Ellipsis))
    return n.Assign(target, n.Call(stmt.fn, SPELLING[stmt.fn], (target, stmt.value)), info=stmt.info, num=stmt.num)
