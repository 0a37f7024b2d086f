"""Expressions in normal form: what an assignment assigns, and operands.

In: an expression of a function, and the scope it stands in.  Out: the operation or the operand that it comes to; the
statements ahead of it that give names to what is inside it, in Python's order of evaluation.
"""

from __future__ import annotations

import operator
from dataclasses import replace

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import changed
from tangent_ad.errors import refuse
from tangent_ad.frontend import inline, pure
from tangent_ad.frontend.naming import Scope, State
from tangent_ad.runtime import helpers

SPLIT = {np.linalg.slogdet: (helpers.det_sign, helpers.log_abs_det)}
"""Operations whose tuple result is written as one operation per element."""


class Operands:
    """Writes one function's expressions into normal form, the statements that they need into `out`."""

    def __init__(self, state: State, scope: Scope) -> None:
        self.state, self.scope = state, scope
        self.out: list[n.Stmt] = []
        self.info = n.NO_INFO

    def emit(self, stmt: n.Stmt) -> None:
        """Appends `stmt`; the first statement made from a user's statement carries its comments."""
        self.state.budget -= 1
        if self.state.budget < 0:
            raise self.refusal("the functions called here are too long to be written in place", None)
        self.out.append(changed(stmt, info=self.info))
        if self.info.comments or self.info.trailing is not None:
            self.info = replace(self.info, comments=(), trailing=None)

    def refusal(self, message: str, span: n.Span | None, hint: str = "") -> Exception:
        return refuse(message, span or self.info.span, self.scope.fn, hint)

    def hold(self, value: n.Expr) -> n.Expr:
        """`value` under a name of its own, so that later assignments cannot change what it means."""
        if isinstance(value, n.Tuple):
            return n.Tuple(tuple(self.hold(e) for e in value.elts))
        if isinstance(value, (n.Const, n.Global)):
            return value
        name = self.temporary()
        self.emit(n.Assign(name, value))
        return name

    def local(self, name: str) -> n.Name:
        found = self.scope.rename.get(name, n.Name(name))
        assert isinstance(found, n.Name)
        return found

    def temporary(self) -> n.Name:
        return n.Name(self.state.fresh.take("t"))

    def atom(self, value: n.Expr) -> n.Expr:
        """`value` (already in normal form) as an atom, under a fresh name if need be."""
        if isinstance(value, (n.Name, n.Const, n.Global)):
            return value
        if isinstance(value, (n.Tuple, n.List)):
            form = "tuple" if isinstance(value, n.Tuple) else "list"
            raise self.refusal(f"a {form} where a number or an array is needed", None, "np.array([...])")
        name = self.temporary()
        self.emit(n.Assign(name, value))
        return name

    def operand(self, expr: n.Expr) -> n.Expr:
        made = self.value(expr)
        return n.Tuple(tuple(map(self.operand_of, made.elts))) if isinstance(made, n.Tuple) else self.operand_of(made)

    def operand_of(self, value: n.Expr) -> n.Expr:
        if isinstance(value, (n.Tuple, n.List, n.Slice)):
            return value
        return self.atom(value)

    def value(self, expr: n.Expr, done: bool = False) -> n.Expr:
        """`expr` as the right-hand side of an assignment; a `Tuple` of such for a tuple."""
        if done:
            return expr
        if type(expr) is n.Call:
            return self.call(expr)
        match expr:
            case n.Name():
                return pure.read_name(expr, self.scope)
            case n.Const():
                return expr
            case n.Global():
                return inline.spell(expr, self.scope, self.state)
            case n.Tuple() | n.List():
                return type(expr)(tuple(self.operand(e) for e in expr.elts))
            case n.IfExp():
                return self.choose(expr)
            case n.BoolOp():
                return self.boolean(expr)
            case n.Index():
                return self.element(expr)
        raise self.refusal(f"an expression of this form ({type(expr).__name__})", None)

    def element(self, expr: n.Index) -> n.Expr:
        if isinstance(expr.value, n.Call) and expr.value.fn is np.shape:
            inner = self.call(expr.value)
            return n.Index(inner, self.index(expr.index), expr.span)
        base = self.value(expr.value)
        if isinstance(base, (n.Tuple, n.List)):
            position = pure.constant_position(expr.index, len(base.elts))
            if position is not None:
                return base.elts[position]
            raise self.refusal("the position in a tuple must be a constant", expr.span, "use an array")
        return n.Index(self.atom(base), self.index(expr.index), expr.span)

    def index(self, expr: n.Expr) -> n.Expr:
        """An index or loop bound: pure integer arithmetic stays as written, anything else gets a name."""
        match expr:
            case n.Tuple():
                return n.Tuple(tuple(self.index(e) for e in expr.elts))
            case n.Slice():
                ends = [None if e is None else self.index(e) for e in (expr.lower, expr.upper, expr.step)]
                return n.Slice(*ends)
        if pure.is_index_arithmetic(expr, self.scope):
            return self.renamed(expr)
        return self.operand(expr)

    def renamed(self, expr: n.Expr) -> n.Expr:
        """`expr`, pure, with this scope's names replaced; refuses what is not known."""
        return pure.rename(expr, self.scope, self.state, self.refusal)

    def test(self, expr: n.Expr) -> n.Expr:
        """A condition: pure ones stay as written."""
        if not pure.has_user_call(expr):
            return self.renamed(expr)
        return self.atom(self.value(expr))

    def choose(self, expr: n.IfExp) -> n.Expr:
        name, test, info = self.temporary(), self.test(expr.test), self.info
        branches = []
        for side in (expr.body, expr.orelse):
            saved, self.out = self.out, []
            self.emit(n.Assign(name, self.checked(self.value(side))))
            branches.append(tuple(self.out))
            self.out = saved
        self.info = info
        self.emit(n.If(test, branches[0], branches[1]))
        return name

    def checked(self, value: n.Expr) -> n.Expr:
        if isinstance(value, n.Tuple):
            raise self.refusal("a conditional expression of tuples", None, "an `if` statement that names the elements")
        return value

    def boolean(self, expr: n.BoolOp) -> n.Expr:
        if all(pure.is_condition(v) for v in expr.values) and not pure.has_user_call(expr):
            return self.renamed(expr)
        name = self.temporary()
        self.emit(n.Assign(name, self.checked(self.value(expr.values[0]))))
        frames: list[tuple[list[n.Stmt], n.Info]] = []
        for value in expr.values[1:]:
            frames.append((self.out, self.info))
            self.out = []
            self.emit(n.Assign(name, self.checked(self.value(value))))
        for outer, info in reversed(frames):
            inner, self.out, self.info = tuple(self.out), outer, info
            test: n.Expr = name if expr.op == "and" else n.Call(operator.not_, "not", (name,))
            self.emit(n.If(test, inner))
        return name

    def call(self, expr: n.Call) -> n.Expr:
        spine = [expr]
        while spine[-1].args and isinstance(spine[-1].args[0], n.Call) and pure.is_known(spine[-1].args[0].fn):
            spine.append(spine[-1].args[0])
        first: n.Expr | None = None
        result: n.Expr = expr
        for call in reversed(spine):
            result = self.one_call(call, first)
            if call is not expr:
                first = self.operand_of(result) if not isinstance(result, n.Tuple) else result
        return result

    def one_call(self, expr: n.Call, first: n.Expr | None) -> n.Expr:
        """One call; `first` is its first argument when that was done already."""
        if pure.is_known(expr.fn):
            done = () if first is None else (first,)
            args = [*done, *(self.operand(a) for a in expr.args[len(done) :])]
            keywords = tuple((k, self.operand(v)) for k, v in expr.keywords)
            if (folded := pure.fold_tuple_call(expr.fn, args)) is not None:
                return folded
            if expr.fn in SPLIT:
                parts = tuple(n.Call(part, part.__name__, tuple(args), keywords, expr.span) for part in SPLIT[expr.fn])
                return n.Tuple(tuple(self.atom(p) for p in parts))
            return n.Call(expr.fn, expr.spelling, tuple(args), keywords, expr.span)
        return self.user_call(expr)

    def user_call(self, expr: n.Call) -> n.Expr:
        """A call of a user function: its statements ahead, its result as an operand."""
        raise NotImplementedError
