"""Core -> normal form.

In: a `Function` as lowered (nested expressions, calls of user functions).  Out: the same function in normal form:

* an assigned value is one operation on operands: `Call`, `Index`, an atom, or a pure condition;
* an operand is an atom (`Name`, `Const`, `Global`) or a tuple, list or slice of operands;
* indices, loop bounds and conditions stay as the user wrote them as long as they are pure;
* a loop's variable is assigned by its loop alone; tuples and user calls are gone (`inline.py`).

Evaluation order is Python's: every operand that is not an atom is given a name, in order.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.names import Fresh
from tangent_ad.core.spelling import SYMBOL
from tangent_ad.core.walk import changed, number, statements
from tangent_ad.errors import refuse
from tangent_ad.frontend import inline, pure
from tangent_ad.runtime import helpers

PLAIN_AUGMENTED = (operator.add, operator.sub)
SPLIT = {np.linalg.slogdet: (helpers.det_sign, helpers.log_abs_det)}
"""Operations whose tuple result is written as one operation per element."""


def desugar(fn: n.Function, offer: inline.Offer | None = None, stack: tuple[Any, ...] = ()) -> n.Function:
    """`fn` in normal form, calls written in place if `offer` has no stand-in; none may be of a function in `stack`."""
    state = State(Fresh(pure.all_names(fn)), stack=stack, offer=offer)
    work = Normaliser(state, Scope(fn, {}, pure.tuple_variables(fn, state.fresh), pure.assigned_once(fn)))
    return number(replace(fn, body=work.block(fn.body), externals=tuple(state.externals.values())))


@dataclass
class State:
    """What one desugaring shares between the function and its inlined callees."""

    fresh: Fresh
    externals: dict[str, n.External] = field(default_factory=dict)
    stack: tuple[Any, ...] = ()
    budget: int = 20_000
    offer: inline.Offer | None = None


@record(frozen=True)
class Scope:
    """One function's names: what they are called in the result, or the operand that replaces them."""

    fn: n.Function
    rename: dict[str, n.Expr]
    tuples: dict[str, tuple[n.Name, ...]]
    once: frozenset[str]
    inlined: bool = False


class Normaliser:
    """Writes one function's statements into normal form."""

    def __init__(self, state: State, scope: Scope) -> None:
        self.state, self.scope = state, scope
        self.out: list[n.Stmt] = []
        self.info = n.NO_INFO

    # statements -------------------------------------------------------------------------------------------------

    def block(self, body: tuple[n.Stmt, ...]) -> tuple[n.Stmt, ...]:
        saved, self.out = self.out, []
        for stmt in body:
            self.statement(stmt)
        done, self.out = self.out, saved
        return tuple(done)

    def emit(self, stmt: n.Stmt) -> None:
        """Appends `stmt`; the first statement made from a user's statement carries its comments."""
        self.state.budget -= 1
        if self.state.budget < 0:
            raise self.refusal("the functions called here are too long to be written in place", None)
        self.out.append(changed(stmt, info=self.info))
        self.info = replace(self.info, comments=(), trailing=None)

    def refusal(self, message: str, span: n.Span | None, hint: str = "") -> Exception:
        return refuse(message, span or self.info.span, self.scope.fn, hint)

    def statement(self, stmt: n.Stmt) -> None:
        source = self.scope.fn.source if self.scope.inlined else None
        self.info = replace(stmt.info, source=source)
        method = getattr(self, "do_" + type(stmt).__name__)
        method(stmt)

    def do_Pass(self, stmt: n.Pass) -> None:
        return None

    def do_Assign(self, stmt: n.Assign) -> None:
        self.assign(stmt.target, self.value(stmt.value), stmt.target, stmt.annotation)

    def assign(self, target: n.Expr, value: n.Expr, at: n.Expr, annotation: str | None = None) -> None:
        if isinstance(target, n.Tuple):
            self.unpack(target, value)
        elif isinstance(target, n.Name):
            if isinstance(value, n.Tuple) and target.id in self.scope.once and target.id not in self.scope.tuples:
                self.scope.tuples[target.id] = pure.components(target.id, len(value.elts), self.state.fresh)
            if target.id in self.scope.tuples:
                self.assign_tuple(target.id, value)
            elif isinstance(value, n.Tuple):
                raise self.refusal(
                    f"`{target.id}` is a tuple here and something else, or a tuple of another length, elsewhere",
                    target.span,
                    "use another name",
                )
            elif isinstance(value, n.List) and value.elts:
                raise self.refusal("a list in a variable is not supported", target.span, "np.array([...]), or a tuple")
            elif self.local(target.id) != value:
                self.emit(n.Assign(self.local(target.id), value, annotation))
        elif isinstance(target, n.Index):
            base, index = self.place(target)
            self.emit(n.Assign(n.Index(base, index, target.span), self.atom(value)))
        else:
            raise self.refusal("this cannot be assigned to", None)

    def place(self, target: n.Index) -> tuple[n.Expr, n.Expr]:
        """The base (an atom) and index of a store."""
        base = self.atom(self.value(target.value))
        if not isinstance(base, n.Name):
            raise self.refusal(
                "a write into an array that the function does not own", target.span, "pass the array as an argument"
            )
        return base, self.index(target.index)

    def assign_tuple(self, name: str, value: n.Expr) -> None:
        parts = self.scope.tuples[name]
        if not isinstance(value, n.Tuple) or len(value.elts) != len(parts):
            raise self.refusal(f"`{name}` is a tuple here and something else elsewhere", None, "use another name")
        self.unpack(n.Tuple(parts), value)

    def unpack(self, target: n.Tuple, value: n.Expr) -> None:
        """`a, b = value`: all right-hand sides are evaluated before anything is assigned."""
        if not isinstance(value, n.Tuple):
            names = [t for t in target.elts if isinstance(t, n.Name) and t.id not in self.scope.tuples]
            if isinstance(value, n.Call) and value.fn is np.shape and len(names) == len(target.elts):
                self.emit(n.Assign(n.Tuple(tuple(self.local(t.id) for t in names)), value))
                return
            whole = self.atom(value)
            parts: tuple[n.Expr, ...] = tuple(n.Index(whole, n.Const(k)) for k in range(len(target.elts)))
            self.emit(n.Assert(n.Call(operator.eq, "==", (n.Call(len, "len", (whole,)), n.Const(len(parts))))))
        else:
            parts = value.elts
        if len(parts) != len(target.elts):
            raise self.refusal(f"{len(parts)} values for {len(target.elts)} targets", None)
        pending = list(parts)
        for k, (element, part) in enumerate(zip(target.elts, parts, strict=True)):
            written = pure.target_names(element, self.scope)
            later = pending[k + 1 :]
            if any(written & pure.names_in(p) for p in later) or (written and isinstance(element, n.Index)):
                for j in range(k + 1, len(pending)):
                    pending[j] = self.hold(pending[j])
            self.assign(
                element, pending[k] if isinstance(part, n.Tuple) else self.value(pending[k], done=True), element
            )

    def hold(self, value: n.Expr) -> n.Expr:
        """`value` under a name of its own, so that later assignments cannot change what it means."""
        if isinstance(value, n.Tuple):
            return n.Tuple(tuple(self.hold(e) for e in value.elts))
        if isinstance(value, n.Const | n.Global):
            return value
        name = self.temporary()
        self.emit(n.Assign(name, value))
        return name

    def do_AugAssign(self, stmt: n.AugAssign) -> None:
        spelling = SYMBOL[stmt.fn]
        if isinstance(stmt.target, n.Name):
            if stmt.target.id in self.scope.tuples:
                raise self.refusal("augmented assignment of a tuple", stmt.target.span, "name its elements")
            value = self.atom(self.value(stmt.value))
            self.emit(n.AugAssign(self.local(stmt.target.id), stmt.fn, value))
            return
        assert isinstance(stmt.target, n.Index)
        base, index = self.place(stmt.target)
        if stmt.fn in PLAIN_AUGMENTED and not pure.has_user_call(stmt.value):
            self.emit(n.AugAssign(n.Index(base, index, stmt.target.span), stmt.fn, self.atom(self.value(stmt.value))))
            return
        old = self.temporary()
        self.emit(n.Assign(old, n.Index(base, index, stmt.target.span)))
        new = self.atom(n.Call(stmt.fn, spelling, (old, self.atom(self.value(stmt.value))), span=stmt.target.span))
        self.emit(n.Assign(n.Index(base, index, stmt.target.span), new))

    def do_If(self, stmt: n.If) -> None:
        test, info = self.test(stmt.test), self.info
        body, orelse = self.block(stmt.body), self.block(stmt.orelse)
        self.info = info
        self.emit(n.If(test, body, orelse))

    def do_While(self, stmt: n.While) -> None:
        if not pure.has_user_call(stmt.test):
            test, info = self.test(stmt.test), self.info
            body = self.block(stmt.body)
            self.info = info
            self.emit(n.While(test, body))
            return
        go_on = self.temporary()
        self.emit(n.Assign(go_on, self.test(stmt.test)))
        info, saved, self.out = self.info, self.out, []
        for inner in stmt.body:
            self.statement(inner)
        self.info = replace(info)
        self.emit(n.Assign(go_on, self.test(stmt.test)))
        body, self.out, self.info = tuple(self.out), saved, info
        self.emit(n.While(go_on, body))

    def do_For(self, stmt: n.For) -> None:
        bounds = [self.index(e) for e in (stmt.start, stmt.stop, stmt.step)]
        if isinstance(bounds[2], n.Const) and bounds[2].value == 0:
            raise self.refusal("range() with step 0", None)
        info = self.info
        target = self.local(stmt.target.id)
        assigned = {t for s in statements(stmt.body) for t in pure.assigned_names(s)}
        first: tuple[n.Stmt, ...] = ()
        if stmt.target.id in assigned:
            counter = self.state.fresh.take("k")
            first, target = (n.Assign(target, n.Name(counter), info=replace(info, comments=())),), n.Name(counter)
        body = first + self.block(stmt.body)
        self.info = info
        self.emit(n.For(target, bounds[0], bounds[1], bounds[2], body))

    def do_Return(self, stmt: n.Return) -> None:
        if stmt.value is None or stmt.value == n.Const(None):
            raise self.refusal("the function returns nothing", None, "return a number, an array or a tuple")
        self.emit(n.Return(self.held_tuple(self.value(stmt.value))))

    def held_tuple(self, value: n.Expr) -> n.Expr:
        if isinstance(value, n.Tuple):
            return n.Tuple(tuple(self.held_tuple(e) for e in value.elts))
        return self.atom(value)

    def do_Assert(self, stmt: n.Assert) -> None:
        self.emit(n.Assert(self.test(stmt.test), None if stmt.message is None else self.renamed(stmt.message)))

    def do_Raise(self, stmt: n.Raise) -> None:
        self.emit(n.Raise(stmt.exception, tuple(self.renamed(a) for a in stmt.args)))

    def do_ExprStmt(self, stmt: n.ExprStmt) -> None:
        value = self.value(stmt.value)
        if isinstance(value, n.Call) and pure.writes(value.fn):
            self.emit(n.ExprStmt(value))
        elif isinstance(value, n.Call):
            pure.check_call(value, self.refusal)  # `np.add(u, v, out=u)` would have an effect

    # expressions ------------------------------------------------------------------------------------------------

    def local(self, name: str) -> n.Name:
        found = self.scope.rename.get(name, n.Name(name))
        assert isinstance(found, n.Name)
        return found

    def temporary(self) -> n.Name:
        return n.Name(self.state.fresh.take("t"))

    def atom(self, value: n.Expr) -> n.Expr:
        """`value` (already in normal form) as an atom, under a fresh name if need be."""
        if isinstance(value, n.Name | n.Const | n.Global):
            return value
        if isinstance(value, n.Tuple | n.List):
            form = "tuple" if isinstance(value, n.Tuple) else "list"
            raise self.refusal(f"a {form} where a number or an array is needed", None, "np.array([...])")
        name = self.temporary()
        self.emit(n.Assign(name, value))
        return name

    def operand(self, expr: n.Expr) -> n.Expr:
        made = self.value(expr)
        return n.Tuple(tuple(map(self.operand_of, made.elts))) if isinstance(made, n.Tuple) else self.operand_of(made)

    def operand_of(self, value: n.Expr) -> n.Expr:
        if isinstance(value, n.Tuple | n.List | n.Slice):
            return value
        return self.atom(value)

    def value(self, expr: n.Expr, done: bool = False) -> n.Expr:
        """`expr` as the right-hand side of an assignment; a `Tuple` of such for a tuple."""
        if done:
            return expr
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
            case n.Call():
                return self.call(expr)
        raise self.refusal(f"an expression of this form ({type(expr).__name__})", None)

    def element(self, expr: n.Index) -> n.Expr:
        if isinstance(expr.value, n.Call) and expr.value.fn is np.shape:
            inner = self.call(expr.value)
            return n.Index(inner, self.index(expr.index), expr.span)
        base = self.value(expr.value)
        if isinstance(base, n.Tuple | n.List):
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
        return inline.inline_call(self, expr)
