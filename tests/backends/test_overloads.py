"""The runtime helpers as Numba compiles them, against the helpers themselves."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pytest

import tangent_ad.backends.overloads
import tangent_ad.backends.overloads_linalg  # noqa: F401  (they register themselves)
from tangent_ad.runtime import helpers as h

SINGLE, DOUBLE = np.float32, np.float64
RNG = np.random.default_rng(7)


def drawn(*shape: int, dtype: Any = DOUBLE) -> np.ndarray:
    return RNG.uniform(-1.5, 1.5, shape).astype(dtype)


def agree(f: Any, *all_args: tuple[Any, ...], within: float = 0.0) -> None:
    """`f`, which gives a tuple, has compiled the values, shapes and dtypes that it has in Python.

    within: how far off elements may be that are small because large numbers cancel.
    """
    compiled = numba.njit(f)
    for args in all_args:
        ours = compiled(*(a.copy() if isinstance(a, np.ndarray) else a for a in args))
        theirs = f(*(a.copy() if isinstance(a, np.ndarray) else a for a in args))
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5 if np.result_type(b) == SINGLE else 1e-12, atol=within)
            assert np.shape(a) == np.shape(b)
            assert np.ndim(b) == 0 or a.dtype == b.dtype


def test_sums_and_spreads() -> None:
    """Of doubles to what is single: sizes of one, no elements."""

    def f(wide, narrow):
        return h.sum_to(wide, narrow), h.spread(narrow, wide), h.sum_to(wide, wide), h.sum_to(wide, 1.0)

    shapes = (((2, 3), (3,)), ((2, 3), (1,)), ((1, 1), (1,)), ((0, 3), (3,)), ((2, 0), (0,)), ((4, 1), (1,)))
    agree(f, *((drawn(*a), drawn(*b, dtype=SINGLE)) for a, b in shapes))


def test_sums_of_what_is_still_to_be_spread() -> None:
    def f(g, x):
        return (h.sum_to(g, x),)

    shapes = (
        ((4, 1), (1, 3)),
        ((1, 1), (2, 3)),
        ((0, 1), (1, 3)),
        ((1, 3), (0, 3)),
        ((2, 1, 1), (3, 1)),
        ((1, 1), (3,)),
    )
    agree(f, *((drawn(*a), drawn(*b)) for a, b in shapes))


def test_spreads_that_do_not_fit() -> None:
    with pytest.raises(ValueError):
        numba.njit(lambda wide, narrow: h.spread(narrow, wide))(drawn(3, 3), drawn(2, dtype=SINGLE))


def test_what_is_stored_in_place() -> None:
    def f(value, x):
        return h.stored_in(value, x), h.stored_in(value, 2.0)

    agree(f, (drawn(2, 3), drawn(2, 3, dtype=SINGLE)), (drawn(3), drawn(3)), (drawn(0), drawn(0, dtype=SINGLE)))


def test_a_result_of_sum_to_is_never_a_view_of_a_part() -> None:
    """What is given whole may come back itself; a view, which others may write, is copied."""
    compiled = numba.njit(lambda g, x: h.sum_to(g, x))
    g = drawn(3, 4)[:, ::2]
    found = compiled(g, drawn(3, 2))
    assert not np.may_share_memory(found, g)
    np.testing.assert_array_equal(found, g)


def test_reductions() -> None:
    def f(x, top, total):
        return (
            h.unreduce(total, x, axis=0),
            h.share(x, top, axis=0),
        )

    xs = [np.round(drawn(2, 3) * 2.0), np.zeros((3, 1)), drawn(1, 1), np.round(drawn(4, 2))]
    agree(f, *((x, np.array([np.max(x[:, k]) for k in range(x.shape[1])]), drawn(x.shape[1])) for x in xs))


def test_repeated_indices() -> None:
    def f(u, index, g):
        h.add_at(u, index, g)
        return u, h.read_last(u, index)

    for index in ([1, 1, 3, 1], [-1, 3, 0, 0], [2, 2, 2, 2]):
        agree(f, (drawn(4), np.array(index), drawn(4)))
    agree(f, (drawn(4), np.array([], dtype=np.int64), drawn(0)))


def test_memory_that_may_be_shared() -> None:
    compiled = numba.njit(lambda a, b: np.may_share_memory(a, b))
    u = drawn(6)
    for a, b in ((u, u), (u[:3], u[3:]), (u[::-1], u[5:]), (u[::2], u[1::2]), (u[2:2], u), (u, drawn(6))):
        assert compiled(a, b) == np.may_share_memory(a, b)


def test_matrices_of_single_precision() -> None:
    """One by one, two by two, three by three; one right side, and several."""

    def f(a, sides):
        return h.cofactor(a), h.solve_transposed(a, sides, sides)

    matrices = [np.array([[2.0]]), np.array([[0.5, 2.0], [-1.5, 0.25]]), np.diag([3.0, -2.0, 0.5]) + drawn(3, 3) * 0.1]
    pairs = [(a.astype(SINGLE), drawn(len(a), k, dtype=SINGLE)) for a in matrices for k in (1, 3)]
    agree(f, *pairs, within=1e-5)
