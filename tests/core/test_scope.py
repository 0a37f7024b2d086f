"""What a name outside a function means."""

from __future__ import annotations

from typing import Any

from tangent_ad.core.scope import MISSING, scope_of
from tests.frontend.defining import define

TEXT = """
RATE = 2.0
len = "mine"

def make(gain):
    def f(x):
        return x * gain * RATE * later

    if gain is None:
        del gain
    return f
"""


def test_cells_then_globals_then_builtins() -> None:
    make = define(TEXT, "make")
    scope = scope_of(make(3.0))
    assert (scope.find("gain"), scope.find("RATE"), scope.find("len")) == (3.0, 2.0, "mine")
    assert scope.find("sum") is sum
    assert scope.find("later") is MISSING and scope.find("x") is MISSING


def test_values_are_read_when_asked() -> None:
    make = define(TEXT, "make")
    scope = scope_of(make(3.0))
    make.__globals__["RATE"] = 5.0
    make.__globals__["later"] = None
    assert scope.find("RATE") == 5.0 and scope.find("later") is None


def test_a_cell_that_is_empty() -> None:
    assert scope_of(define(TEXT, "make")(None)).find("gain") is MISSING


class Outer(dict[str, Any]):
    def __missing__(self, key: str) -> Any:
        if key == "given":
            return 7
        raise KeyError(key)


def test_globals_that_look_elsewhere() -> None:
    space = Outer()
    exec("def f(x):\n    return x * given\n", space)
    scope = scope_of(space["f"])
    assert scope.find("given") == 7 and scope.find("abs") is abs and scope.find("other") is MISSING
