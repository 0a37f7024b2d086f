"""Names of generated modules are recipes: they say which derivative of which function, and importing one makes it."""

from __future__ import annotations

import importlib
import itertools
import pickle
import sys
import types
from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad import generated
from tests import joint_elsewhere


class Holder:
    class Inner:
        @staticmethod
        def square(x, y):
            return x * x * y

    @staticmethod
    def hessian_of(x, grad_x):
        return x * grad_x


def grad_f(jvp_x, y_):
    return jvp_x * y_


FUNCTIONS: dict[Any, tuple[str, ...]] = {
    Holder.Inner.square: ("x", "y"),
    Holder.hessian_of: ("x", "grad_x"),
    grad_f: ("jvp_x", "y_"),
    joint_elsewhere.decay: ("x",),
}


def recipes() -> list[tuple[Any, str, tuple[str, ...], bool]]:
    return [
        (f, mode, wrt, bare)
        for (f, names), mode in itertools.product(FUNCTIONS.items(), generated.MODES)
        for count in (1, 2)
        for wrt in itertools.permutations(names, count)
        for bare in ((True, False) if count == 1 else (False,))
    ]


def test_a_name_says_what_it_was_made_of() -> None:
    """Read back, it is the recipe; no two recipes share a name."""
    names = {}
    for f, mode, wrt, bare in recipes():
        name = generated.module_name(f, mode, wrt, bare)
        found = generated.parse(name)
        assert found is not None
        where, *rest = found
        assert generated.function_of(where) is f
        assert rest == [mode, wrt[0] if bare else wrt]
        assert names.setdefault(name, (f, mode, wrt, bare)) == (f, mode, wrt, bare)
    assert len(names) == len(recipes()) > 100


@pytest.mark.parametrize(
    "name", ["a.b.f", "a.grad_x", "a.b.c.gradx", "a.b.taylor_x", "a", "a.b.f.jacobian-sideways_x", "a.b.f.grad"]
)
def test_other_names_are_no_recipes(name: str) -> None:
    assert generated.parse(f"{generated.PACKAGE}.{name}") is None


def test_longer_modes_first() -> None:
    """`value_and_grad_x` is not a `grad`, `jacobian-forward_x` no `jacobian`."""
    for mode in generated.MODES:
        found = generated.parse(f"{generated.PACKAGE}.a.f.{mode}_x")
        assert found == (["a", "f"], mode, "x")


def test_functions_that_cannot_be_found() -> None:
    assert generated.function_of(["no_such_module_at_all", "f"]) is None
    assert generated.function_of(["tests", "joint_elsewhere", "nothing"]) is None
    assert generated.function_of(["tests", "joint_elsewhere", "RATE"]) is None, "a number"
    assert generated.function_of(["math"]) is None


def test_importable() -> None:
    assert all(map(generated.is_importable, FUNCTIONS))

    def local(x):
        return x

    assert not generated.is_importable(local) and not generated.is_importable(lambda x: x)
    twin = types.FunctionType(grad_f.__code__, globals(), "grad_f")
    twin.__module__, twin.__qualname__ = grad_f.__module__, grad_f.__qualname__
    assert not generated.is_importable(twin), "another function of that name"
    assert generated.qualname(grad_f, "grad_f_jvp") == "grad_f_jvp"
    assert generated.qualname(local, "local_jvp") == "test_importable.<locals>.local_jvp"


def test_importing_a_name_makes_the_derivative() -> None:
    name = generated.module_name(joint_elsewhere.decay, "grad", ("x",), True)
    known = sys.modules.pop(name, None)
    module = importlib.import_module(name)
    made = [v for v in vars(module).values() if isinstance(v, types.FunctionType) and v.__name__ == "decay_grad"]
    assert len(made) == 1 and made[0](0.5) == ad.grad(joint_elsewhere.decay)(0.5)
    assert known is None or known is not module


def test_the_packages_between_are_empty() -> None:
    module = importlib.import_module(f"{generated.PACKAGE}.tests.joint_elsewhere")
    assert not [name for name in vars(module) if not name.startswith("__") and name != "decay"]
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("tangent_ad.generatedly.f")


def test_a_name_of_nothing_is_an_empty_module() -> None:
    module = importlib.import_module(f"{generated.PACKAGE}.tests.joint_elsewhere.nothing.grad_x")
    assert not [v for v in vars(module).values() if isinstance(v, types.FunctionType)]


def test_pickles() -> None:
    for f in (Holder.Inner.square, grad_f):
        g = ad.value_and_grad(f, (1, 0))
        again = pickle.loads(pickle.dumps(g))
        np.testing.assert_array_equal(np.hstack(again(0.5, 2.0)), np.hstack(g(0.5, 2.0)))


def test_installed_once() -> None:
    before = len(sys.meta_path)
    generated.install(lambda f, mode, wrt: f)
    assert len(sys.meta_path) == before
