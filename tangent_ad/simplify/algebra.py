"""Exact algebra on what the compiler made: no rounding changes, no operation on values that may be inf or nan is lost.

In: derived code.  Out: `1.0 * e`, `-(-e)`, `a + -b`, `e * (2.0 * a)`, `n - 1 - 1` and the like in their shortest form.

Where an operand would take the place of an operation that makes new memory, it must be new memory itself, or a number.
Only statements that name an adjoint or a tangent are touched: the user's own arithmetic stays as it is.
"""

from __future__ import annotations

import math
import operator
from dataclasses import replace
from functools import cached_property

import numpy as np

from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.core import nodes as n
from tangent_ad.core.calling import calls_in
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import ANY, FLOATING, Kind
from tangent_ad.core.same import same
from tangent_ad.core.walk import changed, children, expressions, map_body, map_calls, map_expressions, names_read
from tangent_ad.runtime import helpers
from tangent_ad.simplify.context import Context, binary, is_fresh, is_shadow, kinds_of
from tangent_ad.simplify.shapes import Shapes, find_shapes

SMALL = 40
"""Expressions with more parts are not asked for their kind."""


def simplify_algebra(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with its arithmetic in shortest form."""
    kinds = kinds_of(fn, context)
    folder = _Folder(kinds, fn, context.user_names)

    def is_made(expr: n.Expr) -> bool:
        return any([is_shadow(name) and name not in context.user_names for name in names_read(expr)])

    def of_parts(value: n.Expr) -> n.Expr:
        """What is returned, part by part: the value of the user's function may stand beside adjoints."""
        if isinstance(value, n.Tuple):
            parts = tuple([of_parts(e) for e in value.elts])
            return value if all(a is b for a, b in zip(parts, value.elts, strict=True)) else n.Tuple(parts)
        return map_calls(value, folder.fold) if is_made(value) else value

    def rewrite(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        if context.short.get(id(stmt)) is stmt:
            return (stmt,)
        made = any(map(is_made, expressions(stmt)))
        if not made and not isinstance(stmt, n.For):
            context.short[id(stmt)] = stmt
            return (stmt,)
        if isinstance(stmt, n.Return) and isinstance(stmt.value, n.Tuple):
            parts = of_parts(stmt.value)
            new = stmt if parts is stmt.value else changed(stmt, value=parts)
        else:
            new = map_expressions(stmt, lambda e: map_calls(e, folder.fold))
        if isinstance(new, n.For):
            new = replace(new, start=integer(new.start), stop=integer(new.stop))
        new = _signed(new)
        if new is stmt and not any([call.fn in OF_SHAPES for e in expressions(stmt) for call in calls_in(e)]):
            context.short[id(stmt)] = stmt
        return (new,)

    return replace(fn, body=map_body(fn.body, rewrite))


def _signed(stmt: n.Stmt) -> n.Stmt:
    """`x += -e` is `x -= e`."""
    if type(stmt) is n.AugAssign and stmt.fn in _OTHER and _is_negative(stmt.value):
        return replace(stmt, fn=_OTHER[stmt.fn], value=_negated(stmt.value))
    return stmt


_OTHER = {operator.add: operator.sub, operator.sub: operator.add}


COPIES = (helpers.copy_of, np.copy)
ARITHMETIC = (operator.mul, operator.add, operator.sub, operator.truediv, operator.neg)
FOLDED = frozenset(
    (
        *(*ARITHMETIC, *COPIES),
        *(np.zeros_like, np.full_like, np.shape, np.size, np.ndim, np.sum, helpers.sum_to),
    )
)
"""The callables that `fold` has something to say of."""


OF_SHAPES = frozenset((np.zeros_like, np.full_like, np.ones_like, np.shape, np.size, np.ndim))
"""Those of which it says what the shapes say, which other passes change."""


@record(frozen=True)
class _Folder:
    """The foldings of a function."""

    kinds: NameKinds
    fn: n.Function
    user_names: frozenset[str]

    @cached_property
    def shapes(self) -> Shapes:
        return find_shapes(self.fn, self.kinds)

    def fold(self, expr: n.Call) -> n.Expr:
        """`expr`, whose parts are folded, in its shortest form."""
        if expr.fn not in FOLDED:
            return expr
        if expr.fn in ARITHMETIC and any([type(a) is n.Call and a.fn in COPIES for a in expr.args]):
            expr = replace(expr, args=tuple(map(_not_copied, expr.args)))  # the result is new memory anyway
        if expr.fn is operator.mul:
            return self.product(*expr.args) or expr
        if expr.fn is operator.add:
            return self.sum(*expr.args) or expr
        match expr:
            case n.Call(fn=operator.sub, args=(a, b)):
                if _is_negative(b):
                    return binary(operator.add, a, _negated(b))
                if _is_zero(b) and self.may_stand(a):
                    return a
                return negative(b) if _is_zero(a) and self.may_stand(b) else expr
            case n.Call(fn=operator.neg, args=(a,)):
                return _negated(a) if _is_negative(a) and self.owned(_negated(a)) else expr
            case n.Call(fn=np.sum | helpers.sum_to, args=(n.Call(fn=operator.neg, args=(a,)), *rest)):
                return negative(replace(expr, args=(a, *rest))) if self.is_floating(a) else expr
            case n.Call(fn=helpers.copy_of | np.copy, args=(a,)) if expr.fn is helpers.copy_of or self.owned(a):
                return a if self.owned(a) else expr
            case n.Call(fn=np.zeros_like | np.full_like, args=(n.Call() as x, *rest)):
                like = self.shapes.like(x)
                return expr if like is None else replace(expr, args=(n.Name(like), *rest))
            case n.Call(fn=np.shape | np.size | np.ndim | np.zeros_like | np.full_like, args=(n.Name(id=name), *rest)):
                root = self.shapes.root.get(name, name)
                if root != name and name not in self.user_names:
                    return replace(expr, args=(n.Name(root), *rest))
        return expr

    def product(self, a: n.Expr, b: n.Expr) -> n.Expr | None:
        if isinstance(a, n.Const) and isinstance(b, n.Const):
            return _multiplied(a.value, b.value)
        for x, y in ((a, b), (b, a)):
            if type(x) is n.Const:
                if _is_number(x, 1.0) and self.may_stand(y):
                    return y
                if _is_number(x, -1.0):
                    return negative(y)
                if type(x.value) is float and x.value < 0.0 and type(y) is not n.Const:
                    return negative(self.product(n.Const(-x.value), y) or binary(operator.mul, n.Const(-x.value), y))
            filled = _filling(x) if type(x) is n.Call else None
            if filled is not None and (root := self.shapes.like(x)) is not None:
                if isinstance(y, n.Const):
                    return _refilled(x, y.value * filled) if type(y.value) is float else None
                if root == self.shapes.like(y) and (filled != 1.0 or is_fresh(y)):
                    value = n.Const(filled)
                    return self.product(value, y) or binary(operator.mul, value, y)
        if isinstance(a, n.Call) and a.fn is operator.neg:
            return self.minus(self.product(a.args[0], b) or binary(operator.mul, a.args[0], b))
        if isinstance(b, n.Call) and b.fn is operator.neg:
            return self.minus(self.product(a, b.args[0]) or binary(operator.mul, a, b.args[0]))
        if type(b) is n.Name:
            return None
        match b:
            case n.Call(fn=operator.mul, args=(c, d)) if _is_number(a, 2.0):
                if isinstance(c, n.Const) and type(c.value) is float:
                    value = n.Const(2.0 * c.value)
                    return self.product(value, d) or binary(operator.mul, value, d)
                return binary(operator.mul, self.product(a, c) or binary(operator.mul, a, c), d)
            case n.Call(fn=operator.mul, args=(c, d)) if _is_number(c, 2.0) and not isinstance(a, n.Const):
                return binary(operator.mul, self.product(c, a) or binary(operator.mul, c, a), d)
            case n.Const(value=2.0) if not isinstance(a, n.Const):
                return self.product(b, a) or binary(operator.mul, b, a)
            case n.Const(value=float()) if isinstance(a, (n.Name, n.Index)):
                return binary(operator.mul, b, a)
        return None

    def sum(self, a: n.Expr, b: n.Expr) -> n.Expr | None:
        for x, y in ((a, b), (b, a)):
            if _is_zero(x) and self.may_stand(y):
                return y
        if isinstance(b, n.Call) and b.fn is operator.neg:
            return binary(operator.sub, a, b.args[0])
        if isinstance(a, n.Call) and a.fn is operator.neg and not isinstance(b, n.Const):
            return binary(operator.sub, b, a.args[0])
        if isinstance(a, n.Call) and same(a, b) and self.is_derivative(a):
            return self.product(n.Const(2.0), a) or binary(operator.mul, n.Const(2.0), a)
        return None

    # questions --------------------------------------------------------------------------------------------------

    def kind(self, expr: n.Expr) -> Kind:
        return _kind(expr, self.kinds)

    def owned(self, expr: n.Expr) -> bool:
        """May `expr` take the place of an operation that makes new memory?"""
        if isinstance(expr, n.Call) and expr.fn is helpers.sum_to:
            return self.owned(expr.args[0]) and not isinstance(expr.args[0], n.Name)
        return is_fresh(expr) or self.kind(expr).is_number

    def may_stand(self, expr: n.Expr) -> bool:
        """May `expr` stand for `1.0 * expr` and `expr + 0.0`?"""
        kind = self.kind(expr)
        if kind.is_number:
            return kind.dtype not in ("int", "bool")
        return is_fresh(expr) and (kind.dtype in FLOATING or self.is_derivative(expr))

    def minus(self, expr: n.Expr) -> n.Expr:
        """`-expr`, which for `1.0 * a` is `-a`."""
        one = isinstance(expr, n.Call) and expr.fn is operator.mul and _is_number(expr.args[0], 1.0)
        return negative(expr.args[1] if one and self.is_floating(expr.args[1]) else expr)  # type: ignore[attr-defined]

    def is_floating(self, expr: n.Expr) -> bool:
        return self.kind(expr).dtype in FLOATING or self.is_derivative(expr)

    def is_derivative(self, expr: n.Expr) -> bool:
        """True if `expr` surely is of a floating type: an adjoint or a tangent times something."""
        todo = [expr]
        while todo:
            e = todo.pop()
            if isinstance(e, n.Name) and is_shadow(e.id) and e.id not in self.user_names:
                return True
            if isinstance(e, n.Const) and type(e.value) is float:
                return True
            if isinstance(e, n.Index):
                todo.append(e.value)
            if isinstance(e, n.Call) and e.fn in (operator.mul, operator.add, operator.sub, operator.neg):
                todo.extend(e.args)
        return False


def _kind(expr: n.Expr, kinds: NameKinds) -> Kind:
    count, todo = 0, [expr]
    while todo:
        count += 1
        todo.extend(children(todo.pop()))
        if count > SMALL:
            return ANY
    return kinds.at(expr)


def _not_copied(expr: n.Expr) -> n.Expr:
    return expr.args[0] if isinstance(expr, n.Call) and expr.fn in COPIES and not expr.keywords else expr


def _filling(expr: n.Expr) -> float | None:
    """The number that all elements of a new array are, if it is written down."""
    match expr:
        case n.Call(fn=np.full_like, args=(_, n.Const(value=float() as value)), keywords=()):
            return value
        case n.Call(fn=np.ones_like, args=(_,), keywords=()):
            return 1.0
    return None


def _refilled(expr: n.Expr, value: float) -> n.Expr:
    assert isinstance(expr, n.Call)
    return n.Call(np.full_like, "np.full_like", (expr.args[0], n.Const(value)))


def negative(expr: n.Expr) -> n.Expr:
    return n.Call(operator.neg, "-", (expr,))


def _multiplied(a: object, b: object) -> n.Const | None:
    """The product of two literals, if it is no longer than they are."""
    if type(a) is not float or type(b) is not float:
        return None
    return n.Const(a * b) if math.isfinite(a * b) and len(repr(a * b)) <= len(repr(a)) + len(repr(b)) - 2 else None


def _is_negative(expr: n.Expr) -> bool:
    return isinstance(expr, n.Call) and expr.fn is operator.neg


def _negated(expr: n.Expr) -> n.Expr:
    assert isinstance(expr, n.Call)
    return expr.args[0]


def _is_number(expr: n.Expr, value: float) -> bool:
    return isinstance(expr, n.Const) and type(expr.value) is float and expr.value == value


def _is_zero(expr: n.Expr) -> bool:
    return _is_number(expr, 0.0)


def integer(expr: n.Expr) -> n.Expr:
    """A sum of integers with its constants put together: `x - 1 - 1` is `x - 2`."""
    terms, total, rest = expr, 0, 0
    while isinstance(terms, n.Call) and terms.fn in (operator.add, operator.sub):
        first, second = terms.args
        if not (isinstance(second, n.Const) and type(second.value) is int):
            break
        total += second.value if terms.fn is operator.add else -second.value
        terms, rest = first, rest + 1
    if isinstance(terms, n.Const) and type(terms.value) is int:
        return n.Const(terms.value + total)
    if rest < 1 or (rest == 1 and total != 0):
        return expr
    if total == 0:
        return terms
    return binary(operator.add if total > 0 else operator.sub, terms, n.Const(abs(total)))
