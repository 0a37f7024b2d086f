"""The bodies that Numba is given for the helpers of linear algebra, run as they stand, against the helpers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pytest

from tangent_ad.backends import overloads_linalg as bodies
from tangent_ad.runtime import helpers

RNG = np.random.default_rng(11)
DTYPES = [np.float64, np.float32]
SQUARE = [np.array([[2.0]]), np.array([[0.5, 2.0], [-1.5, 0.25]]), RNG.normal(size=(3, 3)), RNG.normal(size=(4, 4))]
SINGULAR = [np.zeros((1, 1)), np.ones((2, 2)), np.arange(9.0).reshape(3, 3), np.zeros((2, 2))]


def body(of: Callable[..., Any], *args: Any) -> Any:
    """What `of` gives to be compiled for arguments like these."""
    return of(*(numba.typeof(a) for a in args))


def agree(of: Callable[..., Any], helper: Any, *args: Any, **options: Any) -> None:
    impl = body(of, *args)
    assert impl is not None
    found, wanted = impl(*args, **options), helper(*args, **options)
    tolerance = 1e-5 if np.result_type(wanted) == np.float32 else 1e-12
    np.testing.assert_allclose(found, wanted, rtol=tolerance, atol=tolerance)
    assert np.shape(found) == np.shape(wanted)
    assert np.result_type(found) == np.result_type(wanted)


def drawn(dtype: Any, *shape: int) -> Any:
    return RNG.normal(size=shape).astype(dtype) if shape else dtype(RNG.normal())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("left", "right"),
    [((3,), (3,)), ((1,), (1,)), ((3,), (3, 2)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((1, 1), (1, 1)), ((2, 1), (1, 3)),
     ((0, 3), (3, 2)), ((2, 0), (0, 3))],
)  # fmt: skip
def test_products(left: tuple[int, ...], right: tuple[int, ...], dtype: Any) -> None:
    a, b = drawn(dtype, *left), drawn(dtype, *right)
    g = np.asarray(drawn(dtype, *np.shape(a @ b)))[()]
    agree(bodies._matmul_left, helpers.matmul_left, g, a, b)
    agree(bodies._matmul_right, helpers.matmul_right, g, a, b)
    agree(bodies._dot_left, helpers.dot_left, g, a, b)
    agree(bodies._dot_right, helpers.dot_right, g, a, b)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("left", "right"), [((), ()), ((), (3,)), ((2, 3), ()), ((), (2, 2))])
def test_dot_of_numbers(left: tuple[int, ...], right: tuple[int, ...], dtype: Any) -> None:
    a, b = drawn(dtype, *left), drawn(dtype, *right)
    g = np.asarray(drawn(dtype, *np.shape(np.dot(a, b))))[()]
    agree(bodies._dot_left, helpers.dot_left, g, a, b)
    agree(bodies._dot_right, helpers.dot_right, g, a, b)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("left", "right"), [((3,), (3,)), ((2, 3), (4, 3)), ((3,), (4, 3)), ((2, 3), (3,)), ((1, 1), (1, 1))]
)
def test_inner(left: tuple[int, ...], right: tuple[int, ...], dtype: Any) -> None:
    a, b = drawn(dtype, *left), drawn(dtype, *right)
    g = np.asarray(drawn(dtype, *np.shape(np.inner(a, b))))[()]
    agree(bodies._dot_left, helpers.dot_left, g, a, b, inner=True)
    agree(bodies._dot_right, helpers.dot_right, g, a, b, inner=True)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("a", SQUARE, ids=lambda a: f"{len(a)}x{len(a)}")
def test_square_matrices(a: Any, dtype: Any) -> None:
    a = a.astype(dtype)
    for layout in (a, np.asfortranarray(a), np.repeat(np.repeat(a, 2, axis=0), 2, axis=1)[::2, ::2]):
        agree(bodies._cofactor, helpers.cofactor, layout)
        agree(bodies._det_sign, helpers.det_sign, layout)
        agree(bodies._log_abs_det, helpers.log_abs_det, layout)
        for sides in ((len(a),), (len(a), 1), (len(a), 3)):
            g = drawn(dtype, *sides)
            agree(bodies._solve_transposed, helpers.solve_transposed, layout, g, g)


@pytest.mark.parametrize("a", SINGULAR, ids=["zero", "ones", "rank 2", "zeros"])
def test_singular_matrices(a: Any) -> None:
    agree(bodies._cofactor, helpers.cofactor, a)
    agree(bodies._det_sign, helpers.det_sign, a)
    found = body(bodies._cofactor, a)(a)
    by_hand = np.array([[(-1.0) ** (i + j) * minor(a, i, j) for j in range(len(a))] for i in range(len(a))])
    np.testing.assert_allclose(found, by_hand, atol=1e-12)


def minor(a: Any, i: int, j: int) -> float:
    rest = np.delete(np.delete(a, i, axis=0), j, axis=1)
    return float(np.linalg.det(rest)) if rest.size else 1.0


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("zeros", [0, 1, 2])
def test_products_of_elements(zeros: int, dtype: Any) -> None:
    for shape in ((4,), (1,), (2, 3), (0,)):
        x, h, g = drawn(dtype, *shape), drawn(dtype, *shape), drawn(dtype, int(np.prod(shape)))
        x.reshape(-1)[:zeros] = 0.0
        agree(bodies._prod_others, helpers.prod_others, x)
        agree(bodies._prod_pairs, helpers.prod_pairs, x, h)
        agree(bodies._cumprod_jvp, helpers.cumprod_jvp, x, h)
        agree(bodies._cumprod_vjp, helpers.cumprod_vjp, g, x)


def test_what_is_not_compiled() -> None:
    """Stacks of matrices, and reductions along an axis: Numba then says that there is no such function."""
    stack, g = drawn(np.float64, 2, 3, 3), drawn(np.float64, 2, 3)
    assert body(bodies._solve_transposed, stack, g, g) is None
    assert body(bodies._cofactor, stack) is None and body(bodies._det_sign, stack) is None
    assert body(bodies._matmul_left, stack, stack, stack) is None
    assert body(bodies._prod_others, g, 0) is None
    assert body(bodies._cumprod_jvp, g, g, 0) is None
