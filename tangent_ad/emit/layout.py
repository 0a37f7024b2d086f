"""Long lines broken where a person would break them.

In: the parts of a line with the marks of `exprs`.  Out: lines of at most WIDTH columns, where that is possible.
"""

from __future__ import annotations

from tangent_ad.core.frozen import record
from tangent_ad.emit.exprs import CLOSE, OPEN, breakable, unmarked

WIDTH = 120


def lay_out(head: str, value: str, tail: str, indent: int, hang: int = 4) -> list[str]:
    """The lines of `head value tail`, indented; `value` gets parentheses if it must be broken outside brackets."""
    line = unmarked(f"{head}{value}{tail}")
    if indent + len(line) <= WIDTH:
        return [" " * indent + line]
    if any(chunk.depth == 0 for chunk in _chunks(value)[1:]):
        value = f"{OPEN}({value}{CLOSE})"
    return _fill(_chunks(f"{head}{value}{tail}"), indent, hang)


@record(frozen=True)
class _Chunk:
    """Text between two possible breaks; `depth` brackets are open before it, `level` says how tight the break is."""

    text: str
    depth: int
    level: int


def _chunks(text: str) -> list[_Chunk]:
    found = []
    depth = 0
    for piece, level in breakable(text):
        found.append(_Chunk(unmarked(piece), depth, level))
        depth += piece.count(OPEN) - piece.count(CLOSE)
    return found


def _fill(chunks: list[_Chunk], indent: int, hang: int) -> list[str]:
    """Fill lines; each is broken where the fewest brackets are open and the loosest operator stands, rather late."""
    lines: list[str] = []
    start, margin = 0, indent
    while start < len(chunks):
        width, end = margin, start
        while end < len(chunks) and (end == start or width + len(chunks[end].text.rstrip()) <= WIDTH):
            width += len(chunks[end].text)
            end += 1
        if end < len(chunks):
            end = _best(chunks, start, end, margin)
        lines.append(" " * margin + "".join(chunk.text for chunk in chunks[start:end]).rstrip())
        start, margin = end, indent + hang
    return lines


def _best(chunks: list[_Chunk], start: int, end: int, margin: int) -> int:
    """Where to break: at or before `end`, in the second half of the line if that can be."""
    width, places = margin, []
    for place in range(start, end + 1):
        if width > WIDTH // 2 or place == end:
            places.append((chunks[place].depth, chunks[place].level, -place))
        width += len(chunks[place].text)
    return -min(places)[2]
