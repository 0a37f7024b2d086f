"""`python -m benchmarks.generation`: how long it takes to make a derivative of a long straight-line function.

In: numbers of statements on the command line (default 100, 1000).  Out: a table of CPU seconds, the best of three
functions that differ in a constant.  The time per statement should be the same on each line.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tangent_ad as ad

STATEMENTS = (
    "a{k} = np.sin(a{p}) * y + a{q}",
    "a{k} = a{p} * a{q} - {c} * x",
    "a{k} = np.exp(-a{p} * a{p}) / (1.0 + y * y)",
    "a{k} = a{p} + a{q} * x",
)


def source(count: int, constant: float) -> str:
    """The text of a module with a function `f` of `count` assignments."""
    lines = ["import numpy as np", "", "", "def f(x, y):", "    a0 = x * y"]
    for k in range(1, count):
        lines.append("    " + STATEMENTS[k % 4].format(k=k, p=k - 1, q=max(0, k - 3), c=constant))
    return "\n".join([*lines, f"    return a{count - 1}", ""])


def load(folder: Path, count: int, attempt: int) -> Callable[..., Any]:
    path = folder / f"straight_{count}_{attempt}.py"
    path.write_text(source(count, 0.5 + attempt), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    f: Callable[..., Any] = module.f
    return f


def seconds(folder: Path, count: int, mode: str) -> float:
    """CPU seconds to make the derivative, the best of three."""
    found = []
    for attempt in range(3):
        f = load(folder, count, attempt)
        begin = time.process_time()
        getattr(ad, mode)(f)
        found.append(time.process_time() - begin)
    return min(found)


def main() -> None:
    """Time each size in both modes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generation", description=__doc__)
    parser.add_argument("counts", type=int, nargs="*", default=[100, 1000], help="numbers of statements")
    options = parser.parse_args()
    print(f"{'statements':>10}  {'grad':>8}  {'jvp':>8}  {'grad, ms per statement':>22}")
    with tempfile.TemporaryDirectory() as folder:
        for count in options.counts:
            backward, forward = (seconds(Path(folder), count, mode) for mode in ("grad", "jvp"))
            print(f"{count:10}  {backward:7.2f}s  {forward:7.2f}s  {1000 * backward / count:22.2f}")


if __name__ == "__main__":
    main()
