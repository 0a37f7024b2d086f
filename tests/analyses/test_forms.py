"""Shapes and dtypes by name: how they meet, are broadcast, and are promoted."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from tangent_ad.analyses.forms import (
    NUMBER,
    TRUE_OR_FALSE,
    UNKNOWN,
    WEAK,
    Axis,
    Form,
    broadcast,
    fitted,
    is_open,
    meet,
    promoted,
    shortened,
)

N, K = ("of", "u", 0), ("of", "w", 0)
REST = ("rest", "u", 0)


def length(axis: Axis, lengths: dict[Axis, int]) -> int:
    """The length that an axis means."""
    if isinstance(axis, frozenset):
        return int(np.broadcast_shapes(*((length(part, lengths),) for part in axis))[0])
    return axis if isinstance(axis, int) else lengths[axis]


@pytest.mark.parametrize("seed", range(60))
def test_broadcast_is_that_of_numpy(seed: int) -> None:
    rng = random.Random(seed)
    keys = [1, 1, 3, N, K]
    shapes = [tuple(rng.choice(keys) for _ in range(rng.randint(0, 3))) for _ in range(3)]
    found = broadcast(*shapes)
    assert found is not None and None not in found
    for n, k in itertools.product((1, 3), repeat=2):
        meant = [tuple(length(axis, {N: n, K: k}) for axis in shape) for shape in shapes]
        assert tuple(length(axis, {N: n, K: k}) for axis in found) == np.broadcast_shapes(*meant)


def test_broadcast_of_what_is_not_known() -> None:
    assert broadcast((N,), None) is None
    assert broadcast((None,), (N,)) == (None,), "longer or shorter"
    assert broadcast((None,), (1,)) == (None,)
    assert broadcast((1,), (None,)) == (None,)
    assert broadcast((N,), (REST,)) is None
    assert broadcast((REST,), (REST,), ()) == (REST,)
    assert broadcast((("rest", "u", 1),), (REST,)) is None
    assert broadcast() == ()


def test_meeting() -> None:
    a = Form((N, 3), frozenset(("u",)))
    assert meet(a, a) is a
    assert meet(a, Form((N, 1), frozenset(("u",)))) == Form((N, None), frozenset(("u",)))
    assert meet(a, Form((N,), frozenset(("w",)))) == UNKNOWN
    assert meet(a, Form((N, REST), frozenset(("u",)))) == Form(None, frozenset(("u",)))
    assert meet(NUMBER, Form((), None)) == Form(())
    assert meet(UNKNOWN, a) == UNKNOWN
    assert not meet(a, Form((N, 1))).is_sure
    assert a.is_sure and NUMBER.is_sure and not UNKNOWN.is_sure


def test_open() -> None:
    assert is_open((N, REST)) and not is_open((N, K)) and not is_open(())
    assert not is_open((frozenset((N, K)),)) and not is_open((3,)) and not is_open((None,))


def test_promotion() -> None:
    u, w = frozenset(("u",)), frozenset(("w",))
    double, number = frozenset(("float64",)), frozenset((("number", "x"),))
    assert promoted(u, WEAK) == u
    assert promoted(u, w) == promoted(w, u, u) != u
    assert promoted(u, number) != u, "a number may be a float64 of NumPy"
    assert promoted(u, double, number) == double
    assert promoted(u, None) is None
    assert promoted(u, TRUE_OR_FALSE) == u
    assert promoted(TRUE_OR_FALSE, TRUE_OR_FALSE) == TRUE_OR_FALSE
    assert promoted(TRUE_OR_FALSE, number) is None, "neither a truth value nor surely that of the number"


@pytest.mark.parametrize("count", range(5))
@pytest.mark.parametrize("size", range(5))
def test_shortened(size: int, count: int) -> None:
    for front in range(count + 1):
        taken = np.zeros(size)[front : size if front == count else -(count - front)]
        assert shortened(size, count) == len(taken)
    assert shortened(shortened(N, 1), count) == shortened(N, count + 1)
    assert shortened(N, 0) == N


def test_what_has_fitted() -> None:
    both = frozenset((N, K))
    assert fitted((both,), (N,)) == (N,)
    assert fitted((K,), (both,)) == (K,), "may be 1"
    assert fitted((K,), (N,)) == (K,), "may be 1"
    assert fitted((both,), (3, N)) == (N,)
    assert fitted((both, N), (N,)) == (both, N), "leading axes of length 1"
    assert fitted((both, REST), (N, K)) == (both, REST)
    assert fitted((None,), (N,)) == (None,)
    assert fitted((both,), (None,)) == (both,)
