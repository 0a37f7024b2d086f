"""Small things that once went wrong: what is refused says why, and dtypes are kept."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import RefusedError
from tests.hunt.compare import agree


def doubling(x):
    return 2.0**x


def vanishing(x):
    return np.sum(0.0**x)


def test_powers_of_a_number_keep_float32() -> None:
    x = np.array([1.0, 2.0, 0.5], np.float32)
    assert ad.jvp(doubling)(x, x)[1].dtype == np.float32
    assert ad.vjp(doubling)(x, x)[1].dtype == np.float32
    agree(doubling, np.array([1.0, 2.0, -0.5]))
    agree(vanishing, np.array([1.0, 2.0, 0.5]))


def until(x, range):
    while x < range:
        x = x * x + 1.0
    return x


def test_a_variable_that_hides_range_is_refused_where_loops_are_needed() -> None:
    with pytest.raises(RefusedError, match="hides the function"):
        ad.grad(until)
    assert ad.jvp(until)(2.0, 1.0, 20.0) == (26.0, 40.0)


def gathered(x):
    out = []
    out.append(x * x)
    out.append(x)
    return out


def test_a_returned_list_is_refused() -> None:
    with pytest.raises(RefusedError, match="a list is returned"):
        ad.vjp(gathered)


def reshaped_in_a_branch(a, w):
    if a[0] < 1.0:
        a[0] = w[0]
    else:
        w[:] = a[::-1].reshape((2,)) ** 2.0
    a[:1] += w[:1]
    return np.sum(a * a) + np.sum(w)


@pytest.mark.parametrize("first", [0.5, 1.5])
def test_the_version_law_allows_a_restore_between_definition_and_use(first: float) -> None:
    agree(reshaped_in_a_branch, np.array([first, 0.7]), np.array([0.3, -1.2]))


def rows_stacked(w, s):
    w = np.stack((w[0], w[0] * s), axis=0)
    return np.sum(w[:1, 0:1]) * s


def test_a_rank_that_contradicts_another_use_is_not_presumed() -> None:
    agree(rows_stacked, np.array([[0.3, 1.2], [0.1, -0.4]]), 0.7)


def filled(x, w):
    a = np.full(3, x)
    s = 0.0
    for i in range(3):
        s += a[i] * w[i]
    return s


def counted(x, counts, w):
    a = counts * x
    s = 0.0
    for i in range(3):
        s += a[i] * w[i]
    return s


def test_an_int_stands_for_its_float_in_arrays_too() -> None:
    w = np.array([0.3, 0.4, 0.5])
    assert ad.grad(filled)(2, w) == pytest.approx(1.2)
    assert ad.vjp(filled)(1.0, 2, w)[1] == pytest.approx(1.2)
    assert ad.grad(counted)(2, np.array([1, 2, 3]), w) == pytest.approx(2.6)
    assert ad.jvp(counted)(2, 1, np.array([1, 2, 3]), w)[1] == pytest.approx(2.6)


def int_on_one_path(x: float, u: float):
    if u > 5.0:
        x = int(2.0)
    d = np.zeros(2)
    g = np.sum(np.full((2, 2), x), axis=-2)
    d[:2] = g
    return d * u * x


@pytest.mark.parametrize("u", [0.7, 7.0])
def test_an_int_that_meets_a_float(u: float) -> None:
    agree(int_on_one_path, 1.3, u)


LEVELS = np.array([1.0, 2.0, 3.0])


def test_a_view_of_a_captured_array_is_not_given_away() -> None:
    def tail(x: float):
        return LEVELS[1:]

    value, _ = ad.jvp(tail)(1.0, 1.0)
    assert not np.shares_memory(value, LEVELS)
    value, _ = ad.vjp(tail)(np.ones(2), 1.0)
    assert not np.shares_memory(value, LEVELS)


def test_a_write_into_a_captured_array_through_a_name_is_refused() -> None:
    def first(x: float):
        a = LEVELS[1:]
        a[0] = x
        return np.sum(a)

    with pytest.raises(ad.RefusedError, match="captured array `LEVELS`"):
        ad.grad(first)


TABLE = [0.5, 1.5, 2.5]


def test_an_element_of_a_captured_list_is_a_number_of_its_own() -> None:
    def scaled(x: float, n: int):
        a = TABLE[n]
        a *= x
        return a * x

    assert ad.grad(scaled)(2.0, 1) == 6.0


GAIN = 1.5


def test_a_captured_number_is_nobodys_memory() -> None:
    def raised(x: np.ndarray):
        a = GAIN
        a += x
        return np.sum(a * a)

    assert ad.check(raised, np.array([0.4, 0.9])).agrees


def weighed_by_ones(w: float, x: np.ndarray):
    return np.ones(2) @ x


def test_adjoints_of_several_arguments_keep_float32() -> None:
    x = np.array([1.0, 2.0], np.float32)
    assert ad.vjp(weighed_by_ones, wrt=(0, 1))(1.0, 2.0, x)[1][1].dtype == np.float32
    assert ad.grad(weighed_by_ones, wrt=(0, 1))(2.0, x)[1].dtype == np.float32


def changing_places(u: np.ndarray, steps: int):
    v = np.zeros_like(u)
    w = np.cos(u)
    for _ in range(steps):
        for i in range(1, len(u) - 1):
            v[i] = 0.4 * u[i] + 0.3 * (u[i - 1] + u[i + 1]) * w[i]
        u, v, w = v, w, u
        w[0] = 0.1 * u[1]
    return np.sum(u * v) + np.sum(w)


def changing_places_in_a_branch(u: np.ndarray, steps: int):
    v = np.sin(u)
    for k in range(steps):
        if k % 2 == 0:
            u, v = v, u
        v[1] = u[0] * v[1]
        u[0] = u[0] + v[2] * v[2]
    return u, v


def test_arrays_that_change_places() -> None:
    for steps in (0, 1, 2, 5):
        agree(changing_places, np.array([0.3, -0.2, 0.8, 0.5]), steps)
        agree(changing_places, np.array([0.3, -0.2, 0.8, 0.5]), steps, jit=steps == 2)
        agree(changing_places_in_a_branch, np.array([0.3, -0.2, 0.8]), steps)


def test_the_reverse_of_a_swap_copies_nothing() -> None:
    assert "copy_of(" not in inspect.getsource(ad.grad(changing_places))


def a_loop_of_which_nothing_is_left(w):
    for _ in range(1):
        w = w.copy()
    w[0:1] = 1.0
    return w


def test_a_loop_of_which_nothing_is_left() -> None:
    agree(a_loop_of_which_nothing_is_left, np.array([0.3, -0.2, 0.8]))


def carried_and_added_to(w0, x):
    w0 = np.sum(x[x > np.pi]) ** 3
    a = 0
    while a < 2:
        w0 = np.arctan2(x.mean(), 1.7 + np.sin((w0 > 1.16) * x[a, a - 1]))
        for b in range(a, 3):
            w0 //= w0**2 + 0.5
            w0 += np.cbrt(np.var(x))
            if x[b % 3, a + 2] > 1e9:
                raise ValueError("too large")
        a += 1
    return w0 + x.sum()


def test_additions_to_one_name_have_one_adjoint() -> None:
    agree(carried_and_added_to, 1.0, np.cos(np.arange(12.0)).reshape(3, 4))


def a_name_for_an_array_and_for_a_number(w, n: int):
    a = np.ones(2)
    b = np.min(np.full((3, 2), a[0]), axis=0)
    if n > 0:
        a = w
        b[n] /= a
    return b


def test_a_name_that_is_indexed_before_it_means_something_else() -> None:
    """The derivative reads it where it may mean either: only one of them is an array."""
    for n in (0, 1):
        agree(a_name_for_an_array_and_for_a_number, 0.7, n, wrt=(0,))


def weighed_if_given(x, w=None):
    if w is None:
        y = x * 2.0
    else:
        y = x * w
    return y


def test_an_argument_that_may_be_left_out_is_not_presumed_a_number() -> None:
    assert ad.grad(weighed_if_given)(0.3) == 2.0
    assert ad.grad(weighed_if_given)(0.3, 5.0) == 5.0
    assert ad.grad(weighed_if_given, "w")(0.3, 5.0) == 0.3
