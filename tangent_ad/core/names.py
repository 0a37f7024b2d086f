"""Fresh names for derived code.

In: the names already taken.  Out: new ones, the same on every machine and Python version.
"""

from __future__ import annotations

from collections.abc import Iterable

# Spelled out rather than read from `keyword` and `builtins`: the text must not depend on the Python that writes it.
_KEYWORDS = (
    "False None True and as assert async await break class continue def del elif else except finally for from global "
    "if import in is lambda nonlocal not or pass raise return try while with yield match case type"
)
_BUILTINS = (
    "abs all any bool dict divmod enumerate filter float format hash help hex id input int iter len list map max min "
    "next object open ord pow print range repr reversed round set slice sorted str sum super tuple vars zip "
    "ArithmeticError AssertionError Exception IndexError KeyError RuntimeError TypeError ValueError ZeroDivisionError"
)
_ROOTS = "np numpy math"
RESERVED = frozenset(f"{_KEYWORDS} {_BUILTINS} {_ROOTS}".split())
"""Names never given to a new local: keywords, the builtins programs use, and the modules emitted text imports."""


class Fresh:
    """Hands out names that are not taken, and takes them.

    >>> fresh = Fresh({"x", "x_bar"})
    >>> fresh.take("x_bar"), fresh.take("x_bar"), fresh.take("t"), fresh.take("sum")
    ('x_bar2', 'x_bar3', 't', 'sum2')
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._last: dict[str, int] = {}

    def take(self, wish: str) -> str:
        """`wish` if it is free, else `wish2`, `wish3`, ..."""
        if wish not in self._taken and wish not in RESERVED:
            self._taken.add(wish)
            return wish
        count = self._last.get(wish, 1) + 1
        while f"{wish}{count}" in self._taken:
            count += 1
        self._last[wish] = count
        self._taken.add(f"{wish}{count}")
        return f"{wish}{count}"

    def reserve(self, names: Iterable[str]) -> None:
        """Mark names as taken."""
        self._taken.update(names)

    def __contains__(self, name: str) -> bool:
        return name in self._taken
