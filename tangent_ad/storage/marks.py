"""How derived code says which value of a primal name it means.

In: primal statements by number.  Out: versions, carried by `Name.version` and not printed.

Every read of a primal name in an adjoint carries the version it means: the value as a primal statement begins, or what
that statement defines.  The storage room decides how the value comes to be there; the laws check that it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from tangent_ad.analyses.effects import needed_content
from tangent_ad.analyses.webs import read_expressions
from tangent_ad.core import nodes as n
from tangent_ad.core.answers import kept
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import Kind
from tangent_ad.core.walk import subexpressions
from tangent_ad.runtime import helpers


def before(num: int) -> int:
    """The version of a value as statement `num` begins."""
    return 2 * num


def behind(num: int) -> int:
    """The version of what statement `num` defines."""
    return 2 * num + 1


@record(frozen=True, slots=True)
class Read:
    """A read of a primal value: of its content, or of its shape only."""

    name: str
    version: int
    content: bool

    @property
    def num(self) -> int:
        """The primal statement that the version speaks of."""
        return self.version // 2

    @property
    def is_behind(self) -> bool:
        return self.version % 2 == 1


@kept
def marked_reads(expr: n.Expr) -> tuple[Read, ...]:
    """The marked reads of an expression, by name and version."""
    marked = {(e.id, e.version) for e in subexpressions(expr) if type(e) is n.Name and e.version is not None}
    if not marked:
        return ()
    content = needed_content(expr)
    return tuple([Read(name, version, name in content) for name, version in sorted(marked)])


def all_reads(stmts: Iterable[n.Stmt]) -> Iterator[Read]:
    """The marked reads of some statements (not of the statements in them)."""
    for stmt in stmts:
        for expr in read_expressions(stmt):
            yield from marked_reads(expr)


def append(tape: n.Name, value: n.Expr) -> n.Stmt:
    return n.ExprStmt(n.Call(list.append, ".append()", (tape, value)))


def pop(tape: n.Name) -> n.Expr:
    return n.Call(list.pop, ".pop()", (tape,))


def copied(expr: n.Expr, kind: Kind) -> n.Expr:
    """`expr` in memory of its own."""
    if kind.is_number:
        return expr
    if kind.is_array:
        return n.Call(np.copy, ".copy()", (expr,))
    return n.Call(helpers.copy_of, "copy_of", (expr,))
