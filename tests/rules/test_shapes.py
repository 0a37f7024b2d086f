"""Kinds of results cover what NumPy gives: for every mix of dtypes and ranks, and for arguments that are half known."""

from __future__ import annotations

import itertools
import operator
from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym
from tangent_ad.core.kinds import ANY, BOOL, FLOAT, INT, OTHER, VALUE, Kind, array, tuple_of
from tangent_ad.errors import RefusedError
from tangent_ad.rules import shapes

NAMES = {"float32": np.float32, "float": np.float64, "int": np.int64, "bool": np.bool_}
VALUES: list[Any] = [
    np.ones(shape, dtype) for dtype in NAMES.values() for shape in ((2,), (1, 2))
] + [True, 2, 0.5]  # fmt: skip


def known(value: Any, how: str) -> Any:
    """The value as a symbol of which a part is known."""
    kind = shapes.kind_of(value)
    if how == "dtype":
        kind = Kind("value", kind.dtype, None)
    elif how == "rank":
        kind = Kind("value", None, kind.rank)
    elif how == "array":
        kind = Kind("value", kind.dtype, -1 if kind.rank else kind.rank)
    return Sym(n.Name("x"), kind)


def covers(kind: Kind, value: Any) -> bool:
    real = shapes.kind_of(value)
    rank = kind.rank is None or kind.rank == real.rank or (kind.rank == -1 and real.rank != 0)
    return rank and kind.dtype in (None, real.dtype)


RULES = {
    shapes.arithmetic: (operator.add, operator.sub, operator.mul, np.add, np.multiply),
    shapes.real: (operator.truediv, np.true_divide, np.arctan2, np.hypot),
    shapes.selecting: (np.maximum, np.minimum),
    shapes.truth: (operator.lt, operator.eq, np.greater),
    shapes.power: (operator.pow, np.power),
}


@pytest.mark.parametrize("how", ["all", "dtype", "rank", "array"])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_elementwise(rule: Any, how: str) -> None:
    tried, said = 0, 0
    for a, b in itertools.product(VALUES, repeat=2):
        kind = rule(known(a, how), known(b, how))
        for fn in RULES[rule]:
            if {shapes.kind_of(a).dtype, shapes.kind_of(b).dtype} == {"float32", "int"} and np.ndim(a) and np.ndim(b):
                continue  # NumPy widens, Numba does not
            try:
                with np.errstate(all="ignore"):
                    result = fn(a, b)
            except TypeError:
                continue
            if np.asarray(result).dtype in (np.float16, np.int8):  # of truth values: widths that no kind tells apart
                assert kind.dtype in (None, "float", "int")
                continue
            tried += 1
            said += kind.dtype is not None and kind.rank is not None
            if how == "dtype" and kind.dtype == "float" and np.asarray(result).dtype == np.float32:
                kind = kind.with_dtype("float32")  # "float" is a width that is not known
            assert covers(kind, result), (fn, a, b, kind, result)
    assert tried > 200
    assert said > 100 or how in ("dtype", "rank")


@pytest.mark.parametrize("fn", [np.sum, np.mean, np.max, np.prod])
def test_reductions(fn: Any) -> None:
    dtypes = {np.sum: shapes.summed, np.prod: shapes.summed, np.max: lambda d: d, np.mean: shapes.floating}
    rule = shapes.reduced(dtypes[fn])
    for dtype, shape in itertools.product(NAMES.values(), ((2,), (1, 2), (2, 1, 2))):
        x = np.ones(shape, dtype)
        axes: list[Any] = [None, *range(-x.ndim, x.ndim), tuple(range(x.ndim)), (0,), ()]
        for axis, keep in itertools.product(axes, (False, True)):
            kind = rule(known(x, "all"), axis, keepdims=keep)
            assert covers(kind, fn(x, axis=axis, keepdims=keep)), (dtype, shape, axis, keep, kind)
            assert covers(rule(known(x, "dtype"), axis, keepdims=keep), fn(x, axis=axis, keepdims=keep))


@pytest.mark.parametrize(("axis", "rank"), [(1, 1), (-2, 1), ((0, 2), 2), (0.5, 1), ("x", 1), (3, 0)])
def test_axes_that_do_not_exist(axis: Any, rank: int) -> None:
    with pytest.raises(RefusedError, match="does not exist in a"):
        shapes.axes_of(axis, rank)


def test_axes() -> None:
    assert shapes.axes_of(None, 3) == (0, 1, 2) and shapes.axes_of(-1, 3) == (2,)
    assert shapes.axes_of((-1, 0), 2) == (1, 0) and shapes.axes_of(0, 0) == (0,) and shapes.axes_of((), 2) == ()


X = Sym(n.Name("x"), FLOAT)
TWO = Sym(n.Const(2))


def test_literals() -> None:
    pair = Sym(n.Tuple((n.Const(1), n.Const(-1))))
    assert shapes.const(TWO) == 2 and shapes.const(pair) == (1, -1) and shapes.const((TWO, 3)) == (2, 3)
    assert shapes.const(None) is None and shapes.const([TWO]) == [2]
    for unknown in (X, (TWO, X), Sym(n.Tuple((n.Const(1), n.Name("x"))))):
        assert shapes.const(unknown) is shapes.UNKNOWN


def test_elements() -> None:
    found = shapes.elements(Sym(n.Tuple((n.Name("x"), n.Const(1))), tuple_of(FLOAT, INT)))
    assert found is not None and [(e.expr, e.kind) for e in found] == [(n.Name("x"), FLOAT), (n.Const(1), INT)]
    found = shapes.elements(Sym(n.Name("t"), tuple_of(FLOAT, BOOL)))
    assert found is not None and [(e.expr, e.kind) for e in found] == [
        (n.Index(n.Name("t"), n.Const(0)), FLOAT), (n.Index(n.Name("t"), n.Const(1)), BOOL)
    ]  # fmt: skip
    assert shapes.elements([1, X]) == [1, X]
    assert shapes.elements(Sym(n.Name("t"), Kind("tuple"))) is None and shapes.elements(X) is None


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        (float, "float"),
        ("f4", "float32"),
        (np.float32, "float32"),
        (int, "int"),
        ("u1", "int"),
        (bool, "bool"),
        (None, None),
    ],
)
def test_dtypes(dtype: Any, expected: str | None) -> None:
    assert shapes.dtype_class(dtype) == expected
    spelled = Sym(n.Const(dtype)) if dtype is None or isinstance(dtype, str) else Sym(n.Global("d", dtype))
    assert shapes.dtype_class(spelled) == expected


@pytest.mark.parametrize("dtype", [complex, "c8", object, "S3", "nonsense"])
def test_dtypes_that_are_not_supported(dtype: Any) -> None:
    with pytest.raises(RefusedError):
        shapes.dtype_class(dtype)


def test_shapes_of_new_arrays() -> None:
    assert shapes.shape_rank(3) == 1 and shapes.shape_rank((2, X)) == 2 and shapes.shape_rank(Sym(n.Const(2), INT)) == 1
    assert shapes.shape_rank(()) is None, "a 0-dimensional array is no number"
    assert shapes.shape_rank(Sym(n.Name("s"), Kind("tuple"))) is None and shapes.shape_rank(Sym(n.Name("s"))) is None
    assert shapes.made((2, 3), "float") == array(2, "float")


def test_the_rest() -> None:
    assert shapes.same(X) == Kind("value", "float", None), "a number may come back as an array of rank 0"
    assert shapes.same(Sym(n.Name("u"), array(2, "int"))) == array(2, "int") and shapes.like(X) == FLOAT
    with pytest.raises(RefusedError):
        shapes.same(Sym(n.Name("t"), Kind("tuple")))
    assert shapes.second(X, Sym(n.Name("u"), array(1, "int"))) == array(1, "float")
    assert shapes.kind_of(None) == OTHER and shapes.kind_of((1, 2.0)) == tuple_of(INT, FLOAT)
    assert shapes.rank_of(Sym(n.Name("u"), VALUE)) is None and shapes.rank_of(Sym(n.Name("u"), ANY)) is None
    assert shapes.rank_of(Sym(n.Name("u"), array(-1))) is None and shapes.rank_of(np.ones((1, 2))) == 2
