"""Golden files: read them, compare their texts with what is generated now, write them anew.

In: a file's name.  Out: its `Golden`.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tangent_ad.derived import build
from tangent_ad.emit.text import function_text
from tangent_ad.pipeline import Request

FOLDER = Path(__file__).parent
MODES = ("jvp", "grad")
NAMES = tuple(sorted(p.stem for p in FOLDER.glob("*.py") if not p.stem.startswith("__")))


@dataclass(frozen=True)
class Golden:
    """A golden file: its function, what is expected (mode to text), and how to call it."""

    name: str
    head: str
    expected: dict[str, str]
    f: Callable[..., Any]
    wrt: tuple[str, ...]
    arguments: Callable[[], tuple[Any, ...]]

    def derive(self, mode: str) -> tuple[str, Callable[..., Any]]:
        """The text of the derivative without helpers and header, and the derivative."""
        derived = build(self.f, Request(mode, self.wrt, len(self.wrt) == 1), f"{self.f.__name__}_{mode}")  # type: ignore[arg-type]
        return "\n\n".join(function_text(fn) for fn in derived.functions), derived.load()


def read(name: str) -> Golden:
    """The golden file of that name."""
    path = FOLDER / f"{name}.py"
    head, *sections = path.read_text(encoding="utf-8").split("\n# ---- ")
    expected = {}
    for section in sections:
        mode, _, text = section.partition("\n")
        expected[mode.strip(" -")] = text.strip("\n") + "\n"
    spec = importlib.util.spec_from_file_location(f"golden_{name}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    wrt = (module.WRT,) if isinstance(module.WRT, str) else module.WRT
    return Golden(name, head.rstrip("\n"), expected, module.f, wrt, module.arguments)


def generate(golden: Golden) -> dict[str, str]:
    """The texts as they are generated now."""
    return {mode: golden.derive(mode)[0] for mode in MODES}


def written(golden: Golden, texts: dict[str, str]) -> str:
    """The whole golden file with these texts."""
    parts = [f"# ---- {mode} " + "-" * (100 - len(mode)) + f"\n\n\n{texts[mode]}" for mode in MODES]
    return "\n\n\n".join([golden.head, *parts])


def digest() -> str:
    """A hash of all texts as they are generated now."""
    found = hashlib.sha256()
    for name in NAMES:
        for text in generate(read(name)).values():
            found.update(text.encode())
    return found.hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.golden")
    parser.add_argument("--update", action="store_true", help="write the texts anew")
    parser.add_argument("--digest", action="store_true", help="print a hash of all texts")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if options.digest:
        print(digest())
        return 0
    changed = False
    for name in options.names or NAMES:
        golden = read(name)
        texts = generate(golden)
        if texts != golden.expected:
            changed = True
            print(f"changed: {name}")
            if options.update:
                (FOLDER / f"{name}.py").write_text(written(golden, texts), encoding="utf-8")
    return 1 if changed and not options.update else 0


if __name__ == "__main__":
    sys.exit(main())
