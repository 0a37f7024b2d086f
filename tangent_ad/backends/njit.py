"""Derivatives compiled by Numba.

In: a `Plan`: how to derive a function once the kinds of its arguments are known.  Out: a Numba dispatcher, callable
from Python and from other compiled functions.

The text of a derivative depends on kinds, and only Numba's type inference knows them for sure.  So the dispatcher's
body calls a stub, and an overload of the stub derives the text when it sees the types: one text per signature.
Globals and closure variables are frozen, as Numba does it: numbers and arrays are constants of the compiled code.
"""

from __future__ import annotations

import builtins
import hashlib
import linecache
import sys
import types as pytypes
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol, cast

from tangent_ad.backends.files import compiled_dir, note, noted, source_file
from tangent_ad.backends.into import with_results
from tangent_ad.backends.python import PACKAGE, compile_text, names_in
from tangent_ad.backends.taken import TYPED
from tangent_ad.backends.typed import FORMS, for_numba
from tangent_ad.backends.workspace import allocator_name, with_workspace
from tangent_ad.core import nodes as n
from tangent_ad.core import scope as sc
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import BOOL, FLOAT, INT, OTHER, Kind, array, tuple_of
from tangent_ad.errors import RefusedError, UsageError
from tangent_ad.frontend.scope import canonical
from tangent_ad.modes.calls import parameters_of
from tangent_ad.runtime import helpers

KEPT = ("nogil", "boundscheck", "error_model", "fastmath")
"""The options of a dispatcher that its derivatives have too; so has `cache`."""

GIVEN = ("workspace", "result")
"""The roles of memory that is given."""

BODY_OPTIONS = ("boundscheck", "error_model", "fastmath")

DOC = """{what}, compiled by Numba.

    The code is generated for the types of the first call with them; `.source` is the latest text, `.sources` has all,
    by argument types.  Of the options of a compiled function its derivative keeps nogil, cache, boundscheck,
    error_model ("numpy" unless said otherwise) and fastmath; explicit signatures, locals, inline and parallel are
    dropped.
    """


class Made(Protocol):
    """A derivative for given kinds: its functions, the asked one last, and the function whose scope they read."""

    @property
    def functions(self) -> tuple[n.Function, ...]: ...

    @property
    def namespace(self) -> Any: ...

    @property
    def externals(self) -> tuple[n.External, ...]: ...

    def text(self) -> str: ...

    def load(self) -> Any: ...


@record(frozen=True)
class Plan:
    """How a derivative is made when the kinds are known.

    params: of the derivative; `roles` says of each "wrt", "tangent", "seed", "workspace", "result" or "" (the same
    positions).
    make: from kinds of the parameters to the derivative.
    identity: text that changes whenever the derivative may.
    forms: those of `typed.FORMS` that its text may get.
    part: "derivative", or the function that allocates the workspace of one ("allocator").
    """

    name: str
    what: str
    params: tuple[n.Param, ...]
    roles: tuple[str, ...]
    make: Callable[[Mapping[str, Kind]], Made]
    identity: Callable[[], str]
    forms: Collection[str] = FORMS
    part: str = "derivative"

    @property
    def takes_workspace(self) -> bool:
        return "workspace" in self.roles

    @property
    def fills(self) -> bool:
        return "result" in self.roles


def numba() -> Any:
    """Numba, which is imported when first asked for."""
    try:
        import numba as found
    except ImportError:
        raise UsageError("jit=True needs Numba, which is not installed: pip install numba") from None
    return found


def is_dispatcher(f: Any) -> bool:
    """True for a function compiled by `numba.njit`; asks nothing of Numba if nobody has imported it."""
    module = sys.modules.get("numba.core.dispatcher")
    return module is not None and isinstance(f, module.Dispatcher)


def options_of(f: Any) -> dict[str, Any]:
    """The options that the derivative of a dispatcher keeps (none for a plain function)."""
    if not is_dispatcher(f):
        return {}
    kept = {key: f.targetoptions[key] for key in KEPT if f.targetoptions.get(key) is not None}
    if type(f._cache).__name__ != "NullCache":
        kept["cache"] = True
    return kept


def plan_of(f: Any) -> Plan | None:
    """The plan of a derivative that `compiled` made, else None."""
    return getattr(f, "derivative_plan", None)


def compiled(plan: Plan, options: Mapping[str, Any]) -> Any:
    """The dispatcher of a derivative.

    Parameters: the plan; Numba's options (`cache`, and those of KEPT).
    Returns: a dispatcher, with `source`, `sources` and the plan.
    Raises: UsageError if Numba is missing, or if `cache` is asked for and no directory can be written.
    """
    nb = numba()
    from numba.extending import overload

    from tangent_ad.backends import overloads, overloads_linalg  # noqa: F401  (the helpers under Numba)

    for p in plan.params:
        if p.form != "positional":
            raise RefusedError(f"`{plan.name}`: Numba takes no keyword-only and no *args parameters")
    options = with_defaults(options)
    forms = plan.forms if options["error_model"] == "numpy" and not options.get("fastmath") else ()
    body_options = {key: options[key] for key in BODY_OPTIONS if key in options}
    names = [p.name for p in plan.params]
    head = ", ".join(names)
    stub_scope: dict[str, Any] = {}
    exec(f"def stub({head}):\n    raise NotImplementedError('only compiled code calls this')", stub_scope)
    stub = stub_scope["stub"]
    sources: dict[tuple[Any, ...], str] = {}

    def choose(*args: Any) -> Any:
        kinds = {
            p.name: kind_of_type(t, p.name, plan.name) if role not in GIVEN else checked_memory(t, p.name, role, plan)
            for p, t, role in zip(plan.params, args, plan.roles, strict=True)
        }
        casts = check_roles(plan, args, kinds)
        made = plan.make(kinds)
        own = parameters_of(made.functions)
        given = [p for p, role in zip(plan.params, plan.roles, strict=True) if role not in GIVEN]
        results = [kinds[p.name] for p, role in zip(plan.params, plan.roles, strict=True) if role == "result"]
        named = {p.name: q.name for p, q in zip(given, made.functions[-1].params, strict=True)}  # in the text
        kinds = {name: kinds[known] for known, name in named.items()}
        *others, asked = (for_numba(fn, own.get(fn.name, kinds), forms) for fn in made.functions)
        asked = replace(asked, body=(*_floats(named[name] for name in casts), *asked.body))
        if plan.takes_workspace or plan.part == "allocator":
            allocator, user = with_workspace(asked, kinds, TYPED)
            asked = user if plan.takes_workspace else allocator
        if results:
            asked = with_results(asked, kinds, TYPED, results)
        functions = (*others, asked)
        text = replace(made, functions=functions).text()  # type: ignore[type-var]
        body = frozen(text, functions[-1].name, made.namespace, made.externals, body_options)
        key = tuple(nb.types.unliteral(t) for t in args)
        sources[key] = text
        dispatcher.source = text
        if cache:
            note(f"{plan.name}_{mark}", str(key), text)
        dispatcher.__wrapped__ = body
        return body

    scope = {"choose": choose}
    exec(f"def typed({head}):\n    return choose({head})", scope)
    overload(stub, jit_options=body_options, strict=False)(scope["typed"])
    cache = bool(options["cache"])
    mark = mark_of(plan) if cache else ""
    thin = _thin(plan, stub, mark)
    dispatcher = nb.njit(thin, **options)
    _shorten(dispatcher, choose)
    dispatcher.source = linecache_text(thin)
    dispatcher.sources = sources
    dispatcher.derivative_plan = plan
    if plan.takes_workspace:
        dispatcher.workspace = compiled(_allocating(plan), options)
    if cache:
        _remember(dispatcher, f"{plan.name}_{mark}")
    return dispatcher


def _allocating(plan: Plan) -> Plan:
    """The plan of the function that allocates a workspace."""
    kept = [(p, role) for p, role in zip(plan.params, plan.roles, strict=True) if role != "workspace"]
    return replace(
        plan,
        name=allocator_name(plan.name),
        what=f"workspace for {plan.what}",
        params=tuple(p for p, _ in kept),
        roles=tuple(role for _, role in kept),
        part="allocator",
    )


def with_defaults(options: Mapping[str, Any]) -> dict[str, Any]:
    """Numba's options with those that a derivative has unless it is told otherwise."""
    return {"error_model": "numpy", "cache": compiled_dir() is not None, **options}


def mark_of(plan: Plan) -> str:
    """A mark of all that the compiled code of a derivative depends on, its types apart."""
    return hashlib.sha256(plan.identity().encode()).hexdigest()


ACCEPTED = "accepted"


def is_accepted(plan: Plan, options: Mapping[str, Any]) -> bool:
    """Has this very derivative been made before, perhaps by another process, for the kinds that its annotations name?
    Then it need not be made to see whether it is refused."""
    return bool(with_defaults(options)["cache"]) and noted(f"{plan.name}_{mark_of(plan)}", ACCEPTED) == ACCEPTED


def accept(plan: Plan, options: Mapping[str, Any]) -> None:
    """Remember that the derivative could be made."""
    if with_defaults(options)["cache"]:
        note(f"{plan.name}_{mark_of(plan)}", ACCEPTED, ACCEPTED)


def _remember(dispatcher: Any, name: str) -> None:
    """Let code that is found on disk bring its text with it."""
    load = dispatcher._cache.load_overload

    def load_with_text(sig: Any, target: Any) -> Any:
        found = load(sig, target)
        text = noted(name, str(tuple(sig))) if found is not None else None
        if text is not None:
            dispatcher.sources[tuple(sig)] = dispatcher.source = text
        return found

    dispatcher._cache.load_overload = load_with_text


def _shorten(dispatcher: Any, choose: Callable[..., Any]) -> None:
    """Let Numba compile the derivative as the dispatcher's own body, where this version of it has the hook.

    Otherwise the thin body calls the stub, whose code LLVM optimizes a second time.  The disk cache goes by the thin
    body's file in both cases; what it gives back names the module of the derivative's text, which `generated` lets
    Numba import.
    """
    compiler = getattr(dispatcher, "_compiler", None)
    if compiler is not None and hasattr(compiler, "_get_implementation"):
        compiler._get_implementation = lambda args, kws: choose(*args)


def _floats(names: Iterable[str]) -> list[n.Stmt]:
    """Statements that make floats of integers which are differentiated."""
    return [n.Assign(n.Name(name), n.Call(float, "float", (n.Name(name),))) for name in sorted(names)]


def linecache_text(function: Any) -> str:
    return "".join(linecache.getlines(function.__code__.co_filename))


def _thin(plan: Plan, stub: Any, mark: str) -> Any:
    """The function that Numba compiles first: it calls the stub.  It lies in a file that a disk cache can go by: its
    text, and so its name, carries a mark of all that the compiled code depends on ("" if there is no cache)."""
    if mark and compiled_dir() is None:
        raise UsageError("cache=True needs a directory for generated files; TANGENT_AD_CACHE names one")
    params = ", ".join(p.name + ("" if p.default is None else f"={p.default_value!r}") for p in plan.params)
    lines = [f"# {plan.what}" + (f" ({mark})" if mark else ""), "", "", f"def {plan.name}({params}):"]
    lines += [f'    """{DOC.format(what=plan.what[:1].upper() + plan.what[1:])}"""']
    lines += [f"    return stub({', '.join(p.name for p in plan.params)})", ""]
    return run_module("\n".join(lines), plan.name, {"stub": stub})


def run_module(text: str, name: str, extra: Mapping[str, Any]) -> Any:
    """The function `name` of a module with this text, registered so that Numba's disk cache finds it again."""
    filename = source_file(text, name)
    linecache.checkcache(filename)
    module = pytypes.ModuleType(f"{PACKAGE}.{name}_{hashlib.sha256(text.encode()).hexdigest()[:16]}")
    module.__dict__.update(extra)
    module.__file__ = filename
    sys.modules[module.__name__] = module
    exec(compile_text(text, filename), module.__dict__)
    return module.__dict__[name]


def frozen(
    text: str, name: str, scope: Any, externals: Iterable[n.External], options: Mapping[str, Any]
) -> pytypes.FunctionType:
    """The function of a text with ordinary globals: what its names mean now, which is what Numba compiles in."""
    found = scope if isinstance(scope, sc.Scope) else sc.scope_of(scope)
    foreign = {e.spelling: (sc.scope_of(e.owner), e.name) for e in externals}
    names: dict[str, Any] = {}
    for wanted in names_in(compile_text(text, "<names>")):
        where, known = foreign.get(wanted, (found, wanted))
        value = where.find(known)
        if value is not sc.MISSING and not hasattr(builtins, wanted):
            names[wanted] = value
    made = run_module(text, name, names)
    for key, value in list(made.__globals__.items()):
        value = canonical(value)
        if isinstance(value, pytypes.FunctionType) and value is not made and value.__module__ != helpers.__name__:
            value = numba().njit(value, **options)
        made.__globals__[key] = value
    return cast(pytypes.FunctionType, made)


def kind_of_type(t: Any, name: str, where: str) -> Kind:
    """The kind of a Numba type; refuses those that have none."""
    types = numba().types
    if isinstance(t, types.Omitted):
        t = numba().typeof(t.value)
    t = types.unliteral(t)
    if isinstance(t, types.Boolean):
        return BOOL
    if isinstance(t, types.Integer):
        return INT
    if isinstance(t, types.Float):
        return FLOAT.with_dtype("float32") if t == types.float32 else FLOAT
    if isinstance(t, types.BaseTuple):
        return tuple_of(*(kind_of_type(e, name, where) for e in t.types))
    if isinstance(t, types.NoneType | types.UnicodeType):
        return OTHER
    if isinstance(t, types.Array):
        if t.ndim == 0:
            raise RefusedError(f"{where}: `{name}` is a 0-dimensional array", hint=f"{name}.item()")
        element = kind_of_type(t.dtype, name, where)
        if element.is_number:
            return array(t.ndim, element.dtype)
    raise RefusedError(
        f"{where}: `{name}` has the Numba type {t}, which compiled derivatives do not take",
        hint="numbers, arrays of floats, integers or bools, and tuples of them",
    )


def checked_memory(t: Any, name: str, role: str, plan: Plan) -> Kind:
    """The kind of memory that is given: of a result an array that can be written, or the workspace, whose Numba type
    must be that of memory for float64 numbers."""
    types = numba().types
    if role == "result":
        if not isinstance(t, types.Array) or not t.mutable or not isinstance(t.dtype, types.Float):
            raise UsageError(f"{plan.name}: {name} must be a floating array that can be written")
        return kind_of_type(t, name, plan.name)
    good = isinstance(t, types.Array) and t.ndim == 1 and t.dtype == types.float64 and t.layout == "C" and t.mutable
    if not good:
        raise UsageError(f"{plan.name}: {name} must be a 1-d contiguous float64 array that can be written")
    return array(1, "float")


def check_roles(plan: Plan, args: tuple[Any, ...], kinds: dict[str, Kind]) -> frozenset[str]:
    """The integers that stand for floats because they are differentiated; `kinds` then says so.

    Raises UsageError for what cannot be differentiated, or is no tangent of what it stands beside.
    """
    casts: set[str] = set()
    before: Kind | None = None
    for param, role in zip(plan.params, plan.roles, strict=True):
        kind = kinds[param.name]
        if role == "wrt":
            if kind.is_number and kind.dtype in ("int", "bool"):
                casts.add(param.name)
                kinds[param.name] = kind = FLOAT
            if kind.form == "value" and kind.dtype not in ("float", "float32"):
                raise UsageError(f"{plan.name}: {param.name} must be a {kind.rank}-d floating array")
            if kind.form != "value":
                raise UsageError(f"{plan.name}: {param.name} must be a number or a floating array")
            before = kind
        elif role == "tangent" and kind.form == "value" and before is not None and before.form == "value":
            if kind.rank != before.rank:
                raise UsageError(f"{plan.name}: {param.name} must have the shape of what it is the tangent of")
            if kind.is_number:
                casts.add(param.name)
                kinds[param.name] = before
            elif kind.dtype not in ("float", "float32"):
                raise UsageError(f"{plan.name}: {param.name} must be a {kind.rank}-d floating array")
        elif role == "seed" and kind.is_number:
            casts.add(param.name)
            kinds[param.name] = FLOAT
    return frozenset(casts)
