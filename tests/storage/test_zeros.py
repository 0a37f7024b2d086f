"""The zeros that adjoints start from: left out where a sum begins with its first term."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym
from tangent_ad.emit.text import body_text
from tangent_ad.storage.steps import Block, Step
from tangent_ad.storage.zeros import begun, mentions

X, A, B = (n.Name(name) for name in ("x_bar", "a_bar", "b_bar"))
ZERO = n.Assign(X, n.Const(0.0))


def plus(target: n.Expr, value: n.Expr) -> n.Stmt:
    return n.AugAssign(target, operator.add, value)


@pytest.mark.parametrize(
    ("stmts", "text"),
    [
        ([plus(X, A)], "x_bar = a_bar"),
        ([n.AugAssign(X, operator.sub, A)], "x_bar = -a_bar"),
        ([plus(A, B), plus(X, A), plus(X, B)], "a_bar += b_bar; x_bar = a_bar; x_bar += b_bar"),
        ([plus(A, X), plus(X, A)], "x_bar = 0.0; a_bar += x_bar; x_bar += a_bar"),
        ([plus(X, (Sym(X) * 2.0).expr)], "x_bar = 0.0; x_bar += x_bar * 2.0"),
        ([n.If(A, (plus(X, A),)), plus(X, B)], "x_bar = 0.0; if a_bar:;     x_bar += a_bar; x_bar += b_bar"),
        ([plus(n.Index(X, A), B)], "x_bar = 0.0; x_bar[a_bar] += b_bar"),
        ([n.AugAssign(X, operator.mul, A)], "x_bar = 0.0; x_bar *= a_bar"),
        ([plus(A, B)], "x_bar = 0.0; a_bar += b_bar"),
    ],
)
def test_a_sum_that_begins(stmts: list[n.Stmt], text: str) -> None:
    assert "; ".join(body_text(tuple(begun([ZERO], stmts))).splitlines()) == text


def test_an_array_begins_at_zero() -> None:
    zeros = n.Assign(X, n.Call(np.zeros, "np.zeros", (n.Const(3),)))
    assert begun([zeros], [plus(X, A)]) == [zeros, plus(X, A)]


def test_what_a_fused_loop_touches() -> None:
    loop = n.For(n.Name("i"), n.Const(0), n.Const(3), n.Const(1), ())
    inner = Step(n.Pass(), (n.If(A, (plus(n.Index(X, A), B),)),))
    assert mentions(ZERO, Step(loop, blocks=(Block((0, 0), (inner,)),), fused=True))
    assert mentions(ZERO, Step(loop, ahead=(plus(A, X),), fused=True))
    assert not mentions(ZERO, Step(loop, (plus(X, A),), ahead=(plus(A, B),), fused=True)), "behind it, not in it"
