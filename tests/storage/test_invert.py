"""Which counters can be taken back, and by what."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.derived import build
from tangent_ad.pipeline import Request
from tests.modes.reverse.broken import derivative

X = np.array([0.9, 1.1, 0.7, 1.3, 0.8, 1.2, 0.6, 1.4, 0.95])


def by_loop(x, m: int):
    i, s = 0, 1.0
    for j in range(m):
        s = s * x[i]
        i += j + 1
    return s


def by_temporaries(x, m: int):
    i, s = 0, 1.0
    for j in range(m):
        s = s * x[i]
        double = 2 * j
        i = double - m % 2 + i
    return s


def down_to_zero(x, m: int):
    i, s = m, 1.0
    while i > 0:
        s = s * x[i]
        i -= 1
    return s


def read_behind(x, m: int):
    i, s = 0, 1.0
    for _ in range(m):
        i += 1
        s = s * x[i]
    return s


def again_later(x, m: int):
    i, s = 0, 1.0
    while i < m:
        s = s * x[i]
        i += 1
    i = 2
    return s * x[i]


UNDONE: dict[Any, tuple[str, ...]] = {
    by_loop: ("i -= j + 1",),
    by_temporaries: ("i -= 2 * j - m % 2",),
    down_to_zero: ("i = i + 1",),
    read_behind: ("i3 = i", "i3 -= 1"),
    again_later: ("i = i_saved", "i -= 1"),
}


@pytest.mark.parametrize("f", UNDONE, ids=lambda f: f.__name__)
def test_how_a_counter_is_taken_back(f: Any) -> None:
    backward = [line.strip() for line in ad.grad(f).source.partition("# backward")[2].splitlines()]
    for line in UNDONE[f]:
        assert line in backward, backward
    assert not any("i_saved.pop" in line or "i_saved[" in line for line in backward)


def element_of_another_array(x, w: "Int[np.ndarray, 'm']"):
    i, s = 0, 1.0
    for j in range(len(w)):
        s = s * x[i]
        i += w[j]
    return s


def no_loop_of_its_own(x, m: int):
    i, s = 0, 1.0
    for j in range(m):
        i = j + 1
        s = s * x[i]
    return s


def changed_twice(x, m: int):
    i, s = 0, 1.0
    for _ in range(m):
        s = s * x[i]
        i += 1
        s = s * x[i]
        i += 1
    return s


def by_itself(x, m: int):
    i, s = 1, 1.0
    for _ in range(m):
        s = s * x[i % 9]
        i += i
    return s


def by_a_product(x, m: int):
    i, s = 1, 1.0
    for _ in range(m):
        s = s * x[i % 9]
        i *= 3
    return s


@pytest.mark.parametrize("f", [no_loop_of_its_own, changed_twice, by_itself, by_a_product], ids=lambda f: f.__name__)
def test_what_is_not_taken_back(f: Any) -> None:
    assert not derivative(f, "x").sweeps.plan.inverses
    np.testing.assert_allclose(ad.grad(f)(X, 3), _exact(f, 3), rtol=1e-6)


def test_an_element_of_an_array_that_nobody_writes_is_an_amount() -> None:
    steps = np.array([1, 0, 3, 1])
    assert "i -= " in ad.grad(element_of_another_array).source
    np.testing.assert_allclose(
        ad.grad(element_of_another_array)(X, steps), _exact(element_of_another_array, steps), rtol=1e-6
    )


def test_it_can_be_left_out() -> None:
    for f in UNDONE:
        kept = build(f, Request("grad", ("x",), without=frozenset(("invert",))), "kept").load()  # type: ignore[arg-type]
        np.testing.assert_array_equal(kept(X, 4), ad.grad(f)(X, 4))


def test_a_jacobian_takes_it_back_for_each_row() -> None:
    def rows(x, m: int):
        i, out = 0, np.ones(3)
        for j in range(m):
            for k in range(3):
                out[k] = out[k] * x[i + k]
            i += j + 1
        return out

    matrix = ad.jacobian(rows)(X, 3)
    for k in range(3):
        np.testing.assert_allclose(matrix[k], _exact(lambda x, m, k=k: rows(x, m)[k], 3), rtol=1e-6)


def test_compiled() -> None:
    for f in (by_loop, down_to_zero, again_later):
        np.testing.assert_allclose(ad.grad(f, jit=True)(X, 4), ad.grad(f)(X, 4), rtol=1e-14)


def test_explain_says_so() -> None:
    assert "i as an iteration begins: inverted" in ad.explain(by_loop)


def _exact(f: Any, *rest: Any) -> np.ndarray:
    found = np.zeros_like(X)
    for k in range(len(X)):
        up, down = X.copy(), X.copy()
        up[k] += 1e-6
        down[k] -= 1e-6
        found[k] = (f(up, *rest) - f(down, *rest)) / 2e-6
    return found
