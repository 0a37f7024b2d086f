"""One case measured, and the table of all of them.

In: cases.  Out: `Result`s; text; what goes into a JSON file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.cases import Case
from benchmarks.compiled import compiled
from benchmarks.measure import Timing, measure

COLUMNS = ("ours", "hand", "jax")
MARGIN = 1.1
"""Ratios differ by a tenth from run to run; less is no loss."""


@dataclass(frozen=True)
class Result:
    """timings: of "primal", "ours", "hand", "jax", as far as there are any.  failures: why one of them is missing."""

    name: str
    timings: Mapping[str, Timing]
    failures: Mapping[str, str] = field(default_factory=dict)
    compile_seconds: float = 0.0

    def losses(self) -> list[str]:
        """The peers that are faster than we are."""
        ours = self.timings.get("ours")
        if ours is None:
            return []
        return [p for p in COLUMNS[1:] if p in self.timings and ours.ratio > MARGIN * self.timings[p].ratio]


def run(case: Case, rounds: int) -> Result:
    """Compile, compare and time everything there is for a case."""
    primal = compiled(case.program, error_model="numpy")

    def call_with_copies() -> Any:
        return primal(*(a.copy() if k in case.writes else a for k, a in enumerate(case.arguments)))

    call_with_copies()
    direct: Callable[[], Any] = lambda: primal(*case.arguments)  # noqa: E731
    functions: dict[str, Callable[[], Any]] = {"primal": call_with_copies if case.writes else direct}
    failures: dict[str, str] = {}
    reference: list[Any] | None = None
    seconds = 0.0
    for column, make in (("hand", _hand), ("ours", _ours), ("jax", _jax)):
        try:
            gradient = make(case)
            if gradient is None:
                continue
            begin = time.perf_counter()
            found = leaves(gradient(*case.arguments))
            if column == "ours":
                seconds = time.perf_counter() - begin
        except Exception as error:
            failures[column] = f"{type(error).__name__}: {error}".strip().splitlines()[0]
            continue
        reference = found if reference is None else reference
        if not all(np.allclose(a, b, rtol=1e-6, atol=1e-9) for a, b in zip(found, reference, strict=True)):
            failures[column] = "the gradient differs from the others"
            continue
        functions[column] = lambda gradient=gradient: gradient(*case.arguments)  # type: ignore[misc]
    return Result(case.name, measure(functions, rounds), failures, seconds)


def leaves(value: Any) -> list[Any]:
    """The arrays of a gradient."""
    return [np.asarray(part) for part in value] if isinstance(value, (tuple, list)) else [np.asarray(value)]


def _ours(case: Case) -> Callable[..., Any]:
    import tangent_ad as ad

    return ad.grad(case.program, wrt=case.wrt if len(case.wrt) > 1 else case.wrt[0], jit=True)


def _hand(case: Case) -> Callable[..., Any] | None:
    from benchmarks import hand

    found: Callable[..., Any] | None = getattr(hand, case.hand) if case.hand else None
    return found


def _jax(case: Case) -> Callable[..., Any] | None:
    try:
        from benchmarks import with_jax
    except ImportError:
        return None
    return with_jax.gradient(case.jax) if case.jax else None


def table(results: Iterable[Result]) -> str:
    """Times of the gradients relative to the compiled function; below, where we lose and what failed."""
    results = tuple(results)
    lines = [f"{'program':24}{'function':>12}" + "".join(f"{c:>9}" for c in COLUMNS) + f"{'compile':>10}"]
    for result in results:
        cells = [f"{result.timings[c].ratio:8.2f}x" if c in result.timings else f"{'-':>9}" for c in COLUMNS]
        micro = f"{1e6 * result.timings['primal'].seconds:9.1f} us"
        lines.append(f"{result.name:24}{micro}{''.join(cells)}{result.compile_seconds:8.1f} s")
    lines.append("")
    for result in results:
        for peer in result.losses():
            factor = result.timings["ours"].ratio / result.timings[peer].ratio
            lines.append(f"we lose: {result.name}: {factor:.2f} times the time of {peer}")
        lines += [f"failed: {result.name}: {column}: {why}" for column, why in result.failures.items()]
    return "\n".join(lines).rstrip()


def as_json(results: Iterable[Result]) -> dict[str, Any]:
    """What the table says, for machines."""
    return {
        r.name: {
            "seconds": {name: t.seconds for name, t in r.timings.items()},
            "ratio": {name: t.ratio for name, t in r.timings.items() if name != "primal"},
            "compile_seconds": r.compile_seconds,
            "failures": dict(r.failures),
            "loses_to": r.losses(),
        }
        for r in results
    }
