"""Each runtime helper against what it means: an adjoint against the operation that it is the adjoint of."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_ad.runtime import helpers as h

RNG = np.random.default_rng(4)
SHAPES = ((), (1,), (3,), (0,), (1, 3), (2, 1), (2, 3), (0, 3), (2, 1, 3))
SINGLE, DOUBLE = np.float32, np.float64


def drawn(shape: tuple[int, ...], dtype: Any = DOUBLE) -> np.ndarray:
    return np.asarray(RNG.uniform(-1.5, 1.5, shape)).astype(dtype)


def adjoint(operation: Callable[[Any], Any], shape: tuple[int, ...], g: Any) -> np.ndarray:
    """The adjoint of a linear operation on arrays of that shape: what it makes of each unit array, times g."""
    found = np.zeros(shape)
    for at in np.ndindex(*shape):
        unit = np.zeros(shape)
        unit[at] = 1.0
        found[at] = np.sum(np.asarray(operation(unit)) * g)
    return found


def slope(f: Callable[[Any], Any], x: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """The derivative in a direction, by the complex step."""
    return np.imag(f(x + 1e-30j * direction)) / 1e-30


def stretches(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    """Does an array of the one shape broadcast to the other?"""
    ends = zip(small[::-1], large[::-1], strict=False)
    return len(small) <= len(large) and all(a in (1, b) for a, b in ends)


BROADCASTS = [(small, large) for small in SHAPES for large in SHAPES if stretches(small, large)]


@pytest.mark.parametrize(("small", "large"), BROADCASTS)
@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE])
def test_sum_to(small: tuple[int, ...], large: tuple[int, ...], dtype: Any) -> None:
    g, x = drawn(large), drawn(small, dtype)
    found = h.sum_to(g, x)
    assert np.shape(found) == small and np.result_type(found) == dtype
    np.testing.assert_allclose(found, adjoint(lambda u: np.broadcast_to(u, large), small, g), rtol=1e-5)


@pytest.mark.parametrize("large", SHAPES)
def test_sum_to_a_number(large: tuple[int, ...]) -> None:
    g = drawn(large)
    found = h.sum_to(g, 2.0)
    assert type(found) is float and found == pytest.approx(np.sum(g))
    assert type(h.sum_to(3, 1)) is float, "what goes to an int is a float too"


@pytest.mark.parametrize(
    ("large", "small"),
    [((1, 1, 1), (2, 3)), ((), (3,)), ((1,), (0,)), ((4, 1), (1, 3)), ((0, 1), (1, 3)), ((1,), (2, 1))],
)
def test_sum_to_of_what_is_still_to_be_spread(large: tuple[int, ...], small: tuple[int, ...]) -> None:
    """What a number says for a whole array, it says for each element."""
    g, x = drawn(large), drawn(small)
    found = h.sum_to(g, x)
    whole = np.broadcast_to(g, np.broadcast_shapes(large, small))
    assert np.shape(found) == small
    np.testing.assert_allclose(found, adjoint(lambda u: np.broadcast_to(u, whole.shape), small, whole))
    assert h.sum_to(np.zeros(large), x).shape == small


@pytest.mark.parametrize(("small", "large"), BROADCASTS)
@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE])
def test_spread(small: tuple[int, ...], large: tuple[int, ...], dtype: Any) -> None:
    g, x = drawn(small), drawn(large, dtype)
    found = h.spread(g, x)
    assert np.shape(found) == large and np.result_type(found) == dtype
    np.testing.assert_array_equal(found, np.broadcast_to(g, large).astype(dtype))
    if large:
        found[...] = 7.0
        assert not np.any(g == 7.0) and not np.any(x == 7.0), "the result is new memory"


def test_spread_over_what_is_not_floating() -> None:
    assert h.spread(0.5, np.array([1, 2])).dtype == DOUBLE
    assert type(h.spread(0.5, 2)) is DOUBLE and type(h.spread(0.5, np.float32(2.0))) is SINGLE


AXES = {0: [None], 1: [None, 0, -1, (0,)], 2: [None, 0, 1, -1, (0, 1), (-1, 0)], 3: [None, 1, (0, 2), (0, 1, 2)]}
REDUCTIONS = [(s, axis, keep) for s in SHAPES for axis in AXES[len(s)] for keep in (False, True)]


@pytest.mark.parametrize(("shape", "axis", "keepdims"), REDUCTIONS)
def test_unreduce(shape: tuple[int, ...], axis: Any, keepdims: bool) -> None:
    x = drawn(shape)
    g = drawn(np.shape(np.sum(x, axis=axis, keepdims=keepdims)))
    found = h.unreduce(g, x, axis, keepdims)
    assert np.shape(found) == shape
    np.testing.assert_allclose(found, adjoint(lambda u: np.sum(u, axis=axis, keepdims=keepdims), shape, g))
    assert h.unreduce(g.astype(SINGLE), x.astype(SINGLE), axis, keepdims).dtype == SINGLE


@pytest.mark.parametrize(("shape", "axis", "keepdims"), [r for r in REDUCTIONS if 0 not in r[0]])
def test_share(shape: tuple[int, ...], axis: Any, keepdims: bool) -> None:
    x = np.round(drawn(shape) * 1.5).astype(SINGLE)  # with ties
    top = np.max(x, axis=axis, keepdims=keepdims)
    found = h.share(x, top, axis, keepdims)
    assert np.shape(found) == shape and np.result_type(found) == SINGLE
    np.testing.assert_allclose(np.sum(found, axis=axis), np.ones(np.shape(np.sum(x, axis=axis))), rtol=1e-6)
    highest = x == np.max(x, axis=axis, keepdims=True)
    assert np.all((found > 0) == highest)
    counts = np.broadcast_to(np.sum(highest, axis=axis, keepdims=True), shape)
    np.testing.assert_allclose(np.asarray(found)[highest], (1.0 / counts)[highest], rtol=1e-6)


PRODUCTS = [((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((5, 2, 3), (3,)), ((5, 2, 3), (3, 4)),
            ((5, 2, 3), (5, 3, 4)), ((1, 2, 3), (5, 3, 4)), ((2, 3), (5, 3, 4)), ((3,), (5, 3, 4)), ((2, 0), (0, 3)),
            ((1, 1), (1, 1)), ((5, 2, 3), (1, 3, 4))]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), PRODUCTS)
@pytest.mark.parametrize("dtype", [SINGLE, DOUBLE])
def test_matmul(left: tuple[int, ...], right: tuple[int, ...], dtype: Any) -> None:
    a, b = drawn(left, dtype), drawn(right, dtype)
    g = drawn(np.shape(a @ b), dtype)
    for found, expected in (
        (h.matmul_left(g, a, b), adjoint(lambda u: u @ b, left, g)),
        (h.matmul_right(g, a, b), adjoint(lambda u: a @ u, right, g)),
    ):
        assert np.shape(found) == np.shape(expected) and found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-5)


DOTS = [((), ()), ((), (2, 3)), ((3,), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 4)),
        ((2, 5, 3), (3, 4)), ((2, 3), (5, 3, 4)), ((0,), (0,))]  # fmt: skip


@pytest.mark.parametrize(("left", "right"), DOTS)
@pytest.mark.parametrize("inner", [False, True])
def test_dot(left: tuple[int, ...], right: tuple[int, ...], inner: bool) -> None:
    if inner and len(right) > 1 and left:
        right = (*right[:-2], right[-1], right[-2])
    operation = np.inner if inner else np.dot
    a, b = drawn(left), drawn(right)
    g = drawn(np.shape(operation(a, b)))
    np.testing.assert_allclose(h.dot_left(g, a, b, inner), adjoint(lambda u: operation(u, b), left, g), atol=1e-12)
    np.testing.assert_allclose(h.dot_right(g, a, b, inner), adjoint(lambda u: operation(a, u), right, g), atol=1e-12)


def zeros_in(shape: tuple[int, ...], zeros: int) -> np.ndarray:
    x = drawn(shape)
    x.reshape(-1)[:zeros] = 0.0
    return x


PRODS = [((3,), None), ((1,), 0), ((0,), None), ((2, 3), None), ((2, 3), 0), ((2, 3), -1), ((2, 3, 2), (0, 2)),
         ((2, 3, 2), 1), ((2, 0), 1)]  # fmt: skip


@pytest.mark.parametrize(("shape", "axis"), PRODS)
@pytest.mark.parametrize("zeros", [0, 1, 2])
def test_products_without_division(shape: tuple[int, ...], axis: Any, zeros: int) -> None:
    x, direction = zeros_in(shape, zeros), drawn(shape)
    others, pairs = h.prod_others(x, axis), h.prod_pairs(x, direction, axis)
    assert others.shape == pairs.shape == shape
    expected = slope(lambda u: np.prod(u, axis=axis), x, direction)
    np.testing.assert_allclose(np.sum(others * direction, axis=axis), expected, atol=1e-12)
    for at in np.ndindex(*shape):
        unit = np.zeros(shape)
        unit[at] = 1.0
        np.testing.assert_allclose(
            pairs[at], slope(lambda u, at=at: _prod_others(u, axis)[at], x, direction), atol=1e-12
        )
    assert h.prod_others(x.astype(SINGLE), axis).dtype == h.prod_pairs(x.astype(SINGLE), x, axis).dtype == SINGLE


def _prod_others(x: np.ndarray, axis: Any) -> np.ndarray:
    """For each element the product of the others, one by one."""
    axes = tuple(range(x.ndim)) if axis is None else tuple(k % x.ndim for k in np.atleast_1d(axis))
    out = np.ones_like(x)
    for at, other in itertools.product(np.ndindex(*x.shape), np.ndindex(*x.shape)):
        if at != other and all(a == b for k, (a, b) in enumerate(zip(at, other, strict=True)) if k not in axes):
            out[at] *= x[other]
    return out


@pytest.mark.parametrize(("shape", "axis"), [p for p in PRODS if not isinstance(p[1], tuple)])
@pytest.mark.parametrize("zeros", [0, 1, 2])
def test_cumulative_products(shape: tuple[int, ...], axis: Any, zeros: int) -> None:
    x, direction = zeros_in(shape, zeros), drawn(shape)
    g = drawn(np.shape(np.cumprod(x, axis)))
    forward = h.cumprod_jvp(x, direction, axis)
    np.testing.assert_allclose(forward, slope(lambda u: np.cumprod(u, axis), x, direction), atol=1e-12)
    backward = h.cumprod_vjp(g, x, axis)
    assert backward.shape == shape
    np.testing.assert_allclose(np.sum(backward * direction), np.sum(forward * g), atol=1e-12)


@pytest.mark.parametrize("offset", [-2, -1, 0, 1, 3])
@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 1), (1, 1)])
def test_undiagonal(shape: tuple[int, int], offset: int) -> None:
    x = drawn(shape)
    g = drawn(np.shape(np.diagonal(x, offset)))
    np.testing.assert_allclose(h.undiagonal(g, x, offset), adjoint(lambda u: np.diagonal(u, offset), shape, g))
    np.testing.assert_allclose(h.undiagonal(0.7, x, offset), adjoint(lambda u: np.trace(u, offset), shape, 0.7))
    assert h.undiagonal(g.astype(SINGLE), x.astype(SINGLE), offset).dtype == SINGLE


@pytest.mark.parametrize("offset", [-1, 0, 2])
def test_undiagonal_of_what_makes_a_matrix(offset: int) -> None:
    x = drawn((3,))
    g = drawn(np.diag(x, offset).shape)
    np.testing.assert_allclose(h.undiagonal(g, x, offset), adjoint(lambda u: np.diag(u, offset), (3,), g))


def test_a_diagonal_of_more_axes_is_refused() -> None:
    with pytest.raises(TypeError, match="2-dimensional"):
        h.undiagonal(np.ones(2), np.ones((2, 2, 2)))


@pytest.mark.parametrize("right", [(3,), (3, 2)])
def test_solve_transposed(right: tuple[int, ...]) -> None:
    a, g = drawn((3, 3)) + 3.0 * np.eye(3), drawn(right)
    found = h.solve_transposed(a, g, np.ones(right))
    np.testing.assert_allclose(found, adjoint(lambda u: np.linalg.solve(a, u), right, g), rtol=1e-10)
    with pytest.raises(TypeError, match="None"):
        h.solve_transposed(np.ones((2, 3, 3)), g, np.ones(3))


@pytest.mark.parametrize("rank", [0, 1, 2, 3])
def test_cofactors_also_of_singular_matrices(rank: int) -> None:
    a = drawn((3, rank)) @ drawn((rank, 3)) if rank < 3 else drawn((3, 3))
    minors = np.array([[(-1.0) ** (i + j) * np.linalg.det(np.delete(np.delete(a, i, 0), j, 1)) for j in range(3)]
                       for i in range(3)])  # fmt: skip
    np.testing.assert_allclose(h.cofactor(a), minors, atol=1e-12)
    np.testing.assert_allclose(h.cofactor(np.stack((a, 2.0 * a))), np.stack((minors, 4.0 * minors)), atol=1e-12)


def test_determinants() -> None:
    a = drawn((3, 3))
    assert h.det_sign(a) * np.exp(h.log_abs_det(a)) == pytest.approx(np.linalg.det(a))
    assert h.det_sign(-a) == -h.det_sign(a)


INDICES: list[tuple[tuple[int, ...], Any]] = [
    ((4,), 2),
    ((4,), -1),
    ((4,), slice(None, None, -2)),
    ((4,), np.array([1, 1, 3, 1])),
    ((4,), np.array([-1, 3, 0])),
    ((4,), np.array([], dtype=int)),
    ((4,), np.array([True, False, True, False])),
    ((3, 2), (1, 0)),
    ((3, 2), (np.array([0, 0, 2]), 1)),
    ((3, 2), (np.array([0, 0, 2]), np.array([1, 1, 0]))),
    ((3, 2), np.array([[0, 0], [2, 0]])),
    ((3, 2), (slice(1, None), np.array([0, 0]))),
    ((0,), slice(None)),
]


@pytest.mark.parametrize(("shape", "index"), INDICES)
def test_add_at_is_the_adjoint_of_reading(shape: tuple[int, ...], index: Any) -> None:
    buffer = drawn(shape)
    g = drawn(np.shape(buffer[index]))
    expected = buffer + adjoint(lambda u: u[index], shape, g)
    h.add_at(buffer, index, g)
    np.testing.assert_allclose(buffer, expected)


@pytest.mark.parametrize(("shape", "index"), INDICES)
def test_only_the_last_writer_counts(shape: tuple[int, ...], index: Any) -> None:
    """`u[index] = e` hands its adjoint to the last that wrote each element; and the same backwards."""
    u_bar = drawn(shape)

    def store(e: Any) -> np.ndarray:
        u = np.zeros(shape)
        u[index] = e
        return u

    taken = h.read_last(u_bar, index)
    np.testing.assert_allclose(taken, adjoint(store, np.shape(u_bar[index]), u_bar))
    if isinstance(taken, np.ndarray) and taken.size:
        taken[...] = 9.0
        assert not np.any(u_bar == 9.0), "the result is a copy"
    g = drawn(np.shape(u_bar[index]))
    np.testing.assert_allclose(h.place_last(g, u_bar, index), adjoint(lambda u: h.read_last(u, index), shape, g))


def test_copies() -> None:
    x = np.ones(2)
    y = h.copy_of(x)
    assert not np.may_share_memory(x, y) and h.copy_of(2.0) == 2.0
    assert h.stop_gradient(x) is x


def test_what_is_stored_in_place_keeps_the_dtype_of_an_array() -> None:
    for x, e in (
        (np.ones(2, SINGLE), drawn((2,))),
        (np.ones(2), drawn((2,)).astype(SINGLE)),
        (SINGLE(1.5), DOUBLE(0.1)),
    ):
        value = x + e
        found = h.stored_in(value, x)
        x += e
        assert np.array_equal(found, x) and np.result_type(found) == np.result_type(x)
    with pytest.raises(TypeError):
        h.stored_in(np.ones(2) * 0.5, np.array([1, 2]))
    with pytest.raises(ValueError):
        h.stored_in(np.ones(2), np.ones(1))
