"""The builder of expressions: what NumPy writes, what is folded, what is not."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym, call, node, sym
from tangent_ad.core.kinds import BOOL, FLOAT, INT, array

X, Y = Sym(n.Name("x"), array(2)), Sym(n.Name("y"), FLOAT)


def show(x: Any) -> str:
    """A fully bracketed reading of an expression."""
    e = node(x)
    match e:
        case n.Const(value=value):
            return repr(value)
        case n.Name(id=name):
            return name
        case n.Tuple(elts=elts) | n.List(elts=elts):
            return "(" + ", ".join(show(i) for i in elts) + ")"
        case n.Slice(lower=low, upper=high, step=step):
            return ":".join("" if p is None else show(p) for p in (low, high, step))
        case n.Index(value=value, index=index):
            return f"{show(value)}[{show(index)}]"
        case n.Call(spelling=spelling, args=args, keywords=keywords):
            inner = [show(a) for a in args] + [f"{k}={show(v)}" for k, v in keywords]
            return f"{spelling}({', '.join(inner)})"
    raise AssertionError(e)


@pytest.mark.parametrize(
    "built, text",
    [
        (lambda: np.cos(X) * 2.0 / (X * X + Y * Y), "/(*(np.cos(x), 2.0), +(*(x, x), *(y, y)))"),
        (lambda: X @ X.T, "@(x, .T(x))"),
        (lambda: np.sum(X, axis=0, keepdims=True), "np.sum(x, axis=0, keepdims=True)"),
        (lambda: np.linalg.solve(X, X), "np.linalg.solve(x, x)"),
        (lambda: X[1:, None], "x[(1::, None)]"),
        (lambda: X[Y, ...], "x[(y, Ellipsis)]"),
        (lambda: X.shape[0], ".shape(x)[0]"),
        (lambda: X.size - X.ndim, "-(.size(x), .ndim(x))"),
        (lambda: X.copy(), ".copy()(x)"),
        (lambda: np.where(X > 0, X, 0.0), "np.where(>(x, 0), x, 0.0)"),
        (lambda: np.concatenate((X, X), 1), "np.concatenate((x, x), 1)"),
        (lambda: call(np.full, "np.full", X.shape, Y), "np.full(.shape(x), y)"),
        (lambda: 2.0**Y, "**(2.0, y)"),
        (lambda: np.float64(2.0) * Y, "*(2.0, y)"),
        (lambda: np.divide(1.0, Y), "np.divide(1.0, y)"),
        (lambda: np.power(Y, 2), "np.power(y, 2)"),
        (lambda: (Y > 0) & (Y != 1), "&(>(y, 0), !=(y, 1))"),
        (lambda: abs(Y), "np.abs(y)"),
        (lambda: np.add.at(X, 0, Y), "np.add.at(x, 0, y)"),
    ],
)
def test_spelling(built: Any, text: str) -> None:
    assert show(built()) == text


@pytest.mark.parametrize(
    "built, text",
    [
        (lambda: 1.0 * X, "x"),
        (lambda: X * 1, "x"),
        (lambda: -1.0 * X, "-(x)"),
        (lambda: -(-X), "x"),
        (lambda: X + 0.0, "x"),
        (lambda: 0 - X, "-(x)"),
        (lambda: X + -Y, "-(x, y)"),
        (lambda: X - -Y, "+(x, y)"),
        (lambda: X * -Y, "-(*(x, y))"),
        (lambda: X * (1.0 / Y), "/(x, y)"),
        (lambda: X * np.divide(1.0, Y), "np.divide(x, y)"),
        (lambda: Y**1, "y"),
        (lambda: sym(2.0) * sym(3.0), "6.0"),
        (lambda: -sym(2.0), "-2.0"),
        (lambda: 0.0 * X, "*(0.0, x)"),
        (lambda: sym(1.0) / sym(0.0), "/(1.0, 0.0)"),
        (lambda: 1.0 * (X > 0), "*(1.0, >(x, 0))"),
        (lambda: 1.0 * Sym(n.Name("k"), INT), "*(1.0, k)"),
    ],
)
def test_folding(built: Any, text: str) -> None:
    assert show(built()) == text


def test_numbers_are_computed() -> None:
    assert call(np.full, "np.full", 2, 3.0).tolist() == [3.0, 3.0]
    assert call(operator.add, "+", 2, 3) == 5


def test_constants() -> None:
    assert sym((1, -2)).const == (1, -2)
    assert sym(None).const is None
    assert sym(True).kind == BOOL
    assert not Y.is_const
    with pytest.raises(ValueError):
        _ = Y.const
    assert node(np.float32(0.5)) == n.Const(0.5)
    assert node(np.pi) == n.Const(np.pi)


def test_what_has_no_meaning_raises() -> None:
    with pytest.raises(TypeError, match="truth value"):
        bool(Y > 0)
    with pytest.raises(TypeError, match="iterated"):
        list(X)
    with pytest.raises(TypeError):
        node(object())
    with pytest.raises(TypeError):
        np.add(X, np.ones(2), out=np.ones(2))


def test_kinds_of_arithmetic() -> None:
    assert (X * Y).kind == array(2)
    assert (X > Y).kind == array(2, "bool")
    assert (Y + Y).kind == FLOAT
    assert X.shape.kind.elts == (INT, INT)
