"""The law of the optimisations: with any of them off, and with all of them off, a derivative stays what it was.

In: a program and its loaded `f`.  Out: its vjp as users get it, and its vjps without one optimisation each.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tangent_ad.derived import build
from tangent_ad.pipeline import Request
from tangent_ad.simplify.passes import PASSES
from tests.random_programs.generate import Program

STORAGE = ("recompute", "preallocate", "fuse", "share", "short")
NAMES = (*STORAGE, *dict.fromkeys(name for name, _ in PASSES))
"""Every optimisation that can be switched off alone."""
AT_ONCE = 3
"""How many of them are tried on one program, besides all of them; the next program takes the next ones."""


def variants(program: Program, f: Callable[..., Any]) -> tuple[Any, dict[str, Any]]:
    """The vjp, and by the name of what is off those without."""
    wrt = tuple(program.params[k].name for k in program.wrt)

    def made(without: frozenset[str], optimise: bool = True) -> Any:
        request = Request("vjp", wrt, len(wrt) == 1, optimise=optimise, without=without)
        return build(f, request, "f_vjp").load()  # type: ignore[arg-type]

    start = AT_ONCE * program.seed
    names = [NAMES[(start + k) % len(NAMES)] for k in range(AT_ONCE)]
    off = {name: made(frozenset((name,))) for name in names}
    off["every optimisation"] = made(frozenset(NAMES), optimise=False)
    return made(frozenset()), off
