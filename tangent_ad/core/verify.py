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
from tangent_ad.core.walk import bound_names, expressions, kept, names_read, statements, subexpressions
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
    bound = {p.name for p in fn.params}
    read: set[str] = set()
    last = fn.body[-1] if fn.body else None
    for stmt in statements(fn.body):
        kind = type(stmt)
        shape = _SHAPES.get(kind)
        if shape is not None:
            yield from shape(stmt)
        elif kind is n.Return and stmt is not last:
            yield "`return` before the end"
        if kind is n.Assign or kind is n.AugAssign or kind is n.For:
            bound.update(bound_names(stmt.target))  # type: ignore[attr-defined]
        for expr in expressions(stmt):
            names, problems = _alone(expr)
            read |= names
            yield from problems
    for name in sorted(read - bound):
        yield f"`{name}` is read and nowhere bound"


@kept
def _alone(expr: n.Expr) -> tuple[frozenset[str], tuple[str, ...]]:
    """The names in an expression, and what is wrong with it by itself."""
    names = names_read(expr)
    bad = [f"`{name}` is no name" for name in sorted(names) if not name.isidentifier() or keyword.iskeyword(name)]
    parts = subexpressions(expr)
    bad += [f"{type(p).__name__} where an expression belongs" for p in parts if not isinstance(p, n.Expr)]
    return names, tuple(bad)


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
