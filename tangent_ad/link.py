"""Functions of one module: names for the derivatives that call each other, and for what each takes from outside.

In: derived functions, each with the function whose scope its names mean.  Out: the same functions with names that mean
the right thing in one module, which reads the names of the last function's scope.
"""

from __future__ import annotations

import math
import re
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core import scope as sc
from tangent_ad.core.calling import called_in
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import expressions, map_body, map_expr, map_expressions, statements, subexpressions
from tangent_ad.emit.module import is_named
from tangent_ad.emit.text import locals_of
from tangent_ad.frontend.inline import canonical
from tangent_ad.frontend.pure import all_names
from tangent_ad.modes.calls import companions_in
from tangent_ad.pipeline import Made
from tangent_ad.rules.registry import Carried
from tangent_ad.runtime import helpers

_ROOT = re.compile(r"[A-Za-z_]\w*")
NameOf = Callable[[str, Any], str]


def link(made: Sequence[Made], fresh: Fresh | None = None, alone: bool = False) -> tuple[n.Function, ...]:
    """The functions as they stand in one module.

    Parameters: the functions, the asked one last, callables already spelled so that the scope of each finds them
        (`declare.resolved`); the names that the module has already; `alone` as of `Request`: there a function is one
        of its kinds, and the calls still say what they mean.
    Returns: the functions; the last one keeps its name and its externals.
    """
    *others, last = made
    if not others and fresh is None:
        return (last.fn if alone else _called(last.fn, {}),)
    fresh = fresh or Fresh(())
    for one in others:
        fresh.reserve(locals_of(one.fn))
    own = all_names(last.fn) - {part.rule.spelling for part in companions_in(last.fn)}
    fresh.reserve(own | locals_of(last.fn) | {last.fn.name} | {e.spelling for e in last.fn.externals})
    fresh.reserve(name for name in vars(helpers) if not name.startswith("__"))
    outside = _Outside(last, own, fresh)
    stubs: dict[Any, types.FunctionType] = {}
    by_name: dict[str, types.FunctionType] = {}
    names: dict[Any, str] = {}
    linked: dict[Any, n.Function] = {}
    for one in others:
        moved = outside.moved(one)
        if alone:
            names[one.companion] = fresh.take(one.fn.name)
            linked[one.companion] = replace(_spelled(moved, names), name=names[one.companion])
            continue
        found = _called(moved, stubs)
        key = replace(found, doc=None)
        if key not in linked:  # for arguments of different kinds the text is often the same
            linked[key] = replace(found, name=fresh.take(found.name))
        name = linked[key].name
        stubs[one.companion] = by_name.setdefault(name, types.FunctionType(_stub.__code__, {}, name))
    return (*linked.values(), _spelled(last.fn, names) if alone else _called(last.fn, stubs))


def _stub() -> None:
    """Stands for a function of the same module."""


def _called(fn: n.Function, stubs: dict[Any, types.FunctionType]) -> n.Function:
    """`fn` with functions in place of what stood for them."""
    if not any(isinstance(called, Carried) for called in called_in(fn.body)):
        return fn

    def new_expr(expr: n.Expr) -> n.Expr:
        if not isinstance(expr, n.Call) or not isinstance(expr.fn, Carried):
            return expr
        stub = stubs.get(expr.fn)
        return replace(expr, fn=expr.fn.value) if stub is None else replace(expr, fn=stub, spelling=stub.__name__)

    def new_stmt(_: int, stmt: n.Stmt) -> tuple[n.Stmt]:
        return (map_expressions(stmt, lambda expr: map_expr(expr, new_expr)),)

    return replace(fn, body=map_body(fn.body, new_stmt))


def _spelled(fn: n.Function, names: dict[Any, str]) -> n.Function:
    """`fn` with the names of what it calls in its module."""

    def new_expr(expr: n.Expr) -> n.Expr:
        return replace(expr, spelling=names[expr.fn]) if isinstance(expr, n.Call) and expr.fn in names else expr

    def new_stmt(_: int, stmt: n.Stmt) -> tuple[n.Stmt]:
        return (map_expressions(stmt, lambda expr: map_expr(expr, new_expr)),)

    return replace(fn, body=map_body(fn.body, new_stmt))


class _Outside:
    """Names for what functions of other scopes take from outside."""

    def __init__(self, last: Made, own: set[str], fresh: Fresh) -> None:
        self.scope, self.fresh = sc.scope_of(last.home), fresh
        self.known = {_identity(sc.scope_of(e.owner), e.name): e for e in last.fn.externals}
        self.own = own - {e.spelling for e in last.fn.externals}

    def moved(self, one: Made) -> n.Function:
        """The function, its outside names spelled for the module."""
        local, scope = locals_of(one.fn), sc.scope_of(one.home)
        bound = {e.spelling: e for e in one.fn.externals}
        used: dict[str, n.External] = {}

        def name_of(spelling: str, value: Any) -> str:
            found = _ROOT.match(spelling)
            root = found.group() if found else spelling
            if getattr(helpers, root, None) is value:
                return spelling
            if root not in bound:
                fixed = canonical(value) or _of_module(root, spelling, scope)
                if fixed is not None:
                    return fixed
            return self.name(bound.get(root) or n.External(root, one.home, root), local, used) + spelling[len(root) :]

        made = _respelled(one.fn, name_of)
        return replace(made, externals=tuple(used.values()))

    def name(self, variable: n.External, local: frozenset[str], used: dict[str, n.External]) -> str:
        """The name of a variable of another scope: the last function's if it reads it too, else of an external."""
        key = _identity(sc.scope_of(variable.owner), variable.name)
        if key == _identity(self.scope, variable.name) and variable.name in self.own - local:
            return variable.name
        if key not in self.known or self.known[key].spelling in local:
            self.known[key] = replace(variable, spelling=self.fresh.take(variable.name))
        found = self.known[key]
        used[found.spelling] = found
        return found.spelling


def _identity(scope: sc.Scope, name: str) -> tuple[int, str]:
    """What two scopes share if a name is the same variable in both: the closure's cell, or the module."""
    return (id(scope.cells[name]), "") if name in scope.cells else (id(scope.globals), name)


def _of_module(root: str, spelling: str, scope: sc.Scope) -> str | None:
    """The spelling by which every module knows a member of NumPy or `math`: `np.pi` for `numpy.pi`."""
    found = scope.find(root)
    for name, module in (("np", np), ("math", math)):
        if found is module or (found is sc.MISSING and root == name):
            return name + spelling[len(root) :]
    return None


def _uses(fn: n.Function) -> Iterator[n.Global | n.Call]:
    for stmt in statements(fn.body):
        for expr in expressions(stmt):
            for part in subexpressions(expr):
                if isinstance(part, n.Global) or (isinstance(part, n.Call) and is_named(part.spelling)):
                    yield part


def _respelled(fn: n.Function, name_of: NameOf) -> n.Function:
    table: dict[tuple[str, int], str] = {}
    for part in _uses(fn):
        value = part.value if isinstance(part, n.Global) else part.fn
        if isinstance(value, Carried) and value.value is None:
            continue
        value = value.value if isinstance(value, Carried) else value
        table[(part.spelling, id(part.value if isinstance(part, n.Global) else part.fn))] = name_of(
            part.spelling, value
        )

    def new_expr(expr: n.Expr) -> n.Expr:
        if isinstance(expr, n.Global):
            return replace(expr, spelling=table[(expr.spelling, id(expr.value))])
        if isinstance(expr, n.Call) and (expr.spelling, id(expr.fn)) in table and is_named(expr.spelling):
            return replace(expr, spelling=table[(expr.spelling, id(expr.fn))])
        return expr

    def new_stmt(_: int, stmt: n.Stmt) -> tuple[n.Stmt]:
        return (map_expressions(stmt, lambda expr: map_expr(expr, new_expr)),)

    return replace(fn, body=map_body(fn.body, new_stmt))
