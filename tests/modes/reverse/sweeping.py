"""What single statements become in the backward sweep, as text.

In: a function's body.  Out: `sweep_of`: the sweep, its places and the function; `adjoints`: for the first line of each
statement the text of its adjoint.
"""

from __future__ import annotations

from tangent_ad.analyses.lengths import find_lengths
from tangent_ad.core import nodes as n
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import statements
from tangent_ad.emit.text import body_text
from tangent_ad.frontend.pure import all_names
from tangent_ad.modes.reverse.adjoints import plan_adjoints
from tangent_ad.modes.reverse.places import Places
from tangent_ad.modes.reverse.sweep import Sweep
from tangent_ad.storage.steps import Step
from tests.analyses.program import Program, program

HEAD = (
    "u: 'Float[np.ndarray, \"n\"]', w: 'Float[np.ndarray, \"n\"]', m: 'Float[np.ndarray, \"n k\"]', "
    "x: float, y: float, k: int"
)
WRT = "u w m x y"


def sweep_of(body: str, wrt: str = WRT, head: str = HEAD, known: bool = True) -> tuple[Program, Sweep]:
    """known: lengths are looked at."""
    p = program(head, body, wrt)
    fresh, planned = Fresh(all_names(p.fn)), plan_adjoints(p.facts)
    places = Places(p.facts, planned, fresh)
    for name in p.wrt:
        places.bar(name)
    return p, Sweep(p.facts, planned, places, fresh, find_lengths(p.facts, True, False) if known else None)


def steps(body: str, wrt: str = WRT, head: str = HEAD, known: bool = True) -> list[Step]:
    """The steps of all statements but the last, in the order of the text."""
    p, sweep = sweep_of(body, wrt, head, known)
    return [sweep.step(stmt) for stmt in statements(p.fn.body) if not isinstance(stmt, n.Return)]


def lines(stmts: tuple[n.Stmt, ...]) -> str:
    """Their text, the lines set apart by "; "."""
    return "; ".join(body_text(stmts).splitlines()) if any(not isinstance(s, n.Pass) for s in stmts) else ""


def adjoints(body: str, wrt: str = WRT, head: str = HEAD, known: bool = True) -> dict[str, str]:
    return {lines((step.stmt,)).split("; ")[0]: lines(step.adjoint) for step in steps(body, wrt, head, known)}
