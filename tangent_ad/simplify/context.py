"""What the passes know besides the function itself.

In: the names of the user's function, kinds of parameters.  Out: `Context`, and questions about derived code that more
than one pass asks.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from typing import Any

from tangent_ad.analyses.kinds import infer_kinds
from tangent_ad.analyses.namekinds import NameKinds, name_kinds
from tangent_ad.analyses.webs import find_webs
from tangent_ad.core import nodes as n
from tangent_ad.core.answers import kept
from tangent_ad.core.calling import calls_in
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import Kind
from tangent_ad.core.spelling import SYMBOL
from tangent_ad.core.walk import bound_names, statements
from tangent_ad.errors import RefusedError
from tangent_ad.rules.registry import lookup


@record(frozen=True)
class Context:
    """user_names: names of the user's own function, which are kept.  kinds: of parameters.  augmented: places of the
    user's own augmented assignments.  typed: the kinds come from compiled types.  without: names of passes that are
    left out.  names: kinds of all names, once they are found.  short: statements whose arithmetic is in shortest form,
    by identity; they are not looked at again.  forms: of functions that were asked for theirs (`forming`), by
    identity."""

    user_names: frozenset[str] = frozenset()
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    augmented: frozenset[n.Span] = frozenset()
    typed: bool = False
    without: frozenset[str] = frozenset()
    names: NameKinds | None = None
    short: dict[int, n.Stmt] = field(default_factory=dict)
    forms: dict[int, tuple[n.Function, Any]] = field(default_factory=dict)


def context_of(
    user: n.Function, kinds: Mapping[str, Kind], without: frozenset[str] = frozenset(), typed: bool = False
) -> Context:
    """The context of what is derived from `user`, the function as it was read."""
    names = {p.name for p in user.params}
    augmented = set()
    for stmt in statements(user.body):
        if isinstance(stmt, (n.Assign, n.AugAssign, n.For)):
            names.update(bound_names(stmt.target))
        if isinstance(stmt, n.AugAssign) and stmt.info.span is not None:
            augmented.add(stmt.info.span)
    return Context(frozenset(names), dict(kinds), frozenset(augmented), typed, without)


def with_names(fn: n.Function, context: Context) -> Context:
    """`context` with the kinds of the names of `fn` as it is now, and nothing that was found with other kinds."""
    return replace(context, names=kinds_of(fn, replace(context, names=None)), short={}, forms={})


def kinds_of(fn: n.Function, context: Context) -> NameKinds:
    """The kinds of the names of `fn` (numbered), as far as the kinds of its parameters give them; found once."""
    if context.names is not None:
        return context.names
    webs = find_webs(fn)
    given = {p.name: context.kinds[p.name] for p in fn.params if p.name in context.kinds}
    try:
        kinds = infer_kinds(fn, webs, given, presume=False)
    except RefusedError:  # nothing known is always right
        return NameKinds({})
    return name_kinds(kinds)


def is_pure(value: n.Expr) -> bool:
    """True if the value is computed for its result alone (`pop` changes its tape)."""
    return type(value) is n.Name or type(value) is n.Const or _is_pure(value)


@kept
def _is_pure(value: n.Expr) -> bool:
    for call in calls_in(value):
        rule = lookup(call.fn)
        if rule is None or rule.writes:
            return False
    return True


def is_fresh(value: n.Expr) -> bool:
    """True if the value is memory that nobody else holds."""
    if isinstance(value, (n.Const, n.List)):
        return True
    rule = lookup(value.fn) if isinstance(value, n.Call) else None
    return rule is not None and rule.result == "fresh"


@functools.cache
def is_shadow(name: str) -> bool:
    """True for the name of an adjoint or a tangent (if the compiler made it)."""
    return SHADOW.search(name) is not None


SHADOW = re.compile(r"_(bar|dot)\d*$")


def is_operator(expr: n.Expr) -> bool:
    """True for `a + b` and the like, which need parentheses before a dot or an index."""
    return isinstance(expr, n.Call) and not (expr.spelling[0].isalpha() or expr.spelling[0] in "._")


def binary(fn: Callable[..., Any], a: n.Expr, b: n.Expr) -> n.Call:
    """`a fn b` for an operator of Python."""
    return n.Call(fn, SYMBOL[fn], (a, b))
