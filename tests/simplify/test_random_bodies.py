"""Every pass keeps what random bodies compute: but for rounding, the same values in the same shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.order import ordered
from tangent_ad.core.verify import verify
from tangent_ad.core.walk import same_body
from tangent_ad.emit.text import body_text
from tangent_ad.simplify import PASSES, Context, simplify
from tests.modes.running import run
from tests.simplify.passing import ARGUMENTS, FLOATS, USER, derived
from tests.simplify.random_bodies import random_body

RUNS = {**dict(PASSES), "all of them": lambda fn, context: simplify(fn, Context(USER, FLOATS))}
BLOCKS, EACH = 6, 10


def assert_agree(made: n.Function, fn: n.Function, what: str) -> None:
    for args in ARGUMENTS:
        found, wanted = run(made, *args, like=fn), run(fn, *args)
        message = f"{what}:\n{body_text(fn.body)}\n{body_text(made.body)}"
        assert len(found) == len(wanted), message
        for a, b in zip(found, wanted, strict=True):
            assert np.shape(a) == np.shape(b), message
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-11, err_msg=message)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_passes(block: int) -> None:
    changed: dict[str, int] = dict.fromkeys(RUNS, 0)
    for seed in range(block * EACH, (block + 1) * EACH):
        fn, context = derived(random_body(seed))
        for name, pass_ in RUNS.items():
            made = verify(ordered(pass_(fn, context)), name)
            if not same_body(made.body, fn.body):
                changed[name] += 1
                assert_agree(made, fn, f"{name}, {seed}")
    assert sum(count > 0 for count in changed.values()) > 8, changed


def test_bodies_run() -> None:
    """They reach their ends, with numbers, and differ."""
    bodies = [random_body(seed) for seed in range(60)]
    assert len(set(bodies)) == 60 and random_body(7) == random_body(7)
    finite = 0
    for body in bodies[:20]:
        fn, _ = derived(body)
        results: list[Any] = run(fn, *ARGUMENTS[2])
        assert not any(isinstance(r, type) for r in results), body
        finite += all(np.all(np.isfinite(r)) for r in results)
    assert finite > 12
