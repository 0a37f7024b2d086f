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
from dataclasses import replace
from typing import Any

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core.names import Fresh
from tangent_ad.core.order import number
from tangent_ad.core.spelling import SYMBOL
from tangent_ad.core.walk import statements
from tangent_ad.frontend import inline, pure
from tangent_ad.frontend.naming import Offer, Scope, State
from tangent_ad.frontend.operands import Operands

PLAIN_AUGMENTED = (operator.add, operator.sub)


def desugar(fn: n.Function, offer: Offer | None = None, stack: tuple[Any, ...] = ()) -> n.Function:
    """`fn` in normal form, calls written in place if `offer` has no stand-in; none may be of a function in `stack`."""
    state = State(Fresh(pure.all_names(fn)), stack=stack, offer=offer)
    work = Normaliser(state, Scope(fn, {}, pure.tuple_variables(fn, state.fresh), pure.assigned_once(fn)))
    return number(replace(fn, body=work.block(fn.body), externals=tuple(state.externals.values())))


class Normaliser(Operands):
    """Writes one function's statements into normal form."""

    def block(self, body: tuple[n.Stmt, ...]) -> tuple[n.Stmt, ...]:
        saved, self.out = self.out, []
        for stmt in body:
            self.statement(stmt)
        done, self.out = self.out, saved
        return tuple(done)

    def statement(self, stmt: n.Stmt) -> None:
        source = self.scope.fn.source if self.scope.inlined else None
        self.info = stmt.info if stmt.info.source is source else replace(stmt.info, source=source)
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

    def user_call(self, expr: n.Call) -> n.Expr:
        return inline.inline_call(self, expr)
