"""The traversal tools: order, identity, depth."""

from __future__ import annotations

import operator

from tangent_ad.core import nodes as n
from tangent_ad.core import walk
from tangent_ad.core.same import same
from tangent_ad.core.trampoline import trampoline
from tangent_ad.frontend.read import read_function
from tests.frontend.defining import define

X, Y = n.Name("x"), n.Name("y")
SUM = n.Call(operator.add, "+", (X, n.Index(Y, n.Slice(None, X, n.Const(2)))), (("k", n.IfExp(X, Y, X)),))


def test_rebuilding_gives_the_same():
    for expr in walk.subexpressions(SUM):
        assert walk.with_children(expr, walk.children(expr)) == expr
    assert walk.map_expr(SUM, lambda e: e) is SUM
    swapped = walk.map_expr(SUM, lambda e: Y if e == X else X if e == Y else e)
    assert walk.map_expr(swapped, lambda e: Y if e == X else X if e == Y else e) == SUM
    assert walk.names_read(SUM) == {"x", "y"}


def test_bottom_up_left_to_right():
    seen: list[n.Expr] = []
    walk.map_expr(n.Tuple((X, n.Tuple((Y,)))), lambda e: seen.append(e) or e)  # type: ignore[func-returns-value]
    assert seen == [X, Y, n.Tuple((Y,)), n.Tuple((X, n.Tuple((Y,))))]


def test_statements():
    text = "def f(x):\n    if x:\n        y = x\n    else:\n        while x:\n            x = y\n"
    text += "    x += 1\n    return x\n"
    fn = read_function(define(text))
    kinds = [type(s).__name__ for s in walk.statements(fn.body)]
    assert kinds == ["If", "Assign", "While", "Assign", "AugAssign", "Return"]
    assert walk.map_body(fn.body, lambda _, s: (s,)) is fn.body
    doubled = walk.map_body(fn.body, lambda _, s: (s, s) if isinstance(s, n.Assign) else (s,))
    assert sum(isinstance(s, n.Assign) for s in walk.statements(doubled)) == 4
    first = fn.body[0]
    assert walk.replace_bodies(first, walk.bodies(first)) is first


def test_same_is_equality():
    deep_a: n.Expr = X
    deep_b: n.Expr = X
    for _ in range(10_000):
        deep_a = n.Tuple((deep_a, Y))
        deep_b = n.Tuple((deep_b, Y))
    assert same(deep_a, deep_b)
    assert not same(deep_a, n.Tuple((deep_b, Y)))
    assert not same(n.Const(1), n.Const(1.0))
    assert same(n.Name("x", version=1), X)


def test_errors_pass_through_a_trampoline():
    def inner():
        raise ValueError("inner")
        yield

    def outer():
        try:
            yield inner()
        except ValueError as error:
            return str(error)

    assert trampoline(outer()) == "inner"


def test_bound_names():
    assert walk.bound_names(n.Tuple((X, n.Tuple((Y, n.Index(n.Name("z"), X)))))) == ("x", "y")
