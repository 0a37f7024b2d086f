"""Which arrays of a function lie in a workspace: read off the text of functions that are written out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tangent_ad.backends.taken import TYPED
from tangent_ad.backends.workspace import with_workspace
from tangent_ad.core.kinds import FLOAT, INT, array
from tangent_ad.core.nodes import Function
from tangent_ad.emit.text import function_text
from tangent_ad.frontend.read import read_function

KINDS = {"x": array(1), "y": array(2), "single": array(1, "float32"), "n": INT, "a": FLOAT}


def texts(f: Callable[..., Any], typed: bool = False) -> tuple[str, str]:
    own: Function = read_function(f)  # type: ignore[arg-type]
    given = {p.name: KINDS[p.name] for p in own.params}
    allocator, user = with_workspace(own, given, TYPED) if typed else with_workspace(own, given)
    return function_text(allocator), function_text(user)


def takes(f: Callable[..., Any], typed: bool = False) -> bool:
    return "workspace[" in texts(f, typed)[1]


def test_the_text() -> None:
    def f(x, n):
        saved = np.empty((max(n, 0), len(x)))
        saved[0] = x
        m = len(x) + 2
        other = np.empty(m)
        other[0] = n
        return np.sum(saved) + other[0]

    allocator, user = texts(f)
    assert allocator.splitlines()[2:] == [
        "    m = len(x) + 2",
        "    end = max(n, 0) * len(x)",
        "    end2 = end + m",
        "    return np.empty(end2)",
    ]
    body = user.splitlines()
    first = next(k for k, line in enumerate(body) if "m = len(x) + 2" in line)
    assert body[first:] == [
        "    m = len(x) + 2",
        "    end = max(n, 0) * len(x)",
        "    end2 = end + m",
        "    if workspace.size < end2:",
        '        raise ValueError("f: workspace has {} elements and needs {}".format(workspace.size, end2))',
        "    saved = workspace[0:end].reshape(max(n, 0), len(x))",
        "    saved[0] = x",
        "    other = workspace[end:end2]",
        "    other[0] = n",
        "    return np.sum(saved) + other[0]",
    ]


def test_arrays_that_are_taken() -> None:
    def shape(x, y):
        t = np.empty(y.shape)
        t[0, 0] = x[0]
        return t[0, 0]

    def joined(x, y, n):
        t = np.empty((max(n, 0),) + y.shape)
        return np.sum(t) + x[0]

    def unpacked(y):
        n, m = y.shape
        t = np.empty((n, m + 1), np.float64)
        return np.sum(t)

    assert takes(shape) and takes(joined) and takes(unpacked)
    assert "end = max(n, 0) * y.size" in texts(joined)[1]


def test_arrays_that_stay() -> None:
    def returned(n):
        t = np.empty(max(n, 0))
        return t

    def returned_by_a_view(n):
        t = np.empty((max(n, 0), 2))
        u = t[0]
        return n, u.T

    def maybe_returned(n):
        t = np.empty((max(n, 0), 2))
        return n, np.ravel(t)

    def exchanged(n, x):
        t = np.empty(len(x))
        u = np.zeros(len(x))
        for _ in range(n):
            t, u = u, t
        return u

    def in_a_loop(n, x):
        s = 0.0
        for _ in range(n):
            t = np.empty(len(x))
            s = s + t[0]
        return s

    def in_a_branch(n, x):
        s = 0.0
        if n > 0:
            t = np.empty(len(x))
            s = s + t[0]
        return s

    def perhaps_negative(n):
        t = np.empty(n)
        return np.sum(t)

    def infers(x, n):
        k = len(x) - n
        t = np.empty((k, 2))
        return np.sum(t)

    def short(x):
        t = np.empty((2, 3))
        return np.sum(t) + x[0]

    def single_precision(n):
        t = np.empty(max(n, 0), np.float32)
        return np.sum(t)

    def bools(n):
        t = np.empty(max(n, 0), np.bool_)
        return np.sum(t)

    def ints(n):
        t = np.empty(max(n, 0), np.int64)
        return np.sum(t)

    def zeros(n):
        t = np.zeros(max(n, 0))
        return np.sum(t)

    for f in (returned, returned_by_a_view, maybe_returned, exchanged, in_a_loop, in_a_branch, perhaps_negative):
        assert not takes(f), f.__name__
    for f in (infers, short, single_precision, bools, ints, zeros):
        assert not takes(f), f.__name__


def test_the_dtype_of_an_argument_is_known_from_types_alone() -> None:
    def double(x):
        t = np.empty(len(x), x.dtype)
        return np.sum(t)

    def narrow(single):
        t = np.empty(len(single), single.dtype)
        return np.sum(t)

    assert takes(double, typed=True) and not takes(double) and not takes(narrow, typed=True)


@pytest.mark.parametrize("typed", [False, True])
def test_lengths_that_change_before_the_second_array(typed: bool) -> None:
    def again(n, x):
        m = max(n, 0)
        t = np.empty(m)
        t[0] = x[0]
        m = len(x)
        u = np.empty(m)
        u[0] = t[0]
        return u[0]

    def inside(n, x):
        m = max(n, 0)
        t = np.empty(m)
        for k in range(n):
            m = len(x)
        u = np.empty(m)
        u[0] = x[0]
        return u[0] + t[0]

    def read_before(n, x):
        t = np.empty(max(n, 0))
        t[0] = len(x)
        s = t[0]
        m = len(x)
        u = np.empty(m)
        u[0] = s
        return u[0]

    for f in (again, inside):
        user = texts(f, typed)[1]
        assert "t = workspace[0:end]" in user and "u = np.empty(m)" in user
    assert "u = workspace[end:end2]" in texts(read_before, typed)[1]
