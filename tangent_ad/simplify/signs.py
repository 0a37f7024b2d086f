"""Divisors that are positive.

In: derived code.  Out: the partial of a square root at what is surely positive (or nan) is not guarded against zero:

    if x > 0.0:                                       if x > 0.0:
        y = math.sqrt(x)                                  y = math.sqrt(x)
        x_bar += y_bar * ((y > 0) / (2.0 * y + (y == 0)))     x_bar += y_bar * (1.0 / (2.0 * y))

A name is positive where a condition around says so and it is not bound since, or where all that it is ever bound to
is: sums of squares with a positive number, their square roots.  Products are not: they may be too small for a float.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from tangent_ad.analyses.defs import bound_by, bound_within
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import (
    bodies,
    expressions,
    map_expr,
    map_expressions,
    replace_bodies,
    statements,
    subexpressions,
)
from tangent_ad.simplify.context import Context, kinds_of
from tangent_ad.simplify.memory import find_memory

POSITIVE, NOT_NEGATIVE = 2, 1
ROOTS = (math.sqrt, np.sqrt)
EXPONENTIALS = (math.exp, np.exp)
SIZES = (abs, math.fabs, np.abs, np.square)
ROUNDS = 6
Signs = dict[str, int]
Stmts = tuple[n.Stmt, ...]


def drop_guards(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) without guards of what cannot be zero."""
    if not any(_is_guarded(e) for s in statements(fn.body) for part in expressions(s) for e in subexpressions(part)):
        return fn
    params = {p.name: 0 for p in fn.params}
    work = _Work(_steady(fn, context), params)
    for _ in range(ROUNDS):
        before = dict(work.always)
        work.found = dict(params)
        work.block(fn.body, {})
        work.always = work.found
        if work.always == before:
            break
    else:
        return fn
    work.folds = True
    return replace(fn, body=work.block(fn.body, {})[0])


def _steady(fn: n.Function, context: Context) -> frozenset[str]:
    """The names whose values nobody writes into; integers, which may wrap around, are none of them."""
    kinds = kinds_of(fn, context)
    memory = find_memory(fn, kinds)
    written = frozenset().union(*(memory.effects[s.num].writes for s in fn.body))
    names = {name for s in statements(fn.body) for name in bound_by(s)} | {p.name for p in fn.params}
    return frozenset(
        name
        for name in names
        if (kinds.of(name).is_number or memory.class_of.get(name, name) not in written)
        and kinds.of(name).dtype != "int"
    )


def _is_guarded(e: n.Expr) -> bool:
    return isinstance(e, n.Call) and e.fn is operator.add and _tested(e.args[1], operator.eq) is not None


def _tested(e: n.Expr, fn: object) -> n.Expr | None:
    """What is compared with zero."""
    match e:
        case n.Call(fn=found, args=(x, n.Const(value=int() | float() as zero))) if found is fn and zero == 0:
            return x
    return None


@dataclass
class _Work:
    """steady: the names of which anything can be said.  always: what holds of all values of a name, as far as it was
    found; found: what this round finds; folds: is this the last walk, which drops the guards?"""

    steady: frozenset[str]
    always: Signs
    found: Signs = field(default_factory=dict)
    folds: bool = False

    def block(self, body: Stmts, here: Mapping[str, int]) -> tuple[Stmts, Signs]:
        """The statements of a block that begins where `here` holds, and what holds behind it."""
        signs = dict(here)
        made: list[n.Stmt] = []
        for stmt in body:
            bound = bound_within(stmt)
            if isinstance(stmt, (n.For, n.While)):
                signs = {name: sign for name, sign in signs.items() if name not in bound}
            if self.folds:
                stmt = self.folded(stmt, signs)
            if isinstance(stmt, n.If):
                told = (_told(stmt.test, True), _told(stmt.test, False))
                ends = [self.block(b, signs | facts) for b, facts in zip(bodies(stmt), told, strict=True)]
                stmt = replace_bodies(stmt, tuple(end[0] for end in ends))
                one, two = (behind for _, behind in ends)
                signs = {name: min(sign, two[name]) for name, sign in one.items() if name in two}
                last = bodies(stmt)[0][-1:]
                if last and isinstance(last[0], n.Raise):
                    signs = two
            elif inner := bodies(stmt):
                for name in bound_by(stmt):
                    self.bind(name, 0)
                stmt = replace_bodies(stmt, tuple(self.block(b, signs)[0] for b in inner))
            elif isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name):
                signs[stmt.target.id] = self.bind(stmt.target.id, self.sign(stmt.value, signs))
            else:
                for name in bound_by(stmt):
                    signs.pop(name, None)
                    self.bind(name, 0)
            made.append(stmt)
        return tuple(made), signs

    def folded(self, stmt: n.Stmt, signs: Signs) -> n.Stmt:
        return map_expressions(stmt, lambda e: map_expr(e, lambda part: self.fold(part, signs)))

    def bind(self, name: str, sign: int) -> int:
        self.found[name] = min(sign, self.found.get(name, sign))
        return sign

    def sign(self, e: n.Expr, signs: Mapping[str, int]) -> int:
        """What is sure of the value, unless it is nan."""
        match e:
            case n.Const(value=int() | float() as value) if type(value) is not bool:
                return POSITIVE if value > 0 else NOT_NEGATIVE if value == 0 else 0
            case n.Name(id=name):
                return max(signs.get(name, 0), self.always.get(name, 0)) if name in self.steady else 0
            case n.IfExp(body=a, orelse=b):
                return min(self.sign(a, signs), self.sign(b, signs))
            case n.Call(fn=fn, args=(x,), keywords=()):
                if fn in ROOTS:
                    return max(self.sign(x, signs), NOT_NEGATIVE)
                return NOT_NEGATIVE if fn in SIZES or fn in EXPONENTIALS else 0
            case n.Call(fn=fn, args=(a, b), keywords=()):
                one, two = self.sign(a, signs), self.sign(b, signs)
                if fn is operator.add:
                    return max(one, two) if one and two else 0
                if fn is operator.mul:
                    square = isinstance(a, n.Name) and a == b and a.id in self.steady
                    return NOT_NEGATIVE if (one and two) or square else 0
        return 0

    def fold(self, e: n.Expr, signs: Mapping[str, int]) -> n.Expr:
        """`x + (x == 0)` is x, and `g * ((x > 0) / d)` is `g / d`, for a positive x."""
        match e:
            case n.Call(fn=operator.mul, args=(a, b)):
                for g, inverse in ((a, b), (b, a)):
                    if isinstance(inverse, n.Call) and inverse.fn is operator.truediv:
                        one, d = inverse.args
                        if one == n.Const(1.0) and self.is_double(d, signs):
                            return replace(inverse, args=(g, d))
            case n.Call(fn=operator.add, args=(d, test)):
                x = _tested(test, operator.eq)
                if x is not None and self.sign(x, signs) == POSITIVE and _holds(d, x):
                    return d
            case n.Call(fn=operator.truediv, args=(test, d)):
                x = _tested(test, operator.gt)
                if x is not None and self.sign(x, signs) == POSITIVE and _holds(d, x):
                    return replace(e, args=(n.Const(1.0), d))
        return e

    def is_double(self, d: n.Expr, signs: Mapping[str, int]) -> bool:
        match d:
            case n.Call(fn=operator.mul, args=(n.Const(value=2.0), x)):
                return self.sign(x, signs) == POSITIVE
        return False


def _holds(d: n.Expr, x: n.Expr) -> bool:
    """Is `d` the number x, or twice it: nan, and a float, if x is?"""
    match d:
        case n.Call(fn=operator.mul, args=(n.Const(value=2.0), same)):
            return bool(same == x)
    return d == x


def _told(test: n.Expr, outcome: bool) -> Signs:
    """What the outcome of a condition tells of names; what is nan passes no comparison, and may be told anything."""
    match test:
        case n.BoolOp(op=op, values=values) if (op == "and") == outcome:
            return {name: sign for value in values for name, sign in _told(value, outcome).items()}
        case n.Call(fn=operator.not_, args=(inner,)):
            return _told(inner, not outcome)
        case n.Call(fn=fn, args=(n.Name(id=name), n.Const(value=int() | float() as bound))):
            if (outcome and fn is operator.gt) or (not outcome and fn is operator.le):
                return {name: POSITIVE} if bound >= 0 else {}
            if (outcome and fn is operator.ge) or (not outcome and fn is operator.lt):
                return {name: POSITIVE} if bound > 0 else {name: NOT_NEGATIVE} if bound == 0 else {}
        case n.Call(fn=operator.lt, args=(n.Const(value=int() | float() as bound), n.Name(id=name))) if outcome:
            return {name: POSITIVE} if bound >= 0 else {}
    return {}
