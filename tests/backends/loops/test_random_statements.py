"""Random array statements: the text with loops computes what the program does."""

from __future__ import annotations

import linecache
import random
from typing import Any

import numpy as np
import pytest

from tangent_ad.backends.python import load
from tests.backends.loops.random_statements import program
from tests.backends.loops.test_loops import copied, text_of

COUNT = 150


def arguments(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    sizes = ((3, 5), (6, 4), (4, 4))
    return [(rng.uniform(-1, 1, n), rng.uniform(-1, 1, (n, m)), 0.4) for n, m in sizes]


def loaded(text: str, seed: int) -> Any:
    name = f"<random statements {seed}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    scope: dict[str, Any] = {"np": np}
    exec(compile(text, name, "exec"), scope)
    return scope["f"]


def compare(seed: int) -> bool:
    """Compare one program; does it have loops?"""
    text = program(random.Random(seed))
    f = loaded(text, seed)
    args = arguments(np.random.default_rng(seed))
    with np.errstate(all="ignore"):
        wanted = [f(*copied(a)) for a in args]
        made = text_of(f, args[0])
        g = load(made, "f", f, None, externals=())
        for a, value in zip(args, wanted, strict=True):
            moved = f(*(x * (1.0 + 1e-14) for x in a))  # how far rounding goes
            for got, want, near in zip(g(*copied(a)), value, moved, strict=True):
                far = 1e-12 + 100.0 * float(np.max(np.abs(np.subtract(want, near))))
                np.testing.assert_allclose(got, want, rtol=1e-11, atol=far, err_msg=f"{text}\n{made}")
    return made != text_of(f, args[0], False)


@pytest.mark.parametrize("first", range(0, COUNT, 10))
def test_random(first: int) -> None:
    changed = sum(compare(seed) for seed in range(first, first + 10))
    assert changed
