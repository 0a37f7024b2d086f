"""The one way of a function: read, desugar, analyse, differentiate, simplify, print.

In: a Python function and what is wanted.  Out: the derivative in core, its text.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from tangent_ad import rules as _rules  # noqa: F401  (fills the registry)
from tangent_ad.analyses.annotations import annotated_kinds
from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.facts import Facts, find_facts
from tangent_ad.analyses.webs import PARAMETER
from tangent_ad.core import nodes as n
from tangent_ad.core.answers import forget
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import FLOATING, Kind
from tangent_ad.core.order import number
from tangent_ad.core.verify import verify
from tangent_ad.core.walk import statements
from tangent_ad.errors import InternalError, NotOptimisedWarning, RefusedError, TangentError, refuse
from tangent_ad.frontend.desugar import desugar
from tangent_ad.frontend.read import read_function
from tangent_ad.modes.calls import Companion, MustInline, Session, called_within, check_calls, companions_in
from tangent_ad.modes.forward import differentiate_forward
from tangent_ad.modes.integers import as_floats, rounded_numbers
from tangent_ad.modes.normal import normal_facts
from tangent_ad.modes.reverse import differentiate_reverse
from tangent_ad.modes.split import split_webs
from tangent_ad.simplify import context_of, simplify
from tangent_ad.simplify.passes import PASSES
from tangent_ad.storage.choices import Choice, activities, annotated, find_choices, renamed
from tangent_ad.storage.marks import Read
from tangent_ad.storage.place import Sweeps
from tangent_ad.storage.plan import OPTIONS, Policy

T = TypeVar("T")
MODES = ("jvp", "grad", "value_and_grad", "vjp")


@record(frozen=True)
class Request:
    """What is wanted of a function.

    wrt: names of parameters; `bare`: a single adjoint comes bare, not as a tuple; `optimise`: False keeps every value
    that an adjoint reads ("all optimisations off"); `kinds`: kinds of parameters known from outside; `without`: names
    of simplifying passes that are left out; `joint`: long functions that are called stay calls; `alone`: the module
    holds what it calls, too (Numba compiles it so); `workspace`: its arrays lie in memory that the caller gives;
    `into`: so do its results.
    """

    mode: str
    wrt: tuple[str, ...]
    bare: bool = True
    optimise: bool = True
    kinds: tuple[tuple[str, Kind], ...] = ()
    without: frozenset[str] = frozenset()
    joint: bool = True
    alone: bool = False
    workspace: bool = False
    into: bool = False


Trace = Callable[[str, n.Function], None]


def silent(stage: str, fn: n.Function) -> None:
    """The trace of nobody: what only a reader needs is not worked out for it."""


@record(frozen=True)
class Made:
    """A derived function in core, and the function whose scope its names mean; `companion` is what stands for it in
    the calls of the others (None for the function that was asked for)."""

    fn: n.Function
    home: Any
    companion: Companion | None = None


def derive(
    pyfunc: Any,
    request: Request,
    name: str,
    trace: Trace = silent,
    read: n.Function | None = None,
) -> tuple[tuple[Made, ...], n.Function]:
    """The derivative of `pyfunc` in core: the derivatives of what it calls, and itself.  `trace` sees the program after
    each pass; `read` is `pyfunc` as it was read, if it was.

    Where an optimisation breaks a law, which is a bug, the derivative is made without any, under the same laws, and a
    `NotOptimisedWarning` says so; with TANGENT_AD_STRICT=1 in the environment the InternalError is raised.
    """
    try:
        return _derived(pyfunc, request, name, trace, read)
    except InternalError as error:
        plain = replace(request, optimise=False, without=request.without | {name for name, _ in PASSES})
        if plain == request or os.environ.get("TANGENT_AD_STRICT") == "1":
            raise
        try:
            found = _derived(pyfunc, plain, name, trace, read)
        except TangentError:
            raise error from None
        what = f"the derivative `{name}` is not optimised, so it is long and slow ({error}): please report the function"
        warnings.warn(what, NotOptimisedWarning, stacklevel=2)
        return found


def _derived(
    pyfunc: Any, request: Request, name: str, trace: Trace, read: n.Function | None
) -> tuple[tuple[Made, ...], n.Function]:
    def differentiated(
        program: n.Function, session: Session | None, seen: list[tuple[str, n.Function]]
    ) -> tuple[Facts, n.Function]:
        facts = _analysed(program, request, session, lambda stage, made: seen.append((stage, made)))
        here, notes = len(seen), list[Choice]()
        if request.mode == "jvp":
            made = differentiate_forward(facts, name, bool(request.kinds))
            notes += activities(facts) if trace is not silent else ()
        else:

            def told(sweeps: Sweeps, reads: list[Read]) -> None:
                notes.extend(find_choices(program, facts, sweeps, reads))

            listen = None if trace is silent else told
            policy = policy_of(request)
            made = differentiate_reverse(facts, name, request.mode, not request.bare, policy, told=listen)
        if request.alone:
            made = called_within(made, parameter_kinds(facts, made))
        _refuse_hidden(program, made)
        seen.append((request.mode, verify(made, request.mode)))
        context, whole = context_of(program, parameter_kinds(facts, made), request.without, bool(request.kinds)), made
        made = simplify(whole, context)
        seen.append(("simplify", verify(made, "simplify")))
        if trace is not silent:
            named_before, alone = (
                simplify(whole, replace(context, without=context.without | passes))
                for passes in ({"names"}, {"names", "carried"})
            )
            present, carried = renamed(named_before, made), _bound(alone) - _bound(named_before)
            seen.insert(here, ("storage", annotated(program, notes, present, carried)))
        return facts, made

    def attempt(session: Session | None) -> tuple[tuple[Made, ...], n.Function]:
        seen = [("read", verify(fn, "read"))]
        facts, made = differentiated(fn, session, seen)
        floats = () if request.kinds else rounded_numbers(facts, made)
        if floats:
            facts, made = differentiated(as_floats(fn, floats), session, seen)
        found = companions(made, request)
        for stage, program in (*seen, *(("joint call", one.fn) for one in found)):
            trace(stage, program)
        return found, made

    with deep_stack():
        fn = read_function(pyfunc) if read is None else read
        return _with_calls(request, attempt)


def companions(made: n.Function, request: Request) -> tuple[Made, ...]:
    """The derivatives that `made` calls, and those that they call, each behind what it calls itself."""
    found: dict[Companion, Made] = {}
    order: list[Made] = []

    def visit(fn: n.Function) -> None:
        for one in companions_in(fn):
            if one not in found:
                try:
                    found[one] = Made(_companion(one, request), one.callee.core.pyfunc, one)
                except RefusedError:
                    raise MustInline(frozenset((one.callee.core.pyfunc,))) from None
                visit(found[one].fn)
                order.append(found[one])

    visit(made)
    return tuple(order)


def _companion(one: Companion, request: Request) -> n.Function:
    """The function that a companion stands for."""
    core, name = one.callee.core, one.rule.spelling
    facts = one.callee.facts(one.kinds, one.wrt, "maybe" if one.mode == "jvp" else "all")
    check_calls(facts)
    if one.mode == "value":
        made, what = replace(facts.fn, name=name), "The value of {}"
    elif one.mode == "jvp":
        made = differentiate_forward(facts, name, inner=True)
        what = "The value of {} and its tangent, given tangents of {}"
    else:
        made = differentiate_reverse(facts, name, one.mode, False, policy_of(request), inner=True)
        what = "What the adjoint of the value of {} gives to {}"
    _refuse_hidden(core, made)
    given = dict(zip((p.name for p in made.params), one.given, strict=True))
    if request.alone:
        made = called_within(made, given)
    made = simplify(
        verify(made, one.mode), context_of(core, parameter_kinds(facts, made), request.without, bool(request.kinds))
    )
    wrt = " and ".join(f"`{p}`" for p in one.wrt)
    return replace(verify(made, "simplify"), doc=f"{what.format(f'`{core.name}`', wrt)}.")


def _bound(fn: n.Function) -> frozenset[str]:
    return frozenset(name for stmt in statements(fn.body) for name in bound_by(stmt))


def _with_calls(request: Request, attempt: Callable[[Session | None], T]) -> T:
    """The result of an attempt in which long functions stay calls; what cannot stay is written in place."""
    inlined: frozenset[Any] = frozenset()
    while request.joint:
        try:
            return attempt(Session(inlined))
        except MustInline as found:
            inlined |= found.functions
        except RefusedError:
            break
    return attempt(None)


def _refuse_hidden(fn: n.Function, made: n.Function) -> None:
    """Refuse a variable that hides `range` where the derivative has loops over it."""
    hiding = [s for s in statements(fn.body) if "range" in bound_by(s)]
    loops = any(isinstance(s, n.For) for s in statements(made.body))
    if loops and (hiding or any(p.name == "range" for p in fn.params)):
        what = "a variable named `range` hides the function that the derivative's loops need"
        span = hiding[0].info.span if hiding else n.Span(fn.line, 0, fn.line, 0)
        raise refuse(what, span, fn, "another name for it")


def policy_of(request: Request) -> Policy:
    """What storage may do for a request."""
    if not request.optimise:
        return Policy(**dict.fromkeys(("reuse", *OPTIONS), False))
    return Policy(**{name: name not in request.without for name in OPTIONS}, typed=bool(request.kinds))


def parameter_kinds(facts: Facts, made: n.Function) -> dict[str, Kind]:
    """The kinds of the parameters of a derived function; a tangent, which follows its value, has the value's rank."""
    found: dict[str, Kind] = {}
    kind, given = Kind(), {p.name for p in facts.fn.params}
    for p in made.params:
        if p.name in given:
            kind = facts.kinds.defined(PARAMETER, p.name)
            found[p.name] = kind
        elif p.form != "var" and kind.has_rank and found:
            wide = "float" if kind.is_number else None
            found[p.name] = kind.with_dtype(kind.dtype if kind.dtype in FLOATING else wide)
    return found


def analyse(fn: n.Function, request: Request, trace: Trace = lambda stage, fn: None) -> Facts:
    """The function in normal form, with its facts."""
    return _with_calls(request, lambda session: _analysed(fn, request, session, trace))


def _analysed(fn: n.Function, request: Request, session: Session | None, trace: Trace) -> Facts:
    given = {**annotated_kinds(fn), **dict(request.kinds)}
    fn = desugar(fn, session.offer if session else None)
    trace("desugar", verify(fn, "desugar"))
    scalar = request.mode in ("grad", "value_and_grad")
    check = "maybe" if request.mode == "jvp" else "all"
    short = request.optimise and "short" not in request.without
    facts = normal_facts(fn, request.wrt, given, scalar, check, short=short, compiled=bool(request.kinds))
    check_calls(facts)
    if request.kinds and _of_two_types(facts):
        apart = number(split_webs(facts.fn, facts.webs))
        return find_facts(apart, request.wrt, given, scalar, check)
    return facts


def _of_two_types(facts: Facts) -> bool:
    """Is a name used for unrelated values that no one compiled variable can hold: a number and an array, say?"""
    types: dict[str, set[tuple[object, ...]]] = {}
    for (_, name), web in facts.webs.of_def.items():
        kind = facts.kinds.web_kinds.get(web, Kind())
        shape = (kind.form, kind.rank, kind.elts, kind.dtype if kind.is_array else None)
        types.setdefault(name, set()).add(shape)
    return any(len(found) > 1 for found in types.values())


@contextmanager
def deep_stack() -> Iterator[None]:
    """Room for programs that nest deep (an `elif` ladder of a thousand rungs), and no garbage collection meanwhile:
    core has no cycles, and to look for them again and again would take a third of the time.  Behind the outermost, what
    was kept of the program's expressions is forgotten."""
    limit, collecting = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(limit, 12_000))
    gc.disable()
    _AROUND.count += 1
    try:
        yield
    finally:
        _AROUND.count -= 1
        sys.setrecursionlimit(limit)
        if _AROUND.count == 0:
            forget()
        if collecting:
            gc.enable()


class _Around(threading.local):
    """How many of these a thread is in."""

    count = 0


_AROUND = _Around()
