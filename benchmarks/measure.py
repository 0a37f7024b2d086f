"""Times of several functions that do comparable work, taken by turns.

In: functions without arguments.  Out: for each its seconds per call, and its time relative to the first.

Machines change speed while one measures.  So every round times every function once, a ratio is taken within a round,
and what is reported is the median over the rounds.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

SLOW = 0.5
"""Seconds of a call, above which `FEW` rounds must do."""
FEW = 3


@dataclass(frozen=True)
class Timing:
    """seconds: median time of a call.  ratio: median of its ratios to the first function's call in the same round.

    threads: processor time over time on the clock, at most a little over 1 if one thread did it all.
    """

    seconds: float
    ratio: float
    threads: float = 1.0


def measure(functions: Mapping[str, Callable[[], Any]], rounds: int, span: float = 0.01) -> dict[str, Timing]:
    """Time functions by turns.

    Parameters: the functions by name, the first being what the others are compared with; how many rounds; about how
        many seconds a function is called for in a round.
    Returns: the timings by name.
    """
    repeats = {name: max(1, int(span / _once(f, 1))) for name, f in functions.items()}
    times: dict[str, list[float]] = {name: [] for name in functions}
    busy = dict.fromkeys(functions, 0.0)
    enabled = gc.isenabled()
    gc.disable()
    try:
        for turn in range(rounds):
            for name, f in functions.items():
                if turn >= FEW and _slow(times[name]):
                    continue
                begin = time.process_time()
                times[name].append(_once(f, repeats[name]))
                busy[name] += time.process_time() - begin
    finally:
        if enabled:
            gc.enable()
    first = times[next(iter(functions))]
    return {
        name: Timing(
            statistics.median(found),
            statistics.median(a / b for a, b in zip(found, first, strict=False)),
            busy[name] / (sum(found) * repeats[name]),
        )
        for name, found in times.items()
    }


def _slow(times: list[float]) -> bool:
    return min(times) > SLOW


def _once(f: Callable[[], Any], repeats: int) -> float:
    begin = time.perf_counter()
    for _ in range(repeats):
        f()
    return max((time.perf_counter() - begin) / repeats, 1e-9)
