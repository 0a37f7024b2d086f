"""A number that becomes an array: compiled code cannot hold it, and the user's line says so."""

from __future__ import annotations

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import RefusedError

V = np.array([0.3, 0.9, 0.8])


def in_a_loop(x):
    s = 0.0
    for _ in range(3):
        s = s + x
    return np.sum(s * s)


def linear(x):
    s = 0
    for i in range(3):
        s += x * i
    return np.sum(s)


def on_a_branch(x, k):
    b = 0.0
    if k > 0:
        b = b + x
    return np.sum(b * x)


def to_a_number(x, n):
    s = x
    for _ in range(n):
        s = np.sum(s)
    return s * 2.0


def chosen(x, n):
    s = x if n > 1 else 2.0
    return np.sum(s * x)


def of_two_ranks(x, n):
    y = np.outer(x, x)
    if n > 1:
        y = x
    return np.sum(y * y)


def called(x):
    return in_a_loop(x * 2.0)


@pytest.mark.parametrize(
    ("f", "args", "said", "line"),
    [
        (in_a_loop, (V,), "`s` is an array here and a number in line {}", "s = s + x"),
        (linear, (V,), "`s` is an array here and a number in line {}", "s += x * i"),
        (on_a_branch, (V, 1), "`b` is an array here and a number in line {}", "b = b + x"),
        (to_a_number, (V, 2), "`s` is a number here and a 1-d array in line {}", "s = np.sum(s)"),
        (chosen, (V, 2), "this value is a number on one path and a 1-d array on another", "s = x if n > 1 else 2.0"),
        (of_two_ranks, (V, 2), "`y` is a 1-d array here and a 2-d array in line {}", "y = x"),
        (called, (V,), "`s` is an array here and a number in line {}", "s = s + x"),
    ],
)
@pytest.mark.parametrize("mode", ["grad", "jvp", "vjp"])
def test_the_line_is_shown(f, args, said, line, mode) -> None:
    given = {"grad": args, "jvp": (args[0], np.ones(3), *args[1:]), "vjp": (1.0, *args)}[mode]
    with pytest.raises(RefusedError) as caught:
        getattr(ad, mode)(f, jit=True)(*given)
    text = str(caught.value)
    first = (in_a_loop if f is called else f).__code__.co_firstlineno
    assert said.replace("{}", str(first + 1)) in text
    assert f"\n        {line}\n" in text or f"\n            {line}\n" in text
    assert "compiled code has one type for a name" in text and "write instead: an array from the start" in text
    assert caught.value.file == __file__ and caught.value.line is not None


@pytest.mark.parametrize(
    ("f", "args"), [(in_a_loop, (V,)), (on_a_branch, (V, 1)), (chosen, (V, 2)), (of_two_ranks, (V, 2))]
)
def test_plain_python_takes_it(f, args) -> None:
    assert ad.check(f, *args).agrees


def test_what_is_one_type_is_not_refused() -> None:
    def numbers_first(x, n):
        s = 0
        for i in range(n):
            s = s + x[i] * i
        t = np.zeros_like(x)
        for _ in range(n):
            t = t + x * s
        s = t
        return np.sum(s)

    np.testing.assert_allclose(ad.grad(numbers_first, jit=True)(V, 3), ad.grad(numbers_first)(V, 3))


def test_branches_that_types_settle_may_differ() -> None:
    def by_rank(x, c, w):
        d = np.sum((x[:, None] - c) ** 2, axis=-1) if x.ndim > 1 else (x[:, None] - c) ** 2
        return np.sum(np.exp(-d) @ w)

    np.testing.assert_allclose(ad.grad(by_rank, jit=True)(V, V, V), ad.grad(by_rank)(V, V, V))


def test_branches_that_numba_leaves_out_may_differ() -> None:
    def f(x, w=None):
        y = x
        if w is not None:
            y = np.sum(x * w)
        return np.sum(y * y)

    try:
        found = ad.grad(f, jit=True)(V)
    except RefusedError as error:
        assert "one type" not in str(error)
    else:
        np.testing.assert_allclose(found, 2.0 * V)
