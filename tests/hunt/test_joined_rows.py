"""Arrays of which one path or one operand says too little: rows that paths join, tangents that others stretch, memory
that is given."""

from __future__ import annotations

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import RefusedError
from tests.hunt.compare import agree


def row_of_a_branch(x, first):
    if first:
        r = x[0]
    else:
        r = x[1]
    r[0] = r[1] * r[2]
    return np.sum(x * x)


def row_of_a_branch_read(x, first):
    if first:
        r = x[0]
    else:
        r = x[1]
    return r[1] * r[2] + np.sum(x * x)


def test_a_name_that_paths_join_says_what_its_rows_are() -> None:
    """Before, `x` was presumed one-dimensional, and the write through `r` was lost."""
    with pytest.raises(RefusedError, match="this writes to memory that `x` may share"):
        ad.vjp(row_of_a_branch)
    for first in (True, False):
        agree(row_of_a_branch_read, np.array([[0.3, -0.2, 0.8], [1.2, 0.7, -0.4]]), first)


def everything_of(x):
    y = x[...]
    y[0] = 3.0 * y[1]
    return np.sum(x)


def test_a_tangent_that_is_written_is_not_the_callers() -> None:
    x, x_dot = np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.25, 2.0])
    value, dot = ad.jvp(everything_of)(x, x_dot)
    assert (value, dot) == (11.0, 3.0)
    assert x.tolist() == [1.0, 2.0, 3.0] and x_dot.tolist() == [0.5, 0.25, 2.0]


def chosen(x, mask, z):
    return np.where(mask, x, z)


def chosen_sum(x, mask, z):
    return np.sum(np.where(mask, x, z))


def between(x, y):
    return np.linspace(x, y, 3)


def test_a_tangent_has_the_shape_of_its_value_where_an_operand_has_none() -> None:
    x, mask = np.array([[0.3], [-0.2]]), np.array([True, False, True])
    assert ad.jvp(chosen_sum, "z")(x, mask, 0.5, 1.0)[1] == 2.0  # one of three, in two rows
    for wrt in ((0,), (2,), (0, 2)):
        agree(chosen, x, mask, 0.5, wrt=wrt)
        agree(chosen, x[:1], True, np.array([1.0, 2.0]), wrt=wrt)
        agree(chosen_sum, x, mask, 0.5, wrt=wrt)
    jac = ad.jacobian(chosen, "z", mode="forward")(x, mask, 0.5)
    assert jac.tolist() == [[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]
    ends = np.array([0.0, 1.0, 2.0]), np.array([4.0, 1.0, 0.0])
    assert ad.jvp(between, "y")(*ends, np.ones(3))[1].tolist() == [[0.0] * 3, [0.5] * 3, [1.0] * 3]


def test_linspace_between_arrays_has_no_wrong_adjoint() -> None:
    """The adjoint is square here, so that a product of it with the weights has the right shape."""
    with pytest.raises(ValueError, match="reshape"):
        ad.vjp(between)(np.ones((3, 3)), np.zeros(3), np.ones(3))


def fifty(x: float, y: float):
    return np.sum(np.linspace(x, y) ** 2)


def lower(x):
    return np.tril(x)


def upper_of_row(x, k):
    return np.triu(x, k)


def test_defaults_and_rows() -> None:
    agree(fifty, 0.3, 0.8)
    agree(lower, np.array([0.3, 0.8, -0.2]))
    agree(lower, np.arange(6.0).reshape(2, 3))
    agree(upper_of_row, np.array([0.3, 0.8, -0.2]), 1)


def summed_over(x):
    return np.sum(x, where=x > 0.0)


def test_a_refused_argument_names_those_that_are_supported() -> None:
    with pytest.raises(RefusedError) as caught:
        ad.grad(summed_over)
    assert caught.value.hint == "no more than `np.sum(a, axis=None, *, keepdims=False)`"


def distances(x, w):
    total = 0.0
    for i in range(x.shape[0]):
        d = x[i] - w
        total += np.sum(d * d)
    return total


def test_rows_that_are_summed_are_not_presumed_numbers() -> None:
    agree(distances, np.array([[0.3, 0.8], [-0.2, 1.1]]), np.array([0.1, 0.2]))
    agree(distances, np.array([0.3, 0.8, -0.2]), np.array([0.1, 0.2]))


def counted_down(x, n):
    k = n
    s = 0.0
    for _ in range(n):
        k -= 1
        s = s * x[k] + x[k] * x[k]
    return s * k + s


def test_a_number_of_unknown_type_comes_back_as_it_was() -> None:
    """Before, the integers were kept in an array of floats, since another value of their name was active."""
    x, v = np.array([0.3, 0.8, -0.2]), np.array([1.0, -0.5, 2.0])
    expected = ad.hessian(counted_down)(x, 3) @ v
    np.testing.assert_allclose(ad.vjp(ad.grad(counted_down))(v, x, 3)[1], expected, rtol=1e-13)
