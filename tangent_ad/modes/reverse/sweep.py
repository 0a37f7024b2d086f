"""The two sweeps, statement by statement.

In: facts and the plan of adjoints.  Out: for a block what its statements become in the backward sweep, every read of a
primal name marked with the version that it means; the storage room makes the two sweeps of it.

The adjoint of `x = e(a, b)`: what x_bar holds goes, through the partials of e, to a_bar and b_bar; then x_bar is zero
again if an earlier value of x is still to come.  The adjoint of a write `u[i] = e`: take what u_bar[i] holds, clear it,
pass it to e.
"""

from __future__ import annotations

import operator
from typing import Any

from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.indexed import takes_nothing
from tangent_ad.analyses.lengths import Lengths
from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym, binary, node
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import changed, map_expressions, map_names, names_read
from tangent_ad.errors import RefusedError
from tangent_ad.modes import common
from tangent_ad.modes.calls import Callee
from tangent_ad.modes.reverse.adjoints import FUNCTION, Adjoints, Home, name_of, zero_of
from tangent_ad.modes.reverse.formulas import RESULT, Formulas, merged
from tangent_ad.modes.reverse.places import Places
from tangent_ad.modes.reverse.wide import may_stretch
from tangent_ad.modes.reverse.writes import Stmts, Writes, built
from tangent_ad.rules.arrays import reshaped
from tangent_ad.runtime import helpers
from tangent_ad.storage.marks import append, before, behind
from tangent_ad.storage.steps import Block, Step


class Sweep(Writes):
    def __init__(
        self, facts: Facts, adjoints: Adjoints, places: Places, fresh: Fresh, lengths: Lengths | None = None
    ) -> None:
        super().__init__(facts, places, fresh, lengths)
        self.adjoints = adjoints
        self.formulas = Formulas(facts)
        self.primal = frozenset(name for _, name in (*facts.webs.of_def, *facts.webs.of_read))

    # blocks -----------------------------------------------------------------------------------------------------

    def block(self, body: tuple[n.Stmt, ...], home: Home) -> Block:
        """What the statements of a block become."""
        steps = tuple(self.step(stmt) for stmt in body)
        zeros = () if home == FUNCTION else tuple(self.zeros(home))
        return Block(home, steps, zeros)

    def zeros(self, home: Home) -> Stmts:
        """The adjoints that start at zero in a block."""
        return [self.clear(variable) for variable in self.adjoints.starting_in(home)]

    def clear(self, variable: str) -> n.Stmt:
        return n.Assign(self.places.bar(variable), zero_of(self.places.kind_of_name(name_of(variable))))

    def step(self, stmt: n.Stmt) -> Step:
        """What a statement becomes in the backward sweep."""
        match stmt:
            case n.Assign():
                pass
            case n.If():
                return self.branch(stmt)
            case n.For():
                return self.counted(stmt)
            case n.While():
                return self.conditional(stmt)
            case n.Return():
                return Step(stmt)
        stmt = common.unaugmented(stmt)
        result = None
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name):
            result = n.Name(stmt.target.id, behind(stmt.num))
        info = n.Info(span=stmt.info.span, origin=stmt.num, source=stmt.info.source)
        return Step(stmt, tuple([self.versioned(s, stmt.num, result, info) for s in self.adjoint(stmt)]))

    def versioned(self, stmt: n.Stmt, num: int, result: n.Name | None = None, info: n.Info | None = None) -> n.Stmt:
        """`stmt` with the version of every primal value that it reads (where it says none), with `result` where it says
        RESULT, and with the statement that it comes from."""
        primal, version = self.primal, before(num)

        def mark(e: n.Name) -> n.Name:
            if e.id in primal:
                return n.Name(e.id, version, e.span) if e.version is None else e
            return result if e.id == RESULT.id and result is not None else e

        if info is not None and type(stmt) is n.AugAssign:
            return n.AugAssign(map_names(stmt.target, mark), stmt.fn, map_names(stmt.value, mark), info, stmt.num)
        if info is not None and type(stmt) is n.Assign:
            target, value = map_names(stmt.target, mark), map_names(stmt.value, mark)
            return n.Assign(target, value, stmt.annotation, info, stmt.num)
        return map_expressions(stmt, lambda expr: map_names(expr, mark))

    # compound statements ----------------------------------------------------------------------------------------

    def branch(self, stmt: n.If) -> Step:
        blocks = (self.block(stmt.body, (stmt.num, 0)), self.block(stmt.orelse, (stmt.num, 1)))
        active = any(block.is_active for block in blocks)
        header = self.versioned(n.If(stmt.test, (), ()), stmt.num) if active else None
        return Step(stmt, (), blocks, header)

    def counted(self, stmt: n.For) -> Step:
        block = self.block(stmt.body, (stmt.num, 0))
        if not block.is_active:
            return Step(stmt, (), (block,))
        header, first = self.reversed_header(stmt)
        marked = tuple(changed(self.versioned(s, stmt.num), target=stmt.target) for s in first)
        again = changed(self.versioned(header, stmt.num), target=header.target)
        return Step(stmt, (), (block,), again, marked)

    def reversed_header(self, stmt: n.For) -> tuple[n.For, Stmts]:
        """The loop over the same values, last first; and what its body must begin with."""
        start, stop, step = (self.facts.kinds.sym(stmt.num, e) for e in (stmt.start, stmt.stop, stmt.step))
        one = n.Const(-1)
        if isinstance(stmt.step, n.Const) and stmt.step.value in (1, -1):
            d = stmt.step.value
            if d == 1:
                return n.For(stmt.target, _minus(stop, 1), _minus(start, 1), one, ()), []
            return n.For(stmt.target, _plus(stop, 1), _plus(start, 1), n.Const(1), ()), []
        k = n.Name(self.fresh.take("k"))
        trips = n.Call(len, "len", (n.Call(range, "range", (stmt.start, stmt.stop, stmt.step)),))
        value = binary("+", start, binary("*", Sym(k), step))
        last = n.Call(operator.sub, "-", (trips, n.Const(1)))
        return n.For(k, last, n.Const(-1), one, ()), [n.Assign(stmt.target, node(value))]

    def conditional(self, stmt: n.While) -> Step:
        block = self.block(stmt.body, (stmt.num, 0))
        if not block.is_active:
            return Step(stmt, (), (block,))
        trips, k = n.Name(self.fresh.take("trips")), n.Name(self.fresh.take("k"))
        return Step(stmt, (), (block,), n.For(k, n.Const(0), trips, n.Const(1), ()), (), trips.id)

    # simple statements ------------------------------------------------------------------------------------------

    def adjoint(self, stmt: n.Stmt) -> Stmts:
        """The adjoint statements; primal names in them mean values before `stmt`, RESULT what it defines."""
        activity = self.facts.activity
        match stmt:
            case n.Assign(target=n.Name(id=name)) if activity.defines(stmt.num, name):
                return self.definition(stmt, name)
            case n.Assign(target=n.Index(value=n.Name(id=name))) if activity.reads(stmt.num, name):
                return self.store(stmt, name)
            case n.AugAssign(target=n.Index(value=n.Name(id=name))) if activity.reads(stmt.num, name):
                return self.update(stmt, name)
            case n.ExprStmt(value=n.Call(args=(n.Name(id=name), *_)) as call) if activity.reads(stmt.num, name):
                return self.effect(stmt, call, name)
            case n.Assign(value=n.Call(fn=list.pop, args=(n.Name(id=tape),))) if activity.reads(stmt.num, tape):
                return [self.no_adjoint(stmt.num, tape)]
        return []

    def definition(self, stmt: n.Assign, name: str) -> Stmts:
        if stmt.num in self.facts.aliases.views:
            return []
        variable = self.adjoints.defined(stmt.num, name)
        bar, kind = self.places.bar(variable), self.facts.kinds.defined(stmt.num, name)
        made: Stmts = []
        if self.feeds_itself(stmt, name):
            taken = n.Name(self.fresh.take("t_bar"))
            made += [n.Assign(taken, bar), self.clear(variable)]
            for target, value, form in self.contributions(stmt, Sym(taken, kind), name, made):
                made += self.places.give(stmt.num, target, value, form)
            return made
        contributions = self.contributions(stmt, Sym(bar, kind), name, made)
        own = [value for target, value, _ in contributions if self.is_itself(stmt.num, target, name)]
        for target, value, form in contributions:
            if not self.is_itself(stmt.num, target, name):
                made += self.places.give(stmt.num, target, value, form)
        if own:
            total = own[0]
            for value in own[1:]:
                total = n.Call(operator.add, "+", (total, value))
            if total != bar:
                made.append(n.Assign(bar, total))
            return made or [n.Pass()]
        if self.adjoints.must_clear(stmt.num, name):
            made.append(self.clear(variable))
        return made

    def is_itself(self, num: int, target: n.Expr, name: str) -> bool:
        """Is `target`, an operand, the very name (not a view of something) that the statement defines again?"""
        if not isinstance(target, n.Name) or target.id != name or self.facts.aliases.view_at(num, name) is not None:
            return False
        return self.adjoints.read(num, name) == self.adjoints.defined(num, name)

    def feeds_itself(self, stmt: n.Assign, name: str) -> bool:
        """Does the statement read a part or a view of the memory whose name it binds again?"""
        if not self.facts.aliases.views and name not in names_read(stmt.value):
            return False
        for read in names_read(stmt.value):
            whole = isinstance(stmt.value, n.Call) and stmt.value.fn is not list.pop
            if self.places.owner(stmt.num, read) == name and not (
                whole and self.is_itself(stmt.num, n.Name(read), name)
            ):
                return True
        return False

    def contributions(self, stmt: n.Assign, g: Sym, name: str, made: Stmts) -> list[tuple[n.Expr, n.Expr, str]]:
        """(operand, contribution, form) for each active operand; form says whether the value is a fresh array."""
        num, value = stmt.num, stmt.value
        active = self.places.is_active
        match value:
            case n.Name():
                return [(value, g.expr, "bare")] if active(num, value) else []
            case n.Index(value=n.Name() as base, index=index):
                kind = self.facts.kinds.at(num, base)
                if active(num, base) and takes_nothing(index) and not kind.is_array:  # a number has no place to write
                    made.append(n.Assign(g.expr, common.spread(g.expr, RESULT)))
                    return [(base, node(reshaped(g, Sym(base, kind))), "value")]
                return [(value, g.expr, "bare")] if active(num, base) else []
            case n.Call(fn=list.pop, args=(n.Name() as tape, *_)):
                if active(num, tape):
                    made.append(append(self.places.bar(self.adjoints.read(num, tape.id)), g.expr))
                return []
            case n.Call():
                return self.operation(stmt, value, g, name, made)
        return []

    def operation(
        self, stmt: n.Assign, call: n.Call, g: Sym, name: str, made: Stmts
    ) -> list[tuple[n.Expr, n.Expr, str]]:
        quick = self.formulas.contributions(stmt.num, call, g, n.Name(name, behind(stmt.num)))
        if quick is not None:
            return quick
        result = Sym(RESULT, g.kind)
        bound = common.bind_call(self.facts, stmt.num, call)
        rule = bound.rule
        if rule.diff == "zero":
            return []
        try:
            if rule.diff == "partials":
                return self.by_partials(stmt, name, bound, g, result)
            if not g.kind.is_number and not self.adjoints.surely_full(stmt.num, name):
                made.append(n.Assign(g.expr, common.spread(g.expr, RESULT)))
            if isinstance(call.fn, Callee):
                return self.joint(stmt.num, call, call.fn, g, name, made)
            found: list[tuple[n.Expr, n.Expr, str]] = []
            if rule.diff == "linear":
                for k, transpose in rule.transposes.items():
                    if self.any_active(stmt.num, bound.args[k]):
                        value = transpose(g, *bound.args, **bound.kw)
                        found += self.spread_out(stmt.num, bound.args[k].expr, value)
                return found
            assert rule.vjp is not None
            for arg, value in zip(bound.args, rule.vjp(g, result, *bound.args, **bound.kw), strict=False):
                if value is not None and self.any_active(stmt.num, arg):
                    found += self.spread_out(stmt.num, arg.expr, built(value))
            return found
        except RefusedError as error:
            raise common.located(self.facts, stmt.num, call, error) from None

    def joint(
        self, num: int, call: n.Call, callee: Callee, g: Sym, name: str, made: Stmts
    ) -> list[tuple[n.Expr, n.Expr, str]]:
        """What `x_bar, y_bar = g_pullback(z_bar, x, y)` gives to the active arguments of `z = g(x, y)`."""
        active = tuple(k for k, a in enumerate(call.args) if self.places.is_active(num, a))
        if not active:
            return []
        fn = callee.derivative("pullback", active, tuple(self.facts.kinds.at(num, a) for a in call.args))
        value: n.Expr = n.Call(fn, fn.rule.spelling, (g.expr, *call.args), span=call.span)
        if len(active) == 1:
            return [(call.args[active[0]], value, "value")]
        parts = tuple(n.Name(self.fresh.take("t_bar")) for _ in active)
        made.append(n.Assign(n.Tuple(parts), value))
        found: list[tuple[n.Expr, n.Expr, str]] = []
        for k, part in zip(active, parts, strict=True):
            arg = call.args[k]
            own = self.is_itself(num, arg, name)
            found.append((arg, common.copied(part, self.facts.kinds.at(num, arg)) if own else part, "value"))
        return found

    def any_active(self, num: int, arg: Any) -> bool:
        if not isinstance(arg, Sym):
            return False
        return any(self.places.is_active(num, part) for part in common.leaves(arg.expr))

    def spread_out(self, num: int, arg: n.Expr, made: Any) -> list[tuple[n.Expr, n.Expr, str]]:
        """Contributions to an argument, or to each element of a tuple of arguments."""
        if isinstance(arg, (n.Tuple, n.List)):
            elements = made.expr.elts if isinstance(made, Sym) and isinstance(made.expr, n.Tuple) else made
            pairs = zip(arg.elts, elements, strict=True)
            return [one for e, m in pairs if m is not None for one in self.spread_out(num, e, m)]
        return [(arg, node(built(made)), "value")] if self.places.is_active(num, arg) else []

    def by_partials(
        self, stmt: n.Assign, name: str, bound: common.BoundCall, g: Sym, result: Sym
    ) -> list[tuple[n.Expr, n.Expr, str]]:
        num = stmt.num
        active = [isinstance(a, Sym) and self.places.is_active(num, a.expr) for a in bound.args]
        found = []
        values = [a for a in bound.args if isinstance(a, Sym)]
        for k, partial in merged(bound.rule, bound.args, bound.kw, result, active):
            arg = bound.args[k]
            value = g * partial
            wide = self.adjoints.wide
            if names_read(arg.expr) <= wide or (g.kind.is_number and arg.kind.is_number):
                pass
            elif name in wide or may_stretch(self.facts, self.lengths, num, name, values, arg):
                value = Sym(n.Call(helpers.sum_to, "sum_to", (node(value), arg.expr)), arg.kind)
            found.append((arg.expr, node(value), "value"))
        return found


def _minus(x: Sym, k: int) -> n.Expr:
    return node(binary("-", x, k))


def _plus(x: Sym, k: int) -> n.Expr:
    return node(binary("+", x, k))
