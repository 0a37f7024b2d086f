"""Jacobians and gradients of functions that take elements of their arguments: every element of what comes back is one
that the backward sweep wrote, whatever it found there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import tangent_ad as ad

if TYPE_CHECKING:
    from jaxtyping import Float


def some_elements(x: Any) -> Any:
    out = np.empty(2)
    out[0] = x[0] * x[1]
    out[1] = np.sin(x[2])
    return out


def twice(x: Any) -> Any:
    out = np.empty(2)
    out[0] = x[0] * x[1] + x[0]
    out[1] = x[1] - x[0] * x[0]
    return out


def from_both_ends(x: Any) -> Any:
    out = np.empty(2)
    out[0] = x[0] * x[-1]
    out[1] = x[-1] * x[1]
    return out


def under_a_condition(x: Any) -> Any:
    out = np.empty(2)
    out[0] = x[0]
    out[1] = x[0] * x[0]
    if x[0] > 0.0:
        out[1] = x[1] * x[0]
    return out


def and_all(x: Any) -> Any:
    out = np.empty(2)
    out[0] = x[0] * np.sum(x)
    out[1] = x[1] * x[0]
    return out


def with_a_gap(x: Any) -> Any:
    out = np.empty(3)
    out[0] = x[0] * x[2]
    out[1] = x[2]
    out[2] = 1.0
    return out


def overwritten(x: "Float[np.ndarray, 'n']") -> Any:
    x[0] = x[1] * x[0]
    x[1] = x[0] * x[2]
    out = np.empty(2)
    out[0] = x[0] * x[1]
    out[1] = x[1]
    return out


def in_a_loop(x: Any) -> Any:
    out = np.empty(2)
    out[0] = x[0]
    out[1] = x[1]
    for k in range(2):
        out[k] = out[k] * x[k] + x[k + 1]
    return out


def of_a_matrix(m: Any) -> Any:
    out = np.empty(2)
    out[0] = m[0, 0] * m[1, 1]
    out[1] = m[0, 1] * m[0, 0]
    return out


def of_a_view(x: "Float[np.ndarray, 'n']") -> Any:
    y = x[1:]
    out = np.empty(2)
    out[0] = y[0] * x[0]
    out[1] = y[1] * x[1]
    return out


def matrix(x: Any) -> Any:
    out = np.empty((2, 2))
    out[0, 0] = x[0]
    out[0, 1] = x[1]
    out[1, 0] = x[0] * x[1]
    out[1, 1] = x[1] * x[1]
    return out


FUNCTIONS = (
    some_elements, twice, from_both_ends, under_a_condition, and_all, with_a_gap, overwritten, in_a_loop, of_a_view,
    matrix, of_a_matrix,
)  # fmt: skip


def argument(f: Any, length: int, dtype: Any = float) -> Any:
    values = np.linspace(-0.5, 1.5, length * 3).astype(dtype)
    return values.reshape(3, length)[:2] if f is of_a_matrix else values[length : 2 * length].copy()


def forward(f: Any, x: Any) -> Any:
    """The Jacobian by forward mode, column by column."""
    columns = []
    for k in range(x.size):
        unit = np.zeros_like(x)
        unit.flat[k] = 1.0
        columns.append(ad.jvp(f)(x.copy(), unit)[1])
    return np.moveaxis(np.array(columns), 0, -1).reshape(columns[0].shape + x.shape)


@pytest.mark.parametrize("length", [3, 4, 11])
@pytest.mark.parametrize("f", FUNCTIONS)
def test_jacobian(f: Any, length: int) -> None:
    x = argument(f, length)
    wanted = forward(f, x)
    made = ad.jacobian(f, mode="reverse")
    junk = np.full((wanted.size,), np.nan)  # memory that `np.empty` may find
    del junk
    np.testing.assert_allclose(made(x.copy()), wanted, rtol=1e-14)
    given = np.full(wanted.shape, np.nan)
    ad.jacobian(f, mode="reverse", into=True)(x.copy(), given)
    np.testing.assert_array_equal(given, made(x.copy()))


@pytest.mark.parametrize("f", [some_elements, from_both_ends, under_a_condition, overwritten, of_a_matrix])
def test_compiled(f: Any) -> None:
    x = argument(f, 5)
    wanted = forward(f, x)
    given = np.full(wanted.shape, np.nan)
    ad.jacobian(f, mode="reverse", into=True, jit=True)(x.copy(), given)
    np.testing.assert_allclose(given, wanted, rtol=1e-14)


@pytest.mark.parametrize("f", [some_elements, twice, with_a_gap])
def test_single_precision(f: Any) -> None:
    x = argument(f, 4, np.float32)
    found = ad.jacobian(f, mode="reverse")(x)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, forward(f, x.astype(float)), rtol=1e-6)


@pytest.mark.parametrize("f", [f for f in FUNCTIONS if f is not overwritten])  # that one is refused
def test_second_derivatives(f: Any) -> None:
    """The gradient of a sum of Jacobians: the stores are differentiated in their turn."""
    x = argument(f, 3)
    rows = ad.jacobian(f, mode="reverse")

    def total(x: Any) -> Any:
        return np.sum(rows(x) * rows(x))

    found = ad.grad(total)(x.copy())
    step = 1e-6
    for k in np.ndindex(x.shape):
        ahead, behind = x.copy(), x.copy()
        ahead[k] += step
        behind[k] -= step
        np.testing.assert_allclose(found[k], (total(ahead) - total(behind)) / (2.0 * step), rtol=1e-6, atol=1e-7)
