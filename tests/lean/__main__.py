"""How long our derivatives are beside those written by hand: a table of statements, tape arrays and calls.

In: the modules of this folder.  Out: a `Pair` for each derivative written by hand, with the counts of both texts.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tangent_ad.derived import build
from tangent_ad.emit.text import function_text
from tangent_ad.pipeline import MODES, Request

NAMES = tuple(sorted(p.stem for p in Path(__file__).parent.glob("*.py") if not p.stem.startswith("__")))
FACTOR, SLACK = 1.15, 1
"""At most FACTOR times what the hand-written text has, plus SLACK."""


@dataclass(frozen=True)
class Counts:
    """What a reader counts in a text: its docstring and guards left out."""

    statements: int
    tapes: int
    calls: int


@dataclass(frozen=True)
class Pair:
    """A derivative by hand and ours."""

    module: ModuleType
    mode: str

    @property
    def label(self) -> str:
        return f"{self.module.__name__.rpartition('.')[2]}-{self.mode}"

    @property
    def by_hand(self) -> Callable[..., Any]:
        made: Callable[..., Any] = getattr(self.module, f"f_{self.mode}")
        return made

    def ours(self) -> tuple[str, Callable[..., Any]]:
        """Our text, helpers left out, and our derivative."""
        wrt = (self.module.WRT,) if isinstance(self.module.WRT, str) else self.module.WRT
        derived = build(self.module.f, Request(self.mode, wrt, len(wrt) == 1), f"f_{self.mode}")
        return "\n\n".join(function_text(fn) for fn in derived.functions), derived.load()

    def counts(self) -> tuple[Counts, Counts]:
        """Those of the text written by hand, and of ours."""
        return counted(textwrap.dedent(inspect.getsource(self.by_hand))), counted(self.ours()[0])


def pairs() -> list[Pair]:
    """All derivatives written by hand."""
    modules = [importlib.import_module(f"tests.lean.{name}") for name in NAMES]
    return [Pair(module, mode) for module in modules for mode in MODES if hasattr(module, f"f_{mode}")]


def counted(text: str) -> Counts:
    """The counts of the functions in a text."""
    parts = [node for fn in ast.parse(text).body for stmt in _counted_body(fn) for node in _without_guards(stmt)]
    tapes = {name for node in parts if isinstance(node, ast.Assign) for name in _tapes(node)}
    statements = sum(isinstance(node, ast.stmt) for node in parts)
    return Counts(statements, len(tapes), sum(isinstance(node, ast.Call) for node in parts))


def excess(by_hand: Counts, ours: Counts) -> list[str]:
    """What of ours is more than it may be."""
    return [
        f"{what}: {getattr(ours, what)}, by hand {getattr(by_hand, what)}"
        for what in ("statements", "tapes", "calls")
        if getattr(ours, what) > FACTOR * getattr(by_hand, what) + SLACK
    ]


def _counted_body(fn: ast.stmt) -> list[ast.stmt]:
    assert isinstance(fn, ast.FunctionDef)
    return fn.body[1:] if ast.get_docstring(fn) is not None else fn.body


def _without_guards(stmt: ast.stmt) -> Iterator[ast.AST]:
    """The nodes of a statement, unless it only raises an error under a condition."""
    if isinstance(stmt, ast.If) and len(stmt.body) == 1 and isinstance(stmt.body[0], ast.Raise) and not stmt.orelse:
        return iter(())
    return ast.walk(stmt)


def _tapes(stmt: ast.Assign) -> list[str]:
    """The names that are bound to a list, or to an array that is still to be filled."""
    value = stmt.value
    new = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "empty"
    if not (new or isinstance(value, ast.List)):
        return []
    return [target.id for target in stmt.targets if isinstance(target, ast.Name)]


def main() -> int:
    print(f"{'derivative':28}{'statements':>12}{'tapes':>9}{'calls':>9}   (ours / by hand)")
    failed = False
    for pair in pairs():
        hand, ours = pair.counts()
        more = excess(hand, ours)
        failed = failed or bool(more)
        cells = [f"{getattr(ours, what)}/{getattr(hand, what)}" for what in ("statements", "tapes", "calls")]
        print(f"{pair.label:28}{cells[0]:>12}{cells[1]:>9}{cells[2]:>9}{'   too many' if more else ''}")
        if "--texts" in sys.argv[1:]:
            print(pair.ours()[0])
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
