"""Small pure tools to traverse and rebuild core.

In: nodes.  Out: their parts, or new nodes with other parts.

Nothing here recurses without end: a sum of 3,000 terms is a chain 3,000 calls deep, an `elif` ladder nests as deep as
it is long, and Python's stack is shorter than either.  Loops carry their own stacks, or go down a bounded way first.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from typing import Any, TypeGuard, TypeVar

from tangent_ad.core import nodes as n
from tangent_ad.core.answers import kept

T = TypeVar("T")
Body = tuple[n.Stmt, ...]


def children(expr: n.Expr) -> tuple[n.Expr, ...]:
    """The direct parts of an expression, in the order they are evaluated (an `IfExp`: test, body, orelse)."""
    parts = _PARTS.get(type(expr))
    return parts(expr) if parts is not None else ()


_PARTS: dict[type, Callable[[Any], tuple[n.Expr, ...]]] = {
    n.Call: lambda e: e.args + tuple(value for _, value in e.keywords) if e.keywords else e.args,
    n.Index: lambda e: (e.value, e.index),
    n.Tuple: lambda e: e.elts,
    n.List: lambda e: e.elts,
    n.BoolOp: lambda e: e.values,
    n.IfExp: lambda e: (e.test, e.body, e.orelse),
    n.Slice: lambda e: tuple(part for part in (e.lower, e.upper, e.step) if part is not None),
}
"""How each kind of expression with parts gives them; a table, since nothing is asked more often."""


def with_children(expr: n.Expr, parts: tuple[n.Expr, ...]) -> n.Expr:
    """`expr` with its direct parts replaced, in the order of `children`."""
    if isinstance(expr, n.Call):
        if not expr.keywords:
            return n.Call(expr.fn, expr.spelling, parts, (), expr.span)
        count = len(expr.args)
        keywords = tuple((key, part) for (key, _), part in zip(expr.keywords, parts[count:], strict=True))
        return n.Call(expr.fn, expr.spelling, parts[:count], keywords, expr.span)
    if isinstance(expr, n.Index):
        return n.Index(parts[0], parts[1], expr.span)
    if isinstance(expr, n.Tuple):
        return n.Tuple(parts)
    if isinstance(expr, n.List):
        return n.List(parts)
    if isinstance(expr, n.BoolOp):
        return n.BoolOp(expr.op, parts)
    if isinstance(expr, n.IfExp):
        return n.IfExp(*parts)
    if isinstance(expr, n.Slice):
        given = iter(parts)
        old = (expr.lower, expr.upper, expr.step)
        return n.Slice(*(None if part is None else next(given) for part in old))
    return expr


def subexpressions(expr: n.Expr) -> tuple[n.Expr, ...]:
    """`expr` and everything inside it, outermost first, left to right."""
    return contents(expr)[0] if type(expr) in _PARTS else (expr,)


@kept
def contents(expr: n.Expr) -> tuple[tuple[n.Expr, ...], frozenset[str], tuple[n.Call, ...], int]:
    """What is in an expression, found in one walk, since nearly all of it is asked for: all its parts, the local names,
    the calls, and how many operations there are."""
    found: list[n.Expr] = []
    names: list[str] = []
    calls: list[n.Call] = []
    choices = 0
    stack = [expr]
    while stack:
        top = stack.pop()
        found.append(top)
        kind = type(top)
        if kind is n.Name:
            names.append(top.id)  # type: ignore[attr-defined]
            continue
        if kind is n.Call:
            calls.append(top)  # type: ignore[arg-type]
        elif kind is n.BoolOp or kind is n.IfExp:
            choices += 1
        find = _PARTS.get(kind)
        if find is not None:
            stack += find(top)[::-1]
    return tuple(found), frozenset(names), tuple(calls), len(calls) + choices


def map_expr(expr: n.Expr, f: Callable[[n.Expr], n.Expr], deep: int = 50) -> n.Expr:
    """Rewrite bottom-up: every node, its parts already rewritten, is replaced by what `f` makes of it.

    What nests deeper than `deep` is rewritten without recursion, which takes longer.

    >>> map_expr(n.Tuple((n.Name("x"),)), lambda e: n.Name("y") if isinstance(e, n.Name) else e)
    Tuple(elts=(Name(id='y', version=None),))
    """
    find = _PARTS.get(type(expr))
    if find is None:
        return f(expr)
    if not deep:
        return _map_deep(expr, f)
    parts = find(expr)
    made = tuple([map_expr(part, f, deep - 1) if type(part) in _PARTS else f(part) for part in parts])
    return f(expr if all(map(operator.is_, parts, made)) else with_children(expr, made))


def _map_deep(expr: n.Expr, f: Callable[[n.Expr], n.Expr]) -> n.Expr:
    order: list[tuple[n.Expr, tuple[n.Expr, ...]]] = []
    stack = [expr]
    while stack:  # outermost first, right to left; reversed, it is the order of evaluation, parts before wholes
        top = stack.pop()
        find = _PARTS.get(type(top))
        if find is None:
            order.append((top, ()))
            continue
        parts = find(top)
        order.append((top, parts))
        stack += parts
    done: list[n.Expr] = []
    for node, parts in reversed(order):
        if parts:
            count = len(parts)
            if not all(map(operator.is_, parts, done[-count:])):
                node = with_children(node, tuple(done[-count:]))
            del done[-count:]
        done.append(f(node))
    return done[0]


def map_names(expr: n.Expr, f: Callable[[n.Name], n.Expr], deep: int = 50) -> n.Expr:
    """`expr` with every local name in it replaced by what `f` makes of it."""
    if type(expr) is n.Name:
        return f(expr)
    find = _PARTS.get(type(expr))
    if find is None:
        return expr
    if not deep:
        return _map_deep(expr, lambda e: f(e) if type(e) is n.Name else e)
    parts = find(expr)
    made = tuple([map_names(part, f, deep - 1) for part in parts])
    return expr if all(map(operator.is_, parts, made)) else with_children(expr, made)


def map_calls(expr: n.Expr, f: Callable[[n.Call], n.Expr], deep: int = 50) -> n.Expr:
    """Rewrite bottom-up as `map_expr` does, calls alone."""
    find = _PARTS.get(type(expr))
    if find is None:
        return expr
    if not deep:
        return _map_deep(expr, lambda e: f(e) if type(e) is n.Call else e)
    parts = find(expr)
    made = tuple([map_calls(part, f, deep - 1) if type(part) in _PARTS else part for part in parts])
    if not all(map(operator.is_, parts, made)):
        expr = with_children(expr, made)
    return f(expr) if type(expr) is n.Call else expr


def names_read(expr: n.Expr | None) -> frozenset[str]:
    """The local names that occur in an expression, none where there is no expression."""
    kind = type(expr)
    if kind is n.Name:
        return one_name(expr.id)  # type: ignore[union-attr]
    return contents(expr)[1] if kind in _PARTS else NOTHING  # type: ignore[arg-type]


@functools.lru_cache(maxsize=100_000)
def one_name(name: str) -> frozenset[str]:
    return frozenset((name,))


NOTHING: frozenset[str] = frozenset()


def globals_read(expr: n.Expr) -> Iterator[n.Global]:
    """The resolved globals that occur in an expression."""
    return (part for part in subexpressions(expr) if isinstance(part, n.Global))


def bound_names(target: n.Expr) -> tuple[str, ...]:
    """The names an assignment target binds: `(a, b[i])` binds `a`."""
    if type(target) is n.Name:
        return (target.id,)
    found: list[str] = []
    stack = [target]
    while stack:
        top = stack.pop()
        if isinstance(top, n.Name):
            found.append(top.id)
        elif isinstance(top, (n.Tuple, n.List)):
            stack.extend(reversed(top.elts))
    return tuple(found)


def expressions(stmt: n.Stmt) -> tuple[n.Expr, ...]:
    """The expressions that stand directly in a statement, targets included, nested bodies not."""
    kind = type(stmt)
    if kind is n.Assign or kind is n.AugAssign:
        return (stmt.target, stmt.value)  # type: ignore[attr-defined]
    found: list[n.Expr] = []
    for field in _FIELDS[kind]:
        value = getattr(stmt, field)
        if isinstance(value, n.Expr):
            found.append(value)
        elif isinstance(value, tuple):
            found.extend(value)
    return tuple(found)


def map_expressions(stmt: n.Stmt, f: Callable[[n.Expr], n.Expr]) -> n.Stmt:
    """`stmt` with each of its direct expressions (see `expressions`) replaced by what `f` makes of it."""
    if type(stmt) is n.Assign or type(stmt) is n.AugAssign:  # nearly all are
        target, value = f(stmt.target), f(stmt.value)
        if target is stmt.target and value is stmt.value:
            return stmt
        return changed(stmt, target=target, value=value)
    new_parts: dict[str, Any] = {}
    for field in _FIELDS[type(stmt)]:
        old: Any = getattr(stmt, field)
        if isinstance(old, n.Expr):
            new: Any = f(old)
            same_parts = new is old
        elif isinstance(old, tuple):
            new = tuple(f(part) for part in old)
            same_parts = all(a is b for a, b in zip(new, old, strict=True))
        else:
            continue
        if not same_parts:
            new_parts[field] = new
    return changed(stmt, **new_parts) if new_parts else stmt


def changed(stmt: Any, **parts: Any) -> n.Stmt:
    """`dataclasses.replace`, quicker; the base class of statements is no dataclass, which only type checkers mind."""
    make = _COPIERS.get((type(stmt), *parts)) or _copier(type(stmt), *parts)
    made: n.Stmt = make(stmt, **parts)
    return made


def _copier(kind: type, *parts: str) -> Callable[..., Any]:
    """The function that copies a node of that kind with other `parts`."""
    values = [f.name if f.name in parts else f"stmt.{f.name}" for f in fields(kind)]
    made: Callable[..., Any] = eval(f"lambda stmt, {', '.join(parts)}: kind({', '.join(values)})", {"kind": kind})
    _COPIERS[(kind, *parts)] = made
    return made


_COPIERS: dict[tuple[Any, ...], Callable[..., Any]] = {}


_FIELDS: dict[type, tuple[str, ...]] = {
    n.Assign: ("target", "value"),
    n.AugAssign: ("target", "value"),
    n.For: ("target", "start", "stop", "step"),
    n.While: ("test",),
    n.If: ("test",),
    n.Return: ("value",),
    n.Assert: ("test", "message"),
    n.Raise: ("exception", "args"),
    n.ExprStmt: ("value",),
    n.Pass: (),
}


def bodies(stmt: n.Stmt) -> tuple[Body, ...]:
    """The nested bodies of a statement: one of a loop, two of an `if` (the second may be empty)."""
    kind = type(stmt)
    if kind is n.If:
        return (stmt.body, stmt.orelse)  # type: ignore[attr-defined]
    if kind is n.For or kind is n.While:
        return (stmt.body,)  # type: ignore[attr-defined]
    return ()


def commented(stmt: n.Stmt, comments: tuple[str, ...]) -> n.Stmt:
    """`stmt` with more comments, ahead of those that stand above it."""
    if not comments:
        return stmt
    return changed(stmt, info=replace(stmt.info, comments=(*comments, *stmt.info.comments)))


def is_guard(stmt: n.Stmt) -> TypeGuard[n.If]:
    """Does the statement only raise an error under a condition?"""
    return isinstance(stmt, n.If) and len(stmt.body) == 1 and isinstance(stmt.body[0], n.Raise)


def replace_bodies(stmt: n.Stmt, new: tuple[Body, ...]) -> n.Stmt:
    """`stmt` with its nested bodies replaced, in the order of `bodies`."""
    if all(map(same_body, bodies(stmt), new)):
        return stmt
    if isinstance(stmt, n.If):
        return replace(stmt, body=new[0], orelse=new[1])
    assert isinstance(stmt, (n.For, n.While))
    return replace(stmt, body=new[0])


def statements(body: Body) -> Body:
    """Every statement of a body and of the bodies in it, in the order they stand in the text."""
    return _all_statements(body) if len(body) > 1 or not COMPOUND.isdisjoint(map(type, body)) else body


@kept
def _all_statements(body: Body) -> Body:
    found: list[n.Stmt] = []
    stack = [iter(body)]
    while stack:
        for top in stack[-1]:
            found.append(top)
            kind = type(top)
            if kind is n.If:
                stack += (iter(top.orelse), iter(top.body))  # type: ignore[attr-defined]
                break
            if kind is n.For or kind is n.While:
                stack.append(iter(top.body))  # type: ignore[attr-defined]
                break
        else:
            stack.pop()
    return tuple(found)


def map_body(body: Body, f: Callable[[int, n.Stmt], Iterable[n.Stmt]]) -> Body:
    """Rewrite statements bottom-up: each, its bodies already rewritten, is replaced by the statements `f` gives.

    `f` also gets the statement's position in the order of the text (the number `number` would give it); it is asked
    from the last position to the first.
    """
    position = len(statements(body))
    done: Body = ()
    tasks = [_Task(body)]
    while tasks:
        task = tasks[-1]
        todo, made = task.todo, task.made
        while todo:
            stmt = todo.pop()
            if type(stmt) in COMPOUND:
                old = bodies(stmt)
                if len(task.inner) < len(old):  # first its bodies, the last one first
                    todo.append(stmt)
                    tasks.append(_Task(old[-1 - len(task.inner)]))
                    break
                stmt = replace_bodies(stmt, tuple(reversed(task.inner)))
                task.inner = []
            position -= 1
            new = tuple(f(position, stmt))
            made += new if len(new) == 1 else reversed(new)
        else:
            made.reverse()
            done = tuple(made)
            if same_body(done, task.body):
                done = task.body
            tasks.pop()
            if tasks:
                tasks[-1].inner.append(done)
    return done


class _Task:
    """A body that `map_body` is at work on: what is still to do, what was made (both last first, at their ends the
    next), and the finished bodies of the compound statement that is next."""

    __slots__ = ("body", "inner", "made", "todo")

    def __init__(self, body: Body) -> None:
        self.body = body
        self.todo = list(body)
        self.made: list[n.Stmt] = []
        self.inner: list[Body] = []


COMPOUND = frozenset((n.If, n.For, n.While))


def same_body(a: Body, b: Body) -> bool:
    """Are the statements of two bodies the same objects?"""
    return a is b or (len(a) == len(b) and all(map(operator.is_, a, b)))
