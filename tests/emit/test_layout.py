"""Where long lines are broken."""

from __future__ import annotations

import ast
import random

import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym
from tangent_ad.emit.exprs import expression_text, marked_text, width
from tangent_ad.emit.layout import WIDTH, lay_out
from tangent_ad.emit.text import body_text
from tangent_ad.frontend.read import read_function
from tests.analyses.program import program
from tests.frontend.defining import define


def names(count: int, length: int = 12) -> list[Sym]:
    return [Sym(n.Name(f"{'abcdefgh'[k % 8]}{'x' * (length - 3)}{k:02}")) for k in range(count)]


def total(terms: list[Sym]) -> n.Expr:
    found = terms[0]
    for term in terms[1:]:
        found = found + term
    return found.expr


def test_what_fits_is_not_broken() -> None:
    expr = total(names(7))
    one = lay_out("y = ", marked_text(expr), "", 4)
    assert one == [f"    y = {expression_text(expr)}"]
    assert len(lay_out("y = ", marked_text(expr), "", WIDTH - len(one[0]) + 4)) == 1, "just"
    assert len(lay_out("y = ", marked_text(expr), "", WIDTH - len(one[0]) + 5)) > 1


def test_sums_are_broken_before_an_operator_in_parentheses() -> None:
    lines = lay_out("y = ", marked_text(total(names(12))), "", 4)
    assert len(lines) == 2 and lines[0].startswith("    y = (") and lines[1].startswith("        ")
    assert lines[1].strip()[0] == "+" and lines[-1].endswith(")")


def test_arguments_are_broken_at_commas() -> None:
    call = n.Call(max, "max", tuple(x.expr for x in names(12)))
    lines = lay_out("y = ", marked_text(call), "", 0)
    assert len(lines) == 2 and lines[0].endswith(",") and "((" not in lines[0]


def test_the_loosest_operator_is_broken_first() -> None:
    a = names(12)
    expr = (a[0] * a[1] * a[2] * a[3] + a[4] * a[5] * a[6] * a[7] * a[8] * a[9]).expr
    lines = lay_out("y = ", marked_text(expr), "", 0)
    assert lines[1].strip().startswith("+ ")


@pytest.mark.parametrize("seed", range(30))
def test_broken_text_means_the_same(seed: int) -> None:
    rng = random.Random(seed)
    terms = names(14, rng.randint(4, 20))
    while len(terms) > 1:
        b, a = terms.pop(), terms.pop(rng.randrange(len(terms)))
        terms.append(rng.choice([a + b, a * b, a - b, a / b, Sym(n.Call(min, "min", (a.expr, b.expr))), -a * b]))
    indent = rng.choice([0, 4, 40])
    lines = lay_out("y = ", marked_text(terms[0].expr), "", indent)
    assert max(map(len, lines)) <= WIDTH
    assert all(line.startswith(" " * indent) for line in lines)
    text = "\n".join(line[indent:] for line in lines)
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(f"y = {expression_text(terms[0].expr)}"))


def test_width_is_that_of_the_text() -> None:
    for body in (
        "return (a + b) * -c ** 2",
        "return a[1:, None] if not (a < b or c) else b.T",
        "return (a, b[0]), (c,)",
        "return np.array([a, b ** -1])",
    ):
        last = read_function(define(f"def f(a, b, c):\n    {body}\n")).body[-1]
        assert isinstance(last, n.Return) and last.value is not None
        assert width(last.value) == len(expression_text(last.value))


def test_headers_and_strings() -> None:
    text = "x" * 130
    p = program("x", f"assert x > 0, '{text}'\nreturn x")
    assert text in body_text(p.fn.body), "a literal is not broken"
