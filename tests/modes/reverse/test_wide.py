"""Adjoints wider than their values: which names may have one, and that sums taken late are the same."""

from __future__ import annotations

import random

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.analyses.lengths import find_lengths
from tangent_ad.derived import build
from tangent_ad.modes.reverse.wide import find_wide
from tangent_ad.pipeline import Request
from tests.analyses.program import program
from tests.frontend.defining import define
from tests.modes.reverse.broadcasts import arguments, text_of

U = "u: 'Float[np.ndarray, \"n\"]'"
SINGLE = "u: 'Float32[np.ndarray, \"n\"]'"


def wide(head: str, body: str, wrt: str) -> set[str]:
    p = program(head, body, wrt)
    return set(find_wide(p.facts, find_lengths(p.facts, True, False)))


CASES = {
    "a term of a sum that is stored": ("u, k", "v = np.zeros(3)", "t = k * u", "w = t + u", "v[:] = w", "v", "t w"),
    "what a product needs may be a number": ("a, b, u", "t = a * b", "w = t * u", "w", ""),
    "an array, in a product": (f"{U}, k", "t = k * u", "w = t * u", "v = w + k", "v", "t w"),
    "a number": ("x: float, k: float", "t = x * k", "t + x", ""),
    "two uses": (f"{U}, k", "t = k * u", "w = t + k", "v = w * t", "v", "w"),
    "used in another block": (f"{U}, k, n: int", "s = 0.0", "t = k * u", "for i in range(n):", "    w = t + k",
                              "    s = s + np.sum(w)", "s", ""),
    "bound twice": (f"{U}, k", "t = k * u", "t = t + k", "w = t + u", "w", ""),
    "a shape that is surely that of an operand": (f"{U}, k", "t = u - u[0]", "w = t + k", "w", ""),
    "written": (f"{U}, k", "t = k * u", "t[0] = 1.0", "w = t + k", "w", ""),
    "read as a whole": (f"{U}, k", "t = k * u", "t", ""),
    "of single precision": (f"{SINGLE}, k", "t = k * u", "w = t + k", "w", ""),
    "stored at an index made of it": (f"{U}, k", "v = np.zeros(3)", "t = k * u", "v[t > 0] = t", "v", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_names(name: str) -> None:
    head, *lines, result, expected = CASES[name]
    wrt = " ".join(p.split(":")[0] for p in head.replace('"n"', "").split(", ") if p.split(":")[0] in "uakbx")
    found = wide(head, "\n".join([*lines, f"return np.sum({result})"]), wrt)
    assert found & {"t", "w"} == set(expected.split())


def burgers(u, dt, dx, nu, steps):
    """A time loop without annotations."""
    u = u.copy()
    for _ in range(steps):
        v = u.copy()
        u[1:-1] = v[1:-1] - dt / dx * v[1:-1] * (v[1:-1] - v[:-2]) + nu * dt / dx**2 * (v[2:] - 2 * v[1:-1] + v[:-2])
    return np.sum(u**2)


def test_shapes_cost_no_tapes() -> None:
    text = ad.grad(burgers).source
    assert text.count(" = []") == 3, "v, and two factors; nothing is kept for its shape, or for being dt / dx"


@pytest.mark.parametrize("seed", range(60))
def test_like_the_reference(seed: int) -> None:
    f = define(text_of(seed))
    wrt = random.Random(seed).choice([("a",), ("a", "b"), ("b", "d"), ("a", "b", "c", "d")])
    df, reference = (
        build(f, Request("grad", wrt, bare=False, optimise=optimise), "f_grad").load() for optimise in (True, False)
    )
    for trial in range(4):
        args = arguments(100 * seed + trial)
        try:
            f(*args)
        except ValueError:  # what is stored does not fit
            continue
        for name, ours, theirs in zip(wrt, df(*args), reference(*args), strict=True):
            assert np.shape(ours) == np.shape(theirs) == np.shape(args["abcd".index(name)])
            assert np.allclose(ours, theirs, rtol=1e-11, atol=1e-12), (name, [np.shape(a) for a in args])
