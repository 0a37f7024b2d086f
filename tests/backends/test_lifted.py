"""Arrays are made ahead of loops only if no iteration can tell."""

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

numba = pytest.importorskip("numba")


def scratch(x, n):
    d = x.shape[0]
    total = 0.0
    for k in range(n):
        # a row of its own
        row = np.empty(d)
        sums = np.zeros_like(row)
        for i in range(d):
            row[i] = x[i] * k
            sums[i // 2] += row[i]
        for i in range(d):
            total += sums[i] * (i + 1)
    return total


def matrix(x, n):
    total = 0.0
    k = 0
    while k < n:
        grid = np.zeros((x.shape[0], 3))
        for i in range(x.shape[0]):
            grid[i, k % 3] += x[i]
            flags = np.empty(max(n - 1, 0), np.bool_)
            for j in range(n - 1):
                flags[j] = x[i] > j
            for j in range(n - 1):
                if flags[j]:
                    grid[i, 0] += 1.0
        total += np.sum(grid * grid)
        k += 1
    return total


def handed_on(x, n):
    last = x
    for k in range(n):
        row = np.zeros(x.shape[0])
        row[0] = last[0] + k
        last = row
    return last


def seen_by_a_view(x, n):
    total = 0.0
    part = x[1:]
    for k in range(n):
        row = np.zeros(x.shape[0])
        total += part[0]
        row[1] = x[0] + k
        part = row[1:]
    return total


def collected(x, n):
    kept = []
    for k in range(n):
        row = np.zeros(x.shape[0])
        row[0] = x[0] * k
        kept.append(row)
    total = 0.0
    for k in range(n):
        row2 = kept.pop()
        total += row2[0] * (k + 1)
    return total


def of_the_iteration(x, n):
    total = 0.0
    for k in range(n):
        row = np.zeros(k + 1)
        d = k + 2
        other = np.ones(d)
        wide = np.zeros_like(other)
        row[k] = x[0]
        wide[d - 1] = 1.0
        total += np.sum(row) + np.sum(wide)
    return total


def negative(x, n):
    m = n - 2
    total = 0.0
    for _ in range(m):
        row = np.zeros(m)
        row[0] += x[0]
        total += row[0]
    return total


def behind_the_loop(x, n):
    row = x
    for k in range(n):
        row = np.zeros(x.shape[0])
        row[0] += k
    return row


def of_a_name_bound_again(x, n):
    d = 1
    total = 0.0
    for k in range(n):
        row = np.zeros(d)
        row[d - 1] += x[0]
        d = d + 1
        total += np.sum(row) * k
    return total


def of_what_a_branch_binds(x, n):
    total = 0.0
    if n > 2:
        y = x[1:]
    else:
        y = x
    for k in range(n):
        row = np.zeros_like(y)
        row[0] += x[0] * k
        total += np.sum(row)
    return total


def under_a_condition(x, n):
    total = 0.0
    for k in range(n):
        if k > 1:
            row = np.zeros(x.shape[0])
            row[0] += k
            total += row[0]
    return total


def integers(x, n):
    total = 0.0
    for k in range(n):
        count = np.zeros(x.shape[0], np.int64)
        count[k % 2] += 1
        total += count[0] * x[0]
    return total


def two_places(x, n):
    total = 0.0
    for k in range(n):
        row = np.zeros(x.shape[0])
        row[0] += k
        total += row[0]
    for k in range(n):
        row = np.zeros(x.shape[0])
        row[1] += k
        total += row[0] + row[1]
    return total


def written_whole(x, n):
    total = 0.0
    for k in range(n):
        row = np.zeros(x.shape[0])
        row += x * k
        total += np.sum(row)
    return total


LIFTED = {scratch: 2, matrix: 2}
KEPT = (
    handed_on, seen_by_a_view, collected, of_the_iteration, negative, behind_the_loop, of_a_name_bound_again,
    of_what_a_branch_binds, under_a_condition, integers, two_places, written_whole,
)  # fmt: skip
X = np.array([0.5, -1.5, 2.0])


def text_of(f: Any, args: tuple[Any, ...], forms: tuple[str, ...] = FORMS) -> str:
    fn = number(read_function(f))
    kinds = {p.name: kind_of_type(numba.typeof(a), p.name, "test") for p, a in zip(fn.params, args, strict=True)}
    return module_text((for_numba(fn, kinds, forms),), ())


def makes(line: str) -> bool:
    return " = np.empty(" in line or " = np.zeros" in line


@pytest.mark.parametrize("f", [*LIFTED, *KEPT])
def test_values(f: Any) -> None:
    made = load(text_of(f, (X, 2)), f.__name__, f, None, externals=())
    compiled = numba.njit(error_model="numpy")(made)
    for n in (0, 1, 2, 4):
        for run in (made, compiled):
            np.testing.assert_allclose(run(X.copy(), n), f(X.copy(), n), rtol=1e-14)


@pytest.mark.parametrize("f", [*LIFTED, *KEPT])
def test_where(f: Any) -> None:
    lines = text_of(f, (X, 2)).splitlines()
    ahead = [line for line in lines if makes(line) and line.startswith("    ") and line[4] != " "]
    assert len(ahead) == LIFTED.get(f, 0), ahead


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("f", [*LIFTED, *KEPT])
def test_each_form_can_be_left_out(f: Any, form: str) -> None:
    text = text_of(f, (X, 2), tuple(other for other in FORMS if other != form))
    assert form != "lifted" or not any(makes(line) and line[4] != " " for line in text.splitlines())
    made = load(text, f.__name__, f, None, externals=())
    for n in (0, 1, 3):
        np.testing.assert_allclose(made(X.copy(), n), f(X.copy(), n), rtol=1e-14)


def test_text() -> None:
    wanted = """
    # a row of its own
    row = np.empty(d)
    sums = np.empty(row.shape, row.dtype)
    for k in range(n):
        for i2 in range(sums.shape[0]):
            sums[i2] = 0.0
        for i in range(d):
"""
    assert wanted in text_of(scratch, (X, 2))


def test_no_loops_where_a_variable_hides_what_they_need() -> None:
    def hidden(x, n):
        range = 2.0
        total = 0.0
        k = 0
        while k < n:
            row = np.zeros(x.shape[0])
            row[0] += range
            total += row[0]
            k += 1
        return total

    assert "        row = np.zeros(x.shape[0])" in text_of(hidden, (X, 2))
