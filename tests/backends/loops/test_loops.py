"""Loops over elements compute what the array expressions did, in compiled code and as plain text."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_ad.backends.njit import kind_of_type
from tangent_ad.backends.python import load
from tangent_ad.backends.typed import FORMS, for_numba
from tangent_ad.core.order import number
from tangent_ad.emit.module import module_text
from tangent_ad.frontend.read import read_function
from tests.backends.loops.programs import PROGRAMS, powers, saved_rows, seen_under_two_names, stencil, three_axes
from tests.backends.loops.stored import handed_on, read_back, truths

numba = pytest.importorskip("numba")


def text_of(f: Any, args: tuple[Any, ...], loops: bool = True) -> str:
    fn = number(read_function(f))
    kinds = {p.name: kind_of_type(numba.typeof(a), p.name, "test") for p, a in zip(fn.params, args, strict=True)}
    return module_text((for_numba(fn, kinds, FORMS if loops else ()),), ())


def copied(args: tuple[Any, ...]) -> list[Any]:
    """Copies of the same layout."""
    return [np.copy(a, order="K") if isinstance(a, np.ndarray) else a for a in args]


def parts(result: Any) -> list[np.ndarray]:
    return [np.asarray(e) for e in (result if isinstance(result, tuple) else (result,))]


def same(got: Any, wanted: Any) -> None:
    assert len(parts(got)) == len(parts(wanted))
    for a, b in zip(parts(got), parts(wanted), strict=True):
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        if a.dtype.kind == "f":
            np.testing.assert_allclose(a, b, rtol=1e-13, atol=1e-13)
            assert np.array_equal(np.signbit(a[a == 0.0]), np.signbit(b[a == 0.0]))
        else:
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("f, cases", PROGRAMS, ids=[f.__name__ for f, _ in PROGRAMS])
def test_plain(f: Any, cases: list[tuple[Any, ...]]) -> None:
    """The text with loops, run by Python."""
    for args in cases:
        text = text_of(f, args)
        made = load(text, f.__name__, f, None, externals=())
        with np.errstate(all="ignore"):
            same(made(*copied(args)), f(*copied(args)))


@pytest.mark.parametrize("f, cases", PROGRAMS, ids=[f.__name__ for f, _ in PROGRAMS])
def test_compiled(f: Any, cases: list[tuple[Any, ...]]) -> None:
    """The text with loops, compiled; that of most programs fits all their arguments."""
    done: dict[str, Any] = {}
    for args in cases:
        text = text_of(f, args)
        if text == text_of(f, args, False):
            continue
        if text not in done:
            done[text] = numba.njit(load(text, f.__name__, f, None, externals=()), error_model="numpy")
        with np.errstate(all="ignore"):
            same(done[text](*copied(args)), f(*copied(args)))


def test_which() -> None:
    """These are loops, whatever else is not."""
    x, grid, cube = np.ones(4), np.ones((4, 5)), np.ones((2, 3, 4))
    cases = ((stencil, grid, 0.3), (powers, x), (three_axes, cube), (saved_rows, x, 2), (seen_under_two_names, x, 2))
    for f, *args in cases:
        assert text_of(f, tuple(args)).count("for ") > text_of(f, tuple(args), False).count("for ")


def test_text() -> None:
    """As a person would write it."""
    wanted = """
    v = u.copy()
    for i in range(1, u.shape[0] - 1):
        for j in range(1, u.shape[1] - 1):
            around = u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1]
            v[i, j] = u[i, j] + k * (around - 4.0 * u[i, j])
    return v
"""
    assert text_of(stencil, (np.ones((4, 5)), 0.3)).endswith(wanted)


def test_a_store_in_a_part() -> None:
    """Also where the name holds a part of the array later on."""
    wanted = """
        for i in range(y.shape[0]):
            kept[k, i] = y[i]
        z = y.copy()
"""
    assert wanted in text_of(handed_on, (np.ones(4), 2))
    assert "kept[k] = y" in text_of(read_back, (np.ones(4), 2))
    assert "kept[k] = x > 0.0" in text_of(truths, (np.ones(4), 2))


def test_single_precision_stays_whole() -> None:
    args = (np.ones((4, 5), np.float32), 0.3)
    assert text_of(stencil, args) == text_of(stencil, args, False)


def hides(x, max):
    t = x[1:] * max
    s = t + x[:-1]
    r = s * t
    return r


def test_no_loops_where_a_variable_hides_what_they_need() -> None:
    args = (np.ones(4), 2.0)
    assert text_of(hides, args) == text_of(hides, args, False)
