"""Guards hold the arguments to what annotations say of what is differentiated."""

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import UsageError


def scaled(x: "Float[np.ndarray, 'n']", y: float):
    return np.sum(x) * y


def squares(x: "Float64[np.ndarray, 'n']", w: "Int[np.ndarray, 'n']"):
    s = 0.0
    for i in range(len(x)):
        s += x[i] * x[i] * w[i]
    return s


@pytest.mark.parametrize("mode", [ad.grad, ad.value_and_grad, ad.hessian])
def test_integers_where_floats_are_annotated(mode) -> None:
    with pytest.raises(TypeError, match="x must be a 1-d floating array"):
        mode(scaled)(np.array([1, 2]), 0.5)


def test_tangents_of_integers() -> None:
    with pytest.raises(TypeError, match="x must be a 1-d floating array"):
        ad.jvp(scaled)(np.array([1, 2]), np.array([1.0, 2.0]), 0.5)


def test_compiled() -> None:
    with pytest.raises(UsageError, match="x must be a 1-d floating array"):
        ad.grad(scaled, jit=True)(np.array([1, 2]), 0.5)


def test_another_rank_than_the_annotation_says() -> None:
    with pytest.raises(TypeError, match="x must be a 1-d floating array"):
        ad.grad(squares)(np.ones((2, 2)), np.array([1, 2]))


def test_what_is_not_differentiated_may_hold_integers() -> None:
    assert ad.grad(squares)(np.array([1.0, 2.0]), np.array([3, 4])).tolist() == [6.0, 16.0]
