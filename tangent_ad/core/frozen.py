"""Frozen dataclasses that are quick to make.

In: a class.  Out: `dataclass(frozen=True, slots=True)` of it, whose `__init__` fills the slots by their own setters: it
takes half the time, and core makes hundreds of nodes for each statement of a program.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:

    def record(*, frozen: bool, slots: bool) -> Any:
        """`dataclass(frozen=True, slots=True)`."""
        return lambda plain: _quick(dataclass(frozen=frozen, slots=slots)(plain))


def _quick(made: Any) -> Any:
    given = [f for f in fields(made) if f.init]
    names: dict[str, Any] = {f"set_{f.name}": getattr(made, f.name).__set__ for f in given}
    names |= {f"default_{f.name}": f.default for f in given if f.default is not MISSING}
    params = [f.name if f.default is MISSING else f"{f.name}=default_{f.name}" for f in given]
    lines = [f"set_{f.name}(self, {f.name})" for f in given]
    if hasattr(made, "__post_init__"):
        lines.append("self.__post_init__()")
    body = "\n        ".join(lines)
    init = f"    def __init__(self, {', '.join(params)}):\n        {body}\n"
    text = f"def make({', '.join(names)}):\n{init}    return __init__\n"
    scope: dict[str, Any] = {}
    exec(text, scope)
    quick = scope["make"](**names)
    quick.__qualname__, quick.__module__ = f"{made.__qualname__}.__init__", made.__module__
    quick.__annotations__ = made.__init__.__annotations__
    made.__init__ = quick
    return made


__all__ = ["record"]
