"""What the objects are that a function sees from outside."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from types import FunctionType

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.frontend.scope import canonical, has_members, is_transformation
from tangent_ad.runtime import helpers
from tests.frontend.defining import define

TEXT = f"import numpy as np\n\n{inspect.getsource(helpers.sum_to)}"


def test_a_copy_of_a_helper_is_the_helper() -> None:
    copy = define(TEXT, "sum_to")
    assert copy is not helpers.sum_to and canonical(copy) is helpers.sum_to
    assert canonical(helpers.sum_to) is helpers.sum_to


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("float(g)", "float(g) * 2.0"),
        lambda text: text.replace("def sum_to(g, x)", "def sum_to(g, x=0)"),
        lambda text: text.replace("bool, int, float", "bool, int"),
    ],
)
def test_what_only_has_its_name_is_not(change: Callable[[str], str]) -> None:
    other = change(TEXT)
    assert other != TEXT
    copy = define(other, "sum_to")
    assert canonical(copy) is copy


def test_a_copy_where_a_name_means_something_else_is_not() -> None:
    """Where `np` is another module, or a helper that it calls is another function."""
    code = helpers.sum_to.__code__
    assert canonical(FunctionType(code, {"np": np}, "sum_to")) is helpers.sum_to
    stranger = FunctionType(code, {"np": math}, "sum_to")
    assert canonical(stranger) is stranger


def test_members_and_transformations() -> None:
    assert all(map(has_members, (np, math, float, np.add)))
    assert not any(map(has_members, (np.sin(1.0), helpers.sum_to, 3, None)))
    assert all(map(is_transformation, (ad.grad, ad.jvp, ad.hessian)))
    assert not any(map(is_transformation, (ad.check, ad.grad(square), np.sin, 3)))


def square(x):
    return x * x


def test_a_function_of_the_same_name() -> None:
    grad = define("def grad(f):\n    return f\n", "grad")
    assert not is_transformation(grad)
