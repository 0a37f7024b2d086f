"""Comments at the ends of lines, at the statement that ends the user's.

In: derived code.  Out: the same; a comment at the end of a line that was taken apart stands at the last statement made
of it that is not an adjoint or a tangent.
"""

from __future__ import annotations

from dataclasses import replace

from tangent_ad.analyses.defs import bound_by
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import bodies, changed, commented, replace_bodies
from tangent_ad.simplify.context import is_shadow


def place_comments(fn: n.Function) -> n.Function:
    """`fn` with trailing comments at the last statement of their line."""
    return replace(fn, body=_block(fn.body))


def _block(body: tuple[n.Stmt, ...]) -> tuple[n.Stmt, ...]:
    found = list(body)
    last: dict[n.Span, int] = {}
    for k, stmt in enumerate(found):
        inner = bodies(stmt)
        if inner:
            found[k] = replace_bodies(stmt, tuple(_block(b) for b in inner))
        span = stmt.info.span
        if isinstance(stmt, (n.Assign, n.AugAssign)) and span is not None and not any(map(is_shadow, bound_by(stmt))):
            last[span] = k
    for k, stmt in enumerate(body):
        span, text = stmt.info.span, stmt.info.trailing
        if text is None or span is None or last.get(span, k) <= k or not isinstance(stmt, n.Assign):
            continue
        end = last[span]
        found[k] = _trailing(found[k], None)
        found[end] = _trailing(found[end], text)
    return tuple(found)


def _trailing(stmt: n.Stmt, text: str | None) -> n.Stmt:
    return changed(stmt, info=replace(stmt.info, trailing=text))


def take_away(found: list[n.Stmt | None], at: int, behind: n.Stmt) -> n.Stmt:
    """Takes the statement away that stands at a place; its comments stand above the next one, at last above `behind`,
    which is returned."""
    gone, found[at] = found[at], None
    comments = gone.info.comments if gone is not None else ()
    for k in range(at + 1, len(found)):
        following = found[k]
        if comments and following is not None:
            found[k], comments = commented(following, comments), ()
    return commented(behind, comments)
