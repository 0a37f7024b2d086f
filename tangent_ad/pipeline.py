"""The one way of a function: read, desugar, analyse, differentiate, simplify, print.

In: a Python function and what is wanted.  Out: the derivative in core, its text.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from tangent_ad import rules as _rules  # noqa: F401  (fills the registry)
from tangent_ad.analyses.annotations import annotated_kinds
from tangent_ad.analyses.facts import Facts, find_facts
from tangent_ad.analyses.kinds import infer_kinds
from tangent_ad.analyses.webs import PARAMETER, find_webs
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import FLOATING, Kind
from tangent_ad.core.verify import verify
from tangent_ad.core.walk import number
from tangent_ad.emit.module import module_text
from tangent_ad.errors import RefusedError
from tangent_ad.frontend.desugar import desugar
from tangent_ad.frontend.read import read_function
from tangent_ad.modes.augmented import resolve_augmented
from tangent_ad.modes.forward import differentiate_forward
from tangent_ad.modes.joins import joins_apart, shared_names
from tangent_ad.modes.reverse import differentiate_reverse
from tangent_ad.modes.split import split_webs
from tangent_ad.simplify import context_of, simplify

MODES = ("jvp", "grad", "value_and_grad", "vjp")


@dataclass(frozen=True)
class Request:
    """What is wanted of a function.

    wrt: names of parameters; `bare`: a single adjoint comes bare, not as a tuple; `optimise`: False keeps every value
    that an adjoint reads ("all optimisations off"); `kinds`: kinds of parameters known from outside; `without`: names
    of simplifying passes that are left out.
    """

    mode: str
    wrt: tuple[str, ...]
    bare: bool = True
    optimise: bool = True
    kinds: tuple[tuple[str, Kind], ...] = ()
    without: frozenset[str] = frozenset()


Trace = Callable[[str, n.Function], None]


def derive(pyfunc: Any, request: Request, name: str, trace: Trace = lambda stage, fn: None) -> n.Function:
    """The derivative of `pyfunc` in core.  `trace` sees the program after each pass."""
    with deep_stack():
        fn = read_function(pyfunc)
        trace("read", verify(fn, "read"))
        facts = analyse(fn, request, trace)
        if request.mode == "jvp":
            made = differentiate_forward(facts, name, bool(request.kinds))
        else:
            made = differentiate_reverse(facts, name, request.mode, not request.bare, not request.optimise)
        trace(request.mode, verify(made, request.mode))
        made = simplify(made, context_of(fn, parameter_kinds(facts, made), request.without))
        trace("simplify", verify(made, "simplify"))
        return made


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
    given = {**annotated_kinds(fn), **dict(request.kinds)}
    fn = desugar(fn)
    trace("desugar", verify(fn, "desugar"))
    scalar = request.mode in ("grad", "value_and_grad")
    fn = resolve_augmented(fn, infer_kinds(fn, find_webs(fn), given, scalar))
    check = "maybe" if request.mode == "jvp" else "all"
    try:
        facts = find_facts(fn, request.wrt, given, scalar, check)
    except RefusedError:
        for apart in _apart(fn, given, scalar):
            with suppress(RefusedError):
                return find_facts(apart, request.wrt, given, scalar, check)
        raise
    if request.kinds and _of_two_types(facts):
        apart = number(split_webs(facts.fn, facts.webs))
        return find_facts(apart, request.wrt, given, scalar, check)
    return facts


def _apart(fn: n.Function, given: dict[str, Kind], scalar: bool) -> Iterator[n.Function]:
    """Where names are reused, an alias may outlive its owner's name: `fn` with one name for each web; then also with
    one name for each definition of what is shared."""
    fn = number(split_webs(fn, find_webs(fn)))
    fn = resolve_augmented(fn, infer_kinds(fn, find_webs(fn), given, scalar))
    yield fn
    fn = joins_apart(fn, shared_names(fn, infer_kinds(fn, find_webs(fn), given, scalar)))
    yield resolve_augmented(fn, infer_kinds(fn, find_webs(fn), given, scalar))


def _of_two_types(facts: Facts) -> bool:
    """Is a name used for unrelated values that no one compiled variable can hold: a number and an array, say?"""
    types: dict[str, set[tuple[object, ...]]] = {}
    for (_, name), web in facts.webs.of_def.items():
        kind = facts.kinds.web_kinds.get(web, Kind())
        shape = (kind.form, kind.rank, kind.elts, kind.dtype if kind.is_array else None)
        types.setdefault(name, set()).add(shape)
    return any(len(found) > 1 for found in types.values())


def text_of(fn: n.Function, request: Request) -> str:
    """The module text of a derivative."""
    with deep_stack():
        header = (f"{request.mode} of {fn.module}.{fn.qualname} in {', '.join(request.wrt)}",)
        return module_text([fn], header)


@contextmanager
def deep_stack() -> Iterator[None]:
    """Room for programs that nest deep (an `elif` ladder of a thousand rungs), and no garbage collection meanwhile:
    core has no cycles, and to look for them again and again would take a third of the time."""
    limit, collecting = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(limit, 12_000))
    gc.disable()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        if collecting:
            gc.enable()
