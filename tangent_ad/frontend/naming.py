"""What names mean while a function is written into normal form.

In: nothing.  Out: `Scope`, one function's names; `State`, what functions written in one another share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.names import Fresh

Offer = Callable[[Any], Callable[..., Any] | None]
"""Gives what stands in a call for a function that is not to be written in its place, None for any other."""


@dataclass
class State:
    """What one desugaring shares between the function and its inlined callees."""

    fresh: Fresh
    externals: dict[str, n.External] = field(default_factory=dict)
    stack: tuple[Any, ...] = ()
    budget: int = 20_000
    offer: Offer | None = None


@record(frozen=True)
class Scope:
    """One function's names: what they are called in the result, or the operand that replaces them."""

    fn: n.Function
    rename: dict[str, n.Expr]
    tuples: dict[str, tuple[n.Name, ...]]
    once: frozenset[str]
    inlined: bool = False
