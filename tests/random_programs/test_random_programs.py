"""Random programs as tests; TANGENT_AD_PROGRAMS says how many (0: only the generator's own tests)."""

from __future__ import annotations

import ast
import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.random_programs.generate import Program, generate
from tests.random_programs.judge import ROUNDING, Case, judge
from tests.random_programs.load import load, unload
from tests.random_programs.minimise import minimise
from tests.random_programs.run import Plan, run, text

COUNT = int(os.environ.get("TANGENT_AD_PROGRAMS", "60"))


def _judged(program: Program, variant: int = 0) -> Case | str:
    try:
        f = load(program.name, program.source)["f"]
        return judge(f, program.arguments(variant), program.wrt, variant, program.seed, program.dtype == "float32")
    finally:
        unload(program.name)


def test_programs_run_and_the_oracle_agrees_with_finite_differences() -> None:
    """`judge` raises if stable finite differences contradict the oracle."""
    outcomes = [_judged(generate(7, k)) for k in range(150)]
    assert sum(isinstance(o, Case) for o in outcomes) > 0.9 * len(outcomes)
    assert outcomes.count(ROUNDING) <= 2


def test_text_is_the_same_under_every_hash_seed() -> None:
    def digest(hash_seed: str) -> str:
        code = (
            "import hashlib\nfrom tests.random_programs.generate import generate\n"
            "print(hashlib.sha256(''.join(generate(1, k).source for k in range(60)).encode()).hexdigest())"
        )
        root = Path(__file__).parents[2]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(root)}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, cwd=root, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    here = hashlib.sha256("".join(generate(1, k).source for k in range(60)).encode()).hexdigest()
    assert {digest("0"), digest("1")} == {here}


def test_every_program_is_legal_python() -> None:
    for k in range(200):
        ast.parse(generate(2, k).source)


def test_minimiser_keeps_what_fails_and_little_else() -> None:
    """A planted fault: programs that store into a slice."""

    def fails(program: Program) -> bool:
        try:
            if not isinstance(_judged(program), Case):
                return False
        except Exception:
            return False
        return "[1:] = " in program.source

    program = next(p for p in (generate(3, k) for k in range(3000)) if fails(p) and len(p.source.splitlines()) > 25)
    small = minimise(program, fails, seconds=20.0)
    assert fails(small)
    assert len(small.source.splitlines()) <= 12
    assert replace(small, source=program.source, wrt=program.wrt, params=program.params) == program


@pytest.mark.skipif(COUNT == 0, reason="TANGENT_AD_PROGRAMS=0 asks for no random programs")
def test_random_programs() -> None:
    modes = ("forward", "reverse", "second")
    report = run(Plan(0, COUNT, modes))
    assert not report.bad(), text(report, 0, modes, show=5, coverage=False)
