"""`python -m benchmarks`: compiled derivatives against the compiled function, hand-written adjoints and others.

In: the words of the command line.  Out: a table on stdout; with --json and --plot, files.
"""

from __future__ import annotations

import argparse
import json
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.alone import restart

PACKAGES = ("numpy", "numba", "scipy", "jax", "enzyme_ad", "torch", "autograd")


def main() -> None:
    """Run the cases that are asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", metavar="WORDS", default="", help="cases with one of these words, by semicolons")
    parser.add_argument("--skip", metavar="WORDS", default="", help="not those with one of these words, by semicolons")
    parser.add_argument("--columns", metavar="NAMES", default="", help="ours, hand, jax, ... (default: what is there)")
    parser.add_argument("--rounds", type=int, default=31, help="how often everything is timed (default: 31)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers to this file")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the ratios into this file; needs matplotlib")
    options = parser.parse_args()
    restart()

    # these choose their threads when they are imported
    from benchmarks.cases import cases
    from benchmarks.contest import run
    from benchmarks.plot import draw
    from benchmarks.report import PEERS, Result, as_json, overall, table
    from benchmarks.warm import warm

    columns = tuple(_words(options.columns.replace(",", ";"))) or ("ours", *PEERS)
    wanted, unwanted = _words(options.only), _words(options.skip)
    warm()
    results: list[Result] = []
    for case in cases():
        name = case.name.lower()
        if (not wanted or any(word in name for word in wanted)) and not any(word in name for word in unwanted):
            results.append(run(case, options.rounds, columns))
            found = results[-1].timings.items()
            print(f"... {case.name}: " + ", ".join(f"{c} {1e6 * t.seconds:.1f} us" for c, t in found), flush=True)
    print()
    print("times relative to the function, both compiled, one thread, float64 (medians of rounds by turns);")
    print("first call: seconds from `ad.grad` to the first result; compile: that, relative to the function's")
    print()
    print(table(results))
    if options.json is not None:
        versions = {name: _version(name) for name in PACKAGES}
        found = {"versions": versions, "rounds": options.rounds, "ours_over_hand": overall(results)}
        text = json.dumps({**found, "cases": as_json(results)}, indent=2)
        options.json.write_text(text + "\n", encoding="utf-8")
    if options.plot is not None:
        draw(results, options.plot)


def _words(text: str) -> list[str]:
    return [word.strip().lower() for word in text.split(";") if word.strip()]


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
