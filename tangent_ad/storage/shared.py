"""Numbers that are computed twice.

In: values.  Out: for a definition whose number an earlier one surely has, that one.

Two definitions have the same number where the same operation meets the same values: `u[i]` read twice with no write to
u between, `0.5 * h` written in two lines.  Storage then keeps, or computes again, only the first.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace

from tangent_ad.analyses.effects import needed_content
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import bodies
from tangent_ad.frontend.pure import COMPARISONS, INDEX_ARITHMETIC, SIZES
from tangent_ad.rules.registry import lookup
from tangent_ad.storage.marks import before
from tangent_ad.storage.values import Values

PURE = frozenset((*COMPARISONS, *INDEX_ARITHMETIC, *SIZES))


def with_shared(values: Values) -> Values:
    """`values` in which equal numbers are one value."""
    same: dict[int, tuple[str, int]] = {}
    found = replace(values, same=same)
    _block(values.facts.fn.body, found, same, {})
    return found


Definition = tuple[str, int]


def _block(
    body: tuple[n.Stmt, ...], values: Values, same: dict[int, Definition], known: Mapping[Hashable, Definition]
) -> None:
    """Extend `same` by the definitions of a block; `known`: what has been computed when it begins."""
    known = dict(known)
    for stmt in body:
        for inner in bodies(stmt):  # what a fused loop reads is not provided again: it must be in its names
            _block(inner, values, same, {} if stmt.num in values.fused else known)
        if not isinstance(stmt, n.Assign) or not isinstance(stmt.target, n.Name) or stmt.num not in values.runs:
            continue
        kind = values.facts.kinds.defined(stmt.num, stmt.target.id)
        if not kind.is_number or kind.dtype == "bool" or not isinstance(stmt.value, (n.Call, n.Index)):
            continue
        key = version_key(stmt.value, before(stmt.num), values)
        if key is None:
            continue
        if key in known:
            same[stmt.num] = known[key]
        else:
            known[key] = stmt.target.id, stmt.num


def version_key(expr: n.Expr, version: int | None, values: Values) -> Hashable | None:
    """What two expressions have in common if they are the same operation on the same values.

    version: that of the names in it; None: each says its own.  Returns None where nothing is known of the operation.
    """
    return _key(expr, version, needed_content(expr), values)


def _key(expr: n.Expr, version: int | None, content: frozenset[str], values: Values) -> Hashable | None:
    if type(expr) is n.Name:
        own = version if version is not None else expr.version
        return None if own is None else values.parts_at(expr.id, own, expr.id in content)
    match expr:
        case n.Const(key=key):
            return key
        case n.Index(value=value, index=index):
            parts = [_key(e, version, content, values) for e in (value, index)]
            return None if None in parts else ("index", *parts)
        case n.Tuple(elts=elts):
            parts = [_key(e, version, content, values) for e in elts]
            return None if None in parts else ("tuple", *parts)
        case n.Call(fn=fn, args=args, keywords=()) if fn in PURE or _has_partials(fn):
            parts = [_key(e, version, content, values) for e in args]
            return None if None in parts else ("call", fn, *parts)
    return None


def _has_partials(fn: object) -> bool:
    rule = lookup(fn)
    return rule is not None and rule.diff == "partials"
