"""Names bound again to views of what they named."""

from __future__ import annotations

import numpy as np

import tangent_ad as ad


def chained(x: np.ndarray):
    y = x = x  # noqa: F841
    return x


def transposed(x: np.ndarray):
    x = x.T
    x[0] = x[0] * 2.0
    return x


def test_a_chain_that_ends_where_it_began():
    _, bar = ad.vjp(chained)(np.ones(3), np.arange(3.0))
    assert bar.tolist() == [1.0, 1.0, 1.0]


def test_a_transposition_under_its_own_name():
    _, bar = ad.vjp(transposed)(np.ones((3, 2)), np.arange(6.0).reshape(2, 3))
    assert bar.tolist() == [[2.0, 1.0, 1.0], [2.0, 1.0, 1.0]]
