"""Derivatives that call each other in one module: every name means there what it meant at home."""

from __future__ import annotations

import inspect
import re
from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import RefusedError
from tests.frontend.defining import define

LOOP = (
    "def {name}(a, b=2.0):\n    s = a\n    for i in range(3):\n        s = s + {value} * np.sin(s * b)\n    return s\n"
)


def elsewhere(name: str, value: str, **names: Any) -> Any:
    """A long function of another module: `value` is what its scope says it is."""
    return define(LOOP.format(name=name, value=value), name, names)


def checked(text: str, *args: Any, wrt: Any = 0, **names: Any) -> str:
    """The text of the reverse derivative of `f`, which is right and calls something."""
    f = define(text, "f", names)
    g = ad.value_and_grad(f, wrt)
    value, _ = g(*args)
    np.testing.assert_allclose(value, f(*args), rtol=1e-14)
    assert ad.check(f, *args, wrt=wrt, order=1).agrees
    return inspect.getsource(inspect.getmodule(g) or g)


CALLS = "def f(x, y):\n    s = g(x) * scale\n    for i in range(2):\n        s = s + {}\n    return s\n"


def functions(text: str) -> list[str]:
    return re.findall(r"^def (\w+)", text, re.MULTILINE)


def test_one_function_for_every_call() -> None:
    text = checked(CALLS.format("g(y) + g(s)"), 0.5, 0.25, wrt=(0, 1), g=elsewhere("g", "0.5"), scale=3.0)
    assert len([name for name in functions(text) if name.startswith("g_")]) == len(set(functions(text))) - 1


def test_globals_of_one_name_in_two_modules() -> None:
    """The caller's `scale` is 3, the callee's 0.5, and that of another callee 0.25."""
    g, h = elsewhere("g", "scale", scale=0.5), elsewhere("h", "scale", scale=0.25)
    checked(CALLS.format("h(y, x) * scale"), 0.5, 0.25, wrt=(0, 1), g=g, h=h, scale=3.0)


def test_functions_of_one_name() -> None:
    """Two modules define a `g`; the derivatives of both stand in one text."""
    other = elsewhere("g", "0.25")
    text = checked(CALLS.format("other(y)"), 0.5, 0.25, g=elsewhere("g", "0.5"), other=other, scale=3.0, wrt=(0, 1))
    found = functions(text)
    assert len(found) == len(set(found))


def test_a_local_name_of_the_caller() -> None:
    """`scale` is a parameter of the caller and a global of what it calls."""
    text = (
        "def f(x, scale):\n    s = g(x) * scale\n    for i in range(2):\n        s = s * scale + g(s)\n    return s\n"
    )
    checked(text, 0.5, 0.25, wrt=("x", "scale"), g=elsewhere("g", "scale", scale=0.5))


def test_a_name_that_the_callee_binds() -> None:
    """`s` and `i` are local to the callee and globals of the caller."""
    text = "def f(x, y):\n    a = g(x) * s\n    for k in range(2):\n        a = a + g(y * i)\n    return a\n"
    checked(text, 0.5, 0.25, wrt=(0, 1), g=elsewhere("g", "0.5"), s=2.0, i=3.0)


def closed(rate: float) -> Any:
    def g(a):
        s = a
        for _ in range(3):
            s = s + rate * np.sin(s)
        return s

    return g


def test_cells_of_two_closures() -> None:
    """Two closures of one code are two functions: their cells hold 0.5 and 0.25."""
    text = "def f(x, y):\n    s = g(x)\n    for i in range(2):\n        s = s + h(y) * g(s)\n    return s\n"
    checked(text, 0.5, 0.25, wrt=(0, 1), g=closed(0.5), h=closed(0.25))


def test_globals_stay_live() -> None:
    """What the callee's module binds later is what the derivative reads then."""
    g = elsewhere("g", "scale", scale=0.5)
    f = define(CALLS.format("g(y)"), "f", {"g": g, "scale": 3.0})
    made = ad.grad(f, (0, 1))
    for own, theirs in ((0.5, 3.0), (0.25, 3.0), (0.25, -1.0)):
        g.__globals__["scale"], f.__globals__["scale"] = own, theirs
        fresh = define(CALLS.format("g(y)"), "f", {"g": elsewhere("g", "scale", scale=own), "scale": theirs})
        np.testing.assert_array_equal(made(0.5, 0.25), ad.grad(fresh, (0, 1))(0.5, 0.25))


def test_numpy_by_another_name() -> None:
    text = "def g(a):\n    s = a\n    for i in range(3):\n        s = s + xp.sin(s) * pi\n    return s\n"
    g = define(text, "g", {"xp": np, "pi": 0.125})
    checked(CALLS.format("g(y) * np.cos(s)"), 0.5, 0.25, wrt=(0, 1), g=g, scale=3.0)


@pytest.mark.parametrize("taken", ["g_vjp", "g_forward", "g_reverse", "g_jvp"])
def test_names_that_are_taken(taken: str) -> None:
    """A global of the caller may be called like what the text defines."""
    text = CALLS.replace("scale", taken).format("g(y) * x")
    checked(text, 0.5, 0.25, wrt=(0, 1), g=elsewhere("g", "0.5"), **{taken: 3.0})


def test_the_name_of_a_helper_is_refused() -> None:
    f = define("def f(x, y):\n    return np.sum(x * y * sum_to)\n", "f", {"sum_to": 3.0})
    with pytest.raises(RefusedError, match="`sum_to` in `f_vjp` has the name of a function of the generated module"):
        ad.vjp(f)


def test_deep() -> None:
    """A callee of a callee, each with a global `scale` of its own."""
    inner = elsewhere("inner", "scale", scale=0.5)
    outer = "def g(a):\n    s = inner(a)\n    for i in range(3):\n        s = s + scale * inner(s, b=a)\n    return s\n"
    g = define(outer, "g", {"inner": inner, "scale": 0.25})
    text = checked(CALLS.format("inner(y) * g(y)"), 0.5, 0.25, wrt=(0, 1), g=g, inner=inner, scale=3.0)
    assert len(functions(text)) == len(set(functions(text)))
