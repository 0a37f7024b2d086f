"""Forms of the results of calls: what is said of a shape or a dtype is what NumPy makes of every argument it stands
for, however they broadcast; what is not known is not said."""

from __future__ import annotations

import itertools
import operator
from typing import Any

import numpy as np
import pytest

from tangent_ad.analyses.callforms import RULES
from tangent_ad.analyses.forms import NUMBER, UNKNOWN, Axis, DType, Form, Shape
from tangent_ad.analyses.named import Forms
from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import FLOAT, INT, Kind, array
from tangent_ad.runtime import helpers

U, W = ("of", "u", 0), ("of", "w", 0)
KINDS: dict[str, Kind] = {
    "u": array(1, "float"),
    "m": array(2, "float"),
    "w": array(1, "float32"),
    "b": array(1, "bool"),
    "s": FLOAT,
    "k": INT,
}
TABLE: dict[str, Form] = {
    "u": Form((U,), frozenset(("u",))),
    "m": Form((W, U), frozenset(("m",))),
    "w": Form((W,), frozenset(("w",))),
    "b": Form((U,), None),
    "s": Form((), frozenset((("number", "s"),))),
    "k": NUMBER,
    "[tape]": Form((U,), frozenset(("u",))),
}


def forms() -> Forms:
    return Forms(NameKinds(KINDS), frozenset(KINDS), table=dict(TABLE), sizes={"k": U})


def name(text: str) -> n.Name:
    return n.Name(text)


def call(fn: Any, *args: Any, **keywords: Any) -> n.Call:
    made = tuple(a if isinstance(a, n.Expr) else n.Name(a) if isinstance(a, str) else n.Const(a) for a in args)
    return n.Call(fn, "f", made, tuple((k, v if isinstance(v, n.Expr) else n.Const(v)) for k, v in keywords.items()))


def of(fn: Any, *args: Any, **keywords: Any) -> Form:
    return forms().of(call(fn, *args, **keywords))


# shapes against NumPy -------------------------------------------------------------------------------------------------

LENGTHS = tuple(itertools.product((1, 3), repeat=2))


def values(u: int, w: int) -> dict[str, Any]:
    return {"u": np.ones(u), "m": np.ones((w, u)), "w": np.ones(w, np.float32), "b": np.ones(u, bool), "s": 0.5, "k": u}


def meant(shape: Shape, u: int, w: int) -> tuple[int, ...]:
    def length(axis: Axis) -> int:
        if isinstance(axis, frozenset):
            return int(np.broadcast_shapes(*((length(part),) for part in axis))[0])
        return axis if isinstance(axis, int) else {U: u, W: w}[axis]

    return tuple(length(axis) for axis in shape)


CALLS: tuple[tuple[Any, tuple[Any, ...], dict[str, Any]], ...] = (
    (operator.add, ("u", "u"), {}),
    (operator.mul, ("m", "u"), {}),
    (operator.sub, ("u", "s"), {}),
    (operator.neg, ("m",), {}),
    (np.maximum, ("u", 2.0), {}),
    (np.sin, ("m",), {}),
    (operator.lt, ("m", "u"), {}),
    (np.zeros_like, ("m",), {}),
    (np.full_like, ("u", 2.0), {}),
    (np.copy, ("m",), {}),
    (np.sum, ("m",), {}),
    (np.sum, ("m",), {"axis": 0}),
    (np.max, ("m",), {"axis": -1}),
    (np.mean, ("u",), {"axis": 0}),
    (np.transpose, ("m",), {}),
    (operator.matmul, ("m", "u"), {}),
    (operator.matmul, ("w", "m"), {}),
    (operator.matmul, ("u", "u"), {}),
    (np.outer, ("u", "w"), {}),
    (np.where, ("b", "u", 0.0), {}),
    (np.where, ("b", "m", "u"), {}),
    (np.zeros, ("k",), {}),
    (helpers.sum_to, ("m", "u"), {}),
    (helpers.spread, ("s", "m"), {}),
    (helpers.unreduce, ("s", "m"), {}),
    (len, ("m",), {}),
    (np.size, ("m",), {}),
)


@pytest.mark.parametrize(("fn", "args", "keywords"), CALLS, ids=[f"{f.__name__}-{a}-{k}" for f, a, k in CALLS])
def test_shapes_are_those_of_numpy(fn: Any, args: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    found = of(fn, *args, **keywords)
    assert found.shape is not None and None not in found.shape
    for u, w in LENGTHS:
        given = values(u, w)
        exact = fn(*(given[a] if isinstance(a, str) else a for a in args), **keywords)
        assert meant(found.shape, u, w) == np.shape(exact)


@pytest.mark.parametrize(
    "made",
    [
        call(np.sum, "m", 0),  # an axis by position
        call(np.sum, "m", axis=2),  # no such axis
        call(np.sum, "m", keepdims=True),
        call(np.sum, "m", axis=0, keepdims=True),
        call(np.max, "m", axis=n.Tuple((n.Const(0), n.Const(1)))),
        call(np.sum, "m", axis=name("k")),
        call(np.transpose, "m", n.Tuple((n.Const(1), n.Const(0)))),
        call(np.zeros_like, "m", dtype=n.Global("np.int64", np.int64)),
        call(np.full_like, "m", 1.0, n.Global("np.int64", np.int64)),
        call(np.copy, "m", "k"),
        call(np.outer, "m", "u"),  # of what it flattens
        call(operator.matmul, "m", "nobody"),
        call(np.where, "b"),
        call(list.pop, "tape", 0),  # not from the end
        call(np.cumsum, "u"),  # no rule
        call(np.zeros, n.Tuple((name("k"), call(len, "nobody")))),
    ],
    ids=lambda made: made.fn.__name__,
)
def test_what_is_not_known_is_not_said(made: n.Call) -> None:
    found = forms().of(made)
    assert found.shape is None or None in found.shape


def test_keywords_of_elementwise_functions_say_nothing() -> None:
    assert of(np.sin, "u", dtype=n.Global("np.float32", np.float32)) == UNKNOWN
    assert of(np.add, "u", "u", where=name("b")) == UNKNOWN


# dtypes ---------------------------------------------------------------------------------------------------------------


def dtype(*atoms: Any) -> DType:
    return frozenset(atoms)


def test_numbers_do_not_widen_arrays() -> None:
    assert of(operator.mul, "u", 2.0).dtype == dtype("u")
    assert of(operator.mul, 2, "w").dtype == dtype("w")
    assert of(np.sin, "w").dtype == dtype("w")


def test_two_arrays_have_the_dtypes_of_both() -> None:
    assert of(operator.add, "u", "w").dtype == dtype("u", "w")
    assert of(operator.matmul, "m", "u").dtype == dtype("m", "u")
    assert of(np.where, "b", "u", "w").dtype == dtype("u", "w")


def test_a_comparison_of_arrays_is_no_float() -> None:
    true = of(operator.lt, "u", 0.0)
    assert true.shape == (U,)
    assert forms().of(call(operator.mul, call(operator.lt, "u", 0.0), call(operator.lt, "u", 1.0))).dtype is None
    assert forms().of(call(np.sum, call(operator.lt, "u", 0.0))) == UNKNOWN, "it counts"


def test_a_function_of_a_number_gives_numpys_which_counts() -> None:
    """`np.sin(2.0) * w` is of double precision for a float32 `w`; `2.0 * w` is not."""
    for made in (call(np.sin, 2.0), call(np.sin, "s")):
        assert forms().of(call(operator.mul, made, "w")).dtype != dtype("w")
    for fn in (max, min, abs):
        assert forms().of(call(operator.mul, call(fn, 2.0, *([1.0] if fn is not abs else [])), "w")).dtype == dtype("w")


def test_max_of_python_gives_one_of_its_arguments() -> None:
    assert of(max, "s", 1.0).dtype is None, "the dtype of either"
    assert of(max, 2.0, 1.0) == forms().of(n.Const(2.0))


def test_new_arrays() -> None:
    double, single = n.Global("np.float64", np.float64), n.Global("np.float32", np.float32)
    assert of(np.zeros, "k") == Form((U,), dtype("float64"))
    assert of(np.zeros, "k", single).dtype == of(np.ones, "k", dtype=single).dtype == dtype("float32")
    assert of(np.empty, "k", double).dtype == dtype("float64")
    assert of(np.zeros, "k", n.Global("int", int)).dtype is None
    assert of(np.zeros, "k", call(np.ndarray.dtype, "w")).dtype == dtype("w")
    assert of(np.full, "k", 2.0).dtype == dtype("float64")
    assert of(np.full, "k", 2).dtype not in (dtype("float64"), None), "integers"
    assert of(np.full, "k", "s").dtype != dtype("float64"), "a float32 number makes a float32 array"
    assert of(np.full, "k", 2, single).dtype == dtype("float32")
    assert of(np.zeros, n.Tuple((n.Const(2), name("k")))).shape == (2, U)
    assert of(np.zeros, call(np.shape, "m")).shape == (W, U)


def test_what_was_put_on_a_list_comes_back() -> None:
    assert of(list.pop, "tape") == TABLE["[tape]"]
    assert of(list.pop, "other") == UNKNOWN


def test_adjoints_of_products_are_like_their_operands() -> None:
    left, right = (of(fn, "w", "m", "u") for fn in (helpers.matmul_left, helpers.matmul_right))
    assert (left.shape, right.shape) == ((W, U), (U,))
    assert left.dtype == right.dtype == dtype("w", "m", "u")


def test_every_rule_is_of_a_callable_and_answers_unknown_operands() -> None:
    for fn, rule in RULES.items():
        assert callable(fn)
        count = {np.where: 3, helpers.matmul_left: 3, helpers.matmul_right: 3}.get(fn, 2)
        found = rule(forms(), call(fn, *["nobody"] * count))
        assert found.shape is None or found == NUMBER or None in found.shape, fn
