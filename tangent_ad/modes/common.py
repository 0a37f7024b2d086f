"""What the modes share: calls in the rules' form, copies that protect arguments and results, guards.

In: facts of a function.  Out: bound calls, expressions and statements.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from tangent_ad.analyses.annotations import named_axes
from tangent_ad.analyses.effects import may_be_array
from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.kinds import Presumption
from tangent_ad.analyses.webs import PARAMETER, Webs
from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import FLOATING, Kind
from tangent_ad.core.spelling import SYMBOL
from tangent_ad.core.walk import expressions, names_read, statements, subexpressions
from tangent_ad.emit.text import is_plain_annotation
from tangent_ad.errors import RefusedError, refuse
from tangent_ad.rules.registry import OF_DISPLAYS, Rule, is_display, lookup
from tangent_ad.runtime import helpers
from tangent_ad.storage.marks import copied


@record(frozen=True, slots=True)
class BoundCall:
    """A call in its rule's own form: `args` and `kw` hold Syms, tuples of them, and constants."""

    rule: Rule
    args: tuple[Any, ...]
    kw: dict[str, Any]


def span_of(stmt: n.Stmt) -> n.Span | None:
    """The narrowest place to point a caret at."""
    for expr in expressions(stmt):
        for part in subexpressions(expr):
            if isinstance(part, (n.Call, n.Index)) and part.span is not None:
                return part.span
    return stmt.info.span


def unaugmented(stmt: n.Stmt) -> n.Stmt:
    """The statement as a mode reads it: where `x += e` of a name is left, the kind of x is unknown, its memory shared
    with nobody and its dtype that of `x + e`, so that it is the same as a new value."""
    if not (isinstance(stmt, n.AugAssign) and isinstance(stmt.target, n.Name)):
        return stmt
    value = n.Call(stmt.fn, SYMBOL[stmt.fn], (stmt.target, stmt.value))
    return n.Assign(stmt.target, value, info=stmt.info, num=stmt.num)


def bind_call(facts: Facts, num: int, call: n.Call) -> BoundCall:
    """`call` bound to its rule's signature; refuses what the rule does not know."""
    rule = lookup(call.fn)
    assert rule is not None, call.spelling
    stmt = facts.defs.statements[num]
    where = stmt.info.source or facts.fn
    try:
        args = tuple(facts.kinds.sym(num, a) for a in call.args)
        bound, kw = rule.bind(args, {k: facts.kinds.sym(num, v) for k, v in call.keywords})
    except RefusedError as error:
        raise refuse(error.message, call.span or span_of(stmt), where, error.hint) from None
    if rule.diff == "refused":
        raise refuse(f"`{call.spelling}` has no derivative here", call.span, where, rule.note)
    for arg in bound if rule.fn not in OF_DISPLAYS else ():
        inner = leaves(arg.expr) if isinstance(arg, Sym) and is_display(arg.expr) else ()
        if any(isinstance(e, n.Name) and facts.activity.reads(num, e.id) for e in inner):
            raise refuse(f"`{call.spelling}` of a list or tuple of values", call.span, where, "np.array([...])")
    return BoundCall(rule, bound, kw)


def located(facts: Facts, num: int, call: n.Call, error: RefusedError) -> RefusedError:
    """`error`, raised by a rule, with the place of the call."""
    stmt = facts.defs.statements[num]
    return refuse(error.message, call.span or span_of(stmt), stmt.info.source or facts.fn, error.hint)


def leaves(expr: n.Expr) -> list[n.Expr]:
    """The elements of a list or tuple, also of lists in it; of anything else itself."""
    if isinstance(expr, (n.Tuple, n.List)):
        return [leaf for e in expr.elts for leaf in leaves(e)]
    return [expr]


def name_of(arg: Any) -> str | None:
    """The local name that an argument is, if it is one."""
    return arg.expr.id if isinstance(arg, Sym) and isinstance(arg.expr, n.Name) else None


def spread(expr: n.Expr, like: n.Expr) -> n.Expr:
    return n.Call(helpers.spread, "spread", (expr, like))


def written_params(facts: Facts) -> tuple[str, ...]:
    """Parameters whose memory the function writes (or rebinds in a way that writes if they are arrays)."""
    found = []
    for p in facts.fn.params:
        roots = facts.aliases.roots.get(facts.webs.of_def[(PARAMETER, p.name)], frozenset())
        if (PARAMETER, p.name) in roots and facts.aliases.ever_written(frozenset(((PARAMETER, p.name),))):
            found.append(p.name)
    return tuple(found)


def protected_result(facts: Facts, value: n.Expr, num: int) -> n.Expr:
    """The returned operand, copied where it may share memory with an argument, a captured array or another result."""
    seen: set[Any] = set()

    def protect(expr: n.Expr) -> n.Expr:
        if isinstance(expr, n.Tuple):
            return n.Tuple(tuple(protect(e) for e in expr.elts))
        if isinstance(expr, n.Global):
            return copied(expr, facts.kinds.at(num, expr)) if isinstance(expr.value, np.ndarray) else expr
        if not isinstance(expr, n.Name):
            return expr
        roots = facts.aliases.roots_of(num, expr.id)
        shared = bool(roots & seen) or any(at < 0 for at, _ in roots)
        seen.update(roots)
        return copied(expr, facts.kinds.at(num, expr)) if shared else expr

    return protect(value)


def disjoint_guards(facts: Facts, name: str, written: tuple[str, ...]) -> list[n.Stmt]:
    """The guard against arguments that share memory of which one is written."""
    stmts: list[n.Stmt] = []
    arrays = [p.name for p in facts.fn.params if may_be_array(facts.kinds.defined(PARAMETER, p.name))]
    used = {read for s in statements(facts.fn.body) for e in expressions(s) for read in names_read(e)}
    done: set[frozenset[str]] = set()
    for first in written:
        for other in arrays:
            pair = frozenset((first, other))
            if other == first or pair in done or other not in used:
                continue
            done.add(pair)
            a, b = sorted(pair, key=arrays.index)
            test = n.Call(np.may_share_memory, "np.may_share_memory", (n.Name(a), n.Name(b)))
            text = f"{name}: {a} and {b} must not share memory"
            stmts.append(n.If(test, (n.Raise(n.Global("ValueError", ValueError), (n.Const(text),)),)))
    return stmts


def rank_guards(facts: Facts, name: str, wrt: tuple[str, ...], typed: bool, forward: bool = False) -> list[n.Stmt]:
    """One line for every presumption that NumPy itself would not catch; `typed`: kinds come from compiled types;
    `forward`: tangents are held to the parameters' shapes."""
    stmts: list[n.Stmt] = []

    def guard(test: n.Expr, text: str) -> None:
        stmts.append(n.If(test, (n.Raise(n.Global("TypeError", TypeError), (n.Const(f"{name}: {text}"),)),)))

    presumed = {p.name: p for p in facts.kinds.presumed}
    tested = (set() if forward else set(wrt)) | _written_numbers(facts)  # NumPy tests an array of one element, too
    for p in facts.fn.params:
        kind = facts.kinds.defined(PARAMETER, p.name)
        floating = p.name in wrt and kind.is_array and not (typed and kind.dtype in FLOATING)
        found = presumed.get(p.name) or _annotated(p, kind, floating)
        x = n.Name(p.name)
        tests: list[n.Expr] = []
        if found is not None and found.rank > 0:
            spelling = ".ndim" if floating or not _like_a_tuple(facts, p.name) else "np.ndim"
            tests.append(n.Call(operator.ne, "!=", (n.Call(np.ndim, spelling, (x,)), n.Const(found.rank))))
        if floating:
            tests.append(n.Call(operator.ne, "!=", (_letter(x), n.Const("f"))))
        axes = n.Call(operator.ne, "!=", (n.Call(np.ndim, "np.ndim", (x,)), n.Const(0)))
        if found is not None and found.rank == 0 and found.reason == "result":
            guard(axes, f"{p.name} must be a number; for an array use `vjp` or `jacobian`")
        elif found is not None and found.rank == 0 and found.reason == "test" and p.name in tested:
            guard(axes, f"{p.name} must be a number")
        elif not kind.is_array and not kind.is_number and p.name in wrt and kind.form in ("any", "value"):
            wrong = n.Call(operator.ne, "!=", (_letter(x), n.Const("f")))
            guard(n.BoolOp("and", (axes, wrong)), f"{p.name} must be a number or a floating array")
        elif tests:
            text = (
                f"{p.name} must be a {kind.rank}-d floating array"
                if floating
                else f"{p.name} must be a {kind.rank}-d array"
            )
            if not kind.has_rank:
                text = f"{p.name} must be a floating array"
            guard(tests[0] if len(tests) == 1 else n.BoolOp("or", tuple(tests)), text)
    return stmts + axis_guards(facts, name)


def _written_numbers(facts: Facts) -> set[str]:
    """The parameters that `x *= y` writes, maybe under another name, if they are arrays."""
    webs, sources, written = facts.kinds.webs, dict[int, set[int]](), set[int]()
    for stmt in statements(facts.fn.body):
        if not isinstance(stmt, n.Assign) or not isinstance(stmt.target, n.Name):
            continue
        same: tuple[n.Expr, ...] = (stmt.value,)
        if isinstance(stmt.value, n.Call):
            call, same = stmt.value, ()
            if call.fn in SYMBOL and call.span is None:  # `x *= y`, spelled out: `x * y` has a place in the source
                written.update(_webs_of(webs, stmt.num, call.args[:1]))
            elif call.fn is max or call.fn is min:
                same = call.args
        sources.setdefault(webs.of_def[(stmt.num, stmt.target.id)], set()).update(_webs_of(webs, stmt.num, same))
    todo = list(written)
    while todo:
        more = sources.get(todo.pop(), set()) - written
        written |= more
        todo += more
    return {p for p, web in webs.params(facts.fn).items() if web in written}


def _webs_of(webs: Webs, num: int, exprs: tuple[n.Expr, ...]) -> set[int]:
    return {webs.of_read.get((num, e.id), PARAMETER) for e in exprs if isinstance(e, n.Name)}


def axis_guards(facts: Facts, name: str) -> list[n.Stmt]:
    """One line for each parameter an axis of which an annotation calls by the name of another's."""
    first: dict[str, n.Expr] = {}
    stmts: list[n.Stmt] = []
    for p in facts.fn.params:
        tests: list[n.Expr] = []
        axes = named_axes(p.annotation) if p.annotation is not None else ()
        for k, axis in enumerate(axes):
            length = n.Index(n.Call(np.shape, ".shape", (n.Name(p.name),)), n.Const(k))
            if axis.isidentifier() and axis != "_" and first.setdefault(axis, length) != length:
                tests.append(n.Call(operator.ne, "!=", (length, first[axis])))
        if tests:
            text = f"{name}: {p.name} must have the shape {' '.join(axes)} of its annotation"
            test = tests[0] if len(tests) == 1 else n.BoolOp("or", tuple(tests))
            stmts.append(n.If(test, (n.Raise(n.Global("TypeError", TypeError), (n.Const(text),)),)))
    return stmts


def _like_a_tuple(facts: Facts, name: str) -> bool:
    """Is a parameter only read, by constant indices, so that a tuple of numbers does as well as an array?"""
    found = False
    for stmt in statements(facts.fn.body):
        for expr in expressions(stmt):
            for part in subexpressions(expr):
                if isinstance(part, n.Index) and part.value == n.Name(name):
                    if not isinstance(part.index, n.Const) or not isinstance(stmt, n.Assign) or part is stmt.target:
                        return False
                    found = True
    return found


def _annotated(p: n.Param, kind: Kind, floating: bool) -> Presumption | None:
    """What an annotation says of an array that is differentiated, or that the derived text cannot repeat."""
    if p.annotation is None or not kind.has_rank or kind.rank is None:
        return None
    if is_plain_annotation(p.annotation) and not (floating and kind.dtype in FLOATING):
        return None
    return Presumption(p.name, kind.rank, "annotation")


def tangent_guards(facts: Facts, name: str, dots: dict[str, str], typed: bool) -> list[n.Stmt]:
    """One line for each tangent: of another shape it would be stretched, of integers it could not be written."""
    stmts: list[n.Stmt] = []
    for p in facts.fn.params:
        if p.name not in dots:
            continue
        kind, x, dot = facts.kinds.defined(PARAMETER, p.name), n.Name(p.name), n.Name(dots[p.name])
        if kind.is_number:
            if typed or (p.annotation is not None and is_plain_annotation(p.annotation)):
                continue
            test: n.Expr = n.Call(operator.ne, "!=", (n.Call(np.ndim, "np.ndim", (dot,)), n.Const(0)))
            text = f"{dot.id} must be a number"
        else:
            spelling = ".shape" if kind.is_array else "np.shape"
            shapes = tuple(n.Call(np.shape, spelling, (side,)) for side in (dot, x))
            test, text = n.Call(operator.ne, "!=", shapes), f"{dot.id} must have the shape of {p.name}"
            if kind.is_array:
                test = n.BoolOp("or", (test, n.Call(operator.ne, "!=", (_letter(dot), n.Const("f")))))
                text = f"{dot.id} must be a floating array of the shape of {p.name}"
        stmts.append(n.If(test, (n.Raise(n.Global("TypeError", TypeError), (n.Const(f"{name}: {text}"),)),)))
    return stmts


def _letter(x: n.Expr) -> n.Expr:
    """The letter of an array's dtype: "f" if it is floating."""
    return n.Call(np.dtype.kind, ".kind", (n.Call(np.ndarray.dtype, ".dtype", (x,)),))


def result_guard(facts: Facts, name: str, last: n.Return) -> list[n.Stmt]:
    """The guard of a gradient whose result is not known to be a number."""
    if not isinstance(last.value, n.Name) or facts.kinds.at(last.num, last.value).is_number:
        return []
    test = n.Call(operator.ne, "!=", (n.Call(np.ndim, "np.ndim", (n.Name(last.value.id),)), n.Const(0)))
    text = f"{name}: the result is not a number; use `vjp` or `jacobian`"
    return [n.If(test, (n.Raise(n.Global("TypeError", TypeError), (n.Const(text),)),))]
