"""A derivative as a module of its own, which runs where this package is not installed.

In: a Python function and which derivative is wanted.  Out: the text of a module that imports only NumPy, `math` and,
if it is to be compiled, Numba: captured numbers and small arrays as constants, the runtime helpers that are called, the
function with the functions it calls, and the derivative.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from tangent_ad import api
from tangent_ad.analyses.webs import PARAMETER
from tangent_ad.core import nodes as n
from tangent_ad.core import scope as sc
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import Kind
from tangent_ad.core.names import RESERVED, Fresh
from tangent_ad.core.walk import expressions, map_body, map_expr, map_expressions, statements, subexpressions
from tangent_ad.emit import module
from tangent_ad.emit.constants import constant_lines
from tangent_ad.emit.text import is_plain_annotation, locals_of
from tangent_ad.errors import RefusedError, UsageError
from tangent_ad.frontend.read import plain_function, read_function
from tangent_ad.frontend.scope import canonical
from tangent_ad.pipeline import Request, analyse, deep_stack
from tangent_ad.runtime import helpers

MODES = ("grad", "value_and_grad", "jvp", "vjp", "hvp", "jacobian", "hessian")
MODULES: tuple[tuple[str, ModuleType], ...] = (("np", np), ("math", math), ("np.linalg", np.linalg))


def module_text(
    f: Callable[..., Any], wrt: api.Wrt = 0, mode: str = "grad", jit: bool = False, workspace: bool = False
) -> str:
    """The text of a module with the derivative of `f`.

    Parameters:
        f: a Python function, or a Numba dispatcher.
        wrt: what to differentiate in: a position, a name, or a tuple of them.
        mode: "grad", "value_and_grad", "jvp", "vjp", "hvp", "jacobian" or "hessian".
        jit: True for functions compiled by Numba.
        workspace: True for a derivative that takes a workspace, and the function that allocates it.
    Returns: the text; the same on every run and Python version.  It needs nothing of this package.
    Raises: RefusedError for what cannot be differentiated or written, UsageError for wrong arguments.

    >>> from tangent_ad.demo.mixture import negative_log_likelihood
    >>> print(module_text(negative_log_likelihood, "mu").splitlines()[0])
    # grad of tangent_ad.demo.mixture.negative_log_likelihood in mu
    """
    if mode not in MODES:
        raise UsageError(f"mode={mode!r}: it must be one of {', '.join(MODES)}")
    pyfunc = plain_function(f)
    if workspace and mode not in api.WITH_WORKSPACE:
        raise UsageError(f"mode={mode!r} takes no workspace; {', '.join(api.WITH_WORKSPACE)} do")
    options = {"workspace": True} if workspace else {}
    derived: Any = _compilable(pyfunc, wrt, mode, options) if jit else getattr(api, mode)(pyfunc, wrt=wrt, **options)
    with deep_stack():
        names = ", ".join(api.names_of(read_function(pyfunc), wrt))
        functions = _Functions()
        functions.add(pyfunc)
        if workspace:
            functions.add(derived.workspace)
        functions.add(derived)
        outside = _names(functions.found, derived)
        written = [_respelled(fn, outside) for fn in functions.found.values()]
        header = (f"{mode} of {pyfunc.__module__}.{pyfunc.__qualname__} in {names}",)
        if not jit:
            return module.module_text(written, header, outside.lines)
        from tangent_ad.backends import written as compiled

        plain = module.module_text(written, header, outside.lines)
        support, imports, also = compiled.support(module.helpers_of(written), plain)
        return module.module_text(
            written, header, [*outside.lines, compiled.CACHE], imports, compiled.DECORATOR, support, also
        )


def _compilable(pyfunc: FunctionType, wrt: api.Wrt, mode: str, options: Mapping[str, bool]) -> FunctionType:
    """The derivative in the form that Numba compiles.  Its text depends on kinds, which must be known here."""
    from tangent_ad.backends import njit, written
    from tangent_ad.derived import build

    plan = njit.plan_of(getattr(api, mode)(pyfunc, wrt=wrt, jit=True, **options))
    assert plan is not None
    with deep_stack():
        fn = read_function(pyfunc)
        request = Request(mode, api.names_of(fn, wrt), not isinstance(wrt, tuple), alone=True)
        facts = analyse(fn, replace(request, mode="grad" if mode in ("hvp", "hessian") else mode))
        known: dict[str, Kind] = {}
        for p in fn.params:
            kind = facts.kinds.defined(PARAMETER, p.name)
            if not kind.has_rank and not (p.default is not None and p.default_value is None):
                raise RefusedError(
                    f"a compiled module must know whether `{p.name}` of `{fn.name}` is a number or an array",
                    hint=f'annotate it: `{p.name}: float`, or `{p.name}: Float[np.ndarray, "n m"]` with its axes',
                )
            known[p.name] = kind.with_dtype("float") if p.name in request.wrt and kind.dtype is None else kind
        last = facts.fn.body[-1]
        assert isinstance(last, n.Return) and last.value is not None
        made = build(pyfunc, request, plan.name)
        return written.compilable(made, plan, known, facts.kinds.at(last.num, last.value))


@dataclass
class _Functions:
    """The functions of the module, callees first."""

    found: dict[FunctionType, n.Function] = field(default_factory=dict)
    open: list[FunctionType] = field(default_factory=list)

    def add(self, pyfunc: FunctionType, procedure: bool = False) -> None:
        """Adds a function and what it calls; a callee may be a `procedure`, called for what it writes."""
        if pyfunc in self.found or pyfunc in self.open:
            return
        self.open.append(pyfunc)
        fn = read_function(pyfunc, procedure)
        for _, value in uses(fn):
            callee = _user_function(value)
            if callee is not None:
                self.add(callee, procedure=True)
        self.open.remove(pyfunc)
        self.found[pyfunc] = fn


def uses(fn: n.Function) -> Iterator[tuple[str, Any]]:
    """What a function takes from outside: spelling and value."""
    exprs = [p.default for p in fn.params if p.default is not None]
    exprs += [expr for stmt in statements(fn.body) for expr in expressions(stmt)]
    for expr in exprs:
        for part in subexpressions(expr):
            if isinstance(part, n.Global):
                yield part.spelling, part.value
            elif isinstance(part, n.Call) and module.is_named(part.spelling):
                yield part.spelling, part.fn


def _user_function(value: Any) -> FunctionType | None:
    """The function to be written into the module that a value stands for, if it is one."""
    value = getattr(value, "py_func", value)
    if not isinstance(value, FunctionType) or value.__module__ == helpers.__name__ or _is_identity(value):
        return None
    root = (value.__module__ or "").partition(".")[0]
    return None if root in ("numpy", "math", "builtins") else value


def _is_identity(value: Any) -> bool:
    """True for `stop_gradient`, which a module without this package spells as its argument."""
    module = getattr(value, "__module__", None) or ""
    return getattr(value, "__name__", "") == "stop_gradient" and module.partition(".")[0] == "tangent_ad"


@record(frozen=True)
class _Outside:
    """Names for what the functions take from outside: of functions, of constants (by spelling and text); the lines that
    bind the constants."""

    functions: dict[FunctionType, str]
    constants: dict[tuple[str, str], str]
    lines: list[str]


def _names(functions: dict[FunctionType, n.Function], derived: FunctionType) -> _Outside:
    """A name for every function and constant; the derivative's is its own, the others keep theirs where they can."""
    local = {name for fn in functions.values() for name in locals_of(fn)}
    taken = {*vars(helpers), *RESERVED, "numba", "sys", "_cache"}
    fresh = Fresh(local | taken)

    def pick(wish: str, forbidden: Container[str]) -> str:
        name = fresh.take(wish) if wish in forbidden else wish
        taken.add(name)
        fresh.reserve((name,))
        return name

    # the derivative comes first, then the function itself, then what it calls
    order = [derived, *reversed([f for f in functions if f is not derived])]
    outside = _Outside({f: pick(_identifier(functions[f].name), taken) for f in order}, {}, [])
    for fn in functions.values():
        for spelling, value in uses(fn):
            wish = _identifier(spelling)
            if _is_constant(spelling, value) and _key(wish, value) not in outside.constants:
                name = pick(wish, taken | local)
                outside.constants[_key(wish, value)] = name
                outside.lines.extend(constant_lines(name, value))
    return outside


def _identifier(spelling: str) -> str:
    name = "".join(c if c.isalnum() or c == "_" else "_" for c in spelling)
    return name if name.isidentifier() else f"f_{name}"


def _key(wish: str, value: Any) -> tuple[str, str]:
    return wish, "\n".join(constant_lines(wish, value))


def _is_constant(spelling: str, value: Any) -> bool:
    """True if a captured value is to be printed: it is no function, no class and no name that NumPy or `math` has."""
    if callable(value) or isinstance(value, ModuleType):
        return False
    return "." not in spelling or _canonical(spelling, value) is None


def _canonical(spelling: str, value: Any) -> str | None:
    """The spelling by which every module knows a value of Python, NumPy or `math`: `np.pi`, `np.add.at`, `len`."""
    for name in (spelling, getattr(value, "__name__", "")):
        if getattr(builtins, name, sc.MISSING) is value:
            return name
    parts = spelling.split(".")
    for path in (parts[1:], parts[2:], parts, [getattr(value, "__name__", "")]):
        for prefix, root in MODULES:
            found: Any = root
            for part in path:
                found = getattr(found, part, sc.MISSING)
            if path and (found is value or (callable(value) and found == value)):
                return ".".join([prefix, *path])
    return None


def _respelled(fn: n.Function, outside: _Outside) -> n.Function:
    """`fn` with the names that the module has for what it takes from outside."""

    def name_of(spelling: str, value: Any) -> str:
        callee = _user_function(value)
        if callee is not None:
            return outside.functions[callee]
        if _is_constant(spelling, value):
            return outside.constants[_key(_identifier(spelling), value)]
        if canonical(value) is not value or getattr(value, "__module__", "") == helpers.__name__:
            return str(value.__name__)
        known = _canonical(spelling, value)
        if known is None:
            raise RefusedError(
                f"`{spelling}` in `{fn.name}` belongs to neither Python, NumPy nor `math`: a module cannot be written",
                hint="use the derivative in memory (ad.grad, ...)",
            )
        return known

    def new_expr(expr: n.Expr) -> n.Expr:
        if isinstance(expr, n.Global):
            return replace(expr, spelling=name_of(expr.spelling, expr.value))
        if isinstance(expr, n.Call) and _is_identity(expr.fn):
            return expr.args[0]
        if isinstance(expr, n.Call) and module.is_named(expr.spelling):
            return replace(expr, spelling=name_of(expr.spelling, expr.fn))
        return expr

    def new_stmt(_: int, stmt: n.Stmt) -> tuple[n.Stmt]:
        if isinstance(stmt, n.Assign) and stmt.annotation is not None:
            stmt = replace(stmt, annotation=_known(stmt.annotation))
        return (map_expressions(stmt, lambda expr: map_expr(expr, new_expr)),)

    params = tuple(
        replace(
            p, annotation=_known(p.annotation), default=None if p.default is None else map_expr(p.default, new_expr)
        )
        for p in fn.params
    )
    assert isinstance(fn.pyfunc, FunctionType)
    name = outside.functions[fn.pyfunc]
    # the text stands in a module of its own, where nothing of the user's scope is known
    return replace(fn, name=name, params=params, body=map_body(fn.body, new_stmt), pyfunc=None)


def _known(annotation: str | None) -> str | None:
    """An annotation, unless it has names that the module would have to import; also those within quotes."""
    if annotation is None or not is_plain_annotation(annotation.replace("'", "").replace('"', "")):
        return None
    return annotation
