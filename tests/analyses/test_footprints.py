"""Elements that are read and left alone by later writes: known where it is so, and only there."""

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree


def recurrence(u: "Float[np.ndarray, 'k']", a: float):
    y = np.zeros(len(u))
    y[0] = u[0]
    for i in range(1, len(u)):
        y[i] = a * y[i - 1] * y[i - 1] + u[i]
    return np.sum(y)


def two_states(u: "Float[np.ndarray, 'k']", a: float):
    n = len(u)
    x, v = np.zeros(n + 1), np.zeros(n + 1)
    x[0] = u[0]
    for i in range(n):
        x[i + 1] = x[i] + a * v[i] * v[i]
        v[i + 1] = v[i] - a * x[i] ** 3 + u[i]
    return x[n] * v[n]


def backwards(u: "Float[np.ndarray, 'k']", a: float):
    y = u.copy()
    for i in range(len(u) - 2, -1, -1):
        y[i] = y[i] + a * np.sin(y[i + 1])
    return np.sum(y)


def counted_from_the_end(u: "Float[np.ndarray, 'k']", a: float):
    n = len(u)
    y = np.zeros(n)
    for k in range(n):
        i = n - 1 - k
        s = u[i]
        for j in range(i + 1, n):
            s -= a * y[j] * y[j]
        y[i] = s
    return np.sum(y * y)


def rows_of_a_table(u: "Float[np.ndarray, 'k m']", a: float):
    n, m = u.shape
    y = np.zeros((n + 1, m))
    for i in range(1, n + 1):
        for j in range(1, m):
            y[i, j] = y[i - 1, j] * y[i, j - 1] * a + u[i - 1, j] + np.sin(y[i - 1, j - 1])
    return np.sum(y)


def tails(u: "Float[np.ndarray, 'k m']", a: float):
    n = len(u)
    z = np.zeros(n)
    for i in range(n - 1, -1, -1):
        z[i] = a - np.sum(u[i, i + 1 :] * z[i + 1 :] * z[i + 1 :])
    return np.sum(z * z)


def heads(u: "Float[np.ndarray, 'k m']", a: float):
    n = len(u)
    z = np.zeros(n)
    for i in range(n):
        z[i] = a - np.sum(u[i, :i] * z[:i] * z[:i])
    return np.sum(z * z)


def every_other(u: "Float[np.ndarray, 'k']", a: float):
    for i in range(2, len(u), 2):
        u[i] = a * np.sin(u[i - 1]) + u[i - 2] * u[i - 2]
    return np.sum(u * u)


FREE = (recurrence, two_states, counted_from_the_end, rows_of_a_table, every_other)
"""No tape is needed."""


def from_the_other_end(u: "Float[np.ndarray, 'k']", a: float):
    """`y[-1]` in the first iteration is written by the last."""
    y = u.copy()
    s = 0.0
    for i in range(len(u)):
        s += y[i - 1] * y[i - 1]
        y[i] = a * s
    return s + np.sum(y)


def written_next(u: "Float[np.ndarray, 'k']", a: float):
    s = 0.0
    for i in range(len(u) - 1):
        s += np.sin(u[i + 1])
        u[i] = a * s * u[i + 1]
    return s + np.sum(u)


def written_later_in_the_iteration(u: "Float[np.ndarray, 'k']", a: float):
    s = 0.0
    for i in range(len(u)):
        s += np.sin(u[i]) * s
        u[i] = a * s * s
    return s + np.sum(u)


def written_by_another_loop(u: "Float[np.ndarray, 'k']", a: float):
    y = np.zeros(len(u))
    y[0] = u[0]
    for i in range(1, len(u)):
        y[i] = a * y[i - 1] * y[i - 1] + u[i]
    for i in range(len(u)):
        y[i] = y[i] * y[i] * a
    return np.sum(y * y)


def an_index_goes_down(u: "Float[np.ndarray, 'k']", a: float):
    m = len(u) - 2
    s = 0.0
    for _ in range(len(u) - 1):
        s += np.sin(u[m])
        u[m + 1] = a * s
        m = m - 1
    return s + np.sum(u)


def a_bound_changes(u: "Float[np.ndarray, 'k']", a: float):
    m, s = 2, 0.0
    for k in range(3):
        for i in range(m):
            s += np.sin(u[m - 1 - i])
        u[m] = a * s
        m = m + 1 - 2 * (k % 2)
        u[m] = u[m] * s
    return s + np.sum(u)


def two_names(u: "Float[np.ndarray, 'k']", a: float):
    v = u
    s = 0.0
    for i in range(1, len(u)):
        s += np.sin(u[i - 1])
        v[i - 1] = a * s
    return s + np.sum(u)


def a_part(u: "Float[np.ndarray, 'k']", a: float):
    v = u[1:]
    s = 0.0
    for i in range(1, len(v)):
        s += np.sin(v[i - 1])
        u[i] = a * s
    return s + np.sum(u)


def arrays_change_places(u: "Float[np.ndarray, 'k']", a: float):
    v = np.zeros(len(u))
    s = 0.0
    for _ in range(3):
        for i in range(1, len(u)):
            s += np.sin(u[i - 1])
            v[i] = a * s
        u, v = v, u
    return s + np.sum(u) + np.sum(v)


def a_step_of_minus_one(u: "Float[np.ndarray, 'k']", a: float):
    s = 0.0
    for i in range(len(u) - 1, 0, -1):
        s += np.sin(u[i - 1])
        u[i] = a * s
    return s + np.sum(u)


def twice_the_index(u: "Float[np.ndarray, 'k']", a: float):
    s = 0.0
    for i in range(len(u) // 2):
        s += np.sin(u[i + 1])
        u[2 * i] = a * s
    return s + np.sum(u)


def the_outer_loop_comes_again(u: "Float[np.ndarray, 'k']", a: float):
    s = 0.0
    for _ in range(2):
        for i in range(1, len(u)):
            u[i] = a * np.sin(u[i - 1]) + s
            s += u[i] * u[i - 1]
    return s + np.sum(u)


def by_an_array(u: "Float[np.ndarray, 'k']", a: float):
    k = np.array([1, 2, 1])
    s = 0.0
    for i in range(1, len(u)):
        s += np.sum(np.sin(u[k]))
        u[i] = a * s
    return s + np.sum(u)


def slices_that_wrap(u: "Float[np.ndarray, 'k']", a: float):
    s = 0.0
    for i in range(len(u)):
        s += np.sum(np.sin(u[i - 2 :]))
        u[i] = a * s
    return s + np.sum(u)


def until_minus_one(u: "Float[np.ndarray, 'k']", a: float):
    s = 0.0
    for i in range(1, len(u)):
        s += np.sum(np.sin(u[:-1]))
        u[i] = a * s
    return s + np.sum(u)


def the_last_of_a_slice(u: "Float[np.ndarray, 'k']", a: float):
    s = 0.0
    for i in range(len(u)):
        s += np.sum(np.sin(u[: i + 1])) * s
        u[i] = a * s * s
    return s + np.sum(u)


def the_first_of_an_inner_loop(u: "Float[np.ndarray, 'k']", a: float):
    s = 0.1
    for i in range(1, len(u)):
        for j in range(i, -1, -1):
            s += np.sin(u[j]) * s
        u[i] = a * s * s
    return s + np.sum(u)


def in_a_loop_that_never_runs(u: "Float[np.ndarray, 'k']", a: float):
    y = a * u
    q = 0
    for i in range(q):
        for _ in range(2):
            y[1:] *= np.sin(u[i])
        y[i] *= u[2]
    return np.sum(y)


HIT = (
    the_last_of_a_slice,
    the_first_of_an_inner_loop,
    from_the_other_end,
    written_next,
    written_later_in_the_iteration,
    written_by_another_loop,
    an_index_goes_down,
    a_bound_changes,
    two_names,
    a_part,
    arrays_change_places,
    a_step_of_minus_one,
    twice_the_index,
    the_outer_loop_comes_again,
    by_an_array,
    slices_that_wrap,
    until_minus_one,
)


def _arguments(f):
    rng = np.random.default_rng(4)
    return rng.uniform(-0.8, 0.8, (4, 4) if "k m" in f.__annotations__["u"] else 5), 0.6


def _tapes(f) -> int:
    source = ad.grad(f).source
    return source.count("_saved = ")


@pytest.mark.parametrize(
    "f", [*FREE, backwards, heads, tails, in_a_loop_that_never_runs, *HIT], ids=lambda f: f.__name__
)
def test_right(f) -> None:
    agree(f, *_arguments(f))


@pytest.mark.parametrize("f", FREE, ids=lambda f: f.__name__)
def test_nothing_is_kept(f) -> None:
    assert _tapes(f) == 0


@pytest.mark.parametrize("f", HIT, ids=lambda f: f.__name__)
def test_what_is_written_is_kept(f) -> None:
    assert _tapes(f) >= 1


@pytest.mark.parametrize("f", [recurrence, rows_of_a_table, counted_from_the_end], ids=lambda f: f.__name__)
def test_compiled(f) -> None:
    agree(f, *_arguments(f), jit=True)
