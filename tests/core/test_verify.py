"""Each law of core has a program that breaks it."""

from __future__ import annotations

import operator

import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.verify import verify
from tangent_ad.errors import InternalError

X = n.Name("x")


def function(*body: n.Stmt) -> n.Function:
    return n.Function("f", (n.Param("x"),), body)


BROKEN = {
    "`y` is read and nowhere bound": function(n.Return(n.Name("y"))),
    "`return` before the end": function(n.If(X, (n.Return(X),)), n.Return(X)),
    "`a b` is no name": function(n.Assign(n.Name("a b"), X), n.Return(X)),
    "`if` is no name": function(n.Assign(n.Name("if"), X), n.Return(X)),
    "an assignment to Const": function(n.Assign(n.Const(1), X), n.Return(X)),
    "an augmented assignment to Tuple": function(n.AugAssign(n.Tuple((X,)), operator.add, X), n.Return(X)),
    "an expression without effect": function(n.ExprStmt(X), n.Return(X)),
}


@pytest.mark.parametrize("problem", BROKEN)
def test_a_broken_program_names_the_pass(problem: str) -> None:
    with pytest.raises(InternalError) as caught:
        verify(BROKEN[problem], "tidy")
    assert str(caught.value) == f"tidy broke the program `f`: {problem}"


def test_a_sound_program_passes() -> None:
    sound = function(n.Assign(n.Tuple((n.Name("a"), n.Name("b"))), X), n.Return(n.Name("b")))
    assert verify(sound, "read") is sound
