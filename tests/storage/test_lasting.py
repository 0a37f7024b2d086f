"""Arrays that are kept by reference are copied where their memory is written while they are kept."""

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree


def new_in_each_iteration(x, n: int):
    s = 0.0
    for k in range(n):
        t = np.zeros(len(x))
        t[0] = k
        t[1:] = x[1:] * s + 1.0
        s += np.sum(t * t * x)
    return s


def written_behind(x, n: int):
    t = x * x
    s = 0.0
    for _ in range(n):
        s += np.sum(np.sin(t) * x)
        t[0] = s
    return s


def written_in_the_next_iteration(x, n: int):
    t = x * x
    s = 0.0
    for _ in range(n):
        t[0] = s * x[0]
        t = t * x
        s += np.sum(t * t)
    return s


@pytest.mark.parametrize(
    "f",
    [new_in_each_iteration, written_behind, written_in_the_next_iteration],
    ids=lambda f: f.__name__,
)
def test_right(f) -> None:
    for n in (0, 1, 3):
        agree(f, np.array([0.3, -0.4, 0.6]), n)


def test_what_is_new_is_kept_as_it_is() -> None:
    assert "t_saved.append(t)" in ad.grad(new_in_each_iteration).source


def test_what_is_written_is_copied() -> None:
    assert "append(t.copy())" in ad.grad(written_behind).source
