"""One case measured: everybody's derivative is made, compared with the others' and timed by turns.

In: a case.  Out: a `Result`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np

from benchmarks.cases import Case
from benchmarks.compiled import compiled
from benchmarks.measure import SLOW, measure
from benchmarks.report import PEERS, Result

TOLERANCE = 1e-9
"""How far two derivatives may differ, relative to the largest entry."""

APART = "apart"
Derivative = Callable[..., Any]


def run(case: Case, rounds: int, columns: tuple[str, ...] = ("ours", *PEERS)) -> Result:
    """Compile, compare and time everything there is for a case."""
    begin = time.perf_counter()
    primal = driven(case, compiled(case.program, error_model="numpy"), 0)
    primal(*copies(case))
    first = {"primal": time.perf_counter() - begin}
    # a caller who needs an argument that is written keeps a copy; a derivative never writes
    direct: Derivative = lambda: primal(*case.arguments)  # noqa: E731
    functions: dict[str, Derivative] = {"primal": (lambda: primal(*copies(case))) if case.writes else direct}
    failures: dict[str, str] = {}
    notes: dict[str, str] = {}
    reference: list[Any] | None = None
    for column in sorted(columns, key=lambda c: c != "hand"):
        entries = _entries(case, column)
        best = float("inf")
        for name, make in entries:
            try:
                begin = time.perf_counter()
                derivative = make()
                found = leaves(derivative(*case.arguments))
                seconds = time.perf_counter() - begin
            except Exception as error:
                failures[column] = f"{type(error).__name__}: {error}".strip().splitlines()[0]
                continue
            reference = found if reference is None else reference
            if not agree(found, reference):
                failures[column] = "the derivative differs from the others"
                continue
            call = lambda derivative=derivative: derivative(*case.arguments)  # noqa: E731
            spent = _once(call)
            if spent < SLOW:
                spent = min(spent, _once(call), _once(call))
            if spent < best:
                best, functions[column], first[column] = spent, call, seconds
                if len(entries) > 1:
                    notes[column] = f"the best of {len(entries)}: {name}"
    if case.apart and "hand" in columns:
        apart = getattr(import_module("benchmarks.hand"), case.apart)
        if agree(leaves(apart(*case.arguments)), reference or []):
            functions[APART] = lambda: apart(*case.arguments)
    timings = measure(functions, rounds)
    if (other := timings.pop(APART, None)) is not None:
        notes["hand"] = f"{case.apart}, an adjoint by hand of another form: {other.ratio:.2f} times the function"
    for column in timings:
        if (threads := timings[column].threads) > 1.2:
            notes[column] = f"{notes.get(column, '')} kept {threads:.1f} processors busy".strip()
    return Result(case.name, timings, first, failures, notes)


def leaves(value: Any) -> list[Any]:
    """The arrays of a gradient."""
    return [np.asarray(part) for part in value] if isinstance(value, (tuple, list)) else [np.asarray(value)]


def agree(found: list[Any], reference: list[Any]) -> bool:
    """Whether two derivatives are the same, each array to `TOLERANCE` of its largest entry."""
    if [a.shape for a in found] != [b.shape for b in reference]:
        return False
    pairs = zip(found, reference, strict=True)
    return all(bool(np.all(np.abs(a - b) <= TOLERANCE * np.max(np.abs(b), initial=0.0))) for a, b in pairs)


def _entries(case: Case, column: str) -> list[tuple[str, Callable[[], Derivative]]]:
    """What a column has to offer for a case: names and makers of derivatives."""
    if column == "ours":
        return [("ours", lambda: ours(case))]
    if column == "hand":
        return [("hand", lambda: by_hand(case))]
    try:
        peer = import_module(f"benchmarks.with_{column}")
    except ImportError:
        return []
    found: Iterator[tuple[str, Callable[[], Derivative]]] = peer.gradients(case.peer)
    return list(found)


def by_hand(case: Case) -> Derivative:
    """The adjoint written by hand, called as ours is."""
    made: Derivative = getattr(import_module("benchmarks.hand"), case.hand)
    return driven(case, made, 1) if case.jacobian else made


def ours(case: Case) -> Derivative:
    import tangent_ad as ad

    wrt = case.wrt if len(case.wrt) > 1 else case.wrt[0]
    if case.workspace:
        keeping = ad.grad(case.program, wrt=wrt, jit=True, workspace=True)
        memory = ad.workspace(keeping, *case.arguments)
        return lambda *arguments: keeping(*arguments, memory)
    if case.jacobian:
        return driven(case, ad.jacobian(case.program, wrt=wrt, jit=True, into=case.into), 1)
    return driven(case, ad.grad(case.program, wrt=wrt, jit=True), 1)


def driven(case: Case, f: Derivative, which: int) -> Derivative:
    """f itself, or the compiled loop around it."""
    if case.drivers is None:
        return f
    found: Derivative = getattr(import_module("benchmarks.drivers"), case.drivers[which])(f)
    return found


def copies(case: Case) -> tuple[Any, ...]:
    return tuple(a.copy() if k in case.writes else a for k, a in enumerate(case.arguments))


def _once(f: Derivative) -> float:
    begin = time.perf_counter()
    f()
    return time.perf_counter() - begin
