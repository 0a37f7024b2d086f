"""Check many programs; count; reduce what fails.

In: how many, from which seed, in which modes.  Out: a `Report`, and its text.
"""

from __future__ import annotations

import signal
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count as iter_count
from itertools import islice
from multiprocessing import get_context
from typing import Any

from tests.random_programs.coverage import applies, candidate, choose
from tests.random_programs.generate import Program, generate
from tests.random_programs.laws import MODES, Outcome, check_program
from tests.random_programs.minimise import minimise

TIME_LIMIT = 120
COSTLY = ("second", "jit")
"""The modes for which programs are chosen, where it is asked how often each production met each mode."""


@dataclass
class Report:
    """Counts of a run: outcomes by program, refusals by message, productions by mode, the failing programs by group."""

    modes: tuple[str, ...] = ()
    status_of: dict[int, str] = field(default_factory=dict)
    groups: dict[str, list[tuple[int, Outcome]]] = field(default_factory=lambda: defaultdict(list))
    met: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    reached: Counter[str] = field(default_factory=Counter)
    warned: Counter[str] = field(default_factory=Counter)
    advised: int = 0
    seconds: float = 0.0

    @property
    def status(self) -> Counter[str]:
        return Counter(self.status_of.values())

    @property
    def tested(self) -> int:
        return sum(n for s, n in self.status.items() if s != "rejected")

    @property
    def failed(self) -> set[int]:
        return {k for k, status in self.status_of.items() if status != "ok"}

    def counts(self, mode: str) -> dict[str, int]:
        """How often each production met `mode`."""
        return {production: met[mode] for production, met in self.met.items()}

    def rare(self, least: int) -> list[str]:
        """What met a mode less often than `least` times, although it can."""
        return sorted(
            f"{production} ({mode} {met[mode]})"
            for production, met in self.met.items()
            for mode in self.modes
            if applies(production, mode) and met[mode] < least
        )

    def summary(self) -> str:
        reached = "  ".join(f"{m} {self.reached[m]}" for m in self.modes)
        found = "  ".join(f"{s} {self.status[s]}" for s in ("ok", "wrong", "crashed", "refused"))
        return f"programs {self.tested}  {found}  reached: {reached}"

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


def _task(job: tuple[int, int, tuple[str, ...]]) -> tuple[int, Outcome, Counter[str], float]:
    seed, k, modes = job
    program, start = generate(seed, k), time.process_time()
    return k, check(program, modes), program.uses, time.process_time() - start


@dataclass(frozen=True)
class Plan:
    """What a run does.

    count:  programs that are checked in the modes of `every`; mode -> n means every n-th of them.
    least:  after these, programs are chosen until each production met each of `modes` that often (0: none).
    """

    seed: int
    count: int
    modes: tuple[str, ...]
    every: dict[str, int] = field(default_factory=dict)
    first: int = 0
    least: int = 0
    jobs: int = 1
    seconds: float = 3600.0


Say = Callable[[str], None]


def run(plan: Plan, say: Say = lambda line: None) -> Report:
    """Check programs until `count` of them were fit to test, then as many in the costly modes as coverage needs.

    `say` is told of every finding when it comes, and now and then how far the run is.
    """
    report, begin = Report(modes=plan.modes), time.monotonic()

    def check_all(work: Iterator[tuple[int, tuple[str, ...]]], stop: Callable[[], bool]) -> None:
        told = time.monotonic()
        for result in mapped(_task, ((plan.seed, k, modes) for k, modes in work)):
            _collect(report, *result, say)
            if time.monotonic() - told > 30.0:
                told = time.monotonic()
                say(f"[{told - begin:5.0f} s] {report.summary()}")
            if stop():
                return

    with _pool(plan.jobs) as mapped:
        early = [m for m in plan.modes if not plan.least or m not in COSTLY]
        numbers = islice(iter_count(plan.first), 4 * plan.count)
        check_all(
            ((k, tuple(m for m in early if k % plan.every.get(m, 1) == 0)) for k in numbers),
            lambda: report.tested >= plan.count,
        )
        for mode in [m for m in plan.modes if plan.least and m in COSTLY]:
            pool = {
                k: generate(plan.seed, k).uses
                for k in range(plan.first, plan.first + 3 * plan.count)
                if candidate(mode, k) and k not in report.failed
            }
            while time.monotonic() - begin < plan.seconds:
                chosen = choose(pool, report.counts(mode), mode, plan.least, 8 * plan.jobs)
                for k in chosen:
                    del pool[k]
                if not chosen:
                    break
                check_all(((k, (mode,)) for k in chosen), lambda: time.monotonic() - begin > plan.seconds)
    return report


@contextmanager
def _pool(jobs: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """A `map` over so many processes."""
    if jobs == 1:
        yield map
        return
    with get_context("spawn").Pool(jobs) as pool:
        yield lambda function, work: _mapped(pool, function, work, 3 * jobs)
        pool.terminate()


def _mapped(pool: Any, function: Callable[..., Any], work: Iterable[Any], ahead: int) -> Iterator[Any]:
    """The results in the order of `work`, of which no more than `ahead` is begun before it is wanted."""
    waiting: deque[Any] = deque()
    for job in work:
        waiting.append(pool.apply_async(function, (job,)))
        if len(waiting) >= ahead:
            yield waiting.popleft().get()
    while waiting:
        yield waiting.popleft().get()


def _collect(report: Report, k: int, outcome: Outcome, uses: Counter[str], seconds: float, say: Say) -> None:
    """Enter what became of program `k`; a program that comes again, in another mode, counts once."""
    old = report.status_of.get(k)
    worse = old is None or old == "ok"
    if outcome.status != "rejected" or old is None:
        report.status_of[k] = outcome.status if worse else old or ""
    report.advised += outcome.advised
    if outcome.status == "rejected":
        report.groups[f"rejected: {outcome.details}"].append((k, outcome))
        return
    report.seconds += seconds
    if outcome.status != "ok":
        report.groups[outcome.group].append((k, outcome))
        say(f"program {k}: {outcome.group}")
    report.reached.update(outcome.reached)
    report.warned.update(outcome.warned)
    for production in uses:
        report.met[production]["programs"] += old is None
        report.met[production].update(outcome.reached)


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
        report.summary(),
        f"unfit and left out: {report.status['rejected']}; annotated as a refusal asked: {report.advised}; "
        f"{report.seconds:.0f} s of work",
        "runtime warnings that the primal may not give: " + "  ".join(f"{m} {report.warned[m]}" for m in modes),
    ]
    for group, members in sorted(report.groups.items(), key=lambda g: -len(g[1])):
        lines.append(f"{len(members):6d}  {group}   [programs {', '.join(str(k) for k, _ in members[:5])}]")
    if coverage:
        lines += ["", f"{'production':48s}{'programs':>9s}" + "".join(f"{m:>9s}" for m in modes)]
        for production, counts in sorted(report.met.items()):
            lines.append(
                f"{production:48s}{counts['programs']:9d}" + "".join(_cell(production, m, counts) for m in modes)
            )
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


def _cell(production: str, mode: str, counts: Counter[str]) -> str:
    return f"{counts[mode] if applies(production, mode) else 'no Numba':>9}"
