"""Numbers of statements: in the order of the text, kept where they grow already."""

from __future__ import annotations

from dataclasses import replace

from tangent_ad.core import nodes as n
from tangent_ad.core.order import number, ordered
from tangent_ad.core.walk import statements
from tangent_ad.frontend.read import read_function
from tests.frontend.defining import define

TEXT = """
def f(x):
    if x:
        y = x
    else:
        while x:
            x = y
    x += 1
    return x
"""


def nums(fn: n.Function) -> list[int]:
    return [stmt.num for stmt in statements(fn.body)]


def test_in_the_order_of_the_text() -> None:
    fn = number(read_function(define(TEXT)))
    assert nums(fn) == list(range(6)) and number(fn) is fn
    twice = number(replace(fn, body=(*fn.body, *fn.body)))
    assert nums(twice) == list(range(12))
    assert twice.body[0] is fn.body[0], "what has its number stays what it is"


def test_numbers_with_gaps_stay() -> None:
    fn = number(read_function(define(TEXT)))
    less = replace(fn, body=(fn.body[0], fn.body[2]))
    assert ordered(less) is less and nums(less) == [0, 1, 2, 3, 5]
    turned = ordered(replace(fn, body=tuple(reversed(fn.body))))
    assert nums(turned) == list(range(6)) and isinstance(turned.body[0], n.Return)
