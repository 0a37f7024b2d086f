"""Derivatives of compiled functions: what the Numba backend needs to know before it sees types.

In: a function or a Numba dispatcher, the mode, the parameters.  Out: a dispatcher.

A derivative that is itself compiled has no text before its first call; its own derivative is planned on top of its
plan, and both are derived when the types are known.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from tangent_ad.analyses.annotations import annotated_kinds
from tangent_ad.backends import njit
from tangent_ad.backends.into import SUFFIX
from tangent_ad.backends.python import names_in
from tangent_ad.backends.typed import FORMS
from tangent_ad.backends.workspace import NAME, place_of
from tangent_ad.captured import State, state_of
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import FLOAT, Kind
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import expressions, statements, subexpressions
from tangent_ad.declare import calling, is_declared
from tangent_ad.derived import Derived, build, derived_name
from tangent_ad.emit.text import function_text
from tangent_ad.errors import UsageError
from tangent_ad.frontend.desugar import desugar
from tangent_ad.frontend.pure import all_names
from tangent_ad.frontend.read import plain_function, read_function
from tangent_ad.generated import INTO, WORKSPACE
from tangent_ad.pipeline import Request, deep_stack
from tangent_ad.rules.registry import Rule, lookup

Given = tuple[tuple[str, Kind], ...]
"""The parameters and their kinds."""
NamesOf = Callable[[n.Function, Any], tuple[str, ...]]


@record(frozen=True)
class Base:
    """The function that is differentiated: its head, its normal form (None if that waits for kinds), how to get it."""

    head: n.Function
    normal: n.Function | None
    function: Callable[[Mapping[str, Kind]], types.FunctionType]
    identity: Callable[[], str]


def compile_derivative(f: Any, mode: str, wrt: Any, names_of: NamesOf, optimise: bool = True) -> Any:
    """The compiled derivative of `f`.

    Parameters: a plain function or a dispatcher; the mode and `wrt` of the public call; the check of `wrt`.
    Returns: a dispatcher.
    Raises: RefusedError, UsageError; what depends on types at the first call with them.
    """
    with deep_stack():
        base = _base(f)
        options = njit.options_of(f)
        names = names_of(base.head, wrt)
        takes, into, mode = mode.endswith(WORKSPACE), mode.endswith(INTO), mode.partition("+")[0]
        name = derived_name(base.head, mode, names)
        # Under fastmath a condition may come out differently when it is tested again.
        exact = optimise and not options.get("fastmath")
        request = Request(mode, names, not isinstance(wrt, tuple), exact, alone=True, workspace=takes, into=into)

        ahead: dict[Given, tuple[State | None, Derived]] = {}

        def make(kinds: Mapping[str, Kind]) -> Derived:
            own = tuple((p.name, kinds[p.name]) for p in base.head.params)
            function = base.function(dict(own))
            state, made = ahead.pop(own, (None, None))
            if made is not None and state is not None and state.agrees(state_of(function)):
                return made
            return build(function, replace(request, kinds=own, workspace=False, into=False), name)

        def make_ahead(kinds: Mapping[str, Kind]) -> None:
            """What will be refused is refused now; what is made is there for the first call with these kinds."""
            own = tuple((p.name, kinds[p.name]) for p in base.head.params)
            ahead[own] = state_of(base.function(dict(own))), make(kinds)

        params, roles = parameters(base, mode.partition("-")[0], names, name, takes, into)
        what = f"{mode} of {base.head.module}.{base.head.qualname} in {', '.join(names)}"
        forms = tuple(form for form in FORMS if optimise and form not in request.without)
        plan = njit.Plan(name, what, params, roles, make, lambda: f"{base.identity()} {request!r} {options!r}", forms)
        known = annotated_kinds(base.normal) if base.normal is not None else {}
        annotated = base.head.params and all(p.name in known and known[p.name].has_rank for p in base.head.params)
        if annotated and not njit.is_accepted(plan, options):
            make_ahead({**{p.name: FLOAT for p in params}, **known})
            njit.accept(plan, options)
    return njit.compiled(plan, options)


def _base(f: Any) -> Base:
    inner = njit.plan_of(f)
    if inner is not None and (inner.takes_workspace or inner.fills or inner.part != "derivative"):
        what = "that fills arrays" if inner.fills else "with a workspace"
        raise UsageError(f"`{inner.name}` is a compiled derivative {what}: differentiate one without")
    if inner is not None:
        head = n.Function(inner.name, inner.params, (), module=f.py_func.__module__, qualname=inner.name)
        return Base(head, None, lambda kinds: inner.make(kinds).load(), inner.identity)
    pyfunc = calling(f) if is_declared(f) else plain_function(f)
    fn = read_function(pyfunc)
    normal = desugar(fn)
    return Base(fn, normal, lambda kinds: pyfunc, lambda: identity(normal))


def parameters(
    base: Base, mode: str, wrt: tuple[str, ...], name: str, takes_workspace: bool = False, into: bool = False
) -> tuple[tuple[n.Param, ...], tuple[str, ...]]:
    """The parameters of a derivative and the role of each."""
    fresh = Fresh(all_names(base.normal or base.head) | {name})
    found: list[tuple[n.Param, str]] = []
    for p in base.head.params:
        role = "wrt" if p.name in wrt else ""
        found.append((replace(p, annotation=None), role))
        if role and mode in ("jvp", "hvp"):
            default = n.Const(0.0) if p.default is not None else None
            form = "keyword" if p.form != "positional" else "positional"
            found.append((n.Param(fresh.take(f"{p.name}_dot"), form, default, None, 0.0), "tangent"))
    if mode == "vjp":
        found.insert(0, (n.Param(fresh.take("out_bar")), "seed"))
    if into:
        where = place_of([p for p, _ in found])
        found[where:where] = [(n.Param(fresh.take(f"{p}_{SUFFIX}")), "result") for p in wrt]
    if takes_workspace:
        found.insert(place_of([p for p, _ in found]), (n.Param(fresh.take(NAME)), "workspace"))
    return tuple(p for p, _ in found), tuple(role for _, role in found)


def identity(normal: n.Function) -> str:
    """Text that changes whenever the compiled derivative may: program, kinds that are given, callees, declared
    derivatives, captured values, this package and NumPy."""
    params = [(p.name, p.form, p.annotation, fingerprint(p.default_value)) for p in normal.params]
    outside: dict[str, str] = {}
    for stmt in statements(normal.body):
        for expr in expressions(stmt):
            for part in subexpressions(expr):
                if isinstance(part, n.Global):
                    outside[part.spelling] = fingerprint(part.value)
                elif isinstance(part, n.Call) and is_declared(part.fn):
                    rule = lookup(part.fn)
                    outside[part.spelling] = fingerprint((part.fn, [getattr(rule, f.name) for f in fields(Rule)]))
    return f"{function_text(normal)} {params} {sorted(outside.items())} {np.__version__} {_package_digest()}"


def fingerprint(value: Any) -> str:
    """Text that tells values apart that compiled code could be different for; of a function what it does, too."""
    return hashlib.sha256("\n".join(_parts(value, {})).encode()).hexdigest()


def _parts(value: Any, seen: dict[int, Any]) -> Iterator[str]:
    yield type(value).__name__
    value = getattr(value, "py_func", value)
    if isinstance(value, np.ndarray):
        yield f"{value.dtype} {value.shape} {hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest()}"
    elif isinstance(value, types.ModuleType | type):
        yield value.__name__
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _parts(part, seen)
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield repr(key)
            yield from _parts(part, seen)
    elif isinstance(value, set | frozenset):
        yield _in_order(value)
    elif isinstance(value, types.FunctionType):
        if id(value) not in seen:
            seen[id(value)] = value
            yield from _function_parts(value, seen)
    elif isinstance(value, types.BuiltinFunctionType | np.ufunc):
        yield f"{getattr(value, '__module__', '')} {value.__name__}"
    elif isinstance(value, CACHED):
        yield from _parts(value.__wrapped__, seen)
    elif type(value).__name__ in COMPILED and getattr(value, "__self__", None) is None:
        yield f"{value.__module__} {value.__qualname__}"
    else:
        yield repr(value)


CACHED = type(functools.lru_cache(len))
COMPILED = ("_ArrayFunctionDispatcher", "cython_function_or_method", "fused_cython_function")
"""The types of functions that are no Python code and hold nothing but that; another object that can be called may hold
anything, whatever its name."""


def _function_parts(function: types.FunctionType, seen: dict[int, Any]) -> Iterator[str]:
    """What a function does: its code, defaults, closure and the globals that it reads; our own go by the package."""
    yield f"{function.__module__} {function.__qualname__}"
    own = str(function.__module__).partition(".")[0] in (__package__, "numpy")
    if not own:
        yield from _code_parts(function.__code__)
        names = sorted(names_in(function.__code__))
        found = {name: function.__globals__[name] for name in names if name in function.__globals__}
        yield from _parts(found, seen)
        for value in found.values():
            if isinstance(value, types.ModuleType):
                yield from _module_parts(value, _mentioned(function.__code__), seen)
    yield from _parts((function.__defaults__ or (), function.__kwdefaults__ or {}), seen)
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # an empty cell
            yield from _parts(cell.cell_contents, seen)


def _module_parts(module: types.ModuleType, mentioned: set[str], seen: dict[int, Any]) -> Iterator[str]:
    """What code that mentions these names may read of a module, and of modules in it."""
    root = module.__name__.partition(".")[0]
    if root in (__package__, "numpy") or root in sys.stdlib_module_names:  # no settings of theirs are anybody's
        return
    known = seen.setdefault(id(module), set())
    for name in sorted(mentioned & vars(module).keys() - known):
        known.add(name)
        value = vars(module)[name]
        yield name
        yield from _parts(value, seen)
        if isinstance(value, types.ModuleType):
            yield from _module_parts(value, mentioned, seen)


def _mentioned(code: types.CodeType) -> set[str]:
    """The names of globals and attributes in a code object and those in it."""
    inner = [const for const in code.co_consts if isinstance(const, types.CodeType)]
    return set(code.co_names).union(*map(_mentioned, inner))


def _code_parts(code: types.CodeType) -> Iterator[str]:
    yield f"{code.co_code.hex()} {code.co_names} {code.co_varnames} {code.co_freevars}"
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from _code_parts(const)
        else:
            text = _in_order(const) if isinstance(const, frozenset) else repr(const)
            yield f"{type(const).__name__} {text}"


def _in_order(values: Iterable[Any]) -> str:
    """The elements of a set, in an order that every process finds."""
    return " ".join(sorted(map(repr, values)))


@functools.cache
def _package_digest() -> str:
    """A digest of this package's own source: another version derives other text."""
    found = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()
