"""What the benchmark command says: ratios, losses, summary, and the environment that it asks for.

In: made-up timings.  Out: nothing.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

from benchmarks.alone import SET, environment
from benchmarks.contest import agree
from benchmarks.measure import Timing, measure
from benchmarks.report import Result, as_json, overall, table


def result(name: str, ours: float, hand: float) -> Result:
    timings = {"primal": Timing(1e-3, 1.0), "ours": Timing(1e-3 * ours, ours), "hand": Timing(1e-3 * hand, hand)}
    return Result(name, timings, {"primal": 0.5, "ours": 1.0, "hand": 0.2})


def test_the_summary_names_what_is_above_the_goal() -> None:
    results = [result("fast", 2.0, 2.0), result("slow", 8.0, 2.0)]
    found = overall(results)
    assert found["geometric_mean"] == pytest.approx(2.0)
    assert found["worst"] == {"case": "slow", "ratio": 4.0}
    assert found["above_goal"] == {"slow": 4.0}
    text = table(results)
    assert "ours over hand: geometric mean 2.00, worst 4.00 (slow)" in text
    assert "above 1.25: slow (4.00)" in text
    assert "we lose: slow: 4.00 times the time of hand" in text
    assert "we lose: fast" not in text


def test_the_json_holds_what_the_table_says() -> None:
    found = json.loads(json.dumps(as_json([result("slow", 8.0, 2.0)])))["slow"]
    assert found["ours_over"] == {"hand": 4.0}
    assert found["compile_ratio"] == 2.0
    assert found["loses_to"] == ["hand"]


def test_a_failure_is_printed() -> None:
    failed = Result("broken", {"primal": Timing(1e-3, 1.0)}, {"primal": 0.5}, {"ours": "RefusedError: no"})
    assert "failed: broken: ours: RefusedError: no" in table([failed])


def test_one_thread_and_no_forced_kernel() -> None:
    found = environment({"OPENBLAS_CORETYPE": "Haswell", "OMP_NUM_THREADS": "8", "HOME": "here"})
    assert found == {"HOME": "here"} | SET
    assert environment(found) == found


def test_derivatives_agree_to_the_largest_entry() -> None:
    one = [np.array([1.0, 1e-12])]
    assert agree(one, [np.array([1.0, 0.0])])
    assert not agree(one, [np.array([1.0 + 1e-8, 0.0])])
    assert not agree(one, [np.array([1.0])])
    assert not agree([np.array([np.nan])], [np.array([1.0])])


def test_measure_takes_turns() -> None:
    order: list[str] = []
    found = measure({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, rounds=3, span=0.0)
    assert order == ["a", "b"] * 4
    assert found["a"].ratio == 1.0
