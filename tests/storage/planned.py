"""What storage decides for small programs.

In: the text of a function's body.  Out: its derivative, as the mode made it; what is kept and computed again, by name.
"""

from __future__ import annotations

from typing import Any

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import statements
from tangent_ad.emit.text import body_text
from tests.frontend.defining import define
from tests.modes.reverse.broken import Derivative, derivative

HEAD = "u: 'Float[np.ndarray, \"n\"]', x: float, y: float, k: int"


def planned(body: str, wrt: str = "u x y", mode: str = "grad", head: str = HEAD, **options: Any) -> Derivative:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return derivative(define(f"def f({head}):\n{lines}", "f"), *wrt.split(), mode=mode, **options)


def kept(found: Derivative) -> dict[str, str]:
    """The names of the values that are kept, each with how."""
    return {value.name: how for value, (how, _) in found.sweeps.kept_as.items()}


def again(found: Derivative) -> set[str]:
    """The names of the values that are computed again."""
    return {value.name for values in found.sweeps.plan.again.values() for value in values}


def backward(found: Derivative) -> list[str]:
    """The lines of the backward sweep: from the comment on."""
    text = body_text(found.made.body).splitlines()
    return text[next(k for k, line in enumerate(text) if line.strip().startswith("# backward")) :]


def loops(found: Derivative) -> list[str]:
    return [body_text((s,)).splitlines()[0] for s in statements(found.made.body) if isinstance(s, n.For | n.While)]
