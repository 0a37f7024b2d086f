"""Sums that concern one branch stand in it, and only where that changes nothing."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree


def early_exercise(x, k: float):
    value = np.empty(len(x))
    for i in range(len(x)):
        hold = k * np.sin(x[i])
        now = x[i] * x[i]
        if now > hold:
            value[i] = now
        elif now < -1.0:
            value[i] = hold * now
        else:
            value[i] = hold
    return np.sum(value * value)


def used_behind_too(x, k: float):
    s = 0.0
    for i in range(len(x)):
        hold = k * x[i]
        if hold > 0.3:
            s += hold
        s += hold * hold
        k = k + 0.1 * s
    return s


def overwritten_between(x, k: float):
    s = 0.0
    for i in range(len(x)):
        a = k * x[i]
        k = np.sin(k) + 0.1 * a
        if x[i] > 0.0:
            s += a * k
        else:
            s -= k
    return s


def carried(x, k: float):
    a = 0.0
    for i in range(len(x)):
        if x[i] > 0.0:
            k = k + a * x[i]
        a = k * x[i] + a
    return a + k


def in_both(x, k: float):
    s = 0.0
    for i in range(len(x)):
        a = k * x[i]
        if a > 0.1:
            s += a * a
        else:
            s += np.cos(a)
    return s


def in_a_nested_branch(x, k: float):
    s = 1.0
    for i in range(len(x)):
        a = k * x[i]
        b = np.sin(a)
        if i % 2 == 0:
            for _ in range(2):
                if s < 2.0:
                    s += b * s
                else:
                    s *= 0.5
        else:
            s += 0.1
    return s


@pytest.mark.parametrize(
    "f", [early_exercise, used_behind_too, overwritten_between, carried, in_both, in_a_nested_branch]
)
def test_right(f) -> None:
    agree(f, np.array([0.4, -0.9, 0.2, 1.7]), 0.7)
    agree(f, np.array([]), 0.7)


def test_inside_the_branch() -> None:
    text = inspect.getsource(ad.grad(early_exercise, wrt=(0, 1)))
    backward = text.split("# backward")[1]
    head = backward[: backward.index("if branch")]
    assert "hold_bar" not in head
    assert "now_bar" in head  # two of three branches give it a value


def test_zero_times_infinity_is_not_added() -> None:
    """Where the branch is not taken, `low` has no adjoint, whatever it is multiplied with."""

    def guarded(x, k: float):
        s = 0.0
        for i in range(len(x)):
            a = k / x[i]
            if x[i] > 0.0:
                s += a
        return s

    with np.errstate(divide="ignore", invalid="ignore"):
        found = ad.grad(guarded, wrt=1)(np.array([0.0, 2.0]), np.float64(3.0))
    assert found == 0.5


def two_for_one_branch_each(x, k: float):
    value = np.zeros(len(x))
    for i in range(len(x) - 1, -1, -1):
        hold = k * x[i]
        exercise = x[i] * x[i]
        if exercise > hold:
            value[i] = exercise
        else:
            value[i] = hold
    return np.sum(value)


def test_two_adjoints_of_one_condition() -> None:
    agree(two_for_one_branch_each, np.array([0.4, -0.9, 0.2, 1.7]), 0.7)
    text = inspect.getsource(ad.grad(two_for_one_branch_each, wrt=(0, 1)))
    assert "exercise_bar" not in text and "hold_bar" not in text
