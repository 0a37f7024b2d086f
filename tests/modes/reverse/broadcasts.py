"""Random programs of elementwise operations on parameters without annotations, and arguments of many shapes for them.

In: a seed.  Out: the text of `f(a, b, c, d, n)`; arguments whose shapes are broadcast together.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np

SHAPES = ((), (1,), (3,), (2, 3), (2, 1), (1, 1), (1, 3), (4, 2, 3), (4, 1, 1), (4, 2, 1), (0, 2, 3))
ONE = ("np.sin({})", "np.exp(0.3 * {})", "{} ** 2", "-{}", "2.0 * {}", "1.0 - {}", "np.tanh({})", "np.square({})")
TWO = (
    "{} + {}",
    "{} - {}",
    "{} * {}",
    "{} / (2.0 + np.square({}))",
    "np.maximum({}, {})",
    "np.hypot({}, {} + 0.1)",
    "np.where({} > 0, {}, 0.3)",
)


class _Writer:
    def __init__(self, rng: random.Random) -> None:
        self.rng, self.lines, self.names, self.count = rng, list[str](), list("abcd"), 0

    def some(self, least: int, most: int, indent: int, names: list[str]) -> str:
        """Write that many statements; the last name that they bind."""
        rng, name = self.rng, names[-1]
        for _ in range(rng.randint(least, most)):
            form = rng.choice(ONE) if rng.random() < 0.3 else rng.choice(TWO)
            value = form.format(*(rng.choice(names[-6:]) for _ in range(form.count("{}"))))
            if rng.random() < 0.12 and len(names) > 4:
                name = rng.choice(names[4:])
            else:
                name, self.count = f"t{self.count}", self.count + 1
            self.lines.append(" " * indent + f"{name} = {value}")
            if name not in names:
                names.append(name)
        return name

    def loop(self) -> None:
        self.lines += ["    s = a * 1.0", "    for i in range(n):"]
        self.names.append("s")
        inner = list(self.names)
        last = self.some(1, 6, 8, inner)
        if self.rng.random() < 0.4:
            self.lines.append("        if i > 0:")
            deep = self.some(1, 3, 12, list(inner))
            self.lines.append(f"            s = s * 0.5 + np.tanh({deep})")
        self.lines.append(f"        s = 0.5 * s + 0.1 * np.tanh({last})")

    def store(self) -> None:
        one, other = self.rng.choice(self.names[-3:]), self.rng.choice(self.names)
        self.lines += [
            "    out = np.zeros((4, 2, 3))",
            f"    out[:] = {one} + {other}",
            f"    out[1:] += 0.3 * {other}",
        ]
        self.names.append("out")


def text_of(seed: int) -> str:
    """The text of the program."""
    rng = random.Random(seed)
    writer = _Writer(rng)
    writer.some(1, 4, 4, writer.names)
    if rng.random() < 0.6:
        writer.loop()
    if rng.random() < 0.4:
        writer.store()
    writer.some(0, 3, 4, writer.names)
    pick = [rng.choice(writer.names) for _ in range(2)]
    lines = [*writer.lines, f"    return np.sum({writer.names[-1]} * {pick[0]}) + np.sum({pick[1]})"]
    return "\n".join(["def f(a, b, c, d, n):", *lines, ""])


def arguments(seed: int) -> list[Any]:
    """Arguments; the empty shape is that of a float or of an array without axes."""
    rng, values = random.Random(seed), np.random.default_rng(seed)
    found: list[Any] = []
    for _ in range(4):
        shape = rng.choice(SHAPES)
        found.append(values.normal(size=shape) if shape or rng.random() < 0.5 else float(values.normal()))
    return [*found, rng.choice((0, 1, 3))]
