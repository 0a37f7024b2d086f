"""One simplifying pass on small programs.

In: the body of a function, as derived code has it.  Out: its text behind the pass, which does the same: the same bits
for every one of `ARGUMENTS`, and in what is left in the arguments.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import FLOAT, INT, Kind, array
from tangent_ad.core.order import number, ordered
from tangent_ad.core.verify import verify
from tangent_ad.emit.text import body_text
from tangent_ad.frontend.read import read_function
from tangent_ad.simplify import PASSES, Context
from tangent_ad.simplify.context import with_names
from tests.frontend.defining import define
from tests.modes.running import HELPERS, assert_same

HEAD = "x, y, u, v, m, n"
FLOATS = {"x": FLOAT, "y": FLOAT, "u": array(1, "float"), "v": array(1, "float"), "m": array(2, "float"), "n": INT}
USER = frozenset((*FLOATS, "z", "w"))
"""The names of the user's function; t, x_bar and the like are the compiler's."""
ARGUMENTS = tuple(
    (x, y, np.array([0.25, -0.75, 0.5, 1.5]), np.array([1.0, 2.0, -3.0, 0.125]), np.array([[0.5, 2.0], [-1.0, 4.0]]), n)
    for x, y, n in ((0.5, 0.25, 0), (-0.5, 2.0, 1), (0.5, -0.25, 2), (0.25, 0.75, 3))
)


def derived(body: str, kinds: dict[str, Kind] | None = None) -> tuple[n.Function, Context]:
    """`f(x, y, u, v, m, n)` with this body, and what the passes know of it."""
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    fn = number(read_function(define(f"def f({HEAD}):\n{lines}", "f", HELPERS)))
    return fn, with_names(fn, Context(USER, FLOATS if kinds is None else kinds))


def passed(name: str, body: str, kinds: dict[str, Kind] | None = None, **known: object) -> str:
    """The body behind the pass of that name (the first, where there are two), once."""
    fn, context = derived(body, kinds)
    made = verify(ordered(dict(PASSES)[name](fn, replace(context, **known))), name)  # type: ignore[arg-type]
    for args in ARGUMENTS:
        assert_same(made, fn, *args, shapes=name != "full")  # which may spread a number before a loop without trips
    return body_text(made.body).strip()


def text_of(body: str) -> str:
    """A body as it is printed when nothing is done to it."""
    return body_text(derived(body)[0].body).strip()


def cases(text: str) -> list[object]:
    """The cases in a text, for pytest: `--- name`, the body, and behind `==>` what it becomes (without that, it stays
    as it is).

    >>> [case.values for case in cases("--- kept\\nreturn x\\n--- changed\\nreturn -(-x)\\n==>\\nreturn x")]
    [('return x', 'return x'), ('return -(-x)', 'return x')]
    """
    found: list[object] = []
    for part in text.strip().removeprefix("--- ").split("\n--- "):
        name, _, bodies = part.partition("\n")
        before, _, after = bodies.strip().partition("\n==>\n")
        found.append(pytest.param(before, after or before, id=name))
    return found


def values_behind(body: str, *args: object) -> dict[str, object]:
    """The values of the names at the end of a body that does not return."""
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    with np.errstate(all="ignore"):
        found: dict[str, object] = define(f"def f({HEAD}):\n{lines}    return locals()\n", "f", HELPERS)(*args)
    return found
