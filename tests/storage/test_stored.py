"""Numbers are read where the program has put them, if they are still there as they were."""

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import InternalError
from tangent_ad.pipeline import Request, derive
from tangent_ad.storage import stored
from tests.hunt.compare import agree


def recurrent(x: "Float[np.ndarray, 'k']", w: float):
    h = np.zeros(len(x) + 1)
    for t in range(len(x)):
        h[t + 1] = np.tanh(w * h[t] + x[t])
    return np.sum(h)


def roots(x: "Float[np.ndarray, 'k']", w: float):
    y = np.empty(2 * len(x))
    for k in range(len(x)):
        y[2 * k] = np.sqrt(x[k] * x[k] + w)
        y[2 * k + 1] = np.exp(w * y[2 * k])
    return np.sum(y * y)


def without_annotations(x, w: float):
    h = np.zeros_like(x)
    s = 0.0
    for i in range(1, len(x)):
        h[i] = np.exp(w * x[i] * h[i - 1])
        s += h[i]
    return s


def under_a_condition(x: "Float[np.ndarray, 'k']", w: float):
    h = np.zeros(len(x))
    s = w
    for i in range(len(x)):
        if x[i] > 0.0:
            h[i] = np.exp(w * x[i] * s)
            s = s + h[i]
    return s + np.sum(h)


FREE = (recurrent, roots, without_annotations)
"""No tape is needed."""


def written_over(x: "Float[np.ndarray, 'k']", w: float):
    h = np.zeros(len(x))
    for i in range(len(x)):
        h[i] = np.exp(w * x[i])
    for i in range(len(x)):
        h[i] = h[i] * h[i] * w
    return np.sum(h * h)


def written_over_at_once(x: "Float[np.ndarray, 'k']", w: float):
    h = np.zeros(len(x))
    for i in range(len(x)):
        h[i] = np.exp(w * x[i])
    h[:] = h * h
    return np.sum(h * h)


def changed_in_place(x: "Float[np.ndarray, 'k']", w: float):
    h = np.zeros(len(x))
    for i in range(len(x)):
        h[i] = np.exp(w * x[i])
        h[i] *= h[i] * w
    return np.sum(h * h)


def the_next_iteration_writes_it(x: "Float[np.ndarray, 'k']", w: float):
    h = np.zeros(len(x) + 1)
    for i in range(len(x)):
        h[i] = np.exp(w * x[i])
        h[i + 1] = np.exp(w * h[i])
    return np.sum(h * h)


def one_element(x: "Float[np.ndarray, 'k']", w: float):
    h = np.zeros(2)
    s = 0.0
    for i in range(len(x)):
        h[0] = np.exp(w * x[i])
        s += h[0] * h[0]
    return s * h[0]


def the_last_element(x: "Float[np.ndarray, 'k']", w: float):
    h = np.zeros(len(x))
    for i in range(len(x)):
        h[i - 1] = np.exp(w * x[i])
        h[i] = np.exp(w + h[i - 1])
    return np.sum(h * h)


def another_array_by_then(x: "Float[np.ndarray, 'k']", w: float):
    h = np.zeros(len(x))
    for i in range(len(x)):
        h[i] = np.exp(w * x[i])
    h = h * h
    return np.sum(h * h)


def by_another_name(x: "Float[np.ndarray, 'k']", w: float):
    h = np.zeros(len(x))
    g = h
    for i in range(len(x)):
        h[i] = np.exp(w * x[i])
        g[i] = w * h[i] * h[i]
    return np.sum(h * h)


def by_a_part(x: "Float[np.ndarray, 'k']", w: float):
    h = np.zeros(len(x))
    g = h[1:]
    for i in range(len(x) - 1):
        h[i] = np.exp(w * x[i])
        g[i] = w * h[i] * h[i]
    return np.sum(h * h)


def the_index_changes(x: "Float[np.ndarray, 'k']", w: float):
    h = np.zeros(2 * len(x))
    k = 0
    for i in range(len(x)):
        h[k] = np.exp(w * x[i])
        k = k + 2
        k = k % len(x)
    return np.sum(h * h)


def bound_again_before(x: "Float[np.ndarray, 'k']", w: float):
    h = np.zeros(len(x))
    s = 0.0
    for i in range(len(x)):
        t = np.exp(w * x[i])
        s += t * t
        t = np.sin(t)
        h[i] = t
        t = t * t
        s += t * w
    return s + np.sum(h * h)


def rounded_to_integers(x: "Float[np.ndarray, 'k']", w: float):
    k = np.zeros(len(x), np.int64)
    s = 0.0
    for i in range(len(x)):
        t = np.exp(w * x[i] + 3.0)
        k[i] = int(t)
        s += t * t
    return s + 0.0 * k[0]


OTHERS = (
    under_a_condition,
    written_over,
    written_over_at_once,
    changed_in_place,
    the_next_iteration_writes_it,
    one_element,
    the_last_element,
    another_array_by_then,
    by_another_name,
    by_a_part,
    the_index_changes,
    bound_again_before,
    rounded_to_integers,
)
X = np.array([0.3, -0.7, 0.5, 0.2])


@pytest.mark.parametrize("f", [*FREE, *OTHERS], ids=lambda f: f.__name__)
def test_right(f) -> None:
    agree(f, X, 0.4)
    agree(f, X[:1], 0.4)


@pytest.mark.parametrize("f", [recurrent, roots, changed_in_place], ids=lambda f: f.__name__)
def test_compiled(f) -> None:
    agree(f, X, 0.4, jit=True)


@pytest.mark.parametrize("f", FREE, ids=lambda f: f.__name__)
def test_nothing_is_kept(f) -> None:
    assert "_saved" not in ad.grad(f).source


@pytest.mark.parametrize("f", [written_over, changed_in_place, one_element, by_a_part], ids=lambda f: f.__name__)
def test_what_is_written_over_is_kept(f) -> None:
    assert "_saved" in ad.grad(f).source


def into_single_precision(x: "Float[np.ndarray, 'k']", h: "Float32[np.ndarray, 'n']"):
    s = 0.0
    for i in range(len(x)):
        t = np.exp(x[i])
        h[i] = t
        s += t * t
    return s + 0.0 * h[0]


def test_a_rounded_number_is_not_read_again() -> None:
    exact = 2.0 * np.exp(2.0 * X)
    np.testing.assert_allclose(ad.grad(into_single_precision)(X, np.zeros(4, np.float32)), exact, rtol=1e-14)


def test_single_precision_throughout() -> None:
    x = X.astype(np.float32)
    found = ad.grad(without_annotations)(x, 0.4)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, ad.grad(without_annotations)(X, 0.4), rtol=1e-5)


def test_the_law_finds_a_number_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "is_left_alone", lambda *_: True)
    for f in (written_over, changed_in_place, by_another_name, by_a_part):
        with pytest.raises(InternalError, match="may have been written before it is read again"):
            derive(f, Request("grad", ("x",)), "made")
