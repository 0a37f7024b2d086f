"""The one way of a function: read, desugar, analyse, differentiate, simplify, print.

In: a Python function and what is wanted.  Out: the derivative in core, its text.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tangent_ad import rules as _rules  # noqa: F401  (fills the registry)
from tangent_ad.analyses.annotations import annotated_kinds
from tangent_ad.analyses.facts import Facts, find_facts
from tangent_ad.analyses.kinds import infer_kinds
from tangent_ad.analyses.webs import find_webs
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import Kind
from tangent_ad.core.walk import number
from tangent_ad.emit.module import module_text
from tangent_ad.frontend.desugar import desugar
from tangent_ad.frontend.read import read_function
from tangent_ad.modes.augmented import resolve_augmented
from tangent_ad.modes.forward import differentiate_forward
from tangent_ad.modes.reverse import differentiate_reverse
from tangent_ad.simplify import simplify

MODES = ("jvp", "grad", "value_and_grad", "vjp")


@dataclass(frozen=True)
class Request:
    """What is wanted of a function.

    wrt: names of parameters; `bare`: a single adjoint comes bare, not as a tuple; `optimise`: False keeps every value
    that an adjoint reads ("all optimisations off"); `kinds`: kinds of parameters known from outside.
    """

    mode: str
    wrt: tuple[str, ...]
    bare: bool = True
    optimise: bool = True
    kinds: tuple[tuple[str, Kind], ...] = ()


Trace = Callable[[str, n.Function], None]


def derive(pyfunc: Any, request: Request, name: str, trace: Trace = lambda stage, fn: None) -> n.Function:
    """The derivative of `pyfunc` in core.  `trace` sees the program after each pass."""
    with deep_stack():
        fn = read_function(pyfunc)
        trace("read", fn)
        facts = analyse(fn, request, trace)
        if request.mode == "jvp":
            made = differentiate_forward(facts, name)
        else:
            made = differentiate_reverse(facts, name, request.mode, not request.bare, not request.optimise)
        trace(request.mode, made)
        made = simplify(number(made))
        trace("simplify", made)
        return made


def analyse(fn: n.Function, request: Request, trace: Trace = lambda stage, fn: None) -> Facts:
    """The function in normal form, with its facts."""
    given = {**annotated_kinds(fn), **dict(request.kinds)}
    fn = desugar(fn)
    trace("desugar", fn)
    scalar = request.mode in ("grad", "value_and_grad")
    fn = resolve_augmented(fn, infer_kinds(fn, find_webs(fn), given, scalar))
    check = "maybe" if request.mode == "jvp" else "all"
    return find_facts(fn, request.wrt, given, scalar, check)


def text_of(fn: n.Function, request: Request) -> str:
    """The module text of a derivative."""
    with deep_stack():
        header = (f"{request.mode} of {fn.module}.{fn.qualname} in {', '.join(request.wrt)}",)
        return module_text([fn], header)


@contextmanager
def deep_stack() -> Iterator[None]:
    """Room for programs that nest deep (an `elif` ladder of a thousand rungs)."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, 12_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
