"""`python -m benchmarks`: compiled gradients against the compiled function, hand-written adjoints and JAX.

In: the words of the command line.  Out: a table on stdout; with --json, a file.
"""

from __future__ import annotations

import argparse
import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.cases import cases
from benchmarks.report import Result, as_json, run, table


def main() -> None:
    """Run the cases that are asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", metavar="WORDS", default="", help="cases with one of these words, by commas")
    parser.add_argument("--rounds", type=int, default=31, help="how often everything is timed (default: 31)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers to this file")
    options = parser.parse_args()
    words = [word.strip().lower() for word in options.only.split(",") if word.strip()]
    results: list[Result] = []
    for case in cases():
        if not words or any(word in case.name.lower() for word in words):
            print(f"... {case.name}", flush=True)
            results.append(run(case, options.rounds))
    print()
    print("time of the gradient, relative to the function, both compiled (medians of rounds by turns)")
    print()
    print(table(results))
    if options.json is not None:
        versions = {name: _version(name) for name in ("numpy", "numba", "jax")}
        text = json.dumps({"versions": versions, "rounds": options.rounds, "cases": as_json(results)}, indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
