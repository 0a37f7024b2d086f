"""Names of parts of arrays, in nests of loops: a part that an element of another array says is another one when that
element is written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_ad.backends.python import load
from tests.backends.loops.test_loops import copied, same, text_of


def written_before_it_is_read(m, k, j):
    row = m[k[0], 1:]
    k[0] = 1
    c = row * 2.0 + row
    d = c * c + row
    e = d + c
    return np.sum(e)


def written_through_a_view(m, k, j):
    row = m[k[1], 1:]
    w = k[1:]
    w[0] = 2
    c = row * 2.0 + row
    d = c * c + row
    e = d + c
    return np.sum(e)


def written_in_a_loop(m, k, j):
    row = m[k[0], 1:]
    for i in range(2):
        k[0] += i
    c = row * 2.0 + row
    d = c * c + row
    e = d + c
    return np.sum(e)


def written_as_a_whole(m, k, j):
    row = m[k[0], 1:]
    k += 1
    c = row * 2.0 + row
    d = c * c + row
    e = d + c
    return np.sum(e)


def written_between(m, k, j):
    c = m[k[0]] * 2.0
    d = c + m[1]
    k[0] = 2
    e = d * c
    f = e + m[k[0]]
    return f * c


def bound_between(m, k, j):
    row = m[j, 1:]
    j = 1
    c = row * 2.0 + row
    d = c * c + m[j, 1:]
    e = d + c
    return np.sum(e)


def a_column(m, k, j):
    column = m[1:, k[0]]
    k[0] = 1
    c = column * 2.0 + column
    d = c * c + m[1:, k[0]]
    e = d + c
    return e - column


def written_behind(m, k, j):
    row = m[k[0], 1:]
    c = row * 2.0 + row
    d = c * c + row
    e = d + c
    k[0] = 1
    return np.sum(e)


def another_is_written(m, k, j):
    row = m[k[0], 1:]
    c = row * 2.0 + row
    m[0, 0] = 5.0
    d = c * c + row
    e = d + c
    return np.sum(e)


PROGRAMS = (
    *(written_before_it_is_read, written_through_a_view, written_in_a_loop, written_as_a_whole, written_between),
    *(bound_between, a_column, written_behind, another_is_written),
)


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_values(f: Any) -> None:
    args = np.arange(9.0).reshape(3, 3), np.array([0, 0, 1]), 0
    text = text_of(f, args)
    assert text != text_of(f, args, False), "no loops were made"
    same(load(text, f.__name__, f, None, externals=())(*copied(args)), f(*copied(args)))


def test_a_part_is_named_by_its_place_where_that_stays() -> None:
    """No view is made in compiled code that does not need it."""
    args = np.arange(9.0).reshape(3, 3), np.array([0, 0, 1]), 0
    assert "row" not in text_of(written_behind, args)
    assert "row[" in text_of(written_before_it_is_read, args)
