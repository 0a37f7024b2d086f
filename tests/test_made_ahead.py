"""A compiled derivative of an annotated function is made when it is asked for, and not made again at its first call."""

from __future__ import annotations

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad import compiled
from tests.frontend.defining import define

pytest.importorskip("numba")

FACTOR = 2.0


def scaled(u: "Float[np.ndarray, 'n']", a: float):
    return np.sum(u * u) * a * FACTOR


def of_an_array(u: "Float[np.ndarray, 'n']", a: float):
    return np.sum(u * WEIGHTS) * a


WEIGHTS = np.array([1.0, 2.0, 3.0])


@pytest.fixture
def built(monkeypatch):
    """The kinds that derivatives were built for."""
    found: list[object] = []

    def build(f, request, *rest):
        found.append(request.kinds)
        return original(f, request, *rest)

    original = compiled.build
    monkeypatch.setattr(compiled, "build", build)
    return found


def test_once(built) -> None:
    df = ad.grad(scaled, jit=True)
    assert len(built) == 1
    np.testing.assert_array_equal(df(np.ones(3), 1.5), [6.0, 6.0, 6.0])
    assert len(built) == 1


def test_again_for_other_types(built) -> None:
    df = ad.grad(scaled, ("u", "a"), jit=True)
    df(np.ones(3), 1.5)
    u_bar, _ = df(np.ones(3, np.float32), np.float32(1.5))
    assert u_bar.dtype == np.float32
    assert len(built) == 2


def test_a_global_that_changed_meanwhile(built, monkeypatch) -> None:
    df = ad.value_and_grad(scaled, jit=True)
    monkeypatch.setattr("tests.test_made_ahead.FACTOR", 3.0)
    value, u_bar = df(np.ones(3), 1.5)
    assert value == 13.5
    np.testing.assert_array_equal(u_bar, [9.0, 9.0, 9.0])
    assert len(built) == 2


def test_a_global_array_that_changed_meanwhile(monkeypatch) -> None:
    df = ad.grad(of_an_array, jit=True)
    monkeypatch.setattr("tests.test_made_ahead.WEIGHTS", np.array([5.0, 6.0, 7.0]))
    np.testing.assert_array_equal(df(np.ones(3), 2.0), [10.0, 12.0, 14.0])


def test_refused_at_once() -> None:
    f = define("def f(x: float):\n    import os\n    return x * os.getpid()\n", "f")
    with pytest.raises(ad.TangentError):
        ad.grad(f, jit=True)
