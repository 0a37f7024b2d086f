"""Which float32 numbers Numba holds in float32, too."""

from __future__ import annotations

from typing import Any

import pytest

from tangent_ad.analyses.kinds import infer_kinds
from tangent_ad.analyses.webs import find_webs
from tangent_ad.backends.widths import find_narrow
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import FLOAT, INT, Kind, array
from tangent_ad.core.order import number
from tangent_ad.frontend.read import read_function
from tests.frontend.defining import define

SINGLE = FLOAT.with_dtype("float32")
KINDS = {"x": SINGLE, "u": array(1, "float32"), "k": INT, "d": FLOAT}


def narrow(body: str, **more: Kind) -> dict[str, bool]:
    """For each name that a statement binds, whether its value is in float32 in compiled code."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    fn = number(read_function(define(f"def f(x, u, k, d):\n{lines}    return x\n")))
    kinds = infer_kinds(fn, find_webs(fn), {**KINDS, **more}, presume=False)
    is_narrow = find_narrow(fn, kinds)
    found: dict[str, Any] = {}
    for stmt in fn.body:
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name):
            found[stmt.target.id] = is_narrow(stmt.value, stmt.num)
    return found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x * x", True),
        ("2.0 * x", False),
        ("2 / x", False),
        ("np.float32(2.0) * x", True),
        ("np.float32(2.0 * x)", True),
        ("u[0] * x", True),
        ("np.sum(u)", True),
        ("np.sin(x)", True),
        ("np.sin(2.0 * x)", False),
        ("x if x > 0 else u[1]", True),
        ("x if x > 0 else 2.0 * x", False),
    ],
)
def test_values(value: str, expected: bool) -> None:
    assert narrow(f"t = {value}")["t"] is expected


def test_what_is_wide_makes_wide() -> None:
    assert narrow("a = x * x\nb = a * x\nc = 2.0 * b\ne = c * a") == {"a": True, "b": True, "c": False, "e": False}


def test_a_name_is_as_wide_as_the_widest_of_its_values() -> None:
    assert narrow("t = x * x\nif k > 0:\n    t = 2.0 * x\nw = t * x")["w"] is False
