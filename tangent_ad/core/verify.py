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
from tangent_ad.core.walk import NOTHING, bound_names, expressions, names_read, one_name, statements, subexpressions
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
    body = statements(fn.body)
    every = [_own(stmt) for stmt in body]
    bound = {p.name for p in fn.params}.union(*[own[0] for own in every])
    read: set[str] = set().union(*[own[1] for own in every])
    last = fn.body[-1] if fn.body else None
    for own in every:
        yield from own[2]
    if any([type(stmt) is n.Return and stmt is not last for stmt in body]):
        yield "`return` before the end"
    for name in sorted([name for name in read | bound if not _is_name(name)]):
        yield f"`{name}` is no name"
    for name in sorted(read - bound):
        yield f"`{name}` is read and nowhere bound"


@functools.cache
def _is_name(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


Names = frozenset[str]


@kept
def _own(stmt: n.Stmt) -> tuple[Names, Names, tuple[str, ...]]:
    """What a statement itself binds, the names in it (but one that it assigns to), and what is wrong with it."""
    kind = type(stmt)
    if kind is n.Assign and type(stmt.target) is n.Name:  # type: ignore[attr-defined]
        value = stmt.value  # type: ignore[attr-defined]
        return one_name(stmt.target.id), names_read(value), _strange(value)  # type: ignore[attr-defined]
    shape = _SHAPES.get(kind)
    problems = shape(stmt) if shape is not None else ()
    names = NOTHING
    for expr in expressions(stmt):
        problems += _strange(expr)
        found = names_read(expr)
        names = names | found if names else found
    binds = frozenset(bound_names(stmt.target)) if isinstance(stmt, _BINDING) else NOTHING
    return binds, names, problems


def _strange(expr: n.Expr) -> tuple[str, ...]:
    """What in an expression is none."""
    if type(expr) in _ATOMS or _EXPRESSIONS.issuperset(map(type, subexpressions(expr))):
        return ()
    strange = {type(p).__name__ for p in subexpressions(expr)} - {t.__name__ for t in _EXPRESSIONS}
    return tuple(f"{name} where an expression belongs" for name in sorted(strange))


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
