"""What was found, for people and for machines.

In: `Result`s.  Out: a table with what follows from it; what goes into a JSON file.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.measure import Timing

PEERS = ("hand", "jax", "enzyme", "torch", "autograd")
MARGIN = 1.1
"""Ratios differ by a tenth from run to run; less is no loss."""
COMPILED = 0.02
"""A first call of fewer seconds compiles nothing."""
GOAL = 1.25
"""What a gradient may cost, relative to the hand-written one."""


@dataclass(frozen=True)
class Result:
    """timings: of "primal", "ours" and the peers, as far as there are any.

    first: seconds from asking for it to its first result, compilation included, of the same.
    failures: why one of them is missing.  notes: what else is to be known of one of them.
    """

    name: str
    timings: Mapping[str, Timing]
    first: Mapping[str, float]
    failures: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    def over(self, a: str, b: str) -> float | None:
        """The time of a relative to that of b, None if one of them is missing."""
        return self.timings[a].ratio / self.timings[b].ratio if {a, b} <= self.timings.keys() else None

    def losses(self) -> list[str]:
        """The peers that are faster than we are."""
        return [peer for peer in PEERS if (self.over("ours", peer) or 0.0) > MARGIN]

    def compile_ratio(self) -> float | None:
        """Seconds to the first gradient, relative to the first call of the compiled function."""
        return self.first["ours"] / self.first["primal"] if {"ours", "primal"} <= self.first.keys() else None


def table(results: Iterable[Result]) -> str:
    """Times of the gradients relative to the compiled function; below, where we lose and what failed."""
    results = tuple(results)
    peers = [peer for peer in PEERS if peer == "hand" or any(peer in r.timings or peer in r.failures for r in results)]
    head = f"{'program':31}{'function':>13}{'ours':>9}{'hand':>9}{'ours/hand':>11}"
    lines = [head + "".join(f"{peer:>10}" for peer in peers[1:]) + f"{'compile':>9}{'first call':>12}"]
    for r in results:
        row = f"{r.name:31}{_time(r.timings['primal'].seconds):>13}{_times(_ratio(r, 'ours')):>9}"
        row += f"{_times(_ratio(r, 'hand')):>9}{_number(r.over('ours', 'hand')):>11}"
        row += "".join(f"{_times(_ratio(r, peer)):>10}" for peer in peers[1:])
        lines.append(row + f"{_times(r.compile_ratio()):>9}{_seconds(r.first.get('ours')):>12}")
    return "\n".join([*lines, "", *_summary(results), *_remarks(results)]).rstrip()


def overall(results: Iterable[Result]) -> dict[str, Any]:
    """Ours relative to the hand-written adjoints: geometric mean, worst, and the rows above the goal."""
    found = {r.name: ratio for r in results if (ratio := r.over("ours", "hand")) is not None}
    if not found:
        return {}
    worst = max(found, key=lambda name: found[name])
    return {
        "geometric_mean": math.exp(sum(math.log(ratio) for ratio in found.values()) / len(found)),
        "worst": {"case": worst, "ratio": found[worst]},
        "above_goal": {name: ratio for name, ratio in found.items() if ratio > GOAL},
    }


def as_json(results: Iterable[Result]) -> dict[str, Any]:
    """What the table says, for machines."""
    return {
        r.name: {
            "seconds": {name: t.seconds for name, t in r.timings.items()},
            "ratio": {name: t.ratio for name, t in r.timings.items() if name != "primal"},
            "ours_over": {peer: ratio for peer in PEERS if (ratio := r.over("ours", peer)) is not None},
            "first_call_seconds": dict(r.first),
            "compile_ratio": r.compile_ratio(),
            "failures": dict(r.failures),
            "notes": dict(r.notes),
            "loses_to": r.losses(),
        }
        for r in results
    }


def _summary(results: tuple[Result, ...]) -> list[str]:
    found = overall(results)
    if not found:
        return []
    above = sorted(found["above_goal"].items(), key=lambda item: -item[1])
    names = ", ".join(f"{name} ({ratio:.2f})" for name, ratio in above) or "none"
    return [
        f"ours over hand: geometric mean {found['geometric_mean']:.2f}, worst {found['worst']['ratio']:.2f}"
        f" ({found['worst']['case']})",
        f"above {GOAL}: {names}",
        *_compiling(results),
        "",
    ]


def _compiling(results: tuple[Result, ...]) -> list[str]:
    """How long the first calls take beside those of the functions; an adjoint by hand that an earlier case has compiled
    is left out."""
    found = []
    for column, name in (("ours", "ours"), ("hand", "by hand")):
        pairs = [(r.first[column], r.first["primal"]) for r in results if {column, "primal"} <= r.first.keys()]
        ratios = [ours / primal for ours, primal in pairs if ours > COMPILED]
        found += [f"{name} {statistics.median(ratios):.2f}"] if ratios else []
    return [f"first call over the first call of the function, in the median: {', '.join(found)}"] if found else []


def _remarks(results: tuple[Result, ...]) -> list[str]:
    lines = [
        f"we lose: {r.name}: {r.over('ours', peer):.2f} times the time of {peer}"
        for r in results
        for peer in r.losses()
    ]
    lines += [f"failed: {r.name}: {column}: {why}" for r in results for column, why in r.failures.items()]
    return lines + [f"note: {r.name}: {column}: {what}" for r in results for column, what in r.notes.items()]


def _ratio(result: Result, column: str) -> float | None:
    return result.timings[column].ratio if column in result.timings else None


def _times(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}x" if ratio < 1000.0 else f"{ratio:.0f}x"


def _number(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}"


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.2f} s"


def _time(seconds: float) -> str:
    return f"{1e6 * seconds:.1f} us" if seconds < 1e-2 else f"{1e3 * seconds:.1f} ms"
