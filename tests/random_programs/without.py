"""The law of the optimisations: with any of them off, and with all of them off, a derivative stays what it was.

In: a program and its loaded `f`.  Out: its vjp as users get it, its vjps without one optimisation each, and the one
that keeps values in a workspace.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from tangent_ad.derived import build
from tangent_ad.pipeline import Request
from tangent_ad.simplify.passes import PASSES
from tangent_ad.storage.plan import OPTIONS
from tests.random_programs.generate import Program

STORAGE = (*OPTIONS, "short")
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
    request = Request("vjp", wrt, len(wrt) == 1, workspace=True)
    off["every optimisation"] = made(frozenset(NAMES), optimise=False)
    off["arrays of its own"] = _in_a_workspace(build(f, request, "f_vjp").load())
    return made(frozenset()), off


def _in_a_workspace(df: Any) -> Callable[..., Any]:
    """`df`, which takes a workspace, with one that holds nothing of use."""
    where = list(inspect.signature(df).parameters).index("workspace")

    def call(*args: Any) -> Any:
        memory = df.workspace(*args)
        memory[:] = np.nan
        return df(*args[:where], memory, *args[where:])

    return call
