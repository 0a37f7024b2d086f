"""Nests as they are written: what they go through, the names of counters and lengths, what becomes of arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_ad.backends.typed import FORMS, for_numba
from tangent_ad.core.kinds import FLOAT, INT, Kind, array
from tangent_ad.core.order import number
from tangent_ad.emit.text import body_text
from tangent_ad.frontend.read import read_function

KINDS: dict[str, Kind] = {"u": array(1, "float"), "m": array(2, "float"), "s": FLOAT, "i": FLOAT, "j": INT}


def text_of(f: Any) -> str:
    fn = number(read_function(f))
    made = for_numba(fn, {p.name: KINDS[p.name] for p in fn.params}, FORMS)
    return body_text(made.body).strip()


def saved(u, s):
    t = u * s
    r = t * t
    return r


def counters_taken(u, i, j):
    t = u * i
    r = t * t + j
    return r


def with_lengths(m, s):
    rows, columns = m.shape
    t = m * s
    r = t + rows / columns
    return r


def inner_part(u, s):
    t = u[1:-1] * s
    u[1:-1] = t + u[1:-1]
    return u


def rows_and_columns(m, s):
    t = m * s
    r = t * t
    return r


def kept(u, s):
    t = u * s
    r = t * t
    return r, t


def summed(u, s):
    t = u * s
    r = np.sum(t * t) / 2.0
    return r


def added_to(u, s):
    r = s * s
    t = u * s
    r += np.sum(t)
    return r


def constant_length(s):
    u = np.zeros(4)
    t = u * s
    r = t + 1.0
    return r


def one_statement(u, s):
    r = u * s
    return r


def nothing_saved(u, s):
    u *= s
    return u


def zeros_first(u, s):
    z = np.zeros_like(u)
    t = u * s
    r = z + t
    return r


TEXTS = {
    saved: """
r = np.empty(u.shape[0])
for i in range(u.shape[0]):
    t = u[i] * s
    r[i] = t * t
return r""",
    inner_part: """
for i in range(1, u.shape[0] - 1):
    t = u[i] * s
    u[i] = t + u[i]
return u""",
    rows_and_columns: """
r = np.empty((m.shape[0], m.shape[1]))
for i in range(m.shape[0]):
    for j in range(m.shape[1]):
        t = m[i, j] * s
        r[i, j] = t * t
return r""",
    summed: """
total = 0.0
for i in range(u.shape[0]):
    t = u[i] * s
    total += t * t
r = total / 2.0
return r""",
    added_to: """
r = s * s
total = 0.0
for i in range(u.shape[0]):
    t = u[i] * s
    total += t
r += total
return r""",
    kept: """
t = u * s
r = t * t
return r, t""",
}


@pytest.mark.parametrize("f", TEXTS, ids=lambda f: f.__name__)
def test_text(f: Any) -> None:
    assert text_of(f) == TEXTS[f].strip()


def test_counters_have_names_that_are_free() -> None:
    text = text_of(counters_taken)
    assert "for k in range(" in text and "u[k] * i" in text


def test_a_length_that_has_a_name_goes_by_it() -> None:
    text = text_of(with_lengths)
    assert "for i in range(rows):\n    for j in range(columns):" in text and "np.empty((rows, columns))" in text


def test_a_length_that_is_known_is_a_number() -> None:
    assert "for i in range(4):" in text_of(constant_length)


def test_what_saves_no_array_is_left_alone() -> None:
    assert text_of(one_statement) == "r = u * s\nreturn r"
    assert text_of(nothing_saved) == "u *= s\nreturn u"


def test_zeros_are_not_made_to_be_added_to() -> None:
    assert "zeros" not in text_of(zeros_first)
