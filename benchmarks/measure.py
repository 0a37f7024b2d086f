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


@dataclass(frozen=True)
class Timing:
    """seconds: median time of a call.  ratio: median of its ratios to the first function's call in the same round."""

    seconds: float
    ratio: float


def measure(functions: Mapping[str, Callable[[], Any]], rounds: int, span: float = 0.01) -> dict[str, Timing]:
    """Time functions by turns.

    Parameters: the functions by name, the first being what the others are compared with; how many rounds; about how
        many seconds a function is called for in a round.
    Returns: the timings by name.
    """
    repeats = {name: max(1, int(span / _once(f, 1))) for name, f in functions.items()}
    times: dict[str, list[float]] = {name: [] for name in functions}
    enabled = gc.isenabled()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, f in functions.items():
                times[name].append(_once(f, repeats[name]))
    finally:
        if enabled:
            gc.enable()
    first = times[next(iter(functions))]
    return {
        name: Timing(statistics.median(found), statistics.median(a / b for a, b in zip(found, first, strict=True)))
        for name, found in times.items()
    }


def _once(f: Callable[[], Any], repeats: int) -> float:
    begin = time.perf_counter()
    for _ in range(repeats):
        f()
    return max((time.perf_counter() - begin) / repeats, 1e-9)
