"""Questions about pure expressions, asked while a function is written in normal form.

In: core expressions and the scope they stand in.  Out: facts (names, purity, constants) and renamed expressions.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core.answers import kept
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import bound_names, expressions, names_read, statements, subexpressions
from tangent_ad.errors import RefusedError
from tangent_ad.frontend import inline
from tangent_ad.frontend.naming import Scope, State
from tangent_ad.rules.registry import lookup

COMPARISONS = (
    operator.lt,
    operator.le,
    operator.gt,
    operator.ge,
    operator.eq,
    operator.ne,
    operator.is_,
    operator.is_not,
    operator.not_,
)
INDEX_ARITHMETIC = (operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod, operator.neg)
SIZES = (len, np.size, np.ndim)


def is_known(fn: Any) -> bool:
    """True if a rule says what `fn` does."""
    return lookup(fn) is not None


def writes(fn: Any) -> bool:
    """True if a call of the known `fn` changes one of its arguments."""
    rule = lookup(fn)
    return rule is not None and bool(rule.writes)


def names_in(expr: n.Expr) -> set[str]:
    return {e.id for e in subexpressions(expr) if isinstance(e, n.Name)}


def has_user_call(expr: n.Expr) -> bool:
    return any(isinstance(e, n.Call) and not is_known(e.fn) for e in subexpressions(expr))


def assigned_names(stmt: n.Stmt) -> set[str]:
    """The names that `stmt` itself (not its nested bodies) binds."""
    return set(bound_names(stmt.target)) if isinstance(stmt, (n.Assign, n.AugAssign, n.For)) else set()


def all_names(fn: n.Function) -> set[str]:
    """Every name that the text of `fn` uses: locals, parameters, roots of globals and callables."""
    names = {p.name for p in fn.params} | {fn.name}
    for stmt in statements(fn.body):
        for expr in expressions(stmt):
            if type(expr) is n.Name:
                names.add(expr.id)
            else:
                names |= _names_in(expr)
    return names


@kept
def _names_in(expr: n.Expr) -> frozenset[str]:
    """The names that the text of an expression uses."""
    outside = [e.spelling.partition(".")[0] for e in subexpressions(expr) if type(e) is n.Call or type(e) is n.Global]
    return names_read(expr).union(outside)


def assigned_once(fn: n.Function) -> frozenset[str]:
    counts = Counter(name for s in statements(fn.body) for name in assigned_names(s))
    return frozenset(name for name, count in counts.items() if count == 1) - {p.name for p in fn.params}


def components(name: str, count: int, fresh: Fresh) -> tuple[n.Name, ...]:
    """The variables that stand for the elements of the tuple `name`."""
    return tuple(n.Name(fresh.take(f"{name}_{k}")) for k in range(count))


def tuple_variables(fn: n.Function, fresh: Fresh) -> dict[str, tuple[n.Name, ...]]:
    """Names to which `fn` assigns tuple displays of one length: they are taken apart."""
    lengths: dict[str, set[int]] = {}
    for stmt in statements(fn.body):
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name) and isinstance(stmt.value, n.Tuple):
            lengths.setdefault(stmt.target.id, set()).add(len(stmt.value.elts))
    return {name: components(name, min(found), fresh) for name, found in lengths.items() if len(found) == 1}


def target_names(target: n.Expr, scope: Scope) -> set[str]:
    """The names (as they are called in the result) that an assignment to `target` binds."""
    found: set[str] = set()
    for name in bound_names(target):
        renamed = scope.rename.get(name)
        if name in scope.tuples:
            found |= {part.id for part in scope.tuples[name]}
        else:
            found.add(renamed.id if isinstance(renamed, n.Name) else name)
    return found


def read_name(expr: n.Name, scope: Scope) -> n.Expr:
    if expr.id in scope.tuples:
        return n.Tuple(scope.tuples[expr.id])
    found = scope.rename.get(expr.id)
    return expr if found is None else found


def is_condition(expr: n.Expr) -> bool:
    """True if the value of `expr` is a truth value whatever its operands are."""
    match expr:
        case n.Call(fn=fn):
            return fn in COMPARISONS or fn in (np.isnan, np.isfinite, np.isinf, bool)
        case n.BoolOp(values=values):
            return all(is_condition(v) for v in values)
        case n.Const(value=value):
            return isinstance(value, bool)
    return False


def is_index_arithmetic(expr: n.Expr, scope: Scope) -> bool:
    """True for what may stand in an index or a loop bound as it is: cheap, pure, and of integers if of numbers."""
    match expr:
        case n.Const() | n.Global():
            return True
        case n.Name():
            return not isinstance(read_name(expr, scope), n.Tuple)
        case n.Call(fn=fn, args=args):
            if fn is len and isinstance(args[0], n.Call) and args[0].fn is range:
                return all(is_index_arithmetic(a, scope) for a in args[0].args)
            if fn in SIZES:
                return isinstance(args[0], n.Name) and not isinstance(read_name(args[0], scope), n.Tuple)
            return fn in INDEX_ARITHMETIC and all(is_index_arithmetic(a, scope) for a in args)
        case n.Index(value=n.Call(fn=fn, args=(n.Name() as name,)), index=n.Const()):
            return fn is np.shape and not isinstance(read_name(name, scope), n.Tuple)
    return False


def constant_position(index: n.Expr, length: int) -> int | None:
    """The position that a constant index names in a tuple of `length`, or None."""
    if isinstance(index, n.Const) and type(index.value) is int and -length <= index.value < length:
        return int(index.value)
    return None


def fold_tuple_call(fn: Any, args: list[n.Expr]) -> n.Expr | None:
    if fn is len and len(args) == 1 and isinstance(args[0], n.Tuple):
        return n.Const(len(args[0].elts))
    if fn is operator.add and len(args) == 2 and isinstance(args[0], n.Tuple) and isinstance(args[1], n.Tuple):
        return n.Tuple((*args[0].elts, *args[1].elts))
    return None


def check_call(call: n.Call, refusal: Callable[..., Exception]) -> None:
    """Refuses a known call with arguments that its rule does not know."""
    rule = lookup(call.fn)
    try:
        if rule is not None:
            rule.bind(call.args, dict(call.keywords))
    except RefusedError as error:
        raise refusal(error.message, call.span, error.hint) from None


def rename(expr: n.Expr, scope: Scope, state: State, refusal: Callable[..., Exception]) -> n.Expr:
    """`expr`, which is pure, in the names of the result; raises the refusal of anything that has no rule."""

    def again(e: n.Expr) -> n.Expr:
        return rename(e, scope, state, refusal)

    def maybe(e: n.Expr | None) -> n.Expr | None:
        return None if e is None else again(e)

    match expr:
        case n.Name():
            return read_name(expr, scope)
        case n.Global():
            return inline.spell(expr, scope, state)
        case n.Call():
            if not is_known(expr.fn):
                raise refusal(f"`{expr.spelling}` cannot be called here", expr.span, "call it in a statement before")
            args = tuple(again(a) for a in expr.args)
            folded = fold_tuple_call(expr.fn, list(args))
            keywords = tuple((k, again(v)) for k, v in expr.keywords)
            spelling = inline.call_spelling(expr, scope)
            return folded or n.Call(expr.fn, spelling, args, keywords, expr.span)
        case n.BoolOp():
            return n.BoolOp(expr.op, tuple(again(v) for v in expr.values))
        case n.IfExp():
            return n.IfExp(again(expr.test), again(expr.body), again(expr.orelse))
        case n.Tuple() | n.List():
            return type(expr)(tuple(again(e) for e in expr.elts))
        case n.Slice():
            return n.Slice(maybe(expr.lower), maybe(expr.upper), maybe(expr.step))
        case n.Index():
            base = again(expr.value)
            if isinstance(base, n.Tuple):
                position = constant_position(expr.index, len(base.elts))
                if position is None:
                    raise refusal("the position in a tuple must be a constant", expr.span, "use an array")
                return base.elts[position]
            return n.Index(base, again(expr.index), expr.span)
    return expr
