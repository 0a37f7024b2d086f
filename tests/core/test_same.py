"""When two programs are the same."""

from __future__ import annotations

import operator
from dataclasses import replace

from tangent_ad.core import nodes as n
from tangent_ad.core.order import number
from tangent_ad.core.same import erase, same
from tangent_ad.core.walk import statements
from tangent_ad.frontend.read import read_function
from tests.frontend.defining import define

TEXT = """\
def f(x, y=2.0):
    # a comment
    a = x * y  # another
    if a > 0:
        a = a + 1
    return a[0:1]
"""


def test_what_is_not_printed_does_not_count() -> None:
    a = read_function(define(TEXT))
    b = read_function(define("\n\n" + TEXT.replace("    # a comment\n", "").replace("  # another", "")))
    assert same(a.body, b.body) and a.body == b.body
    bare = erase(number(a))
    assert same(bare.body, a.body) and bare.source is None
    assert all(s.num == -1 and s.info == n.NO_INFO for s in statements(bare.body))


def test_what_is_printed_counts() -> None:
    fn = read_function(define(TEXT))
    for old, new in (
        ("x * y", "x + y"),
        ("> 0", "> 0.0"),
        ("a + 1", "a + 2"),
        ("[0:1]", "[0:]"),
        ("return a", "return x"),
    ):
        other = read_function(define(TEXT.replace(old, new)))
        assert not same(fn.body, other.body)
    assert not same(fn, replace(fn, name="g")) and not same(fn, replace(fn, params=fn.params[:1]))
    assert not same(fn.body, fn.body[:-1]) and not same(n.Name("x"), n.Const("x"))


def test_as_deep_as_it_may_be() -> None:
    def tower(last: str) -> n.Expr:
        found: n.Expr = n.Name(last)
        for _ in range(5000):
            found = n.Call(operator.neg, "-", (found,))
        return found

    assert same(tower("x"), tower("x")) and not same(tower("x"), tower("y"))
