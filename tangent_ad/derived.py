"""Every derivative a user can ask for, as functions of core.

In: a Python function and a `Request`.  Out: `Derived`: the functions of one module, the asked one last, and the
function whose names their text reads.

`jvp`, `grad`, `value_and_grad` and `vjp` are one function each.  `hvp` is the forward mode of the emitted gradient, of
which only the tangent is kept.  `jacobian` and `hessian` are loops (`dense.py`) that call one of these.
"""

from __future__ import annotations

import types
from dataclasses import replace
from typing import Any, cast

from tangent_ad.analyses.annotations import annotated_kinds
from tangent_ad.analyses.webs import PARAMETER
from tangent_ad.backends.into import with_results
from tangent_ad.backends.python import load as load_text
from tangent_ad.backends.workspace import allocator_name, with_workspace
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import FLOAT, Kind
from tangent_ad.core.names import Fresh
from tangent_ad.core.order import number
from tangent_ad.core.scope import scope_of
from tangent_ad.core.walk import is_guard
from tangent_ad.declare import resolved
from tangent_ad.dense import Inner, Writer, by_forward, by_reverse
from tangent_ad.emit.module import module_text
from tangent_ad.errors import InternalError, UsageError, refuse
from tangent_ad.frontend.pure import all_names
from tangent_ad.frontend.read import read_function
from tangent_ad.link import link
from tangent_ad.modes.reverse import NotShared
from tangent_ad.pipeline import Made as Part
from tangent_ad.pipeline import Request, Trace, analyse, deep_stack, derive, parameter_kinds, silent
from tangent_ad.simplify import simplify


@record(frozen=True)
class Derived:
    """The functions of a module, the asked one last; `namespace` is the function whose scope the text reads live."""

    functions: tuple[n.Function, ...]
    namespace: types.FunctionType
    header: str

    @property
    def name(self) -> str:
        return self.functions[-1].name

    @property
    def externals(self) -> tuple[n.External, ...]:
        found = tuple(dict.fromkeys(e for fn in self.functions for e in fn.externals))
        means: dict[str, Any] = {}
        for e in found:
            value = scope_of(e.owner).find(e.name)
            if means.setdefault(e.spelling, value) is not value:
                raise InternalError(f"link: `{e.spelling}` would mean two things in one module")
        return found

    def text(self) -> str:
        """The text of the module."""
        with deep_stack():
            return module_text(self.functions, (self.header,))

    def load(self, module: str | None = None) -> types.FunctionType:
        """The function, made from the text; with `workspace`, if it has the function that allocates one."""
        made: Any = load_text(self.text(), self.name, self.namespace, module, externals=self.externals)
        if any(fn.name == allocator_name(self.name) for fn in self.functions):
            made.workspace = made.__globals__[allocator_name(self.name)]
        return cast(types.FunctionType, made)


def build(
    pyfunc: types.FunctionType,
    request: Request,
    name: str,
    trace: Trace = silent,
    read: n.Function | None = None,
) -> Derived:
    """The derivative of `pyfunc` that `request` asks for.

    Parameters: the function; what is wanted (`request.mode` may be any of the public transformations, `jacobian` also
    as `jacobian-forward` or `jacobian-reverse`); the name of the result; who sees the program after each pass; the
        function as it was read, if it was.
    Returns: the functions of the module.
    Raises: RefusedError, UsageError.
    """
    fn = read_function(pyfunc) if read is None else read
    check(fn, request)
    header = f"{request.mode} of {fn.module}.{fn.qualname} in {', '.join(request.wrt)}"
    functions, namespace = _MAKERS[request.mode.partition("-")[0]](pyfunc, fn, request, name, trace)
    last = replace(functions[-1], doc=doc_of(fn, request))
    if not request.workspace and not request.into:
        return Derived((*functions[:-1], last), namespace, header)
    facts = analyse(fn, replace(request, mode="grad" if request.mode == "hvp" else request.mode.partition("-")[0]))
    given = parameter_kinds(facts, last)
    if request.into:
        return Derived((*functions[:-1], with_results(last, given)), namespace, header)
    own = with_workspace(last, given)
    trace("workspace", own[-1])
    return Derived((*functions[:-1], *own), namespace, header)


def check(fn: n.Function, request: Request) -> None:
    """Refuse what no mode can do."""
    for p in fn.params:
        if p.form == "var":
            raise refuse(f"`{fn.name}` takes `*{p.name}`", None, fn, f"name the parameters of `{fn.name}` one by one")
    known = annotated_kinds(fn)
    for name in request.wrt:
        if name in known and known[name].dtype in ("int", "bool"):
            raise UsageError(
                f"`{name}` of `{fn.name}` is annotated as {known[name].dtype}: it has no derivative; "
                "annotate it as float, or leave it out of wrt"
            )


Made = tuple[tuple[n.Function, ...], types.FunctionType]


def _single(pyfunc: types.FunctionType, fn: n.Function, request: Request, name: str, trace: Trace) -> Made:
    return _linked(derive(pyfunc, request, name, trace, fn), pyfunc, request), pyfunc


def _linked(
    derived: tuple[tuple[Part, ...], n.Function],
    pyfunc: types.FunctionType,
    request: Request,
    fresh: Fresh | None = None,
) -> tuple[n.Function, ...]:
    """A derivative and those that it calls, as they stand in one module."""
    others, last = derived
    own = [replace(one, fn=resolved(one.fn, one.home)) for one in others]
    return link([*own, Part(resolved(last, pyfunc), pyfunc)], fresh, request.alone)


def _hvp(pyfunc: types.FunctionType, fn: n.Function, request: Request, name: str, trace: Trace) -> Made:
    gradient, _ = _gradient(pyfunc, fn, request, trace)
    return _tangent_of(gradient, request, request.wrt, name, trace), gradient


def _gradient(
    pyfunc: types.FunctionType, fn: n.Function, request: Request, trace: Trace
) -> tuple[types.FunctionType, dict[str, Kind]]:
    """The gradient as a function, and the kinds of its parameters."""
    asked = replace(request, mode="grad")
    facts = analyse(fn, asked)
    known = {p.name: facts.kinds.defined(PARAMETER, p.name) for p in fn.params}
    functions, _ = _single(pyfunc, fn, asked, f"{_base(fn)}_grad", trace)
    header = f"grad of {fn.module}.{fn.qualname} in {', '.join(request.wrt)}"
    return Derived(functions, pyfunc, header).load(), known


def _tangent_of(
    gradient: types.FunctionType,
    request: Request,
    wrt: tuple[str, ...],
    name: str,
    trace: Trace = silent,
    fresh: Fresh | None = None,
) -> tuple[n.Function, ...]:
    """The forward mode of a gradient, of which only the tangent is returned, behind the functions that it calls."""
    others, made = derive(gradient, replace(request, mode="jvp", wrt=wrt, bare=True), name, trace)
    last = made.body[-1]
    assert isinstance(last, n.Return) and isinstance(last.value, n.Tuple)
    body = tuple(_renamed(stmt, gradient.__name__, name) for stmt in made.body[:-1])
    made = simplify(number(replace(made, body=(*body, replace(last, value=last.value.elts[1])))))
    trace("tangent only", made)
    return _linked((others, made), gradient, request, fresh)


def _renamed(stmt: n.Stmt, old: str, new: str) -> n.Stmt:
    """A guard of the function `old` as one of `new`."""
    if not is_guard(stmt):
        return stmt
    error = stmt.body[0]
    assert isinstance(error, n.Raise)
    if not (len(error.args) == 1 and isinstance(error.args[0], n.Const) and isinstance(error.args[0].value, str)):
        return stmt
    text = error.args[0].value
    if text.startswith(f"{old}: "):
        error = replace(error, args=(n.Const(new + text.removeprefix(old)),))
    return replace(stmt, body=(error,))


def _jacobian(pyfunc: types.FunctionType, fn: n.Function, request: Request, name: str, trace: Trace) -> Made:
    facts = analyse(fn, replace(request, mode="vjp"))
    last = facts.fn.body[-1]
    assert isinstance(last, n.Return) and last.value is not None
    if isinstance(last.value, n.Tuple):
        raise UsageError(f"`{fn.name}` returns a tuple: `jacobian` needs one number or array")
    result = facts.kinds.at(last.num, last.value)
    kinds = {p: facts.kinds.defined(PARAMETER, p) for p in request.wrt}
    asked = request.mode.partition("-")[2]
    forward = asked == "forward" or (not asked and all(k.is_number for k in kinds.values()))
    if not forward and "shared" not in request.without:
        try:
            return _single(pyfunc, fn, replace(request, mode="jacobian"), name, trace)
        except NotShared:  # each row runs both sweeps
            pass
    writer = Writer(fn, all_names(fn) | {name, _base(fn)})
    inners: list[n.Function] = []
    found: list[Any] = []
    if forward:
        request = replace(request, joint=len(request.wrt) == 1)  # several inner derivatives would share the module
        for p in request.wrt:
            suffix = "" if len(request.wrt) == 1 else f"_{p}"
            inner = _inner(
                pyfunc, fn, replace(request, mode="jvp", wrt=(p,), bare=True), f"_jvp{suffix}", writer, trace
            )
            inners += inner[0]
            found += by_forward(writer, inner[1], _added(fn, inner[1].core), p, kinds[p], (result,), True)
    else:
        inner = _inner(pyfunc, fn, replace(request, mode="vjp", bare=len(request.wrt) == 1), "_vjp", writer, trace)
        inners += inner[0]
        found = by_reverse(writer, inner[1], _added(fn, inner[1].core), request.wrt, kinds, result)
    value = found[0] if request.bare else tuple(found)
    return (*inners, _written(writer, name, value, trace)), pyfunc


def _hessian(pyfunc: types.FunctionType, fn: n.Function, request: Request, name: str, trace: Trace) -> Made:
    gradient, known = _gradient(pyfunc, fn, replace(request, bare=len(request.wrt) == 1), trace)
    results = tuple(known[p] if not known[p].is_number else FLOAT for p in request.wrt)
    writer = Writer(fn, all_names(fn) | {name, _base(fn)})
    request = replace(request, joint=len(request.wrt) == 1)  # several inner derivatives would share the module
    inners: list[n.Function] = []
    columns: list[list[Any]] = []
    for p in request.wrt:
        suffix = "" if len(request.wrt) == 1 else f"_{p}"
        name_of_inner = writer.fresh.take(f"{_base(fn)}_hvp{suffix}")
        functions = _tangent_of(gradient, request, (p,), name_of_inner, trace, writer.fresh)
        inners += functions
        inner = Inner(functions[-1], Derived(functions, gradient, "").load())
        columns.append(by_forward(writer, inner, _added(fn, functions[-1]), p, known[p], results, False))
    blocks = tuple(tuple(column[row] for column in columns) for row in range(len(columns)))
    value = blocks[0][0] if request.bare else blocks
    return (*inners, _written(writer, name, value, trace)), gradient


def _inner(
    pyfunc: types.FunctionType, fn: n.Function, request: Request, suffix: str, writer: Writer, trace: Trace
) -> tuple[tuple[n.Function, ...], Inner]:
    """The functions of an inner derivative, and what the loop calls."""
    name = writer.fresh.take(_base(fn) + suffix)
    functions = _linked(derive(pyfunc, request, name, trace, fn), pyfunc, request, writer.fresh)
    return functions, Inner(functions[-1], Derived(functions, pyfunc, "").load())


def _added(fn: n.Function, inner: n.Function) -> str:
    """The parameter that a derivative has and the function has not: a tangent or a seed."""
    own = {p.name for p in fn.params}
    (name,) = [p.name for p in inner.params if p.name not in own]
    return name


def _written(writer: Writer, name: str, value: Any, trace: Trace) -> n.Function:
    made = number(writer.function(name, value, ""))
    trace("write the loop", made)
    return made


def _base(fn: n.Function) -> str:
    return fn.name if fn.name.isidentifier() else "f"


def derived_name(fn: n.Function, mode: str, names: tuple[str, ...]) -> str:
    """The name of the generated function: `f_grad`, or `f_grad_y` for a `wrt` that is not the first parameter."""
    default = bool(fn.params) and names == (fn.params[0].name,)
    return f"{_base(fn)}_{mode.partition('-')[0]}" + ("" if default else "_" + "_".join(names))


_MAKERS = {
    "grad": _single,
    "value_and_grad": _single,
    "jvp": _single,
    "vjp": _single,
    "hvp": _hvp,
    "jacobian": _jacobian,
    "hessian": _hessian,
}


def doc_of(fn: n.Function, request: Request) -> str:
    """The docstring of a derivative: of what it is the derivative, in what, and what it returns."""
    of, wrt = f"`{fn.qualname.rpartition('.')[2]}`", " and ".join(f"`{p}`" for p in request.wrt)
    adjoints = _listed("the derivative in {}, in its shape", request)
    first, returns = {
        "grad": (f"The gradient of {of} in {wrt}.", adjoints),
        "value_and_grad": (f"The value of {of} and its gradient in {wrt}.", f"(value, {adjoints})"),
        "jvp": (
            f"The value of {of} and its tangent, given tangents of {wrt}.",
            "(value, tangent of the value), both in the form of the value",
        ),
        "vjp": (
            f"The value of {of} and the adjoints of {wrt}, given the adjoint of the value.",
            f"(value, {_listed('the adjoint of {}, in its shape', request)})",
        ),
        "hvp": (
            f"The Hessian of {of} in {wrt}, times tangents.",
            _listed("the row of {} of the product, in its shape", request),
        ),
        "jacobian": (
            f"The Jacobian of {of} in {wrt}.",
            _listed("the Jacobian in {}, of shape value.shape + {}.shape", request),
        ),
        "hessian": (
            f"The Hessian of {of} in {wrt}.",
            f"an array of shape {request.wrt[0]}.shape + {request.wrt[0]}.shape"
            if request.bare
            else "a tuple of rows, one for each of them, each a tuple of blocks",
        ),
    }[request.mode.partition("-")[0]]
    return f"{first}\n\nReturns: {returns}."


def _listed(pattern: str, request: Request) -> str:
    parts = [pattern.replace("{}", f"`{p}`") for p in request.wrt]
    if request.bare:
        return parts[0]
    return f"({', '.join(parts)},)" if len(parts) == 1 else f"({'; '.join(parts)})"
