"""Arrays are read where the program has put them, if they have the shape of the place and are there as they were."""

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import InternalError
from tangent_ad.pipeline import Request, derive
from tangent_ad.storage import stored
from tests.hunt.compare import agree


def recurrent(W: "Float[np.ndarray, 'k k']", b: "Float[np.ndarray, 'k']", n: int):
    h = np.zeros((n + 1, len(b)))
    for t in range(n):
        h[t + 1] = np.tanh(W @ h[t] + b)
    return np.sum(h[n] ** 2)


def two_rows(W: "Float[np.ndarray, 'k k']", b: "Float[np.ndarray, 'k']", n: int):
    h = np.zeros((2 * n, len(b)))
    s = 0.0
    for t in range(n):
        h[2 * t] = np.exp(b * t)
        h[2 * t + 1] = np.tanh(W @ h[2 * t])
        s += np.sum(h[2 * t + 1] * b)
    return s


def columns(W: "Float[np.ndarray, 'k k']", b: "Float[np.ndarray, 'k']", n: int):
    h = np.zeros((len(b), n + 1))
    for t in range(n):
        h[:, t + 1] = np.tanh(W @ h[:, t] + b)
    return np.sum(h)


FREE = (recurrent, two_rows)
"""No tape is needed."""


def a_row_of_an_argument(h: "Float[np.ndarray, 'k k']", b: "Float[np.ndarray, 'k']", n: int):
    for t in range(1, len(b)):
        h[t] = np.exp(h[t - 1] * b)
    return np.sum(h * h) * n


def changed_before(W: "Float[np.ndarray, 'k k']", b: "Float[np.ndarray, 'k']", n: int):
    h = np.zeros((n, len(b)))
    s = 0.0
    for t in range(n):
        a = np.exp(b * t)
        s += np.sum(a * a * b)
        a[0] = s
        h[t] = a
    return s + np.sum(h * h)


def changed_behind(W: "Float[np.ndarray, 'k k']", b: "Float[np.ndarray, 'k']", n: int):
    h = np.zeros((n, len(b)))
    s = 0.0
    for t in range(n):
        a = np.exp(b * t)
        h[t] = a
        s += np.sum(a * a * b)
        a *= 2.0
        s += np.sum(a * a * b)
    return s + np.sum(h * h)


def stretched(W: "Float[np.ndarray, 'k k']", b: "Float[np.ndarray, 'k']", n: int):
    h = np.zeros((n, len(b)))
    for t in range(n):
        h[t] = np.exp(b[:1] * t)
    return np.sum(h * h)


def one_for_all(W: "Float[np.ndarray, 'k k']", b: "Float[np.ndarray, 'k']", n: int):
    h = np.zeros((n, len(b)))
    for t in range(n):
        h[:] = np.exp(b * t)
    return np.sum(h * h)


def parts(W: "Float[np.ndarray, 'k k']", b: "Float[np.ndarray, 'k']", n: int):
    h = np.zeros(len(b) * n)
    k = len(b)
    for t in range(n):
        h[t * k : (t + 1) * k] = np.exp(b * t)
    return np.sum(h * h)


def written_again(W: "Float[np.ndarray, 'k k']", b: "Float[np.ndarray, 'k']", n: int):
    h = np.zeros((n + 1, len(b)))
    for t in range(n):
        h[t] = np.exp(b * t)
        h[t + 1, 0] = np.sum(h[t] * h[t])
    for t in range(n):
        h[t] = h[t] * h[t]
    return np.sum(h * h)


def by_another_name(W: "Float[np.ndarray, 'k k']", b: "Float[np.ndarray, 'k']", n: int):
    h = np.zeros((n + 1, len(b)))
    for t in range(n):
        h[t] = np.exp(b * t)
        row = h[t]
        row[0] = np.sum(row * row)
    return np.sum(h * h)


def a_part_of_another(W: "Float[np.ndarray, 'k k']", b: "Float[np.ndarray, 'k']", n: int):
    h = np.zeros((n + 1, len(b)))
    s = 0.0
    for t in range(n):
        a = W[t % 2]
        h[t] = a
        s += np.sum(np.sin(a) * b)
        W[t % 2] = a * a
    return s + np.sum(h * h)


OTHERS = (
    columns,
    a_row_of_an_argument,
    changed_before,
    changed_behind,
    stretched,
    one_for_all,
    parts,
    written_again,
    by_another_name,
    a_part_of_another,
)
W, B = np.array([[0.3, -0.2], [0.5, 0.1]]), np.array([0.4, -0.7])


@pytest.mark.parametrize("f", [*FREE, *OTHERS], ids=lambda f: f.__name__)
def test_right(f) -> None:
    for n in (1, 3):
        agree(f, W, B, n)


@pytest.mark.parametrize("f", [*FREE, columns, a_row_of_an_argument, written_again], ids=lambda f: f.__name__)
def test_compiled(f) -> None:
    agree(f, W, B, 3, jit=True)


def test_rows_of_arguments_of_any_layout() -> None:
    agree(a_row_of_an_argument, np.asfortranarray(W), B, 3, jit=True)
    agree(a_row_of_an_argument, W.T, B, 3)


@pytest.mark.parametrize("f", FREE, ids=lambda f: f.__name__)
def test_nothing_is_kept(f) -> None:
    assert "_saved" not in ad.grad(f, wrt=("W", "b")).source


def test_the_law_finds_a_row_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "is_left_alone", lambda *_: True)
    for f in (written_again, by_another_name):
        with pytest.raises(InternalError, match="may have been written before it is read again"):
            derive(f, Request("grad", ("b",)), "made")
