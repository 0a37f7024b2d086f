"""Frozen dataclasses that are quick to make.

In: a class.  Out: for type checkers, `dataclass(frozen=True, slots=True)` of it; when the program runs, the same class
(equal by value, hashable) that nobody stops from being written to.  To forbid it at run time takes longer than to fill
the slots, and core makes hundreds of nodes for each statement of a program; that no pass writes to a node is checked
where it costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:

    def record(*, frozen: bool, slots: bool) -> Callable[[Any], Any]:
        """`dataclass(frozen=True, slots=True)`."""
        return dataclass(slots=slots, unsafe_hash=frozen)


__all__ = ["record"]
