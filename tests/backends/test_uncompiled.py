"""Reductions that Numba does not compile are refused with the user's line."""

from __future__ import annotations

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import RefusedError

X = np.random.default_rng(0).uniform(0.2, 1.0, (3, 4))


def normalised(x):
    return np.sum((x / x.sum(axis=1, keepdims=True)) ** 2)


def above_the_mean(x):
    return np.sum((x - x.mean(axis=0)) ** 2)


def by_position(x):
    return np.sum(np.max(x, 1))


def norms(x):
    return np.sum(np.linalg.norm(x, axis=1))


def rolled(x):
    return np.sum(x * np.roll(x, 1, 0))


def called(x):
    return above_the_mean(x * 2.0)


@pytest.mark.parametrize(
    ("f", "said", "line"),
    [
        (normalised, "Numba does not compile `np.sum` with `keepdims`", "x.sum(axis=1, keepdims=True)"),
        (above_the_mean, "Numba does not compile `np.mean` with `axis`", "x.mean(axis=0)"),
        (by_position, "Numba does not compile `np.max` with `axis`", "np.max(x, 1)"),
        (norms, "Numba does not compile `np.linalg.norm` with `axis`", "np.linalg.norm(x, axis=1)"),
        (rolled, "Numba does not compile `np.roll` with `axis`", "np.roll(x, 1, 0)"),
        (called, "Numba does not compile `np.mean` with `axis`", "x.mean(axis=0)"),
    ],
)
@pytest.mark.parametrize("mode", ["grad", "jvp"])
def test_the_line_is_shown(f, said, line, mode) -> None:
    args = (X,) if mode == "grad" else (X, X)
    with pytest.raises(RefusedError) as caught:
        getattr(ad, mode)(f, jit=True)(*args)
    assert said in str(caught.value) and line in str(caught.value) and "write instead" in str(caught.value)
    assert caught.value.file == __file__
    assert ad.check(f, X).agrees


def test_what_numba_knows_is_compiled() -> None:
    def f(x):
        rows = np.sum(x, axis=1)
        return np.sum((x / rows[:, None]) ** 2) + np.max(x) + x.mean() + np.linalg.norm(x) + np.std(x) + x.prod()

    np.testing.assert_allclose(ad.grad(f, jit=True)(X), ad.grad(f)(X))
