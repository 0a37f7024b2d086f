"""The law of the forward sweep, checked on every function that is generated.

In: the primal's definitions and the derived function, as the mode made it.  Out: a name that breaks the law, or None.

*Forward law*: a statement of the primal that runs in the derivative reads what it read in the primal.  Where a loop
runs its backward sweep in each iteration, that sweep counts with the variables of the user's loops and restores values
under the user's names: none of this may reach a statement of the forward sweep.  (Behind the forward sweep, it reaches
none.)  Nor does an adjoint read what a loop of the backward sweep has counted to, behind that loop, or behind a loop of
the forward sweep what was restored in it.
"""

from __future__ import annotations

from tangent_ad.analyses.defs import Definitions
from tangent_ad.analyses.webs import Webs, read_expressions, reads_of
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import names_read, subexpressions


def overwritten(primal: Definitions, defs: Definitions, webs: Webs) -> str | None:
    """A name that a statement of the forward sweep reads behind where the backward sweep has bound it."""
    ours: dict[str, frozenset[int]] = {}
    for name in primal.defs:
        own = frozenset(d for d in defs.defs.get(name, ()) if d >= 0 and _is_backward(defs.by_number[d]))
        if own:
            ours[name] = own
    if not ours:
        return None
    for stmt in defs.statements:
        if stmt.info.origin is None:  # it restores, or counts
            continue
        unmarked = _unmarked(stmt)
        for name in sorted(reads_of(stmt) & ours.keys()):
            found = webs.reaching[(stmt.num, name)] & ours[name]
            if name in unmarked and found:
                return name
            if any(_is_behind(defs, d, stmt) for d in found):
                return name
    return None


def _is_behind(defs: Definitions, d: int, stmt: n.Stmt) -> bool:
    """Does the statement stand behind the loop of the backward sweep that the definition `d` is, or behind one of the
    forward sweep that `d` is in?"""
    around = defs.loops[stmt.num]
    if isinstance(defs.by_number[d], n.For) and d not in around:
        return True
    return any(loop not in around and defs.by_number[loop].info.origin is not None for loop in defs.loops[d])


def _is_backward(stmt: n.Stmt) -> bool:
    """Does it bind a primal name for the backward sweep?  It does not where it copies an argument."""
    if stmt.info.origin is not None:
        return False
    match stmt:
        case n.Assign(target=n.Name(id=name, version=None), value=n.Call(args=(n.Name(id=given),))):
            return name != given
    return True


def _unmarked(stmt: n.Stmt) -> frozenset[str]:
    """The names that the statement reads as they are; what an adjoint reads of the primal has a version."""
    found: set[str] = set()
    for expr in read_expressions(stmt):
        if names_read(expr):
            found.update(e.id for e in subexpressions(expr) if isinstance(e, n.Name) and e.version is None)
    return frozenset(found)
