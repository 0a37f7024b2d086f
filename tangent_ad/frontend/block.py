"""The lines of one function in a file.

In: the lines of a file from the function's first one on.  Out: those of the function, comments in its body included.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence


def block_of(lines: Sequence[str], is_whole: Callable[[str], bool]) -> str:
    """The text of the block that begins with the first line, as `inspect.getblock` gives it.

    That one tokenizes in Python, which takes as long as all the rest of reading.  A block ends before the first line
    that starts no deeper than its own first one; where such a line belongs to it (the end of a header or of a string, a
    `def` behind its decorator), what stands before it is no program, as `is_whole` says.

    >>> block_of(["def f(x):\\n", "    return x\\n", "\\n", "y = 1\\n"], lambda text: True)
    'def f(x):\\n    return x\\n'
    """
    text = "".join(_by_depth(lines))
    return text if is_whole(text) else "".join(inspect.getblock(lines))


def _by_depth(lines: Sequence[str]) -> Sequence[str]:
    depth, inner, end = _depth(lines[0]), 0, 1
    for k, line in enumerate(lines):
        start = line.lstrip()
        if k == 0 or not start:
            continue
        if start[0] == "#":  # one in the body belongs to it, one behind it does not
            end = k + 1 if inner and _depth(line) >= inner else end
            continue
        if _depth(line) <= depth:
            break
        inner, end = inner or _depth(line), k + 1
    return lines[:end]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
