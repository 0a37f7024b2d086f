"""Programs whose names are used for many things, and rewritten forms of them.

In: nothing.  Out: `HEAD`, `BODIES`, `arguments`: programs that reuse names; `random_functions`: others.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import numpy as np

from tangent_ad.errors import RefusedError
from tests.analyses.program import Program, program
from tests.random_programs.generate import generate
from tests.random_programs.load import load, unload

HEAD = "u: 'Float[np.ndarray, \"n\"]', w: 'Float[np.ndarray, \"n\"]', x: float, k: int"
BODIES = {
    "unrelated values": "a = x\nb = a * 2.0\na = u\nc = a[0]\na = c * b\nreturn a",
    "carried": "a = x\nfor i in range(k):\n    b = a * x\n    a = b + i\n    b = 2.0\n"
    "a = a * b if k > 0 else a\nreturn a",
    "one of two": "if x > 0.0:\n    a = u\nelse:\n    a = w * 2.0\nb = a\na = x\nb[0] = a\nreturn b * a",
    "view or not": "g = u[1:]\nif x > 0.0:\n    u[2] *= 3.0\nelse:\n    g = np.ones(len(u) - 1)\ng[0] = x\n"
    "return g + u[0]",
    "view of a view": "g = u\nfor i in range(k):\n    h = g[1:]\n    h[0] = x\n    g = h\nreturn g * 2.0",
    "exchanged": "g = u\nh = w\nfor i in range(k):\n    t = g\n    g = h\n    h = t\n    g[0] = x + i\nreturn g - h",
    "while": "g = u\ni = 0\nwhile i < k:\n    if i > 1:\n        g = w\n    g[i] = x\n    i = i + 1\nreturn g + u",
    "raised": "if k < 0:\n    g = u\n    raise ValueError('k')\nelse:\n    g = w\ng[0] = x\nreturn g",
    "never bound": "if x > 0.0:\n    a = u[1:]\nif x > 0.0:\n    a[0] = 2.0\nreturn u * x",
    "one branch only": "a = u\nif x > 0.0:\n    a = w\n    a[0] = x\na[1] = 3.0\nreturn a * u",
    "nested": "a = u\nfor i in range(k):\n    for j in range(2):\n        a = a * 2.0 if j else w\n"
    "    a[0] = x\nb = a\na = b[1:]\nreturn a",
    "counter again": "for i in range(k):\n    a = u\n    a[i] = x\nfor i in range(2):\n    a = w\n    a[i] = x\n"
    "return u * w",
    "after the loop": "b = 0.5\nfor i in range(k):\n    b = x * i\n    a = b\nc = b * 2.0\nb = w\nb[0] = c\nreturn b",
    "tuple": "a, b = u, x\na[0] = b\nb, a = a, b\nb[1] = a\nreturn b * a",
    "augmented": "a = u\na += w\nb = x\nb += w[0]\nb *= 2.0\na *= b\na -= u\nc = u[1:]\nc /= 2.0\nreturn a * b",
    "augmented, overlapping": "a = u[1:]\na += u[:-1]\na *= u[:-1]\nu **= 2.0\nreturn u",
}


def arguments() -> Iterator[tuple[Any, ...]]:
    for x, k in ((0.5, 0), (-0.5, 1), (0.5, 3), (-0.25, 3)):
        yield np.array([0.25, -0.75, 0.5, 1.5]), np.array([1.0, 2.0, -3.0, 0.125]), x, k


@functools.cache
def functions() -> tuple[tuple[Program, list[tuple[Any, ...]]], ...]:
    """All programs, each with its arguments; then random ones."""
    own = ((program(HEAD, body, "u w x"), list(arguments())) for body in BODIES.values())
    return (*own, *_random(20))


def _random(count: int) -> Iterator[tuple[Program, list[tuple[Any, ...]]]]:
    for number in range(count):
        made = generate(404, number)
        try:
            p = Program.of(load(made.name, made.source)["f"], tuple(made.params[k].name for k in made.wrt))
            _ = p.kinds
            yield p, [tuple(made.arguments(k)) for k in made.variants()]
        except RefusedError:
            continue
        finally:
            unload(made.name)
