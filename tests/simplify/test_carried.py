"""What one iteration hands to the next is kept once."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree


def recurrent(W: Float[np.ndarray, "h h"], h: Float[np.ndarray, "h"], n: int):
    for _ in range(n):
        h = np.tanh(W @ h)
    return np.sum(h * h)


def unannotated(W, h, n: int):
    for _ in range(n):
        h = np.tanh(W @ h) + 0.1
        h = np.exp(-h)
    return np.sum(h * h)


def sinkhorn(W, h, n: int):
    K = np.exp(W)
    u = h
    for _ in range(n):
        u = 1.0 / (K @ h)
        h = 1.0 / (K.T @ u)
    return u @ (K @ h)


def numbers(W, h, n: int):
    x, y = W[0, 0], h[0]
    for i in range(n):
        x = np.exp(-y * x)
        y = np.sqrt(y * y + x + i)
    return x * y


def downwards(W, h, n: int):
    x = h[0]
    for i in range(n - 1, -1, -1):
        x = np.exp(-W[0, i % 3] * x)
    return x


def from_one(W, h, n: int):
    x = h[0]
    for i in range(1, n):
        x = np.exp(-W[0, i % 3] * x) / i
    return x


def while_it_is_large(W, h, n: int):
    x = np.exp(W[1, 1])
    while x > 0.3:
        x = x / (1.0 + np.exp(-x))
    return x * h[0]


ONCE = (recurrent, unannotated, sinkhorn, numbers, downwards, from_one, while_it_is_large)


def two_steps(W, h, n: int):
    x = h[0]
    for i in range(0, n, 2):
        x = np.exp(-W[0, i % 3] * x)
    return x


def changed_behind_the_loop(W, h, n: int):
    x = h[0]
    for i in range(n):
        x = np.exp(-W[0, i % 3] * x)
    x = np.sin(x) * x
    return x


def its_value_is_returned(W, h, n: int):
    for _ in range(n):
        h = np.tanh(W @ h)
    return h


def changed_at_the_end(W, h, n: int):
    x = h[0]
    for i in range(n):
        x = np.exp(-W[0, i % 3] * x)
        y = x * x
        x = y + 0.1 * x
    return x


def written_in_place(W, h, n: int):
    h = h.copy()
    for _ in range(n):
        h[:] = np.tanh(W @ h)
        h[0] = h[0] * h[1]
    return np.sum(h * h)


def rebound_then_written(W, h, n: int):
    for k in range(n):
        h = np.tanh(W @ h)
        h[k % 3] = np.sin(h[0])
    return np.sum(h * h)


def kept_for_its_shape(W, h, n: int):
    b = h * 0.5
    for _ in range(n):
        b *= 0.9
        b = np.sqrt(b * b + W @ b + 2.0)
    return np.sum(b)


def in_a_branch(W, h, n: int):
    x = h[0]
    for i in range(n):
        if x > 0.4:
            x = np.exp(-W[0, i % 3] * x)
        else:
            x = np.sqrt(x * x + 1.0)
    return x


def nested(W, h, n: int):
    x = h[0]
    for i in range(n):
        for j in range(3):
            x = np.exp(-W[i % 3, j] * x)
        x = np.sqrt(x * x + 1.0)
    return x


def two_loops(W, h, n: int):
    x = h[0]
    for i in range(n):
        x = np.exp(-W[0, i % 3] * x)
    for i in range(n):
        x = np.tanh(W[1, i % 3] * x)
    return x


def read_in_the_next_iteration(W, h, n: int):
    x, last = h[0], h[1]
    for i in range(n):
        x = np.exp(-W[0, i % 3] * x) * last
        last = x
    return x * last


def an_alias(W, h, n: int):
    g = h
    for _ in range(n):
        g = h
        h = np.tanh(W @ h) * g
    return np.sum(h * g)


ALL = (
    *ONCE,
    two_steps,
    changed_behind_the_loop,
    changed_at_the_end,
    written_in_place,
    rebound_then_written,
    kept_for_its_shape,
    in_a_branch,
    nested,
    two_loops,
    read_in_the_next_iteration,
    an_alias,
)


def _arguments(n: int):
    rng = np.random.default_rng(7)
    return rng.uniform(-0.9, 0.9, (3, 3)), rng.uniform(0.1, 0.9, 3), n


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("f", ALL, ids=lambda f: f.__name__)
def test_values(f, jit: bool) -> None:
    for n in (0, 1, 2, 5):
        agree(f, *_arguments(n), jit=jit)


def test_an_array_as_the_value() -> None:
    W, h, n = _arguments(4)
    value, back = ad.vjp(its_value_is_returned, "W")(np.ones(3), W, h, n)
    np.testing.assert_array_equal(value, its_value_is_returned(W, h, n))
    np.testing.assert_allclose(back, ad.grad(lambda W, h, n: np.sum(its_value_is_returned(W, h, n)))(W, h, n))


def _kept(f, name: str) -> int:
    source = inspect.getsource(ad.grad(f, ("W", "h")))
    return sum(source.count(f"{name}_saved{k} = ") for k in ("", 2, 3))


@pytest.mark.parametrize("f", [recurrent, sinkhorn], ids=lambda f: f.__name__)
def test_arrays_are_kept_once(f) -> None:
    assert _kept(f, "h") == 1


@pytest.mark.parametrize("f", [downwards, from_one, numbers], ids=lambda f: f.__name__)
def test_numbers_are_kept_once(f) -> None:
    assert _kept(f, "x") == 1


def test_the_memory_report_sees_it() -> None:
    args = _arguments(40)
    tapes = [row for row in ad.memory_report(recurrent, *args, wrt=("W", "h")).stored if row.place.endswith("_saved")]
    assert [(row.variable, row.form) for row in tapes] == [("h", "40 on a list")]


def test_text() -> None:
    text = inspect.getsource(ad.grad(recurrent))
    assert text[text.index("# backward") :] == TEXT


TEXT = """# backward
    W_bar = np.zeros_like(W)
    h_bar = 2.0 * h
    for _ in range(n):
        t_bar = h_bar * (1.0 - h * h)
        h = h_saved.pop()
        W_bar += np.outer(t_bar, h)
        h_bar = W.T @ t_bar
    return W_bar
"""


def test_explain_says_so() -> None:
    text = ad.explain(recurrent)
    assert "h: active, in its name until the backward sweep puts back what it held before" in text
    assert "h as an iteration begins: kept in h_saved" in text
