"""Derivatives of compiled functions before their types are known: their parameters and roles, what tells one from
another, what is refused at once.  (Nothing here is compiled but in the last tests.)"""

from __future__ import annotations

import functools
import math
import os
import subprocess
import sys
import types
from typing import Any

import numba
import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.api import names_of
from tangent_ad.compiled import _base, fingerprint, identity, parameters
from tangent_ad.errors import RefusedError, UsageError
from tangent_ad.frontend.desugar import desugar
from tangent_ad.frontend.read import read_function
from tests.frontend.defining import define

K = 2.0


def f(x, w=1.5, *, p=2):
    return x * w + K * p


def of(mode: str, wrt: tuple[str, ...], workspace: bool = False, into: bool = False) -> list[tuple[str, str, str]]:
    """(name, form, role) of each parameter."""
    params, roles = parameters(_base(f), mode, wrt, f"f_{mode}", workspace, into)
    return [(p.name, p.form, role) for p, role in zip(params, roles, strict=True)]


def test_parameters_are_those_of_the_function() -> None:
    assert of("grad", ("x",)) == [("x", "positional", "wrt"), ("w", "positional", ""), ("p", "keyword", "")]
    assert [role for _, _, role in of("grad", ("w", "x"))] == ["wrt", "wrt", ""]


def test_tangents_follow_their_values() -> None:
    for mode in ("jvp", "hvp"):
        assert of(mode, ("x", "p")) == [
            ("x", "positional", "wrt"),
            ("x_dot", "positional", "tangent"),
            ("w", "positional", ""),
            ("p", "keyword", "wrt"),
            ("p_dot", "keyword", "tangent"),
        ]
    params, _ = parameters(_base(f), "jvp", ("x", "w"), "f_jvp")
    defaults = {p.name: p.default_value for p in params if p.default is not None}
    assert defaults == {"w": 1.5, "w_dot": 0.0, "p": 2}
    assert all(p.annotation is None for p in params)


def test_the_seed_comes_first_and_memory_behind_what_has_no_default() -> None:
    assert of("vjp", ("x",))[0] == ("out_bar", "positional", "seed")
    assert [name for name, _, _ in of("vjp", ("x",), workspace=True)] == ["out_bar", "x", "workspace", "w", "p"]
    filled = of("jacobian", ("x", "w"), into=True)
    assert [role for _, _, role in filled] == ["wrt", "result", "result", "wrt", ""]


def test_added_names_are_free() -> None:
    def g(out_bar, x_dot, x, workspace):
        return out_bar * x_dot * x * workspace

    for mode, wrt in (("vjp", ("x",)), ("jvp", ("x",))):
        params, _ = parameters(_base(g), mode, wrt, f"g_{mode}", takes_workspace=mode == "vjp")
        names = [p.name for p in params]
        assert len(names) == len(set(names)) == (6 if mode == "vjp" else 5)


# identity -------------------------------------------------------------------------------------------------------------


def program(body: str, **names: Any) -> types.FunctionType:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return define(f"def f(x, w=2.0):\n{lines}", "f", names)


def identity_of(function: Any) -> str:
    return identity(desugar(read_function(function)))


def squared(y):
    return y * y


def cubed(y):
    return y * y * y


def same(a: Any, b: Any) -> bool:
    return identity_of(a) == identity_of(b)


def test_the_same_program_is_the_same() -> None:
    made = [program("return c * x + g(x)", c=2.0, g=squared) for _ in range(2)]
    assert made[0] is not made[1] and same(*made)


def test_what_compiled_code_could_be_different_for_tells_programs_apart() -> None:
    first = program("return c * x + g(x)", c=2.0, g=squared)
    assert not same(first, program("return c * x - g(x)", c=2.0, g=squared))
    assert not same(first, program("return c * x + g(x)", c=3.0, g=squared))
    assert not same(first, program("return c * x + g(x)", c=2, g=squared)), "an integer is no float"
    assert not same(first, program("return c * x + g(x)", c=np.float32(2.0), g=squared))
    assert not same(first, program("return c * x + g(x)", c=2.0, g=cubed))
    other = define("def f(x, w=3.0):\n    return c * x + g(x)\n", "f", {"c": 2.0, "g": squared})
    assert not same(first, other), "a default"
    assert not same(define("def f(x):\n    return x\n", "f", {}), define("def f(x: float):\n    return x\n", "f", {}))


def test_arrays_count_by_their_content_form_and_dtype() -> None:
    arrays = [
        np.array([1.0, 2.0]),
        np.array([1.0, 3.0]),
        np.array([[1.0, 2.0]]),
        np.array([1.0, 2.0], np.float32),
        np.array([1, 2]),
        np.array([0.0, -0.0]),
        np.array([-0.0, 0.0]),
    ]
    found = {fingerprint(a) for a in arrays}
    assert len(found) == len(arrays)
    assert fingerprint(arrays[0]) == fingerprint(np.array([1.0, 9.0, 2.0])[::2]), "strides do not"


def test_numbers_by_value_and_type() -> None:
    numbers: list[Any] = [1, 1.0, True, 0.0, -0.0, math.inf, None, "1", np.float64(1.0), np.float32(1.0), (1,), [1]]
    assert len({fingerprint(v) for v in numbers}) == len(numbers)
    assert fingerprint({"a": 1}) != fingerprint({"b": 1})


def closed(value: Any) -> types.FunctionType:
    def inner(x, y=0.0):
        return x * value

    return inner


def test_functions_count_by_what_they_do() -> None:
    assert fingerprint(closed(2.0)) == fingerprint(closed(2.0))
    assert fingerprint(closed(2.0)) != fingerprint(closed(3.0)), "a closure"
    assert fingerprint(closed(squared)) != fingerprint(closed(cubed)), "a function in it"
    other = closed(2.0)
    other.__defaults__ = (1.0,)
    assert fingerprint(other) != fingerprint(closed(2.0)), "a default"
    reading = [define("def g(x):\n    return x * c\n", "g", {"c": c}) for c in (2.0, 3.0, 2.0)]
    assert fingerprint(reading[0]) != fingerprint(reading[1]), "a global that it reads"
    assert fingerprint(reading[0]) == fingerprint(reading[2])


def reading_a_module(gain: float) -> types.FunctionType:
    package, settings = types.ModuleType("package"), types.ModuleType("package.settings")
    vars(package).update(settings=settings)
    vars(settings).update(package=package, GAIN=gain)  # modules that know each other have an end, too
    return define("def g(x):\n    return x * package.settings.GAIN\n", "g", {"package": package})


def test_what_is_read_of_modules_counts() -> None:
    """Before, a declared derivative that reads a number of another module was compiled once for all its values."""
    assert fingerprint(reading_a_module(2.0)) == fingerprint(reading_a_module(2.0))
    assert fingerprint(reading_a_module(2.0)) != fingerprint(reading_a_module(3.0))


def test_a_function_that_calls_itself_has_an_end() -> None:
    def down(x):
        return x if x < 1 else down(x - 1)

    assert fingerprint(down) == fingerprint(down)


def test_a_compiled_function_counts_as_the_one_it_was_made_of() -> None:
    assert fingerprint(closed(2.0)) != fingerprint(closed(3.0))
    assert fingerprint(numba.njit(squared)) != fingerprint(numba.njit(cubed))


# what is refused at once ----------------------------------------------------------------------------------------------


def test_refusals_do_not_wait_for_types() -> None:
    def comprehension(x):
        return sum([v for v in x])

    def annotated(x: float):
        return np.sin(x, casting="no")

    for bad in (comprehension, annotated):
        with pytest.raises(RefusedError):
            ad.grad(bad, jit=True)
    for wrt, said in (("q", "no parameter `q`"), (7, "3 parameters"), ((), "different parameters")):
        with pytest.raises(UsageError, match=said):
            ad.grad(f, wrt=wrt, jit=True)


def test_a_derivative_with_memory_of_its_own_is_not_differentiated_again() -> None:
    def steps(x: float, n: int):
        for _ in range(n):
            x = np.sin(x)
        return x

    with pytest.raises(UsageError, match="with a workspace: differentiate one without"):
        ad.grad(ad.grad(steps, jit=True, workspace=True), jit=True)


def test_a_derivative_of_a_derivative_is_planned_on_its_plan() -> None:
    inner = ad.grad(squared, jit=True)
    base = _base(inner)
    assert base.normal is None and [p.name for p in base.head.params] == ["y"]
    assert names_of(base.head, 0) == ("y",)
    assert base.identity() == _base(ad.grad(squared, jit=True)).identity() != _base(ad.grad(cubed, jit=True)).identity()
    assert ad.grad(inner, jit=True)(3.0) == 2.0


def test_two_functions_read_different_names_of_one_module() -> None:
    """What one of them does not mention counts when the other does."""
    settings = types.ModuleType("settings_of_two")
    scope = {"settings": settings}
    exec(
        "def first(x):\n    return settings.A * x\n\ndef both(x):\n    return first(x) + settings.A + settings.B", scope
    )

    def found(a: float, b: float) -> str:
        vars(settings).update(A=a, B=b)
        return fingerprint(scope["both"])

    assert found(1.0, 2.0) == found(1.0, 2.0)
    assert len({found(1.0, 2.0), found(3.0, 2.0), found(1.0, 4.0)}) == 3


IN_ANOTHER_PROCESS = """
import functools, math
import numpy as np
from tangent_ad.compiled import fingerprint

def f(x):
    return np.append(x, cached("a")) + np.linalg.norm(x)

@functools.lru_cache
def cached(k):
    return math.gamma(k in {"a", "b", "c", "d"})

print(fingerprint((f, np.append, list.append, {"a", "b", "c", "d"})))
"""


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    """An address or the order of a set in it would have compiled code made anew each time."""
    runs = [
        subprocess.run(
            [sys.executable, "-c", IN_ANOTHER_PROCESS],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout != b""


def test_the_object_of_a_method_counts() -> None:
    a, b = Gain(2.0), Gain(3.0)
    assert fingerprint(a.times) != fingerprint(b.times)


def test_an_object_that_wraps_a_function_counts_for_what_it_holds() -> None:
    """It has the name of the function, and gives what it likes."""
    a, b = Scaled(math.sin, 2.0), Scaled(test_the_object_of_a_method_counts, 2.0)
    assert len({fingerprint(f) for f in (a, b, Scaled(math.sin, 3.0), math.sin)}) == 4


class Scaled:
    def __init__(self, function: Any, factor: float) -> None:
        functools.update_wrapper(self, function)
        self.function, self.factor = function, factor

    def __call__(self, x: float) -> float:
        return self.factor * float(self.function(x))


class Gain:
    def __init__(self, factor: float) -> None:
        self.factor = factor

    def times(self, x: float) -> float:
        return self.factor * x
