"""Long lines broken where a person would break them.

In: the parts of a line with the marks of `exprs`.  Out: lines of at most WIDTH columns, where that is possible.
"""

from __future__ import annotations

from tangent_ad.emit.exprs import BREAK, CLOSE, OPEN, unmarked

WIDTH = 120


def lay_out(head: str, value: str, tail: str, indent: int, hang: int = 4) -> list[str]:
    """The lines of `head value tail`, indented; `value` gets parentheses if it must be broken outside brackets."""
    line = unmarked(f"{head}{value}{tail}")
    if indent + len(line) <= WIDTH:
        return [" " * indent + line]
    if any(depth == 0 for _, depth in _chunks(value)[1:]):
        value = f"{OPEN}({value}{CLOSE})"
    return _fill(_chunks(f"{head}{value}{tail}"), indent, hang)


def _chunks(text: str) -> list[tuple[str, int]]:
    """The pieces between possible breaks, each with the number of brackets open where it begins."""
    found = []
    depth = 0
    for chunk in text.split(BREAK):
        found.append((unmarked(chunk), depth))
        depth += chunk.count(OPEN) - chunk.count(CLOSE)
    return found


def _fill(chunks: list[tuple[str, int]], indent: int, hang: int) -> list[str]:
    """Fill lines; each is broken where the fewest brackets are open, late rather than early."""
    lines: list[str] = []
    start, margin = 0, indent
    while start < len(chunks):
        width, end = margin, start
        while end < len(chunks) and (end == start or width + len(chunks[end][0].rstrip()) <= WIDTH):
            width += len(chunks[end][0])
            end += 1
        if end < len(chunks):
            end = _best(chunks, start, end, margin)
        lines.append(" " * margin + "".join(text for text, _ in chunks[start:end]).rstrip())
        start, margin = end, indent + hang
    return lines


def _best(chunks: list[tuple[str, int]], start: int, end: int, margin: int) -> int:
    """Where to break: the place with the fewest open brackets in the second half of the line, the last of those."""
    width, places = margin, []
    for place in range(start, end + 1):
        if width > WIDTH // 2 or place == end:
            places.append((chunks[place][1], -place))
        width += len(chunks[place][0])
    return -min(places)[1]
