"""Comments and the statements they belong to.

In: the text of a function and its statements (standard `ast`).  Out: for each statement the comment lines above it
and the one at its end, and the comments after the last statement.
"""

from __future__ import annotations

import ast
import bisect
import io
import tokenize
from collections.abc import Sequence

from tangent_ad.core.frozen import record


@record(frozen=True)
class Comments:
    """`above` and `trailing` by position in the list of statements given to `attach`; `end`: after the last one."""

    above: dict[int, tuple[str, ...]]
    trailing: dict[int, str]
    end: tuple[str, ...]


def attach(text: str, statements: Sequence[ast.stmt], first_line: int) -> Comments:
    """Give each comment of `text` from `first_line` on to a statement.

    A comment at the end of a line goes to the statement on that line, a comment on its own line to the next
    statement; one that stands inside a statement of several lines is lifted above it.  `statements` are in the order
    of the text.
    """
    if "#" not in text:
        return Comments({}, {}, ())
    starts = [stmt.lineno for stmt in statements]
    above: dict[int, list[str]] = {}
    trailing: dict[int, str] = {}
    end: list[str] = []
    for line, alone, comment in _comments(text):
        if line < first_line:
            continue
        place = bisect.bisect_right(starts, line) - 1
        inside = place >= 0 and line <= _header_end(statements[place])
        if inside and not alone and place not in trailing and line == _header_end(statements[place]):
            trailing[place] = comment
            continue
        if not inside:
            place += 1
        if place < len(statements):
            above.setdefault(place, []).append(comment)
        else:
            end.append(comment)
    return Comments({place: tuple(lines) for place, lines in above.items()}, trailing, tuple(end))


def _comments(text: str) -> list[tuple[int, bool, str]]:
    found = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            alone = not token.line[: token.start[1]].strip()
            words = token.string[1:]
            found.append((token.start[0], alone, (words[1:] if words.startswith(" ") else words).rstrip()))
    return found


def _header_end(stmt: ast.stmt) -> int:
    """The last line of a statement, of its first part if it has a body."""
    header = getattr(stmt, "test", None) or getattr(stmt, "iter", None)
    if hasattr(stmt, "body") and header is not None:
        return header.end_lineno
    return stmt.end_lineno or stmt.lineno
