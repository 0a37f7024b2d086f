"""Lists and tuples of differentiated values: right where NumPy's joins take them, refused elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import RefusedError
from tests.hunt.compare import agree


def picked(x, y):
    return [x, x * y][0] * x


def rotation(x, y):
    a = np.array([[np.cos(x), -y], [y, x * x]])
    return a @ a


def joined_tuples(x, y):
    a = (x, y)
    b = a + (x * y,)
    return b[2] * b[0]


def stack_of_lists(x, y):
    return np.stack([[x, y], [y, x * x]])


def times_list(x, y):
    return np.ones(2) * x * [x, y]


def plus_list(x, y):
    u = np.ones(2) * x
    u += [x, y]
    return u


def stored_list(x, y):
    u = np.zeros(2)
    u[:] = [x, x * y]
    return u


def repeated_tuple(x, y):
    a = (x, y) * 2
    return a[2] * a[0]


def largest(x, y):
    return np.max([x, y])


def named_list(x, y):
    h = [x, y]
    return h[0] * h[1]


def element_of_list(x, y):
    held = []
    held.append(x)
    return held[0] * y


def two_names(x, y):
    held = []
    held.append(x)
    other = held
    other.append(y)
    return held.pop()


def sine_of_list(x, y):
    held = []
    held.append(x * y)
    return np.sin(held)


def written_by_out(x, y):
    u = np.array([x, y])
    np.add(u, u, out=u)
    return u


def nothing(x, y):
    return None


@pytest.mark.parametrize("f", [picked, rotation, joined_tuples])
def test_right(f: Any) -> None:
    agree(f, 1.5, 0.7)


REFUSED = (
    stack_of_lists,
    times_list,
    plus_list,
    stored_list,
    repeated_tuple,
    largest,
    named_list,
    element_of_list,
    two_names,
    sine_of_list,
    written_by_out,
    nothing,
)


@pytest.mark.parametrize("mode", [ad.jvp, ad.vjp])
@pytest.mark.parametrize("f", REFUSED)
def test_refused(f: Any, mode: Any) -> None:
    with pytest.raises(RefusedError):
        mode(f, (0, 1))
