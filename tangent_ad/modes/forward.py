"""Forward mode: tangents beside values.

In: the facts of a function in normal form.  Out: the function `f_jvp`, in core.

Every active value x has a tangent x_dot of the same shape, and every operation on memory (a view, a write, an alias)
is done on the tangent exactly as on the value, so aliases are followed by construction.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.webs import PARAMETER
from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym, node
from tangent_ad.core.kinds import ANY
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import map_names, names_read
from tangent_ad.errors import RefusedError
from tangent_ad.frontend.pure import all_names
from tangent_ad.modes import common
from tangent_ad.modes.calls import Callee

RESULT = "<result>"
"""Stands for the result of an operation in a tangent that reads it."""


def differentiate_forward(facts: Facts, name: str, typed: bool = False, inner: bool = False) -> n.Function:
    """The tangent function of `facts.fn` in `facts.wrt`; `typed`: who calls it knows what is a number; `inner`: only
    derived code calls it, with arguments that need no guard."""
    return Forward(facts, name, typed, inner).function()


class Forward:
    def __init__(self, facts: Facts, name: str, typed: bool, inner: bool) -> None:
        self.facts, self.name, self.typed, self.inner = facts, name, typed, inner
        self.fresh = Fresh(all_names(facts.fn) | {name})
        self.dots: dict[str, str] = {}
        self.primal_of: dict[str, str] = {}
        for p in facts.fn.params:
            if p.name in facts.wrt or facts.activity.defines(PARAMETER, p.name):
                self.dot(p.name)

    # names ------------------------------------------------------------------------------------------------------

    def dot(self, name: str) -> n.Name:
        if name not in self.dots:
            self.dots[name] = made = self.fresh.take(f"{name}_dot")
            self.primal_of[made] = name
        return n.Name(self.dots[name])

    def is_active(self, num: int, expr: n.Expr) -> bool:
        return isinstance(expr, n.Name) and self.facts.activity.reads(num, expr.id)

    def tangent_or_zero(self, num: int, expr: n.Expr) -> n.Expr:
        """The tangent of an operand, of its shape even if it is zero."""
        if isinstance(expr, (n.Tuple, n.List)):
            return type(expr)(tuple(self.tangent_or_zero(num, e) for e in expr.elts))
        if self.is_active(num, expr):
            assert isinstance(expr, n.Name)
            return self.dot(expr.id)
        if isinstance(expr, n.Const) or self.facts.kinds.at(num, expr).is_number:
            return n.Const(0.0)
        return common.spread(n.Const(0.0), expr)

    # the function -----------------------------------------------------------------------------------------------

    def function(self) -> n.Function:
        fn = self.facts.fn
        written = common.written_params(self.facts)
        head = common.rank_guards(self.facts, self.name, self.facts.wrt, self.typed, forward=True)
        tangents = {p: self.dots[p] for p in self.facts.wrt}
        head += common.tangent_guards(self.facts, self.name, tangents, self.typed)
        head += common.disjoint_guards(self.facts, self.name, written)
        if self.inner:
            head = []
        for p in fn.params:
            kind = self.facts.kinds.defined(PARAMETER, p.name)
            for target in [p.name] + ([self.dots[p.name]] if p.name in self.facts.wrt else []):
                if p.name in written:
                    head.append(n.Assign(n.Name(target), common.copied(n.Name(target), kind)))
            if p.name in self.dots and p.name not in self.facts.wrt:
                zero = n.Const(0.0) if kind.is_number else common.spread(n.Const(0.0), n.Name(p.name))
                head.append(n.Assign(n.Name(self.dots[p.name]), zero))
        return replace(fn, name=self.name, params=self.params(), body=(*head, *self.block(fn.body)))

    def params(self) -> tuple[n.Param, ...]:
        found: list[n.Param] = []
        later: list[n.Param] = []
        for p in self.facts.fn.params:
            found.append(p)
            if p.name not in self.facts.wrt:
                continue
            default = n.Const(0.0) if p.default is not None else None
            form = "keyword" if p.form != "positional" else "positional"
            tangent = n.Param(self.dots[p.name], form, default, p.annotation, 0.0)
            (later if p.form == "var" else found).append(tangent)
        return tuple(found + later)

    def block(self, body: tuple[n.Stmt, ...]) -> tuple[n.Stmt, ...]:
        return tuple(made for stmt in body for made in self.statement(stmt))

    def statement(self, stmt: n.Stmt) -> list[n.Stmt]:
        match stmt:
            case n.If():
                return [replace(stmt, body=self.block(stmt.body), orelse=self.block(stmt.orelse))]
            case n.For() | n.While():
                return [replace(stmt, body=self.block(stmt.body))]
            case n.Return(value=value) if value is not None:
                return [self.result(stmt, value)]
            case n.Assign(target=n.Name(id=name)) if self.facts.activity.defines(stmt.num, name):
                return self.definition(stmt, name)
            case n.AugAssign(target=n.Name()):
                return self.statement(common.unaugmented(stmt))
            case n.Assign(target=n.Index(value=n.Name(id=name), index=index)) if self.active_base(stmt, name):
                value = stmt.value
                zero = n.Const(0.0)
                made = self.dot(value.id) if isinstance(value, n.Name) and self.is_active(stmt.num, value) else zero
                return [n.Assign(n.Index(self.dot(name), index), made, info=self.derived(stmt)), stmt]
            case n.AugAssign(target=n.Index(value=n.Name(id=name), index=index)) if self.active_base(stmt, name):
                if not self.is_active(stmt.num, stmt.value):
                    return [stmt]
                assert isinstance(stmt.value, n.Name)
                place = n.Index(self.dot(name), index)
                return [n.AugAssign(place, stmt.fn, self.dot(stmt.value.id), info=self.derived(stmt)), stmt]
            case n.ExprStmt(value=n.Call(args=(n.Name(id=name), *_)) as call) if self.active_base(stmt, name):
                return [*self.effect(stmt, call, name), stmt]
            case n.Assign(value=n.Call(fn=list.pop, args=(n.Name(id=tape),))) if self.active_base(stmt, tape):
                unused = n.ExprStmt(n.Call(list.pop, ".pop()", (self.dot(tape),)), info=self.derived(stmt))
                return [unused, stmt]
        return [stmt]

    def active_base(self, stmt: n.Stmt, name: str) -> bool:
        return self.facts.activity.reads(stmt.num, name)

    def derived(self, stmt: n.Stmt) -> n.Info:
        return replace(stmt.info, comments=(), trailing=None, origin=stmt.num)

    def result(self, stmt: n.Return, value: n.Expr) -> n.Return:
        def tangent(expr: n.Expr, kept: n.Expr) -> n.Expr:
            if isinstance(expr, n.Tuple) and isinstance(kept, n.Tuple):
                return n.Tuple(tuple(tangent(e, k) for e, k in zip(expr.elts, kept.elts, strict=True)))
            made = self.tangent_or_zero(stmt.num, expr)
            if kept is not expr and isinstance(made, n.Name):
                return common.copied(made, self.facts.kinds.at(stmt.num, expr))
            return made

        kept = common.protected_result(self.facts, value, stmt.num)
        return replace(stmt, value=n.Tuple((kept, tangent(value, kept))))

    # definitions ------------------------------------------------------------------------------------------------

    def definition(self, stmt: n.Assign, name: str) -> list[n.Stmt]:
        """`name = value` with the statement for its tangent before or behind it."""
        if isinstance(stmt.value, n.Call) and isinstance(stmt.value.fn, Callee):
            active = [self.is_active(stmt.num, a) for a in stmt.value.args]
            if any(active):
                return [self.joint(stmt, stmt.value, stmt.value.fn, active)]
        tangent = self.resolved(self.tangent(stmt.num, stmt.value), stmt.value, name)
        dot = n.Assign(self.dot(name), tangent, info=self.derived(stmt))
        if name not in names_read(stmt.value):
            return [stmt, replace(dot, value=_rename(tangent, RESULT, name))]
        if RESULT not in names_read(tangent):
            return [
                replace(dot, info=replace(dot.info, comments=stmt.info.comments)),
                replace(stmt, info=self.derived(stmt)),
            ]
        held = self.fresh.take("t")
        return [
            replace(stmt, target=n.Name(held), annotation=None),
            replace(dot, value=_rename(tangent, RESULT, held)),
            n.Assign(n.Name(name), n.Name(held), info=self.derived(stmt)),
        ]

    def joint(self, stmt: n.Assign, call: n.Call, callee: Callee, active: list[bool]) -> n.Stmt:
        """`z, z_dot = g_jvp(x, x_dot, y)` for `z = g(x, y)`."""
        kinds = tuple(self.facts.kinds.at(stmt.num, a) for a in call.args)
        fn = callee.derivative("jvp", tuple(k for k, is_active in enumerate(active) if is_active), kinds)
        args: list[n.Expr] = []
        for arg, is_active in zip(call.args, active, strict=True):
            args += [arg, self.dot(arg.id)] if is_active and isinstance(arg, n.Name) else [arg]
        assert isinstance(stmt.target, n.Name)
        target = n.Tuple((stmt.target, self.dot(stmt.target.id)))
        return n.Assign(target, n.Call(fn, fn.rule.spelling, tuple(args), span=call.span), info=stmt.info)

    def resolved(self, tangent: n.Expr | None, value: n.Expr, name: str) -> n.Expr:
        """The tangent expression, a zero of the result's shape for None."""
        if tangent is not None:
            return tangent
        return common.spread(n.Const(0.0), n.Name(RESULT))

    def tangent(self, num: int, value: n.Expr) -> n.Expr | None:
        """The tangent of a right-hand side; None for zero."""
        kind = self.facts.kinds
        match value:
            case n.Name():
                return self.dot(value.id) if self.is_active(num, value) else self.zero(num, value)
            case n.Const() | n.Global():
                return self.zero(num, value)
            case n.List():
                return value
            case n.Index(value=n.Name() as base, index=index):
                if self.is_active(num, base):
                    return n.Index(self.dot(base.id), index)
                return n.Const(0.0) if kind.at(num, value).is_number else None
            case n.Call(fn=list.pop, args=(n.Name() as tape, *_)):
                return n.Call(list.pop, ".pop()", (self.dot(tape.id),)) if self.is_active(num, tape) else None
            case n.Call():
                return self.operation(num, value)
        return None

    def zero(self, num: int, value: n.Expr) -> n.Expr | None:
        return n.Const(0.0) if self.facts.kinds.at(num, value).is_number else None

    def operation(self, num: int, call: n.Call) -> n.Expr | None:
        bound = common.bind_call(self.facts, num, call)
        kind = self.facts.kinds.at(num, call)
        result = Sym(n.Name(RESULT), kind)
        dots = [self.dot_of(num, arg) for arg in bound.args]
        if bound.rule.diff == "zero" or all(d is None for d in dots):
            return n.Const(0.0) if kind.is_number else None
        try:
            total = self.by_rule(num, call, bound, dots, result)
        except RefusedError as error:
            raise common.located(self.facts, num, call, error) from None
        if total is None:
            return n.Const(0.0) if kind.is_number else None
        made = node(total)
        if kind.is_number:
            return made
        if bound.rule.diff == "partials" and not self.covers(num, call, made):
            return common.spread(made, n.Name(RESULT))
        return common.copied(made, kind) if isinstance(made, n.Name) else made

    def dot_of(self, num: int, arg: Any) -> Any:
        """The tangent of a bound argument as a Sym, None if it is not active (a tuple: zeros where inactive)."""
        if not isinstance(arg, Sym):
            return None
        if isinstance(arg.expr, (n.Tuple, n.List)):
            if not any(self.is_active(num, e) for e in common.leaves(arg.expr)):
                return None
            return Sym(self.tangent_or_zero(num, arg.expr), arg.kind)
        return Sym(self.dot(arg.expr.id), arg.kind) if self.is_active(num, arg.expr) else None  # type: ignore[attr-defined]

    def by_rule(self, num: int, call: n.Call, bound: common.BoundCall, dots: list[Any], result: Sym) -> Any:
        rule, args, kw = bound.rule, bound.args, bound.kw
        total: Any = None
        if rule.diff == "partials":
            assert rule.partials is not None
            for partial, d in zip(rule.partials(result, *args, **kw), dots, strict=False):
                if d is not None and partial is not None:
                    total = _plus(total, partial * d)
            return total
        if rule.diff == "linear":
            for k in rule.argnums:
                if dots[k] is not None:
                    total = _plus(total, self.replaced(call, args[k], dots[k]))
            return total
        assert rule.jvp is not None
        return rule.jvp(result, tuple(dots), *args, **kw)

    def replaced(self, call: n.Call, arg: Any, dot: Any) -> Sym:
        """`call` with the argument `arg` replaced by its tangent."""
        done = False
        args = []
        for a in call.args:
            if not done and a is arg.expr:
                a, done = dot.expr, True
            args.append(a)
        keywords = []
        for key, value in call.keywords:
            if not done and value is arg.expr:
                value, done = dot.expr, True
            keywords.append((key, value))
        return Sym(n.Call(call.fn, call.spelling, tuple(args), tuple(keywords), call.span), ANY)

    def covers(self, num: int, call: n.Call, tangent: n.Expr) -> bool:
        """True if every operand that may stretch the result stands in the tangent: it has the result's shape."""
        if isinstance(tangent, n.Const):
            return False
        present = {self.primal_of.get(name, name) for name in names_read(tangent)}
        if RESULT in present:
            return True
        for arg in call.args:
            absent = isinstance(arg, n.Global) or (isinstance(arg, n.Name) and arg.id not in present)
            if absent and not self.facts.kinds.at(num, arg).is_number:
                return False
        return True

    def effect(self, stmt: n.ExprStmt, call: n.Call, name: str) -> list[n.Stmt]:
        """The tangent statement of a call that writes its first argument."""
        if call.fn is list.append:
            made: n.Expr = n.Call(
                list.append, ".append()", (self.dot(name), self.tangent_or_zero(stmt.num, call.args[1]))
            )
            return [n.ExprStmt(made, info=self.derived(stmt))]
        if call.fn is list.pop:
            return [n.ExprStmt(n.Call(list.pop, ".pop()", (self.dot(name),)), info=self.derived(stmt))]
        bound = common.bind_call(self.facts, stmt.num, call)
        dots = [self.dot_of(stmt.num, arg) for arg in bound.args]
        if bound.rule.diff == "zero":
            return []
        assert bound.rule.jvp is not None
        tangent = bound.rule.jvp(None, tuple(dots), *bound.args, **bound.kw)
        return [] if tangent is None else [n.ExprStmt(node(tangent), info=self.derived(stmt))]


def _plus(total: Any, term: Any) -> Any:
    return term if total is None else total + term


def _rename(expr: n.Expr, old: str, new: str) -> n.Expr:
    return map_names(expr, lambda e: n.Name(new) if e.id == old else e)
