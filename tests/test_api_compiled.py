"""The composed derivatives under Numba give what they give in plain Python."""

from __future__ import annotations

import numpy as np
import pytest

import tangent_ad as ad

pytest.importorskip("numba")

X = np.array([0.3, 0.9, 1.4])


def scaled(x, a=2.0):
    return np.sin(x) * a


def energy(x, y):
    return np.sum(x**3) * y + np.sum(x) * y**2


def flat(value):
    return [leaf for part in value for leaf in flat(part)] if isinstance(value, tuple) else [value]


@pytest.mark.parametrize(
    ("derivative", "options", "args"),
    [
        (ad.jacobian, {"wrt": ("x", "a")}, (scaled, X, 2.0)),
        (ad.jacobian, {"mode": "forward"}, (scaled, X, 2.0)),
        (ad.hessian, {"wrt": ("x", "y")}, (energy, X, 2.0)),
        (ad.hvp, {}, (energy, X, X, 2.0)),
    ],
)
def test_compiled_is_plain(derivative, options, args):
    f, *given = args
    plain = flat(derivative(f, **options)(*given))
    compiled = flat(derivative(f, **options, jit=True)(*given))
    for a, b in zip(plain, compiled, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-15)
