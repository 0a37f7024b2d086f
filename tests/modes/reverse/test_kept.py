"""The law of tapes on derivatives whose storage is broken on purpose, in every way there is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.core import nodes as n
from tangent_ad.errors import InternalError
from tests.modes.reverse.broken import derivative, earlier, found_out, mutants
from tests.storage.planned import planned

HEAD = "u: 'Float[np.ndarray, \"n\"]', x: float, k: int"
U = np.array([0.5, -0.75, 0.25])
PROGRAMS = {
    "two tapes of one name": "x = x * x\nfor i in range(k):\n    x = np.sin(x) * x\nx = x * x\nreturn x",
    "a flag and a value": "for i in range(k):\n    a = np.sin(x)\n    if a > 0.3:\n        x = x * a\n    else:\n"
    "        x = 1.5 * x\nreturn x",
    "backwards": "for i in range(len(u) - 2, -1, -1):\n    u[i] = np.exp(u[i] * u[i + 1])\nreturn np.sum(u * u)",
    "triangular": "for i in range(k):\n    for j in range(i, k):\n        x = x * x * 0.5 + j\nreturn x",
    "lists in a loop": "for i in range(k):\n    j = 0\n    while j < i:\n        x = x * x\n        j = j + 1\n"
    "return x",
    "an exchange": "y = 1.0\nfor i in range(k):\n    t = x\n    x = y * x\n    y = t * t\nreturn x * y",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_no_mutant_is_wrong_and_unnoticed(name: str) -> None:
    good = planned(PROGRAMS[name], "u x", head=HEAD)
    good.check()
    assert found_out(good, U, 0.75, 4) >= 5


def array_of_arrays(u: Float[np.ndarray, "n"], n: int):
    for i in range(n):
        v = u * u
        u = np.sin(v) * u
        u[0] = v[1] * i
    return np.sum(u)


def carried(x, n):
    for i in range(n):
        x = x * np.sin(x)
    return x


def test_arrays_kept_by_reference() -> None:
    good = derivative(array_of_arrays, "u")
    assert found_out(good, U, 3) >= 5
    copies = [text for text, _ in mutants(good) if ".copy()" in text]
    assert copies, "there is a copy that can be left out"


@pytest.mark.parametrize(
    ("what", "says"),
    [
        (lambda d: d.with_behind("x_saved[i] = x", d.find("x_saved[i] = x")), "is filled in 2 places"),
        (lambda d: d.with_behind("x = x_saved[i]", d.find("x = x_saved[i]")), "read in 2"),
        (lambda d: d.without("x_saved[i] = x"), "is filled in 0 places"),
        (lambda d: d.without("x = x_saved[i]"), "may hold the value of another iteration"),
        (lambda d: d.changed("x = x_saved[i]", earlier), "not read where it was filled"),
        (lambda d: d.swapped("x_saved[i] = x", "x = x * t"), "holds another value"),
        (
            lambda d: d.changed("for i in range(n - 1, -1, -1):", lambda e: n.Name("j") if e == n.Name("i") else e),
            "other values|not read where",
        ),
    ],
)
def test_what_the_law_says(what: Any, says: str) -> None:
    good = derivative(carried, "x")
    good.check()
    with pytest.raises(InternalError, match=f"broke the (tape|version) law: .*({says})"):
        what(good).check()


def test_a_counter_that_starts_behind_its_loop() -> None:
    """In the first iteration nobody reads it; in the others it counts from the one before."""
    good = planned(PROGRAMS["lists in a loop"], "x", head=HEAD)
    with pytest.raises(InternalError, match="`trips` does not count the iterations of a loop"):
        good.moved("trips = 0", "while j < i:").check()


def squared_in_place(x: float, y: float, n):
    """An array of each iteration, written through an element that is read off it: kept by reference all the same."""
    for _ in range(n):
        q = np.full(3, y)
        for _ in range(n):
            y -= np.max(x * q)
            q[2:3] += q[0:1]
        q **= 2
        q **= 2
    return y


def test_writes_that_read_what_they_write() -> None:
    assert ad.check(squared_in_place, 0.4, 0.6, 2, wrt=("x", "y")).agrees
