"""A call of a user function, written in its place, or left as a call.

In: a `Call` of a Python function with source, and the normaliser of the caller.  Out: the callee's statements among
the caller's, and the operand that stands for the result; or the call in normal form, if the caller's `offer` has
something to stand for the function (`modes/calls.py`).

A call binds parameters exactly as `a = x` binds a name, so every alias a call can make is an alias that the caller's
own analyses see: a callee may write into its arguments, return views of them, or be given the same array twice.
"""

from __future__ import annotations

import builtins
import math
import types
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import changed, statements
from tangent_ad.frontend import pure
from tangent_ad.frontend.naming import Scope, State
from tangent_ad.frontend.nones import decide_nones
from tangent_ad.frontend.read import read_function

if TYPE_CHECKING:
    from tangent_ad.frontend.desugar import Normaliser

MODULES: tuple[tuple[str, Any], ...] = (("np", np), ("np.linalg", np.linalg), ("math", math))


def inline_call(caller: Normaliser, call: n.Call) -> n.Expr:
    """Writes the body of the function that `call` calls into `caller`; returns its result as an operand, or a call."""
    state = caller.state
    pyfunc = getattr(call.fn, "py_func", call.fn)
    if not isinstance(pyfunc, types.FunctionType):
        raise caller.refusal(
            f"no derivative is known for `{call.spelling}`",
            call.span,
            "declare one with ad.partials, ad.linear or ad.custom, or write it in Python",
        )
    if pyfunc in state.stack:
        raise caller.refusal(f"`{call.spelling}` calls itself", call.span, "write the recursion as a loop")
    given = [caller.operand(a) for a in call.args], {k: caller.operand(v) for k, v in call.keywords}
    callee = read_function(pyfunc, procedure=True)
    bound = bind(caller, call, callee, *given)
    stays = None if state.offer is None else state.offer(call.fn)
    operands = tuple(bound[p.name] for p in callee.params)
    if stays is not None and all(is_plain(value) for value in operands):
        spelled = spell(n.Global(call.spelling, call.fn), caller.scope, state)
        assert isinstance(spelled, n.Global)
        return n.Call(stays, spelled.spelling, operands, (), call.span)
    callee = decide_nones(callee, bound)
    assigned = {name for s in statements(callee.body) for name in pure.assigned_names(s)}
    rename: dict[str, n.Expr] = {}
    for name in [p.name for p in callee.params] + sorted(assigned, key=first_assigned(callee).__getitem__):
        if name not in rename:
            replaces = name in bound and name not in assigned
            rename[name] = bound[name] if replaces else n.Name(state.fresh.take(name))
    for param in callee.params:
        target = rename[param.name]
        if param.name in assigned and isinstance(target, n.Name):
            if isinstance(bound[param.name], n.Tuple):
                raise caller.refusal(f"`{param.name}` of `{call.spelling}` is a tuple that is rebound", call.span)
            caller.emit(n.Assign(target, bound[param.name]))
    tuples = {k: v for k, v in pure.tuple_variables(callee, state.fresh).items() if k not in bound}
    scope = Scope(callee, rename, tuples, pure.assigned_once(callee), inlined=True)
    outer, info, stack = caller.scope, caller.info, state.stack
    caller.scope, state.stack = scope, (*stack, pyfunc)
    result: n.Expr = n.Const(None)
    for stmt in callee.body:
        if isinstance(stmt, n.Return):
            result = n.Const(None) if stmt.value is None else caller.value(stmt.value)
        else:
            caller.statement(changed(stmt, info=replace(stmt.info, comments=(), trailing=None)))
    caller.scope, caller.info, state.stack = outer, info, stack
    return result


def is_plain(operand: n.Expr) -> bool:
    """True for what may be a number or an array: not for a tuple, a word, None or a truth value, which a callee's text
    often takes for granted."""
    if isinstance(operand, n.Const):
        return type(operand.value) in (int, float)
    return isinstance(operand, n.Name) or (isinstance(operand, n.Global) and not isinstance(operand.value, tuple | str))


def first_assigned(callee: n.Function) -> dict[str, int]:
    """Where each name of `callee` is first assigned: the order in which names are made is the text's."""
    order: dict[str, int] = {}
    for stmt in statements(callee.body):
        for name in sorted(pure.assigned_names(stmt)):
            order.setdefault(name, len(order))
    return order


def bind(
    caller: Normaliser, call: n.Call, callee: n.Function, args: list[n.Expr], keywords: dict[str, n.Expr]
) -> dict[str, n.Expr]:
    """The operand of every parameter, by Python's rules."""
    positional = [p for p in callee.params if p.form == "positional"]
    if any(p.form == "var" for p in callee.params):
        raise caller.refusal(f"`{call.spelling}` takes *args", call.span, "name its parameters")
    if len(args) > len(positional):
        raise caller.refusal(f"`{call.spelling}` is given too many arguments", call.span)
    bound = {p.name: a for p, a in zip(positional, args, strict=False)}
    for name, value in keywords.items():
        if name in bound or name not in {p.name for p in callee.params}:
            raise caller.refusal(f"`{call.spelling}` does not take `{name}` here", call.span)
        bound[name] = value
    for param in callee.params:
        if param.name in bound:
            continue
        if param.default is None:
            raise caller.refusal(f"`{call.spelling}` is not given `{param.name}`", call.span)
        bound[param.name] = default_operand(caller, callee, param)
    return bound


def default_operand(caller: Normaliser, callee: n.Function, param: n.Param) -> n.Expr:
    value = param.default_value
    if value is None or isinstance(value, bool | int | float | str):
        return n.Const(value)
    raise caller.refusal(
        f"the default of `{param.name}` in `{callee.name}` is not a plain number", None, "pass the argument"
    )


def spell(expr: n.Global, scope: Scope, state: State) -> n.Expr:
    """A global, spelled so that it means the same in the text of the outermost function."""
    value = expr.value
    if not scope.inlined or isinstance(value, types.ModuleType):
        return expr
    root = expr.spelling.split(".")[0]
    known = canonical(value)
    if known is not None:
        return n.Global(known, value)
    key = f"{id(scope.fn.pyfunc)}.{root}"
    if key not in state.externals:
        state.externals[key] = n.External(state.fresh.take(root), scope.fn.pyfunc, root)
    return n.Global(state.externals[key].spelling + expr.spelling[len(root) :], value)


def call_spelling(call: n.Call, scope: Scope) -> str:
    """The spelling of a known callable that means the same in the text of the outermost function."""
    if scope.inlined and call.spelling[:1].isalpha():
        return canonical(call.fn) or call.spelling
    return call.spelling


def canonical(value: Any) -> str | None:
    """`np.sin` for numpy.sin, `math.pi`?  No: only for callables and exception classes, whose names are fixed."""
    if not callable(value):
        return None
    name = getattr(value, "__name__", "")
    if getattr(builtins, name, None) is value:
        return name
    for prefix, module in MODULES:
        if getattr(module, name, None) is value:
            return f"{prefix}.{name}"
    return None
