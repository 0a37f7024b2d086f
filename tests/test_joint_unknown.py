"""Joint calls where the kinds of arguments are not known."""

from __future__ import annotations

import numpy as np

import tangent_ad as ad
from tests.test_joint import functions_in


def test_what_is_not_known_is_not_presumed() -> None:
    """Whether `h` is an array is not known, so neither is the rank of what `flow` is given: no guard says it."""
    u, direction = np.array([0.4, -0.3]), np.array([0.3, 1.0])
    gradient = ad.grad(euler)
    assert functions_in(gradient.source)[-2:] == ["flow_pullback", "euler_grad"]
    difference = (euler(u + 1e-6 * direction, 0.1) - euler(u - 1e-6 * direction, 0.1)) / 2e-6
    np.testing.assert_allclose(gradient(u, 0.1) @ direction, difference, rtol=1e-7)
    steps = np.array([0.1, 0.2])
    difference = (euler(u + 1e-6 * direction, steps) - euler(u - 1e-6 * direction, steps)) / 2e-6
    np.testing.assert_allclose(gradient(u, steps) @ direction, difference, rtol=1e-7)


def flow(u):
    du = np.zeros_like(u)
    for k in range(len(u)):
        du[k] = -np.sin(u[k]) * u[k - 1]
    return du


def euler(u, h):
    for _ in range(2):
        u = u + h * flow(u + 0.5 * h * flow(u))
    return np.sum(u * u)
