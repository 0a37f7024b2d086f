"""A derivative that is asked for again is the same function at once, unless something it depends on has changed."""

from __future__ import annotations

import time
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tests.frontend.defining import define

CALLER = """
SCALE = 2.0

def inner(x):
    return x * x

def f(x, y=1.0):
    return inner(x) * SCALE * y
"""


def again(f: Callable[..., Any], change: Callable[[dict[str, Any]], None]) -> tuple[float, float]:
    """The gradient at 3.0, and that of the derivative asked for behind `change`."""
    first = ad.grad(f)(3.0)
    change(f.__globals__)
    return first, ad.grad(f)(3.0)


def test_the_same_function() -> None:
    f = define(CALLER)
    made = ad.grad(f)
    begin = time.process_time()
    assert all(ad.grad(f) is made for _ in range(10))
    assert ad.grad(f, wrt="y") is not made
    assert ad.grad(f, wrt=(0,)) is not made
    assert time.process_time() - begin < 5.0


def test_a_callee_is_bound_again() -> None:
    def change(names: dict[str, Any]) -> None:
        names["inner"] = define("def inner(x):\n    return 5.0 * x\n", "inner")

    assert again(define(CALLER), change) == (12.0, 10.0)


def test_the_code_of_a_callee_changes() -> None:
    def change(names: dict[str, Any]) -> None:
        names["inner"].__code__ = define("def inner(x):\n    return 5.0 * x\n", "inner").__code__

    assert again(define(CALLER), change) == (12.0, 10.0)


def test_a_default_changes() -> None:
    f = define(CALLER)
    first = ad.grad(f)(3.0)
    f.__defaults__ = (10.0,)
    assert (first, ad.grad(f)(3.0)) == (12.0, 120.0)


def test_a_number_becomes_an_array() -> None:
    f = define(CALLER.replace("return inner(x) * SCALE * y", "return np.sum(inner(x) * SCALE)"))
    first = ad.grad(f)(3.0)
    f.__globals__["SCALE"] = np.array([1.0, 2.0])
    assert (first, ad.grad(f)(3.0)) == (12.0, 18.0)


def test_a_cell_changes() -> None:
    def outer() -> tuple[Callable[[float], float], Callable[[Any], None]]:
        def scaled(x: float) -> float:
            return 2.0 * x

        def f(x: float) -> float:
            return scaled(x) * x

        def bind(new: Any) -> None:
            nonlocal scaled
            scaled = new

        return f, bind

    f, bind = outer()
    assert ad.grad(f)(3.0) == 12.0
    bind(define("def cube(x):\n    return x * x * x\n", "cube"))
    assert ad.grad(f)(3.0) == 108.0


def test_a_member_of_a_module_changes() -> None:
    module = types.ModuleType("lib")
    module.inner = define("def inner(x):\n    return x * x\n", "inner")  # type: ignore[attr-defined]
    f = define("def f(x):\n    return lib.inner(x)\n")
    f.__globals__["lib"] = module
    assert ad.grad(f)(3.0) == 6.0
    module.inner = define("def inner(x):\n    return x * x * x\n", "inner")  # type: ignore[attr-defined]
    assert ad.grad(f)(3.0) == 27.0


def test_a_declaration() -> None:
    f = define(CALLER)
    assert ad.grad(f)(3.0) == 12.0
    ad.partials(f.__globals__["inner"], lambda y, x: 7.0)
    assert ad.grad(f)(3.0) == 14.0


@pytest.mark.parametrize("value", [[1.0, 2.0], {"a": 1.0}, types.SimpleNamespace(a=1.0)])
def test_what_may_change_in_place_is_read_again(value: Any) -> None:
    from tangent_ad.captured import state_of

    f = define("def f(x):\n    return x * held\n")
    f.__globals__["held"] = value
    assert state_of(f) is None  # type: ignore[arg-type]
