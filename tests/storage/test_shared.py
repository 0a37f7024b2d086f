"""Numbers that are computed twice: kept once where they are the same, and only there."""

import inspect

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree


def read_twice(u, k: float):
    for i in range(1, len(u)):
        u[i] = u[i] * u[i] * u[i - 1] + k * u[i]
    return np.sum(u)


def written_between(u, k: float):
    s = 0.0
    for i in range(len(u)):
        a = u[i]
        u[i] = k * a * a
        b = u[i]
        s += np.sin(a) * np.sin(b)
    return s


def written_between_and_used(u, k: float):
    s = 0.0
    for i in range(len(u)):
        a = u[i]
        u[i] = k * a * a * s
        b = u[i]
        s += np.sin(a) * np.sin(b)
    return s


def written_through_another_name(u: "Float[np.ndarray, 'n']", k: float):
    s = 0.0
    v = u[::-1]
    for i in range(len(u)):
        a = u[i]
        v[i] = k * a * a
        b = u[i]
        s += np.sin(a) * np.sin(b)
    return s


def the_first_is_overwritten(x: float, n: int):
    s = 0.0
    for k in range(n):
        a = x * x
        t = np.sin(a)
        a = x * x
        s += np.cos(a) * t * a
        x = x + 0.1 * s + k
        a = a * s
        s += a
    return s


def of_another_iteration(x: float, n: int):
    y, s = x, 1.0
    for _k in range(n):
        s = s * np.sin(y * x)
        y = x * s
        s = s + np.cos(y * x) * (y * x)
    return s


def in_one_branch_only(x: float, n: int):
    s = 1.0
    for k in range(n):
        if k % 2 == 0:
            a = x * s
            s = s + np.sin(a)
        b = x * s
        s = s * np.cos(b) + b * b
    return s


def around_an_inner_loop(x: float, n: int):
    s = 1.0
    for k in range(n):
        a = x * k
        s = s + np.sin(a) * s
        for j in range(k):
            b = x * k
            s = s + b * s + np.cos(x * j) * b
    return s


@pytest.mark.parametrize("f", [read_twice, written_between, written_between_and_used, written_through_another_name])
def test_of_elements(f) -> None:
    agree(f, np.array([0.3, -0.7, 1.1, 0.4]), 0.8)
    agree(f, np.array([0.3]), 0.8)


def in_independent_iterations(x: float, n: int):
    """The loop runs forwards and backwards in one, while `t` holds another number."""
    t = x * x
    a = np.sin(t)
    t = t * a
    s = 0.0
    for k in range(n):
        b = x * x
        s += t * b * k
    return s


@pytest.mark.parametrize(
    "f",
    [
        the_first_is_overwritten,
        of_another_iteration,
        in_one_branch_only,
        around_an_inner_loop,
        in_independent_iterations,
    ],
)
def test_of_numbers(f) -> None:
    for n in (0, 1, 4):
        agree(f, 0.6, n)


def test_one_tape_for_one_number() -> None:
    assert inspect.getsource(ad.grad(read_twice)).count("_saved = np.empty") == 1


def test_two_numbers_where_one_is_written_between() -> None:
    """The first is kept, the second still stands in the array."""
    backward = inspect.getsource(ad.grad(written_between_and_used)).split("# backward")[1]
    assert "a = a_saved[i]" in backward
    assert "b = u[i]" in backward


def read_again_in_a_branch(x, s: float):
    a = s
    for i in range(1, len(x)):
        x[i] = x[i] + 0.3 * x[i - 1]
        u = x[i]
        if u > 0.2:
            u = x[i]
            a += u * s
    return a + s


def an_adjoint_runs_ahead(x, s: float):
    a = s * 2.0
    for j in range(len(x)):
        a -= x[j]
    a -= s * a
    return a * s


@pytest.mark.parametrize("f", [read_again_in_a_branch, an_adjoint_runs_ahead])
def test_kept_behind_a_branch_or_a_fused_loop(f) -> None:
    agree(f, np.array([0.3, -0.7, 1.1, 0.4]), 0.8)
    agree(f, np.array([0.3, -0.7, 1.1, 0.4]), 0.8, wrt=(0,))
