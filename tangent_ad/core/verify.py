"""Well-formedness of core, checked after every pass.

In: a function and the name of the pass that made it.  Out: nothing, or an InternalError that names the pass.

This is what every core function must be, whoever made it: printable, with targets that can be assigned, `return` at the
end alone, and no local name that is read but nowhere bound.
"""

from __future__ import annotations

import functools
import keyword
from collections.abc import Callable, Iterator
from typing import Any

from tangent_ad.core import nodes as n
from tangent_ad.core.answers import kept
from tangent_ad.core.walk import NOTHING, bound_names, expressions, names_read, statements, subexpressions
from tangent_ad.errors import InternalError


def verify(fn: n.Function, stage: str) -> n.Function:
    """`fn` itself, if it is well formed.

    >>> verify(n.Function("f", (n.Param("x"),), (n.Return(n.Name("x")),)), "read").name
    'f'
    """
    for problem in _problems(fn):
        raise InternalError(f"{stage} broke the program `{fn.name}`: {problem}")
    return fn


@kept
def _problems(fn: n.Function) -> list[str]:
    return list(_found(fn))


def _found(fn: n.Function) -> Iterator[str]:
    every = [(stmt, *_own(stmt)) for stmt in statements(fn.body)]
    bound = {p.name for p in fn.params}.union(*[binds for _, binds, _, _ in every])
    read: set[str] = set().union(*[names for _, _, names, _ in every])
    last = fn.body[-1] if fn.body else None
    for stmt, _, _, problems in every:
        if problems:
            yield from problems
        if type(stmt) is n.Return and stmt is not last:
            yield "`return` before the end"
    for name in sorted(read):
        if not _is_name(name):
            yield f"`{name}` is no name"
    for name in sorted(read - bound):
        yield f"`{name}` is read and nowhere bound"


@functools.cache
def _is_name(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


Names = frozenset[str]


@kept
def _own(stmt: n.Stmt) -> tuple[tuple[str, ...], Names, tuple[str, ...]]:
    """What a statement itself binds, the names in it, and what is wrong with it."""
    kind = type(stmt)
    shape = _SHAPES.get(kind)
    problems = shape(stmt) if shape is not None else ()
    names = NOTHING
    for expr in expressions(stmt):
        if type(expr) not in _ATOMS and not _EXPRESSIONS.issuperset(map(type, subexpressions(expr))):
            strange = {type(p).__name__ for p in subexpressions(expr)} - {t.__name__ for t in _EXPRESSIONS}
            problems += tuple(f"{name} where an expression belongs" for name in sorted(strange))
        found = names_read(expr)
        names = names | found if names else found
    binds = bound_names(stmt.target) if isinstance(stmt, _BINDING) else ()
    return binds, names, problems


_BINDING = (n.Assign, n.AugAssign, n.For)
_ATOMS = frozenset((n.Const, n.Name, n.Global))
_EXPRESSIONS = frozenset(
    (n.Const, n.Name, n.Global, n.Call, n.BoolOp, n.IfExp, n.Tuple, n.List, n.Slice, n.Index),
)


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
