"""Derivatives that users declare: `partials`, `linear`, `custom`.

In: a function and its calculus.  Out: an entry in the table of rules, and text that can call the user's own functions.

A declared function is not read: its calls stay calls.  It is assumed to be pure (it writes nothing and depends on
nothing but its arguments) and to return memory of its own.
"""

from __future__ import annotations

import inspect
import math
import types
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar, cast

import numpy as np

from tangent_ad.analyses.annotations import kind_of_annotation
from tangent_ad.backends.python import load
from tangent_ad.core import nodes as n
from tangent_ad.core import scope as sc
from tangent_ad.core.build import Sym, node
from tangent_ad.core.calling import all_calls
from tangent_ad.core.kinds import VALUE, Kind
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import map_body, map_expr, map_expressions
from tangent_ad.emit.module import is_named
from tangent_ad.emit.text import locals_of
from tangent_ad.errors import RefusedError, UsageError
from tangent_ad.frontend.pure import all_names
from tangent_ad.rules import registry, shapes
from tangent_ad.rules.registry import Carried, Rule, lookup, register, spelling_of
from tangent_ad.rules.sums import sum_to
from tangent_ad.runtime import helpers

F = TypeVar("F", bound=Callable[..., Any])
KindLike = str | Callable[..., Kind] | None

stop_gradient = helpers.stop_gradient
registry.zero(stop_gradient, lambda x: None, shapes.same, result="maybe", spelling="stop_gradient")


def partials(f: Any = None, rule: Callable[..., Any] | None = None, *, kind: KindLike = None) -> Any:
    """Declare the partial derivatives of an elementwise function.

    Parameters:
        f: the function, of numbers or arrays that broadcast; left out, a decorator is returned.
        rule: `rule(result, *arguments)` gives one partial derivative for each argument, as a tuple (a single one may
            come bare), written with operators and NumPy functions.  It is called once, with symbols, and becomes code.
        kind: what `f` returns, in the words of an annotation (`"float"`); by default the return annotation of `f`,
            else a floating value with the broadcast shape of the arguments.
    Returns: `f` itself.
    Raises: UsageError if the rule does not fit the parameters of `f` or cannot be written as code.

    >>> import numpy as np
    >>> import tangent_ad as ad
    >>> def softplus(x):
    ...     return np.logaddexp(0.0, x)
    >>> partials(softplus, lambda y, x: 1.0 / (1.0 + np.exp(-x))) is softplus
    True
    >>> float(ad.grad(softplus)(0.0))
    0.5
    """
    if rule is None:
        raise UsageError("ad.partials needs `rule`: ad.partials(f, lambda result, x: ...)")
    if f is None:
        return lambda function: partials(function, rule, kind=kind)
    given: Callable[..., Any] = rule

    def as_tuple(y: Any, *args: Any) -> tuple[Any, ...]:
        made = given(y, *args)
        return made if isinstance(made, tuple) else (made,)

    signature = _signature(f, given, 1)
    _check_takes(given, "rule", len(signature.parameters) + 1, f)
    made = _symbolic(as_tuple, "rule", f, "y", *signature.parameters)
    if len(made) != len(signature.parameters):
        raise UsageError(
            f"`rule` of `{_name(f)}` gives {len(made)} partials for {len(signature.parameters)} parameters"
        )
    return _enter(f, signature, _kind_rule(f, kind, shapes.real), diff="partials", partials=as_tuple)


def linear(
    f: Any = None,
    *transposes: Callable[..., Any] | None,
    kind: KindLike = None,
    adjoints: tuple[Callable[..., Any] | None, ...] = (),
) -> Any:
    """Declare a function that is linear in some of its arguments, in each separately.

    Parameters:
        f: the function; left out, a decorator is returned (give `adjoints=(...)` then).
        transposes: for each argument, `transpose(g, *arguments)`: what the adjoint `g` of the result gives to that
            argument, in the argument's shape, written with operators and NumPy functions; None for an argument that
            carries no derivative (a shape, an axis).
        kind: what `f` returns, in the words of an annotation; by default the return annotation of `f`, else unknown.
        adjoints: the transposes, by name.
    Returns: `f` itself.
    Raises: UsageError if the transposes do not fit the parameters of `f` or cannot be written as code.

    >>> import numpy as np
    >>> import tangent_ad as ad
    >>> def total(x):
    ...     return float(np.asarray(x).sum())
    >>> linear(total, lambda g, x: g * np.ones_like(x), kind="float") is total
    True
    >>> ad.grad(total)(np.array([1.0, 2.0]))
    array([1., 1.])
    """
    transposes = transposes or adjoints
    if not transposes or all(t is None for t in transposes):
        raise UsageError("ad.linear needs the transposes: ad.linear(f, lambda g, x: ...)")
    if f is None:
        return lambda function: linear(function, *transposes, kind=kind)
    first = next(t for t in transposes if t is not None)
    signature = _signature(f, first, 1)
    count = len(signature.parameters)
    if len(transposes) > count:
        raise UsageError(f"{len(transposes)} transposes for the {count} parameters of `{_name(f)}`")
    table = {k: t for k, t in enumerate(transposes) if t is not None}
    for k, transpose in table.items():
        _check_takes(transpose, f"transpose {k}", count + 1, f)
        _symbolic(transpose, f"transpose {k}", f, "g", *signature.parameters)
    return _enter(f, signature, _kind_rule(f, kind, lambda *args: VALUE), diff="linear", transposes=table)


def custom(
    f: Any = None,
    *,
    jvp: Callable[..., Any] | None = None,
    vjp: Callable[..., Any] | None = None,
    kind: KindLike = None,
) -> Any:
    """Declare a derivative by ordinary Python functions, which derived code calls by name.

    Parameters:
        f: the function; left out, a decorator is returned.
        jvp: `jvp(*arguments, *tangents)` returns the tangent of the result; a tangent is given for every argument, zero
            where none flows.  Without it, forward mode refuses `f`.
        vjp: `vjp(g, result, *arguments)` returns what the adjoint `g` of the result gives to each argument, in its
            shape: a tuple, or a bare value if `f` has one parameter.  Without it, reverse mode refuses `f`.
        kind: what `f` returns, in the words of an annotation; by default the return annotation of `f`, else unknown.
    Returns: `f` itself.  `jvp` and `vjp` must not write their arguments; for a compiled derivative Numba must be able
        to compile them; they are differentiated in turn when a second derivative is asked for.
    Raises: UsageError if neither is given or one does not fit the parameters of `f`.

    >>> import tangent_ad as ad
    >>> def root(a):
    ...     x = 1.0
    ...     for _ in range(60):
    ...         x = 0.5 * (x + a / x)
    ...     return x
    >>> def root_vjp(g, x, a):
    ...     return g / (2.0 * x)
    >>> custom(root, vjp=root_vjp, kind="float") is root
    True
    >>> float(ad.grad(root)(4.0))
    0.25
    """
    if jvp is None and vjp is None:
        raise UsageError("ad.custom needs `jvp`, `vjp` or both")
    if f is None:
        return lambda function: custom(function, jvp=jvp, vjp=vjp, kind=kind)
    signature = _signature(f, vjp, 2)
    count = len(signature.parameters)
    if jvp is not None:
        _check_takes(jvp, "jvp", 2 * count, f)
    if vjp is not None:
        _check_takes(vjp, "vjp", count + 2, f)
    kind_rule = _kind_rule(f, kind, lambda *args: VALUE)
    return _enter(f, signature, kind_rule, diff="custom", jvp=_forward(f, jvp), vjp=_reverse(f, vjp, count))


def _forward(f: Any, jvp: Callable[..., Any] | None) -> Callable[..., Any]:
    def rule(y: Any, dots: tuple[Any, ...], *args: Any) -> Any:
        if jvp is None:
            raise RefusedError(
                f"`{_name(f)}` has no forward derivative", hint=f"ad.custom({_name(f)}, jvp=..., vjp=...)"
            )
        given = [_zero(a) if d is None else d for a, d in zip(args, dots, strict=True)]
        return _called(jvp, *args, *given)

    return rule


def _reverse(f: Any, vjp: Callable[..., Any] | None, count: int) -> Callable[..., Any]:
    def rule(g: Any, y: Any, *args: Any) -> tuple[Any, ...]:
        if vjp is None:
            raise RefusedError(
                f"`{_name(f)}` has no reverse derivative", hint=f"ad.custom({_name(f)}, jvp=..., vjp=...)"
            )
        made = _called(vjp, g, y, *args)
        parts = [made] if count == 1 else [Sym(n.Index(made.expr, n.Const(k))) for k in range(count)]
        return tuple(
            p if not isinstance(a, Sym) or a.kind.is_number else sum_to(p, a) for p, a in zip(parts, args, strict=True)
        )

    return rule


def _called(fn: Callable[..., Any], *args: Any) -> Sym:
    return Sym(n.Call(fn, _name(fn), tuple(node(a) for a in args)))


def _zero(arg: Any) -> Any:
    if not isinstance(arg, Sym) or arg.kind.is_number:
        return 0.0
    return Sym(n.Call(helpers.spread, "spread", (n.Const(0.0), arg.expr)))


def _name(f: Any) -> str:
    name = getattr(f, "__name__", "")
    return name if name.isidentifier() else "declared"


def _signature(f: Any, rule: Callable[..., Any] | None, skip: int) -> inspect.Signature:
    """The parameters of `f`; of its rule where `f` is not Python."""
    if not callable(f):
        raise UsageError(f"{f!r} is not a function")
    inner = getattr(f, "py_func", f)
    if isinstance(inner, types.FunctionType) or rule is None:
        found = inspect.signature(inner)
    else:
        found = registry.signature_of(rule, skip)
    if any(p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in found.parameters.values()):
        raise UsageError(
            f"`{_name(f)}`: a declared function has ordinary parameters only, no `*` and no keyword-only ones"
        )
    return found.replace(
        parameters=[p.replace(annotation=p.empty) for p in found.parameters.values()],
        return_annotation=inspect.Signature.empty,
    )


def _check_takes(rule: Callable[..., Any], what: str, count: int, f: Any) -> None:
    try:
        inspect.signature(getattr(rule, "py_func", rule)).bind(*[None] * count)
    except TypeError:
        raise UsageError(f"`{what}` of `{_name(f)}` must take {count} positional arguments") from None
    except ValueError:  # no signature is known of it
        return


def _symbolic(rule: Callable[..., Any], what: str, f: Any, *names: str) -> Any:
    """What the rule gives for symbols: a trial, so that mistakes are found where the rule is declared."""
    try:
        return rule(*(Sym(n.Name(name), VALUE) for name in names))
    except (TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            f"`{what}` of `{_name(f)}` cannot be written as code: {error}; "
            "use operators and NumPy functions, or ad.custom with ordinary functions"
        ) from error


def _kind_rule(f: Any, kind: KindLike, default: Callable[..., Kind]) -> Callable[..., Kind]:
    if callable(kind):
        return kind
    if kind is None:
        noted = getattr(getattr(f, "py_func", f), "__annotations__", {}).get("return")
        text = noted if isinstance(noted, str) else getattr(noted, "__name__", "")
        known = kind_of_annotation(text) if text else None
    else:
        known = kind_of_annotation(kind)
        if known is None:
            raise UsageError(f"kind={kind!r} is not understood; write 'float' or 'Float[np.ndarray, \"n d\"]'")
    return default if known is None else lambda *args: cast(Kind, known)


def _enter(f: F, signature: inspect.Signature, kind: Callable[..., Kind], diff: str, **calculus: Any) -> F:
    for fn in {id(g): g for g in (f, getattr(f, "py_func", f))}.values():
        rule = Rule(fn, spelling_of(fn), signature, kind, diff, **calculus)
        register(rule)
        _DECLARED.add(id(rule))
    return f


_DECLARED: set[int] = set()


def is_declared(f: Any) -> bool:
    """True if a user declared the derivative of `f`."""
    return id(lookup(f)) in _DECLARED


def calling(f: Any) -> types.FunctionType:
    """A function with source that does nothing but call the declared `f`."""
    rule = lookup(f)
    assert rule is not None
    name = _name(f)
    inner = Fresh([name, *rule.signature.parameters]).take(name)
    values = {p.name: p.default for p in rule.signature.parameters.values() if p.default is not p.empty}
    names = list(rule.signature.parameters)
    head = ", ".join(p if p not in values else f"{p}={values[p]!r}" for p in names)
    text = f"def {name}({head}):\n    return {inner}({', '.join(names)})\n"
    made = load(text, name, sc.Scope({}, {inner: f}))
    made.__module__, made.__qualname__ = getattr(f, "__module__", None) or "", getattr(f, "__qualname__", name)
    return made


# Names ----------------------------------------------------------------------------------------------------------------


def resolved(fn: n.Function, pyfunc: types.FunctionType) -> n.Function:
    """`fn` with every callable spelled so that it is found from the scope of `pyfunc`.

    Helpers get their own names; what the scope does not know (a declared `vjp`, a declared function of another module)
    becomes an external.
    """
    scope = sc.scope_of(pyfunc)
    bound = {e.spelling for e in fn.externals}
    loose: dict[int, tuple[str, Any]] = {}
    for call in all_calls(fn):
        means = call.fn.value if isinstance(call.fn, Carried) else call.fn
        if means is None:  # a function of the same module, named when the module is put together
            continue
        named = is_named(call.spelling) and call.spelling.partition(".")[0] not in bound
        if named and not _finds(scope, call.spelling, means):
            loose[id(call.fn)] = (call.spelling, means)
    if not loose:
        return fn
    fresh = Fresh(locals_of(fn) | all_names(fn) - {spelling for spelling, _ in loose.values()})
    spellings: dict[int, str] = {}
    added: list[n.External] = []
    for key, (_, value) in loose.items():
        if getattr(helpers, getattr(value, "__name__", ""), None) is value:
            spellings[key] = _name(value)
            continue
        name = fresh.take(_name(value))
        spellings[key] = name
        owner = types.FunctionType(_owner.__code__, {name: value}, name)
        added.append(n.External(name, owner, name))

    def new_expr(expr: n.Expr) -> n.Expr:
        if isinstance(expr, n.Call) and id(expr.fn) in spellings and is_named(expr.spelling):
            return replace(expr, spelling=spellings[id(expr.fn)])
        return expr

    def new_stmt(_: int, stmt: n.Stmt) -> tuple[n.Stmt]:
        return (map_expressions(stmt, lambda expr: map_expr(expr, new_expr)),)

    return replace(fn, body=map_body(fn.body, new_stmt), externals=(*fn.externals, *added))


def _owner() -> None:
    """Its code is that of functions which only lend their globals."""


def _finds(scope: sc.Scope, spelling: str, value: Any) -> bool:
    """True if `spelling` means `value` in the module that will be written."""
    root, *rest = spelling.split(".")
    if not rest and getattr(helpers, root, None) is value:
        return True
    for found in ({"np": np, "numpy": np, "math": math}.get(root, sc.MISSING), scope.find(root)):
        for part in rest:
            found = getattr(found, part, sc.MISSING)
        if found is value or (not isinstance(found, types.FunctionType) and callable(found) and found == value):
            return getattr(helpers, getattr(value, "__name__", ""), None) is not value
    return False
