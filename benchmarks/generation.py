"""`python -m benchmarks.generation`: how long it takes until there is a derivative.

In: numbers of statements on the command line (default 100, 1000), and words that choose programs.  Out: CPU seconds of
`import tangent_ad`, in a process of its own; of making a derivative of a long straight-line function, the best of three
that differ in a constant (the time per statement should be the same on each line); and, with --first, of the first call
of compiled gradients, compilation included, relative to that of the function.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
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


IMPORTED = """
import time
begin = time.process_time()
import numpy
middle = time.process_time()
import tangent_ad, sys
print(middle - begin, time.process_time() - middle, "numba" in sys.modules)
"""


def imports() -> tuple[float, float]:
    """CPU seconds of `import numpy` and, behind it, of `import tangent_ad`; the best of three warm ones."""
    found = []
    with tempfile.TemporaryDirectory() as folder:  # of compiled modules, which the first process writes
        env = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        for _ in range(4):
            run = [sys.executable, "-c", IMPORTED]
            done = subprocess.run(run, capture_output=True, text=True, check=True, env=env)
            numpy, ours, numba = done.stdout.split()
            assert numba == "False", "`import tangent_ad` imports Numba"
            found.append((float(numpy), float(ours)))
    return min(n for n, _ in found[1:]), min(o for _, o in found[1:])


def first_calls(words: list[str]) -> None:
    """CPU seconds of the first call of a compiled program and of its compiled gradient, generation included."""
    from benchmarks.cases import cases
    from benchmarks.compiled import compiled
    from benchmarks.contest import copies, driven, ours
    from benchmarks.programs.stencil import jacobi_arrays
    from benchmarks.warm import warm

    warm()
    seen: set[Any] = set()
    print(f"\n{'program':31}{'function':>10}{'gradient':>10}{'compile':>9}")
    for case in cases():
        key = (case.program, case.drivers)
        if key in seen or (words and not any(word.lower() in case.name.lower() for word in words)):
            continue
        if not seen:  # what the first assignment to a slice costs a process is nobody's own
            compiled(jacobi_arrays)(*next(copies(c) for c in cases() if c.program is jacobi_arrays))
        seen.add(key)
        spent = []
        for gradient in (False, True):
            begin = time.process_time()
            f = ours(case) if gradient else driven(case, compiled(case.program, error_model="numpy"), 0)
            f(*copies(case))
            spent.append(time.process_time() - begin)
        print(f"{case.name:31}{spent[0]:9.2f}s{spent[1]:9.2f}s{spent[1] / spent[0]:8.2f}x", flush=True)


def main() -> None:
    """Time the import, each size in both modes, and the first calls."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generation", description=__doc__)
    parser.add_argument("counts", type=int, nargs="*", default=[100, 1000], help="numbers of statements")
    parser.add_argument(
        "--first", nargs="*", metavar="WORD", help="time first calls, too (of the cases with these words)"
    )
    options = parser.parse_args()
    numpy, own = imports()
    print(f"import: {own:.3f}s, and {numpy:.3f}s for NumPy's own\n")
    print(f"{'statements':>10}  {'grad':>8}  {'jvp':>8}  {'grad, ms per statement':>22}")
    with tempfile.TemporaryDirectory() as folder:
        for count in options.counts:
            backward, forward = (seconds(Path(folder), count, mode) for mode in ("grad", "jvp"))
            print(f"{count:10}  {backward:7.3f}s  {forward:7.3f}s  {1000 * backward / count:22.2f}")
    if options.first is not None:
        first_calls(options.first)


if __name__ == "__main__":
    main()
