"""Well-formedness of core, checked after every pass.

In: a function and the name of the pass that made it.  Out: nothing, or an InternalError that names the pass.

This is what every core function must be, whoever made it: printable, with targets that can be assigned, `return` at the
end alone, and no local name that is read but nowhere bound.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterator
from typing import Any

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import bound_names, expressions, kept, statements, subexpressions
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
        kind = type(stmt)
        if kind is n.Assign or kind is n.AugAssign or kind is n.For:
            bound.update(bound_names(stmt.target))  # type: ignore[attr-defined]
    last = fn.body[-1] if fn.body else None
    read: set[str] = set()
    for stmt in order:
        wrong, names = _alone(stmt)
        read |= names
        yield from wrong
        if type(stmt) is n.Return and stmt is not last:
            yield "`return` before the end"
    for name in sorted(read - bound):
        yield f"`{name}` is read and nowhere bound"


@kept
def _alone(stmt: n.Stmt) -> tuple[tuple[str, ...], frozenset[str]]:
    """What is wrong with a statement by itself, nested bodies not counted; the names that stand in it."""
    shape = _SHAPES.get(type(stmt))
    found = shape(stmt) if shape is not None else ()
    names: set[str] = set()
    for expr in expressions(stmt):
        for part in subexpressions(expr):
            if type(part) is n.Name:
                names.add(part.id)
            elif not isinstance(part, n.Expr):
                found += (f"{type(part).__name__} where an expression belongs",)
    bad = sorted(name for name in names if not name.isidentifier() or keyword.iskeyword(name))
    return found + tuple(f"`{name}` is no name" for name in bad), frozenset(names)


def _assign(stmt: n.Assign) -> tuple[str, ...]:
    return () if _is_target(stmt.target) else (f"an assignment to {type(stmt.target).__name__}",)


def _augmented(stmt: n.AugAssign) -> tuple[str, ...]:
    good = isinstance(stmt.target, (n.Name, n.Index))
    return () if good else (f"an augmented assignment to {type(stmt.target).__name__}",)


def _effect(stmt: n.ExprStmt) -> tuple[str, ...]:
    return () if isinstance(stmt.value, n.Call) else ("an expression without effect",)


def _is_target(target: n.Expr) -> bool:
    if type(target) is n.Name:
        return True
    if isinstance(target, n.Tuple):
        return all(_is_target(e) for e in target.elts)
    return isinstance(target, (n.Name, n.Index))


_SHAPES: dict[type, Callable[[Any], tuple[str, ...]]] = {
    n.Assign: _assign,
    n.AugAssign: _augmented,
    n.ExprStmt: _effect,
}
"""What is wrong with a statement by itself."""
