"""Expressions as text: what is read back is what was printed, no parenthesis is needless, nothing is too deep."""

from __future__ import annotations

import ast
import math
import operator
import random
from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.spelling import SYMBOL
from tangent_ad.emit.exprs import breakable, constant, expression_text, marked_text, unmarked, width

BINARY = (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.matmul, operator.mod)
COMPARED = (operator.lt, operator.ge, operator.eq)
ATOMS = (n.Name("x"), n.Name("y"), n.Const(2.0), n.Const(-1.5), n.Const(3), n.Const(-3), n.Const(None))


def expression(rng: random.Random, depth: int) -> n.Expr:
    """An expression of any kind."""
    if depth == 0:
        return rng.choice(ATOMS)

    def part() -> n.Expr:
        return expression(rng, depth - 1)

    match rng.randrange(13):
        case 0 | 1 | 2:
            fn: Any = rng.choice(BINARY)
            return n.Call(fn, SYMBOL[fn], (part(), part()))
        case 3:
            return n.Call(operator.neg, "-", (part(),))
        case 4:
            fn = rng.choice(COMPARED)
            return n.Call(fn, SYMBOL[fn], (part(), part()))
        case 5:
            return n.BoolOp(rng.choice(("and", "or")), (part(), part(), part())[: rng.choice((2, 3))])
        case 6:
            return n.IfExp(part(), part(), part())
        case 7:
            return n.Call(operator.not_, "not", (part(),))
        case 8:
            return n.Index(part(), rng.choice((part(), n.Tuple((part(), n.Slice(part(), None, part()))), n.Tuple(()))))
        case 9:
            return n.Tuple(tuple(part() for _ in range(rng.randrange(3))))
        case 10:
            return n.List(tuple(part() for _ in range(rng.randrange(3))))
        case 11:
            return n.Call(np.sum, ".sum()", (part(),), (("axis", part()),))
    return n.Call(np.sin, "np.sin", (part(),))


def tree(expr: n.Expr) -> str:
    """What an expression means, with parentheses around everything."""
    match expr:
        case n.Name(id=name):
            return name
        case n.Const(value=value):
            return f"({value!r})"
        case n.Tuple(elts=elts):
            return "(" + "".join(f"{tree(e)}, " for e in elts) + ")"
        case n.List(elts=elts):
            return "[" + ", ".join(map(tree, elts)) + "]"
        case n.Slice(lower=lower, step=step):
            assert lower is not None and step is not None
            return f"{tree(lower)}::{tree(step)}"
        case n.Index(value=value, index=n.Tuple(elts=(first, n.Slice() as second))):
            return f"{tree(value)}[{tree(first)}, {tree(second)}]"
        case n.Index(value=value, index=index):
            return f"{tree(value)}[{tree(index)}]"
        case n.IfExp(test=test, body=body, orelse=orelse):
            return f"({tree(body)} if {tree(test)} else {tree(orelse)})"
        case n.BoolOp(op=op, values=values):
            return "(" + f" {op} ".join(map(tree, values)) + ")"
        case n.Call(spelling=".sum()", args=(x,), keywords=((_, axis),)):
            return f"{tree(x)}.sum(axis={tree(axis)})"
        case n.Call(spelling=spelling, args=(x,)):
            return f"({spelling} {tree(x)})" if spelling in ("-", "not") else f"{spelling}({tree(x)})"
        case n.Call(spelling=spelling, args=(x, y)):
            return f"({tree(x)} {spelling} {tree(y)})"
    raise AssertionError(expr)


def dumped(text: str) -> str:
    return ast.dump(ast.parse(text, mode="eval"))


SEEDS = range(400)


@pytest.mark.parametrize("block", range(4))
def test_means_what_it_says(block: int) -> None:
    chains = 0
    for seed in SEEDS[block::4]:
        expr = expression(random.Random(seed), 3)
        text = expression_text(expr)
        if "<" in text and dumped(text) != dumped(tree(expr)):
            chains += 1  # `a < b and b < c` prints as `a < b < c`
            assert any(isinstance(e, ast.Compare) and len(e.ops) > 1 for e in ast.walk(ast.parse(text)))
            continue
        assert dumped(text) == dumped(tree(expr)), text
    assert chains < 20


@pytest.mark.parametrize("block", range(4))
def test_no_parenthesis_is_needless(block: int) -> None:
    """Without any pair of parentheses that is no call, the text means something else, or nothing."""
    asked = 0
    for seed in SEEDS[block::4]:
        text = expression_text(expression(random.Random(seed), 3))
        meant = dumped(text)
        opened: list[int] = []
        for at, sign in enumerate(text):
            if sign == "(":
                opened.append(at)
            elif sign == ")":
                start = opened.pop()
                if start and (text[start - 1].isalnum() or text[start - 1] in "_"):
                    continue  # a call
                if text[start + 1 : at] in ("2.0", "3", "None"):
                    continue  # Python would know where the number ends, a person looks twice
                without = f"{text[:start]}{text[start + 1 : at]}{text[at + 1 :]}"
                asked += 1
                try:
                    assert dumped(without) != meant, (text, without)
                except SyntaxError:
                    continue
    assert asked > 50


@pytest.mark.parametrize("seed", SEEDS[::10])
def test_width_is_the_length_of_the_text(seed: int) -> None:
    expr = expression(random.Random(seed), 3)
    marked = marked_text(expr)
    assert width(expr) == len(expression_text(expr)) == len(unmarked(marked))
    assert unmarked("".join(piece for piece, _ in breakable(marked))) == expression_text(expr)


def test_chains_of_comparisons() -> None:
    x, y, z = n.Name("x"), n.Name("y"), n.Name("z")

    def less(a: n.Expr, b: n.Expr) -> n.Expr:
        return n.Call(operator.lt, "<", (a, b))

    assert expression_text(n.BoolOp("and", (less(x, y), less(y, z)))) == "x < y < z"
    assert expression_text(n.BoolOp("or", (less(x, y), less(y, z)))) == "x < y or y < z"
    assert expression_text(n.BoolOp("and", (less(x, y), less(x, z)))) == "x < y and x < z"
    call = n.Call(np.sin, "np.sin", (y,))
    assert expression_text(n.BoolOp("and", (less(x, call), less(call, z)))) == "x < np.sin(y) and np.sin(y) < z"
    assert expression_text(less(less(x, y), z)) == "(x < y) < z"


NUMBERS = (0.0, -0.0, 1.0, -1.0, 1e5, 1e6, -1e6, 2.5e6, 1e16, 1e22, 1e-5, 0.1, 5e-324, 1.7976931348623157e308,
           123456789.0, 1e100, math.pi, -math.inf, math.inf, 0, -7, 10**30, True, False, None, "a'b", 'a"b',
           "a\n\t\\", "'\"", np.float32(0.1), np.float64(-2.5), np.int8(-3), np.bool_(True), np.float16(0.1),
           np.uint64(2**63))  # fmt: skip


@pytest.mark.parametrize("value", NUMBERS, ids=repr)
def test_constants(value: Any) -> None:
    """To the last bit, of the same type."""
    text, _ = constant(value)
    read = eval(text, {"np": np})
    assert type(read) is type(value) and repr(read) == repr(value)
    assert eval(f"{expression_text(n.Call(operator.neg, '-', (n.Const(2.0),)))} ** 2", {"np": np}) == -4.0


def test_not_a_number() -> None:
    assert math.isnan(eval(constant(math.nan)[0], {"np": np}))


def test_powers_of_negative_numbers() -> None:
    two = n.Const(2)
    assert expression_text(n.Call(operator.pow, "**", (n.Const(-1.5), two))) == "(-1.5) ** 2"
    assert expression_text(n.Call(operator.pow, "**", (two, n.Const(-1)))) == "2 ** -1"
    assert expression_text(n.Call(operator.sub, "-", (two, n.Const(-1)))) == "2 - -1"


@pytest.mark.parametrize("deep", ["left", "right", "unary", "index"])
def test_depth(deep: str) -> None:
    """Far deeper than Python recurses."""
    expr: n.Expr = n.Name("x")
    for _ in range(5000):
        if deep == "left":
            expr = n.Call(operator.add, "+", (expr, n.Const(1)))
        elif deep == "right":
            expr = n.Call(operator.pow, "**", (n.Const(1), expr))
        elif deep == "unary":
            expr = n.Call(operator.neg, "-", (expr,))
        else:
            expr = n.Index(expr, n.Const(0))
    text = {"left": "x" + " + 1" * 5000, "right": "1 ** " * 5000 + "x", "unary": "-" * 5000 + "x",
            "index": "x" + "[0]" * 5000}  # fmt: skip
    assert expression_text(expr) == text[deep]
