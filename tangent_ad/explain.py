"""The program after each pass.

In: a function and the derivative wanted.  Out: Python text, one listing per pass.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tangent_ad.api import WITH_WORKSPACE, Wrt, names_of
from tangent_ad.core import nodes as n
from tangent_ad.declare import calling, is_declared
from tangent_ad.derived import build, derived_name
from tangent_ad.emit.text import function_text
from tangent_ad.errors import UsageError
from tangent_ad.frontend.read import plain_function, read_function
from tangent_ad.pipeline import Request, deep_stack

MODES = ("grad", "value_and_grad", "jvp", "vjp", "hvp", "jacobian", "hessian")

TITLES = {
    "read": "read: the function as it was read, names resolved",
    "desugar": "desugar: one operation per statement, short functions written in place of their calls",
    "storage": "storage: beside each line what becomes of its variables",
    "jvp": "forward mode: tangents beside values",
    "grad": "reverse mode: a forward and a backward sweep",
    "value_and_grad": "reverse mode: a forward and a backward sweep",
    "vjp": "reverse mode: a forward and a backward sweep",
    "simplify": "simplify: without what is not needed",
    "joint call": "joint call: the derivative of a function that stays a call",
    "tangent only": "tangent only: without the value",
    "workspace": "workspace: what is kept lies in memory that the caller gives",
    "write the loop": "write the loop: one call for each basis vector",
}


def explain(f: Callable[..., Any], mode: str = "grad", wrt: Wrt = 0, workspace: bool = False) -> str:
    """The program after each pass of the compiler, as Python text.

    Parameters:
        f: the function, as for `grad`.
        mode: "grad", "value_and_grad", "jvp", "vjp", "hvp", "jacobian" or "hessian".
        wrt: the parameters to differentiate in.
        workspace: True for a derivative that takes a workspace.
    Returns: the listings, each under a comment that says what the pass did.  For `hvp` the listings of the gradient are
        followed by those of its forward mode.  The listing "storage" is the function as it was written; beside each
        line it says of each variable whether it is active, and if an adjoint reads its value: whether the value is left
        in its name, kept (in which variable), computed again, or not needed, and why.
    Raises: as the transformation itself.

    >>> def square(x):
    ...     return x * x
    >>> print(explain(square, "jvp"))  # doctest: +ELLIPSIS
    # 1. read: the function as it was read, names resolved
    def square(x):
        return x * x
    ...
    """
    if mode not in MODES:
        raise UsageError(f"mode={mode!r}: it must be one of {', '.join(MODES)}")
    if workspace and mode not in WITH_WORKSPACE:
        raise UsageError(f"mode={mode!r} takes no workspace; {', '.join(WITH_WORKSPACE)} do")
    pyfunc = calling(f) if is_declared(f) else plain_function(f)
    fn = read_function(pyfunc)
    names = names_of(fn, wrt)
    listings: list[str] = []

    def show(stage: str, made: n.Function) -> None:
        title = TITLES.get(stage, stage)
        with deep_stack():
            listings.append(f"# {len(listings) + 1}. {title}\n{function_text(made)}")

    request = Request(mode, names, not isinstance(wrt, tuple), workspace=workspace)
    build(pyfunc, request, derived_name(fn, mode, names), show)
    return "\n".join(listings)
