"""Well-formedness of core, checked after every pass.

In: a function and the name of the pass that made it.  Out: nothing, or an InternalError that names the pass.

This is what every core function must be, whoever made it: printable, with targets that can be assigned, `return` at the
end alone, and no local name that is read but nowhere bound.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import bound_names, expressions, statements, subexpressions
from tangent_ad.errors import InternalError


def verify(fn: n.Function, stage: str) -> n.Function:
    """`fn` itself, if it is well formed.

    >>> verify(n.Function("f", (n.Param("x"),), (n.Return(n.Name("x")),)), "read").name
    'f'
    """
    for problem in _problems(fn):
        raise InternalError(f"{stage} broke the program `{fn.name}`: {problem}")
    return fn


def _problems(fn: n.Function) -> Iterator[str]:
    order = tuple(statements(fn.body))
    bound = {p.name for p in fn.params}
    for stmt in order:
        if isinstance(stmt, n.Assign | n.AugAssign | n.For):
            bound |= set(bound_names(stmt.target))
    last = fn.body[-1] if fn.body else None
    for stmt in order:
        yield from _shape(stmt)
        if isinstance(stmt, n.Return) and stmt is not last:
            yield "`return` before the end"
        for expr in expressions(stmt):
            for part in subexpressions(expr):
                if not isinstance(part, n.Expr):
                    yield f"{type(part).__name__} where an expression belongs"
                elif isinstance(part, n.Name):
                    if not part.id.isidentifier() or keyword.iskeyword(part.id):
                        yield f"`{part.id}` is no name"
                    elif part.id not in bound:
                        yield f"`{part.id}` is read and nowhere bound"


def _shape(stmt: n.Stmt) -> Iterator[str]:
    """What is wrong with a statement by itself."""
    if isinstance(stmt, n.Assign) and not _is_target(stmt.target):
        yield f"an assignment to {type(stmt.target).__name__}"
    if isinstance(stmt, n.AugAssign) and not isinstance(stmt.target, n.Name | n.Index):
        yield f"an augmented assignment to {type(stmt.target).__name__}"
    if isinstance(stmt, n.ExprStmt) and not isinstance(stmt.value, n.Call):
        yield "an expression without effect"


def _is_target(target: n.Expr) -> bool:
    if isinstance(target, n.Tuple):
        return all(_is_target(e) for e in target.elts)
    return isinstance(target, n.Name | n.Index)
