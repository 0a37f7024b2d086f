"""Derived code as Numba needs it.

In: a derivative in core and the kinds of its parameters.  Out: the same function, where

- a variable has one dtype: a definition of another width is cast (Numba unifies no float32 with float64 arrays);
- a Python number beside a float32 array is spelled `np.float32(2.0)` (Numba would make the result float64);
- the operands of products of matrices have one dtype;
- all of an array is `x[:, :]`, not `x[...]`;
- a list of indices is an array;
- a dtype is one of NumPy's: `np.float64` for `float`;
- arrays are joined as a tuple, `np.stack((x, y))` (Numba takes no list of them);
- `x[a:b] += y`, where y may be a view of x, is `x[a:b] = x[a:b] + y` (Numba does not buffer overlaps);
- array expressions are loops over elements where that saves arrays (`loops`);
- nests of loops over elements run forwards, those of stencils by rows, where that is free (`nests`);
- constants in conditions are calls where there are lists (`reached.py`);
- `x[a:b] += y` elsewhere is `part = x[a:b]`, `part += y` (Numba would copy the sum once more).
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.defs import base_name, bound_by
from tangent_ad.analyses.effects import index_form
from tangent_ad.analyses.indexed import index_parts
from tangent_ad.analyses.kinds import Kinds, infer_kinds, operand_kind
from tangent_ad.analyses.namekinds import name_kinds
from tangent_ad.analyses.webs import find_webs
from tangent_ad.backends.lifted import lift_arrays
from tangent_ad.backends.loops import as_loops
from tangent_ad.backends.nests import as_rows
from tangent_ad.backends.onetype import check_types
from tangent_ad.backends.reached import keep_reached
from tangent_ad.backends.uncompiled import check_calls
from tangent_ad.backends.widths import Narrow, find_narrow
from tangent_ad.core import nodes as n
from tangent_ad.core.build import BINARY
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import ANY, Kind
from tangent_ad.core.names import Fresh
from tangent_ad.core.order import number
from tangent_ad.core.walk import map_body, map_expr, map_expressions, statements
from tangent_ad.frontend.pure import all_names
from tangent_ad.rules.registry import lookup
from tangent_ad.runtime import helpers
from tangent_ad.simplify.memory import Memory, find_memory

SPELLING = {fn: spelling for spelling, fn in BINARY.items()}
PRODUCTS = frozenset(
    (
        operator.matmul,
        np.matmul,
        np.dot,
        np.linalg.solve,
        helpers.matmul_left,
        helpers.matmul_right,
        helpers.dot_left,
        helpers.dot_right,
        helpers.solve_transposed,
    )
)
"""What Numba hands to BLAS and LAPACK, which take operands of one dtype."""
DTYPES: dict[type, n.Global] = {
    float: n.Global("np.float64", np.float64),
    int: n.Global("np.int64", np.int64),
    bool: n.Global("np.bool_", np.bool_),
}
"""What Python's own types mean as dtypes; Numba takes NumPy's alone."""
INDEXING = {helpers.add_at: 1, helpers.read_last: 1, helpers.place_last: 2}
"""Which argument is an index."""
JOINS = (np.concatenate, np.stack, np.hstack, np.vstack, np.column_stack)
DIVIDING = (operator.truediv, operator.pow, np.divide, np.power)


FORMS = ("loops", "rows", "lifted")
"""What may be changed for speed alone, where the kinds come from types and no division raises: array expressions become
loops, nests of loops go by rows, arrays are made ahead of loops.  Each can be left out (`Request.without`)."""


def for_numba(fn: n.Function, given: Mapping[str, Kind], forms: Collection[str] = ()) -> n.Function:
    """`fn` in the form that compiles to what NumPy would do; `forms`: those of `FORMS` that it may get."""
    fn = number(fn)
    kinds = infer_kinds(fn, find_webs(fn), {p.name: given[p.name] for p in fn.params if p.name in given}, presume=False)
    check_types(fn, kinds, lambda expr, num: _kind(expr, num, kinds))
    single = any(_has_float32(kind) for kind in kinds.web_kinds.values())
    narrow = find_narrow(fn, kinds)
    owned, fresh = _owned_names(fn), Fresh(all_names(fn))
    memory = find_memory(fn, name_kinds(kinds))

    def rewrite(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        check_calls(fn, stmt)

        def swap(expr: n.Expr) -> n.Expr:
            expr = _of_number(_spelled_out(_joined(_listed(_dtype(expr))), stmt.num, kinds), stmt.num, kinds)
            return _matched(_narrow(expr, stmt.num, kinds, narrow), stmt.num, kinds) if single else expr

        if isinstance(stmt, n.If) and not stmt.orelse and _never(stmt.test, stmt.num, kinds):
            return ()
        found = _augmented(stmt, kinds, owned, memory, fresh)
        found = tuple(map_expressions(s, lambda expr: map_expr(expr, swap)) for s in found)
        return tuple(_cast(s, kinds) for s in found) if single else found

    made = number(replace(fn, body=map_body(fn.body, rewrite)))
    made = as_loops(made, given) if "loops" in forms else made
    made = as_rows(made, given) if "rows" in forms else made
    return number(keep_reached(lift_arrays(number(made), given) if "lifted" in forms else made))


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


def _listed(expr: n.Expr) -> n.Expr:
    """`x[np.array([0, 2])]` for `x[[0, 2]]`."""

    def part(index: n.Expr) -> n.Expr:
        return n.Call(np.array, "np.array", (index,)) if isinstance(index, n.List) and index.elts else index

    def whole(index: n.Expr) -> n.Expr:
        return n.Tuple(tuple(map(part, index.elts))) if isinstance(index, n.Tuple) else part(index)

    match expr:
        case n.Index(index=index):
            made = whole(index)
            return expr if made == index else replace(expr, index=made)
        case n.Call(fn=fn, args=args) if fn in INDEXING:
            return replace(expr, args=tuple(whole(a) if k == INDEXING[fn] else a for k, a in enumerate(args)))
    return expr


def _dtype(expr: n.Expr) -> n.Expr:
    """`np.int64` for `int`, where it is not called."""
    match expr:
        case n.Global(value=type() as value):
            return DTYPES.get(value, expr)
    return expr


def _joined(expr: n.Expr) -> n.Expr:
    """A join of a tuple of arrays, for one of a list."""
    match expr:
        case n.Call(fn=fn, args=(n.List(elts=elts), *rest)) if fn in JOINS:
            return replace(expr, args=(n.Tuple(elts), *rest))
    return expr


def _of_number(expr: n.Expr, num: int, kinds: Kinds) -> n.Expr:
    """`np.ndim(x)`, and `np.shape(x)`, `np.size(x)` of a number, which Numba does not know, as constants."""
    if isinstance(expr, n.Call) and expr.fn in (np.ndim, np.shape, np.size) and len(expr.args) == 1:
        kind = _kind(expr.args[0], num, kinds)
        if kind.has_rank and (kind.rank == 0 or expr.fn is np.ndim):
            return n.Const(kind.rank) if expr.fn is np.ndim else n.Tuple(()) if expr.fn is np.shape else n.Const(1)
    return expr


def _never(test: n.Expr, num: int, kinds: Kinds) -> bool:
    """Is `test` a guard of the rank of an argument that types have settled?"""
    if not (isinstance(test, n.Call) and test.fn is operator.ne and len(test.args) == 2):
        return False
    rank, wanted = (_of_number(arg, num, kinds) for arg in test.args)
    return isinstance(rank, n.Const) and rank == wanted


def _narrow(expr: n.Expr, num: int, kinds: Kinds, narrow: Narrow) -> n.Expr:
    """An elementwise call whose result is a float32 array, with its numbers in float32; so an array made of numbers."""
    if not isinstance(expr, n.Call) or expr.keywords or not expr.args:
        return expr
    rule = lookup(expr.fn)
    made_of = expr.fn is np.array or expr.fn is np.full
    if rule is None or not (made_of or rule.diff == "partials" or isinstance(expr.fn, np.ufunc) or expr.fn is np.where):
        return expr
    result = _kind(expr, num, kinds)
    if not result.is_array or result.dtype != "float32":
        return expr
    wide = ("float", "int") if made_of or expr.fn in DIVIDING else ("float",)

    def cast(arg: n.Expr) -> n.Expr:
        kind = _kind(arg, num, kinds)
        if kind.is_number and (kind.dtype in wide or (kind.dtype == "float32" and not narrow(arg, num))):
            return n.Call(np.float32, "np.float32", (arg,))
        if expr.fn is np.array and isinstance(arg, n.List | n.Tuple):
            return replace(arg, elts=tuple(map(cast, arg.elts)))
        return arg

    args = []
    for k, arg in enumerate(expr.args):
        exponent = k == 1 and expr.fn in (operator.pow, np.power) and _kind(arg, num, kinds).dtype == "int"
        args.append(arg if exponent or (expr.fn is np.full and k == 0) else cast(arg))
    return replace(expr, args=tuple(args))


def _matched(expr: n.Expr, num: int, kinds: Kinds) -> n.Expr:
    """A product or a solution with its float32 operands widened where another one is float64."""
    if not isinstance(expr, n.Call) or expr.fn not in PRODUCTS:
        return expr
    found = [_kind(arg, num, kinds) for arg in expr.args]
    if not {"float", "float32"} <= {kind.dtype for kind in found if kind.is_array}:
        return expr
    narrow = [kind.is_array and kind.dtype == "float32" for kind in found]
    return replace(expr, args=tuple(_astype(arg) if cast else arg for arg, cast in zip(expr.args, narrow, strict=True)))


def _cast(stmt: n.Stmt, kinds: Kinds) -> n.Stmt:
    """A definition in the dtype of its variable."""
    if not isinstance(stmt, n.Assign) or not isinstance(stmt.target, n.Name):
        return stmt
    if (stmt.num, stmt.target.id) not in kinds.webs.of_def:
        return stmt  # a variable of ours
    whole = kinds.defined(stmt.num, stmt.target.id)
    mine = _kind(stmt.value, stmt.num, kinds)
    if whole.is_array and whole.dtype == "float" and mine.is_array and mine.dtype == "float32":
        return replace(stmt, value=_astype(stmt.value))
    return stmt


def _astype(value: n.Expr) -> n.Expr:
    return n.Call(np.ndarray.astype, ".astype()", (value, n.Global("np.float64", np.float64)))


@record(frozen=True, slots=True)
class _Owned:
    """Names that hold no view of another name's memory: `fresh`, nothing but fresh arrays and numbers of their own;
    `whole`, nothing but arrays that were fresh, so that two of them are the same array or apart."""

    fresh: frozenset[str]
    whole: frozenset[str]


def _owned_names(fn: n.Function) -> _Owned:
    values: dict[str, list[n.Expr]] = {}
    other = {p.name for p in fn.params}
    for stmt in statements(fn.body):
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name):
            values.setdefault(stmt.target.id, []).append(stmt.value)
        elif isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Tuple) and isinstance(stmt.value, n.Tuple):
            for e, value in zip(stmt.target.elts, stmt.value.elts, strict=True):  # an exchange
                values.setdefault(base_name(e) or "", []).append(value)
        elif not isinstance(stmt, n.AugAssign):
            other.update(bound_by(stmt))
    fresh = frozenset(name for name, made in values.items() if name not in other and all(map(_is_fresh, made)))
    whole = values.keys() - other
    while True:
        left = {v for v in whole if all(_is_fresh(e) or (isinstance(e, n.Name) and e.id in whole) for e in values[v])}
        if left == whole:
            return _Owned(fresh, frozenset(whole))
        whole = left


def _is_fresh(value: n.Expr) -> bool:
    if isinstance(value, n.Const):
        return True
    rule = lookup(value.fn) if isinstance(value, n.Call) else None
    return rule is not None and rule.result == "fresh"


def _is_apart(value: n.Expr, target: n.Expr, owned: _Owned, memory: Memory) -> bool:
    """Does `value` surely share no memory with what `target` writes, or element by element the same?  Perhaps its
    result is its first operand; then that is asked instead."""
    all_of = target.value if isinstance(target, n.Index) and _is_all(target.index) else target
    if isinstance(value, n.Name) and isinstance(all_of, n.Name) and {value.id, all_of.id} <= owned.whole:
        return True
    while isinstance(value, (n.Call, n.Index)) and not _is_fresh(value):
        value = value.args[0] if isinstance(value, n.Call) and value.args else getattr(value, "value", n.Name(""))
    base = target
    while isinstance(base, (n.Call, n.Index)):
        base = base.value if isinstance(base, n.Index) else base.args[0]
    if isinstance(value, n.Name) and isinstance(base, n.Name):
        if value == base:
            return False
        ours, theirs = (memory.class_of.get(name, name) for name in (value.id, base.id))
        return {value.id, base.id} <= owned.fresh or ours != theirs
    return _is_fresh(value)


def _augmented(stmt: n.Stmt, kinds: Kinds, owned: _Owned, memory: Memory, fresh: Fresh) -> tuple[n.Stmt, ...]:
    """An augmented write into an array: what may overlap is summed first, the rest goes through a variable that holds
    the view (Numba would copy the sum back into `x[a:b]`)."""
    if not isinstance(stmt, n.AugAssign) or stmt.fn not in SPELLING:
        return (stmt,)
    held = _kind(stmt.target, stmt.num, kinds)
    if held.is_number or not (held.is_array or isinstance(stmt.target, n.Index)):
        return (stmt,)
    value = _kind(stmt.value, stmt.num, kinds)
    target = stmt.target
    if not (value.is_number or _is_apart(stmt.value, target, owned, memory)):
        if isinstance(target, n.Name):
            target = n.Index(target, n.Const(Ellipsis))
        made = n.Call(stmt.fn, SPELLING[stmt.fn], (target, stmt.value))
        return (n.Assign(target, made, info=stmt.info, num=stmt.num),)
    if not isinstance(target, n.Index) or not held.is_array or index_form(target.index, stmt.num, kinds) != "basic":
        return (stmt,)
    if isinstance(target.value, n.Name) and _is_all(target.index):
        return (replace(stmt, target=target.value),)
    view = n.Name(fresh.take("part"))
    first = n.Assign(view, target, info=stmt.info, num=stmt.num)
    return first, replace(stmt, target=view, info=replace(stmt.info, comments=(), trailing=None))


def _is_all(index: n.Expr) -> bool:
    return all(part == n.Const(Ellipsis) or part == n.Slice() for part in index_parts(index))
