"""Blocks of steps: the order in which they are met, and which of them have a backward sweep."""

from __future__ import annotations

import pytest

from tangent_ad.core import nodes as n
from tangent_ad.storage.steps import Block, Step, adjoints_in, all_steps


def assign(name: str) -> n.Assign:
    return n.Assign(n.Name(name), n.Const(1.0))


def block(number: int, *steps: Step, zeros: tuple[n.Stmt, ...] = ()) -> Block:
    return Block((number, 0), steps, zeros)


LOOP = n.For(n.Name("i"), n.Const(0), n.Name("n"), n.Const(1), (n.Pass(),))
BRANCH = n.If(n.Name("c"), (n.Pass(),), (n.Pass(),))

A, B, C, D = (assign(name) for name in "abcd")
BARS = {name: assign(f"{name}_bar") for name in "abcdefg"}
INNER = Step(BRANCH, blocks=(block(3, Step(C, (BARS["c"],)), zeros=(BARS["g"],)), block(4, Step(D))), header=BRANCH)
OUTER = Step(LOOP, blocks=(block(2, Step(B, (BARS["b"], BARS["e"])), INNER),), header=LOOP, first=(BARS["d"],))
ROOT = block(0, Step(A, (BARS["a"],)), OUTER, Step(D), zeros=(BARS["f"],))


def test_steps_are_met_in_the_order_of_the_text() -> None:
    assert [step.stmt for _, step in all_steps(ROOT)] == [A, LOOP, B, BRANCH, C, D, D]
    assert [found.home[0] for found, _ in all_steps(ROOT)] == [0, 0, 2, 2, 3, 4, 0]
    assert list(all_steps(block(0))) == []


def test_each_step_comes_with_its_own_block() -> None:
    for found, step in all_steps(ROOT):
        assert any(step is one for one in found.steps)


def test_adjoints_with_zeros_and_what_runs_around_a_fused_loop() -> None:
    assert adjoints_in(ROOT) == [BARS[name] for name in "fabegc"]
    fused = Step(LOOP, blocks=OUTER.blocks, header=LOOP, fused=True, ahead=(BARS["f"],), scaled=(BARS["d"],))
    assert adjoints_in(block(0, fused)) == [BARS[name] for name in "fdbegc"]
    assert adjoints_in(block(0, Step(D))) == []


def test_what_a_reversed_loop_begins_with_is_no_adjoint() -> None:
    assert BARS["d"] not in adjoints_in(ROOT)


@pytest.mark.parametrize(
    ("steps", "active"),
    [
        ((), False),
        ((Step(A),), False),
        ((Step(A), Step(B, (BARS["b"],))), True),
        ((Step(LOOP, blocks=(block(1, Step(B)),)),), False),
        ((Step(LOOP, blocks=(block(1, Step(B)),), header=LOOP),), True),
    ],
)
def test_a_block_is_active_if_it_has_a_backward_sweep(steps: tuple[Step, ...], active: bool) -> None:
    assert block(0, *steps).is_active is active


def test_zeros_alone_make_no_backward_sweep() -> None:
    assert not block(0, Step(A), zeros=(BARS["a"],)).is_active
