"""Programs that storage once got wrong, or might."""

from __future__ import annotations

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.derived import build
from tangent_ad.pipeline import Request
from tests.hunt.compare import agree


def counter_after_loop(x, y: float):
    for p in range(2):
        y = y + x[p] * x[p]
    y = y * x[p - 2]
    if y > 1e6:
        pass
    else:
        for p in range(1, len(x)):
            y //= x[0] ** 2 + 0.5
    return y + np.sum(x)


def test_a_loop_of_the_backward_sweep_binds_its_variable() -> None:
    """The second loop is not run forwards, nothing needs it; backwards it is, and must not change `p`."""
    assert ad.check(counter_after_loop, np.array([0.4, 0.9, 0.7]), 0.3, wrt=("x", "y")).agrees


def two_roles(x, n: int):
    y = x * 0.5
    for _ in range(n):
        y = y + np.sin(x)
        z = y * y
        y = z - x
    return np.sum(y)


def test_a_name_carried_around_a_loop_and_bound_within() -> None:
    assert ad.check(two_roles, np.array([0.4, 0.9]), 3).agrees


def own_rows(x):
    total = 0.0
    for i in range(x.shape[0]):
        row = x[i]
        row[0] = row[0] * row[1]
        total += np.sum(row) * x[i, 1]
    return total * total


def neighbours(x):
    total = 0.0
    for i in range(1, x.shape[0]):
        x[i] = x[i] * x[i - 1]
        total += x[i] * x[i]
    return np.sqrt(total)


def test_iterations_that_keep_to_their_own_elements_and_some_that_do_not() -> None:
    assert ad.check(own_rows, np.array([[0.4, 0.9], [0.3, -0.5]])).agrees
    assert ad.check(neighbours, np.array([0.4, 0.9, -1.3, 0.6])).agrees


def wraps_around(x):
    total = 0.0
    for i in range(-1, x.shape[0]):
        x[i] = x[i] * x[i]
        total += x[i] * x[i]
    return total


def shifted(x):
    y = x[1:]
    total = 0.0
    for i in range(x.shape[0] - 1):
        x[i] = x[i] * x[i]
        y[i] = y[i] * np.sin(y[i])
        total += y[i] * x[i]
    return total


def test_two_indices_of_one_element() -> None:
    """-1 is the last one; and what is at i in a view is elsewhere in the array."""
    x = np.array([0.4, 0.9, -1.3, 0.6])
    assert ad.check(wraps_around, x).agrees
    assert ad.check(shifted, x).agrees


def counting(x: float, n: int):
    y = 0.0
    for _ in range(n):
        m = x > 0.0
        k = x > -1.0
        y = y + (m + k) * x * x
        x = np.sin(x) * 1.3
    return y


def test_bools_that_are_added() -> None:
    """True + True is 2, but of NumPy's bools it is True."""
    assert ad.check(counting, 0.7, 3).agrees


def flattened(v):
    v = v.ravel()
    return v


def a_view_made_in_a_loop(x: np.ndarray, b: float):
    for _k in range(1):
        y = flattened(x)
    return y


def test_the_shape_of_a_view_made_in_a_loop_is_read_behind_the_loop() -> None:
    agree(a_view_made_in_a_loop, np.arange(6.0).reshape(2, 3), 1.0)
    x_bar, _ = ad.vjp(a_view_made_in_a_loop, wrt=(0, 1))(np.arange(6.0), np.ones((2, 3)), 1.0)[1]
    assert np.array_equal(x_bar, np.arange(6.0).reshape(2, 3))


def bound_in_a_branch_and_written_in_a_loop(y: np.ndarray, n: int):
    if n > 0:
        y = np.sin(y)
    for _k in range(1):
        y[n:n] = y.T @ y[..., 0]
    return y


def test_the_shape_of_what_a_loop_restores_is_that_of_the_branch() -> None:
    agree(bound_in_a_branch_and_written_in_a_loop, np.arange(12.0).reshape(4, 3), 1)


def a_sum_of_rows_overwritten_in_each_iteration(y: np.ndarray):
    a = y
    for k in range(1, -3, -2):
        c = a + (a[k] + y)
    return c


def test_zeros_that_broadcast_are_summed_to_fewer_axes() -> None:
    agree(a_sum_of_rows_overwritten_in_each_iteration, np.arange(16.0).reshape(4, 4))


def of_the_pass_before(u, n: int):
    """What is made in one pass is written in the next, through another name."""
    s = 0.0
    w = np.zeros(3)
    for _ in range(n):
        w[0] = 2.0 * s
        v = np.sin(u)
        s += np.sum(v * v)
        w = v
        u = u + s
    return s + np.sum(w)


def of_the_pass_before_through_a_view(u, n: int):
    s = 0.0
    w = np.zeros((2, 3))
    for _ in range(n):
        w[0, 0] = 2.0 * s
        v = np.outer(u, u)
        s += np.sum(v * v)
        w = v.T
        u = u + s
    return s + np.sum(w)


def of_this_pass_through_a_view(u, n: int):
    s = 0.0
    for _ in range(n):
        v = np.outer(u, u)
        row = v[1]
        row[0] = 2.0 * s
        s += np.sum(v * v)
        u = np.cos(u) + s
    return s


@pytest.mark.parametrize(
    "f", [of_the_pass_before, of_the_pass_before_through_a_view, of_this_pass_through_a_view], ids=lambda f: f.__name__
)
def test_memory_of_a_pass_that_is_written_in_the_next(f) -> None:
    for n in (0, 1, 2, 3):
        agree(f, np.array([0.3, 0.7, -0.2]), n)


def a_condition_that_decides_nothing(x: float, s: np.ndarray):
    for _k in range(2):
        if s.shape:
            x -= 1.0
    return x


def test_the_flag_of_a_condition_without_adjoints_in_the_reference() -> None:
    request = Request("vjp", ("x",), optimise=False)
    derived = build(a_condition_that_decides_nothing, request, "f_vjp").load()
    assert derived(2.0, 0.5, np.ones(2)) == (-1.5, 2.0)


def divided_by_itself(x):
    x /= x
    return x


def divided_in_a_loop(x, n: int):
    for _ in range(n):
        x *= x
        x /= 1.0 + x
    return x


@pytest.mark.parametrize(("f", "rest"), [(divided_by_itself, ()), (divided_in_a_loop, (3,))])
def test_an_augmented_name_of_unknown_kind_keeps_what_it_held(f, rest) -> None:
    agree(f, 0.7, *rest)


def a_copy_that_becomes_another_name(x):
    c = x.copy()
    for _ in range(2):
        x -= np.cosh(1.0 * c)
        c = x
    return x[0]


def a_copy_that_becomes_another_name_or_not(x, n: int):
    c = x.copy()
    for _ in range(n):
        x -= np.cosh(1.0 * c)
        c = x
    return np.sum(c * x)


@pytest.mark.parametrize(
    ("f", "rest"),
    [(a_copy_that_becomes_another_name, ()), *((a_copy_that_becomes_another_name_or_not, (n,)) for n in (0, 1, 3))],
)
def test_a_name_restored_for_its_shape_may_be_any_name_of_the_array(f, rest) -> None:
    agree(f, np.array([0.3, 0.4]), *rest)
