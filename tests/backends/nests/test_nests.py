"""Nests by rows compute what the nests did, as plain text and in compiled code; what depends on the order stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tangent_ad.backends.njit import kind_of_type
from tangent_ad.backends.python import load
from tangent_ad.backends.typed import FORMS, for_numba
from tangent_ad.core.order import number
from tangent_ad.emit.module import module_text
from tangent_ad.frontend.read import read_function
from tests.backends.nests.programs import FORWARDS, KEPT, ROWS, five_points

numba = pytest.importorskip("numba")

SHAPES = ((0, 0), (0, 3), (1, 1), (1, 4), (2, 2), (3, 3), (2, 7), (5, 4), (6, 23))


def arguments() -> Iterator[tuple[Any, ...]]:
    rng = np.random.default_rng(5)
    for shape in SHAPES:
        yield rng.uniform(-1, 1, shape), rng.uniform(-1, 1, shape), 0.3
    yield np.full((4, 5), np.inf), np.zeros((4, 5)), 2.0
    strange = rng.uniform(-1, 1, (4, 6))
    strange[2, 3], strange[1, 1] = np.nan, -0.0
    yield strange, rng.uniform(-1, 1, (4, 6)), -0.5


def text_of(f: Any, rows: bool = True, example: Any = None) -> str:
    fn = number(read_function(f))
    array = np.ones((2, 2)) if example is None else example
    values = (array, array, 0.5)
    kinds = {p.name: kind_of_type(numba.typeof(a), p.name, "test") for p, a in zip(fn.params, values, strict=True)}
    return module_text((for_numba(fn, kinds, FORMS if rows else ("loops", "lifted")),), ())


def same(f: Any, g: Any) -> None:
    for args in arguments():
        with np.errstate(all="ignore"):
            wanted, got = f(*args), g(*args)
        wanted, got = (e if isinstance(e, tuple) else (e,) for e in (wanted, got))
        for a, b in zip(got, wanted, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("f", (*ROWS, *FORWARDS, *KEPT), ids=lambda f: f.__name__)
def test_plain(f: Any) -> None:
    same(f, load(text_of(f), f.__name__, f, None, externals=()))


@pytest.mark.parametrize("f", ROWS, ids=lambda f: f.__name__)
def test_compiled(f: Any) -> None:
    same(f, numba.njit(load(text_of(f), f.__name__, f, None, externals=()), error_model="numpy"))


@pytest.mark.parametrize("f", ROWS, ids=lambda f: f.__name__)
def test_by_rows(f: Any) -> None:
    text = text_of(f)
    assert "_row[" in text or text.count("for ") > text_of(f, False).count("for ")
    assert ", -1, -1)" not in text
    assert ", 0, -1)" not in text


@pytest.mark.parametrize("f", FORWARDS, ids=lambda f: f.__name__)
def test_forwards(f: Any) -> None:
    text = text_of(f)
    assert text != text_of(f, False)
    assert text.count("\n") == text_of(f, False).count("\n")


@pytest.mark.parametrize("f", KEPT, ids=lambda f: f.__name__)
def test_kept(f: Any) -> None:
    assert text_of(f) == text_of(f, False)


def test_single_precision_stays() -> None:
    example = np.ones((2, 2), np.float32)
    assert text_of(five_points, example=example) == text_of(five_points, False, example)


def test_text() -> None:
    """As a person would write it."""
    wanted = """
    s_row = np.zeros(max(m - 1, 0))
    t_row = np.empty(max(m - 1, 0))
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            t = v[i, j] * k
            s_row[j] += v[i, j] * x[i, j]
            u[i, j] += x[i, j] - 4.0 * t
            t_row[j] = t
        for j in range(1, m - 1):
            u[i, j + 1] += t_row[j]
        for j in range(1, m - 1):
            u[i, j - 1] += t_row[j]
        for j in range(1, m - 1):
            u[i + 1, j] += t_row[j]
        for j in range(1, m - 1):
            u[i - 1, j] += t_row[j]
    s += np.sum(s_row)
    return u, s
"""
    assert text_of(five_points).endswith(wanted)
