"""The cheapest set of values to keep, against all sets there are."""

from __future__ import annotations

import itertools
import random

import pytest

from tangent_ad.storage.cut import cheapest_cut

Graph = dict[int, tuple[int, ...]]


def random_graph(rng: random.Random) -> tuple[Graph, dict[int, int], list[int], list[int]]:
    """A graph of values, each computed from earlier ones; what cannot be computed, and what is wanted."""
    count = rng.randint(1, 8)
    operands = {k: tuple(sorted(rng.sample(range(k), rng.randint(0, min(k, 3))))) for k in range(count)}
    cost = {k: rng.choice((1, 8, 8, 64, 512)) for k in operands}
    fixed = [k for k in operands if (not operands[k] and rng.random() < 0.8) or rng.random() < 0.15]
    wanted = [k for k in operands if rng.random() < 0.4]
    return operands, cost, fixed, wanted


def suffices(kept: set[int], operands: Graph, fixed: list[int], wanted: list[int]) -> bool:
    """Is every wanted value kept, or computed from values that are, without one that cannot be computed?"""
    available = {}
    for k in operands:  # operands come first
        available[k] = k in kept or (k not in fixed and all(available[o] for o in operands[k]))
    return all(available[k] for k in wanted)


@pytest.mark.parametrize("seed", range(150))
def test_no_set_is_cheaper(seed: int) -> None:
    operands, cost, fixed, wanted = random_graph(random.Random(seed))
    kept = cheapest_cut(operands, cost, fixed, wanted)
    assert suffices(set(kept), operands, fixed, wanted)
    subsets = itertools.chain.from_iterable(itertools.combinations(operands, size) for size in range(len(operands) + 1))
    least = min(sum(cost[k] for k in s) for s in subsets if suffices(set(s), operands, fixed, wanted))
    assert sum(cost[k] for k in kept) == least


def test_of_equal_sets_the_one_nearest_to_what_is_fixed() -> None:
    chain = {"x": (), "t": ("x",), "u": ("t",)}
    assert cheapest_cut(chain, dict.fromkeys(chain, 8), ["x"], ["u"]) == {"x"}


def test_nothing_wanted_nothing_kept() -> None:
    assert cheapest_cut({"x": (), "t": ("x",)}, {"x": 1, "t": 1}, ["x"], []) == frozenset()
    assert cheapest_cut({}, {}, [], []) == frozenset()


def test_what_is_wanted_and_fixed_is_kept_at_any_cost() -> None:
    assert cheapest_cut({"x": (), "t": ("x",)}, {"x": 10**6, "t": 1}, ["x", "t"], ["x", "t"]) == {"x", "t"}


def test_an_operand_that_stays_costs_nothing() -> None:
    assert cheapest_cut({"a": (), "t": ("a",)}, {"a": 1, "t": 1}, [], ["t"]) == frozenset()


def test_many_values_take_no_long_time_and_no_recursion() -> None:
    count = 3000
    chain = {k: (k - 1,) if k else () for k in range(count)}
    assert cheapest_cut(chain, {k: 8 + (k % 7 == 3) - (k == 1500) for k in chain}, [0], [count - 1]) == {1500}
