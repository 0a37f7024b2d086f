"""Check many programs; count; reduce what fails.

In: how many, from which seed, in which modes.  Out: a `Report`, and its text.
"""

from __future__ import annotations

import signal
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count as iter_count
from itertools import islice
from multiprocessing import get_context
from typing import Any

from tests.random_programs.generate import Program, generate
from tests.random_programs.laws import MODES, Outcome, check_program
from tests.random_programs.minimise import minimise

TIME_LIMIT = 60


@dataclass
class Report:
    """Counts of a run: outcomes, refusals by message, productions by mode, and the failing programs by group."""

    status: Counter[str] = field(default_factory=Counter)
    groups: dict[str, list[tuple[int, Outcome]]] = field(default_factory=lambda: defaultdict(list))
    met: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    reached: Counter[str] = field(default_factory=Counter)
    warned: Counter[str] = field(default_factory=Counter)
    advised: int = 0

    @property
    def tested(self) -> int:
        return sum(n for s, n in self.status.items() if s != "rejected")

    def rare(self, least: int) -> list[str]:
        """The productions that forward or reverse mode met less often than `least` times."""
        return sorted(p for p, met in self.met.items() if min(met["forward"], met["reverse"]) < least)

    def bad(self, limit: float = 0.02, least: int = 0) -> str:
        """Why the run failed, or the empty string."""
        if self.status["wrong"] or self.status["crashed"]:
            return f"{self.status['wrong']} wrong, {self.status['crashed']} crashed"
        if self.status["refused"] > limit * max(self.tested, 50):
            return f"{self.status['refused']} of {self.tested} refused"
        if rare := self.rare(least):
            return f"met less than {least} times: {', '.join(rare)}"
        return ""


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in this (main) thread after `seconds`; no limit where there are no alarms."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(*_: Any) -> None:
        raise TimeoutError(f"more than {seconds} s")

    old = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)


def check(program: Program, modes: tuple[str, ...], only: int | None = None, seconds: int = TIME_LIMIT) -> Outcome:
    """`check_program` within a time limit."""
    try:
        with time_limit(seconds):
            return check_program(program, modes, only)
    except TimeoutError as error:
        return Outcome("crashed", "time", str(error))


def _task(job: tuple[int, int, tuple[str, ...], dict[str, int]]) -> tuple[int, Outcome, Counter[str]]:
    seed, k, modes, every = job
    program = generate(seed, k)
    use = tuple(m for m in modes if k % every.get(m, 1) == 0)
    return k, check(program, use), program.uses


def run(
    count: int,
    seed: int,
    modes: tuple[str, ...],
    jobs: int = 1,
    jit_every: int = 20,
    first: int = 0,
    second_every: int = 1,
    least: int = 0,
) -> Report:
    """Check programs `first` ... of `seed` until `count` of them were fit to test, the costly modes on some of them.

    With `least`, the last third of them are chosen so that each production is met that often.
    """
    report = Report()
    every = {"jit": jit_every, "second": second_every}
    tasks = ((seed, k, modes, every) for k in islice(_numbers(seed, first, count, least), (2 if least else 4) * count))
    if jobs > 1:
        with get_context("spawn").Pool(jobs) as pool:
            _collect(report, pool.imap(_task, tasks, chunksize=8), count)
            pool.terminate()
    else:
        _collect(report, map(_task, tasks), count)
    return report


def _numbers(seed: int, first: int, count: int, least: int) -> Iterator[int]:
    """The numbers of programs: as they come, and after two thirds of `count` those with productions still too rare."""
    if not least:
        yield from iter_count(first)
    met: Counter[str] = Counter()
    wanted = least + least // 5  # some programs turn out unfit
    for done, k in enumerate(iter_count(first)):
        uses = generate(seed, k).uses
        rare = done < 2 * count // 3 or any(met[production] < wanted for production in uses)
        if rare or min(met.values()) >= wanted or done > 20 * count:
            met.update(set(uses))
            yield k


def _collect(report: Report, results: Any, count: int) -> None:
    for k, outcome, uses in results:
        report.status[outcome.status] += 1
        report.advised += outcome.advised
        if outcome.status == "rejected":
            report.groups[f"rejected: {outcome.details}"].append((k, outcome))
        else:
            if outcome.status != "ok":
                report.groups[outcome.group].append((k, outcome))
            report.reached.update(outcome.reached)
            report.warned.update(outcome.warned)
            for production in uses:
                report.met[production]["programs"] += 1
                report.met[production].update(outcome.reached)
        if report.tested >= count:
            return


def reduced(
    seed: int, k: int, outcome: Outcome, modes: tuple[str, ...], seconds: float = 20.0
) -> tuple[Program, Outcome]:
    """A small program that fails as program k does, with its outcome."""
    program = generate(seed, k)
    modes = tuple(m for m in MODES if outcome.law.startswith(m)) or modes

    def fails(candidate: Program) -> bool:
        try:
            found = check(candidate, modes, outcome.variant, seconds=10)
        except Exception:  # the candidate is not even a program
            return False
        return found.group == outcome.group

    if not fails(program):
        return program, outcome
    small = minimise(program, fails, seconds)
    return small, check(small, modes, outcome.variant)


def text(report: Report, seed: int, modes: tuple[str, ...], show: int = 8, coverage: bool = True) -> str:
    """The report for a reader."""
    lines = [
        f"programs {report.tested}  "
        + "  ".join(f"{s} {report.status[s]}" for s in ("ok", "wrong", "crashed", "refused"))
        + f"  (unfit and left out: {report.status['rejected']}; annotated as a refusal asked: {report.advised})",
        "reached: " + "  ".join(f"{m} {report.reached[m]}" for m in modes),
        "runtime warnings that the primal may not give: " + "  ".join(f"{m} {report.warned[m]}" for m in modes),
    ]
    for group, members in sorted(report.groups.items(), key=lambda g: -len(g[1])):
        lines.append(f"{len(members):6d}  {group}   [programs {', '.join(str(k) for k, _ in members[:5])}]")
    if coverage:
        lines += ["", f"{'production':48s}{'programs':>9s}" + "".join(f"{m:>9s}" for m in modes)]
        for production, counts in sorted(report.met.items()):
            lines.append(f"{production:48s}{counts['programs']:9d}" + "".join(f"{counts[m]:9d}" for m in modes))
    failing = [g for g in sorted(report.groups.items(), key=lambda g: -len(g[1])) if not g[0].startswith("rejected")]
    for group, members in failing[:show]:
        k, outcome = members[0]
        small, found = reduced(seed, k, outcome, modes)
        lines += [
            "",
            f"--- {group}",
            f"    seed {seed} program {k}, wrt={small.wrt}, {small.dtype}, argument set {outcome.variant}",
        ]
        lines += ["    " + f"{p.name}: {p.form} {p.shape or ''}" for p in small.params]
        lines += [small.source, found.details or outcome.details]
    return "\n".join(lines)
