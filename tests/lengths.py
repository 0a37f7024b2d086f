"""How long the derivatives in the golden files are beside the functions that they come from.

In: the golden files.  Out: a `Length` for each text: the statements of the derivative, with those of the functions it
calls, and of the function, with those that it calls; guards, docstrings and helpers are left out of both.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.golden.__main__ import MODES, NAMES, Golden, read
from tests.lean.__main__ import counted


@dataclass(frozen=True)
class Length:
    """Of one derivative."""

    name: str
    mode: str
    primal: int
    derivative: int

    @property
    def ratio(self) -> float:
        return self.derivative / self.primal


def lengths() -> list[Length]:
    """Of all derivatives in the golden files."""
    found = []
    for golden in map(read, NAMES):
        primal = counted(_text_of(golden)).statements
        for mode in MODES:
            found.append(Length(golden.name, mode, primal, counted(golden.expected[mode]).statements))
    return found


def mean_ratio(found: list[Length]) -> float:
    """The mean length of derivatives over that of their functions."""
    return sum(one.derivative for one in found) / sum(one.primal for one in found)


def _text_of(golden: Golden) -> str:
    """The text of the function and of those of its module that it calls."""
    module = sys.modules[f"golden_{golden.name}"]
    seen: list[Callable[..., Any]] = []
    todo: list[Callable[..., Any]] = [golden.f]
    while todo:
        f = todo.pop()
        if f in seen:
            continue
        seen.append(f)
        cells = [cell.cell_contents for cell in f.__closure__ or ()]
        named = [getattr(module, name, None) for name in f.__code__.co_names]
        todo += [g for g in (*named, *cells) if inspect.isfunction(g) and g.__module__ == module.__name__]
    text = "\n".join(textwrap.dedent(inspect.getsource(f)) for f in seen)
    ast.parse(text)
    return text


def main() -> None:
    found = lengths()
    for one in sorted(found, key=lambda one: one.ratio):
        print(f"{one.name:24}{one.mode:6}{one.derivative:4} / {one.primal:<4}{one.ratio:6.2f}")
    for mode in MODES:
        some = [one for one in found if one.mode == mode]
        print(
            f"{mode}: {mean_ratio(some):.2f} (the mean of the ratios is {sum(o.ratio for o in some) / len(some):.2f})"
        )
    print(f"all: {mean_ratio(found):.2f}")


if __name__ == "__main__":
    main()
