"""A picture of the table: one bar for each column of each case.

In: results, a file's name.  Out: the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.report import PEERS, Result

COLOURS = {
    "ours": "#0b6e4f",
    "hand": "#c9a227",
    "jax": "#4f6d9a",
    "enzyme": "#8c4f9a",
    "torch": "#c2573a",
    "autograd": "#9a9a9a",
}


def draw(results: Sequence[Result], path: Path) -> None:
    """Draw the times relative to the function.  Without matplotlib: says so, and draws nothing."""
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot
    except ImportError:
        print("no plot: matplotlib is not installed")
        return
    columns = [c for c in ("ours", *PEERS) if any(c in r.timings for r in results)]
    figure: Any
    figure, axes = pyplot.subplots(figsize=(9, 1 + 0.16 * len(results) * (len(columns) + 1)), layout="constrained")
    height = 1.0 / (len(columns) + 1)
    for k, column in enumerate(columns):
        pairs = [(row, r.timings[column].ratio) for row, r in enumerate(results) if column in r.timings]
        places = [row + (k - 0.5 * (len(columns) - 1)) * height for row, _ in pairs]
        ratios = [ratio for _, ratio in pairs]
        axes.barh(places, ratios, 0.9 * height, label=column, color=COLOURS[column])
        if column == "ours":
            for place, ratio in zip(places, ratios, strict=True):
                axes.text(ratio * 1.05, place, f"{ratio:.1f}", va="center", fontsize=7)
    axes.set_yticks(range(len(results)), [r.name for r in results])
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.axvline(1.0, color="black", linewidth=0.8)
    axes.set_xlabel("time of the derivative over the time of the compiled function")
    axes.legend(loc="lower right", fontsize=8)
    figure.savefig(path, dpi=150)
    pyplot.close(figure)
