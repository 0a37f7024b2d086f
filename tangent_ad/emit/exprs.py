"""Expressions of core as Python text.

In: a core expression.  Out: its text with as few parentheses as a person would write, and three kinds of marks that
`layout` removes: a break where a long line may be broken, OPEN and CLOSE beside brackets.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import Task, trampoline
from tangent_ad.errors import InternalError

# Marks are control characters, which no literal prints.
OPEN, CLOSE, _BREAK, _LEVEL = "\1", "\2", "\0", 0x10

TUPLE, TERNARY, OR, AND, NOT, COMPARE = 0, 1, 2, 3, 4, 5
UNARY, POWER, ATOM = 12, 13, 14
_BINARY = {
    "|": 6,
    "^": 7,
    "&": 8,
    "<<": 9,
    ">>": 9,
    "+": 10,
    "-": 10,
    "*": 11,
    "/": 11,
    "//": 11,
    "%": 11,
    "@": 11,
    "**": POWER,
}
_COMPARE = frozenset(("<", "<=", ">", ">=", "==", "!=", "is", "is not"))
_UNARY = frozenset(("-", "+", "~"))
SPREAD = frozenset((".reshape()", ".transpose()"))
"""Methods whose one tuple argument is written without its parentheses."""

Piece = tuple[str, int]


def break_at(level: int) -> str:
    """The mark of a place where a line may be broken, beside an operator (or comma) that binds this tightly."""
    return f"{_BREAK}{chr(_LEVEL + level)}"


COMMA = f", {break_at(TUPLE)}"


def breakable(text: str) -> list[tuple[str, int]]:
    """The pieces of a marked text between its breaks, each with the level of the break before it."""
    first, *rest = text.split(_BREAK)
    return [(first, TUPLE), *((piece[1:], ord(piece[0]) - _LEVEL) for piece in rest)]


def marked_text(expr: n.Expr, least: int = TUPLE) -> str:
    """The text of an expression, with marks, in parentheses if it binds less tightly than `least`."""
    return trampoline(_at(expr, least))


def expression_text(expr: n.Expr) -> str:
    """The text of an expression on one line.

    >>> import operator
    >>> x = n.Name("x")
    >>> expression_text(n.Call(operator.mul, "*", (n.Call(operator.add, "+", (x, n.Const(1))), n.Const(2.0))))
    '(x + 1) * 2.0'
    """
    return unmarked(marked_text(expr))


def unmarked(text: str) -> str:
    """The text without marks."""
    return "".join(piece for piece, _ in breakable(text)).replace(OPEN, "").replace(CLOSE, "")


def _at(expr: n.Expr, least: int) -> Task[str]:
    text, level = yield _piece(expr)
    return text if level >= least else f"{OPEN}({text}{CLOSE})"


def _piece(expr: n.Expr) -> Task[Piece]:
    if isinstance(expr, n.Name):
        return expr.id, ATOM
    if isinstance(expr, n.Const):
        return constant(expr.value)
    if isinstance(expr, n.Global):
        return expr.spelling, ATOM
    if isinstance(expr, n.Call):
        return (yield _call(expr))
    if isinstance(expr, n.Index):
        return (yield _index(expr))
    if isinstance(expr, n.Tuple):
        if not expr.elts:
            return "()", ATOM
        items = yield _items(expr.elts)
        return (f"{items}," if len(expr.elts) == 1 else items), TUPLE
    if isinstance(expr, n.List):
        items = yield _items(expr.elts)
        return f"{OPEN}[{items}{CLOSE}]", ATOM
    if isinstance(expr, n.BoolOp):
        return (yield _bool(expr))
    if isinstance(expr, n.IfExp):
        body = yield _at(expr.body, OR)
        test = yield _at(expr.test, OR)
        orelse = yield _at(expr.orelse, TERNARY)
        return f"{body} {break_at(TERNARY)}if {test} {break_at(TERNARY)}else {orelse}", TERNARY
    if isinstance(expr, n.Slice):
        return (yield _slice(expr))
    raise InternalError(f"emit: {type(expr).__name__} is not an expression of core")


def _items(exprs: tuple[n.Expr, ...]) -> Task[str]:
    found = []
    for part in exprs:
        found.append((yield _at(part, TERNARY)))
    return COMMA.join(found)


def _call(expr: n.Call) -> Task[Piece]:
    spelling, args = expr.spelling, expr.args
    if spelling in _BINARY and len(args) == 2:
        level = _BINARY[spelling]
        left = yield _at(args[0], level if spelling != "**" else ATOM)
        right = yield _at(args[1], level + 1 if spelling != "**" else UNARY)
        return f"{left} {break_at(level)}{spelling} {right}", level
    if spelling in _COMPARE:
        left = yield _at(args[0], COMPARE + 1)
        right = yield _at(args[1], COMPARE + 1)
        return f"{left} {break_at(COMPARE)}{spelling} {right}", COMPARE
    if spelling == "not":
        return f"not {(yield _at(args[0], NOT))}", NOT
    if spelling in _UNARY:
        return f"{spelling}{(yield _at(args[0], UNARY))}", UNARY
    if not spelling.startswith("."):
        return f"{spelling}{(yield _arguments(args, expr.keywords))}", ATOM
    receiver = yield _at(args[0], ATOM)
    if isinstance(args[0], n.Const) and not isinstance(args[0].value, str):
        receiver = f"({receiver})"
    if not spelling.endswith("()"):
        return f"{receiver}{spelling}", ATOM
    rest = args[1:]
    if spelling in SPREAD and len(rest) == 1 and isinstance(rest[0], n.Tuple) and len(rest[0].elts) > 1:
        rest = rest[0].elts
    return f"{receiver}{spelling[:-2]}{(yield _arguments(rest, expr.keywords))}", ATOM


def _arguments(args: tuple[n.Expr, ...], keywords: tuple[tuple[str, n.Expr], ...]) -> Task[str]:
    found = []
    for arg in args:
        found.append((yield _at(arg, TERNARY)))
    for key, value in keywords:
        found.append(f"{key}={(yield _at(value, TERNARY))}")
    return f"{OPEN}({COMMA.join(found)}{CLOSE})"


def _index(expr: n.Index) -> Task[Piece]:
    value = yield _at(expr.value, ATOM)
    if isinstance(expr.value, n.Const) and not isinstance(expr.value.value, str):
        value = f"({value})"
    index = yield _at(expr.index, TUPLE)
    return f"{value}{OPEN}[{index}{CLOSE}]", ATOM


def _slice(expr: n.Slice) -> Task[Piece]:
    parts = []
    for part in (expr.lower, expr.upper, expr.step):
        parts.append("" if part is None else (yield _at(part, TERNARY)))
    lower, upper, step = parts
    if expr.step is None:
        return f"{lower}:{upper}", TERNARY
    return f"{lower}:{upper}:{step}", TERNARY


def _bool(expr: n.BoolOp) -> Task[Piece]:
    if expr.op == "and" and _is_chain(expr.values):
        first = expr.values[0]
        assert isinstance(first, n.Call)
        text = yield _at(first.args[0], COMPARE + 1)
        for part in expr.values:
            assert isinstance(part, n.Call)
            text += f" {break_at(COMPARE)}{part.spelling} {(yield _at(part.args[1], COMPARE + 1))}"
        return text, COMPARE
    level = AND if expr.op == "and" else OR
    found = []
    for part in expr.values:
        found.append((yield _at(part, level + 1)))
    return f" {break_at(level)}{expr.op} ".join(found), level


def _is_chain(values: tuple[n.Expr, ...]) -> bool:
    """True for `a < b and b < c` with the same atom in the middle, which prints as `a < b < c`."""
    if len(values) < 2 or not all(isinstance(v, n.Call) and v.spelling in _COMPARE for v in values):
        return False
    for left, right in itertools.pairwise(values):
        assert isinstance(left, n.Call) and isinstance(right, n.Call)
        middle = left.args[1]
        if not isinstance(middle, (n.Name, n.Const, n.Global)) or middle != right.args[0]:
            return False
    return True


def constant(value: Any) -> Piece:
    """The text of a literal and how tightly it binds."""
    if isinstance(value, str):
        return _quoted(value), ATOM
    if value is None or isinstance(value, bool):
        return repr(value), ATOM
    if value is Ellipsis:
        return "...", ATOM
    if type(value) is int:
        return repr(value), ATOM if value >= 0 else UNARY
    if type(value) is float:
        if math.isnan(value):
            return "np.nan", ATOM
        text = _short(repr(value))
        return text, UNARY if text.startswith("-") else ATOM
    if isinstance(value, np.generic) and value.dtype.kind in "biuf":
        text, _ = constant(value.item() if type(value) is not np.longdouble else float(value))
        return f"np.{type(value).__name__}({text})", ATOM
    raise InternalError(f"emit: a {type(value).__name__} cannot be printed as a literal")


def _short(text: str) -> str:
    """`repr` of a float as a person writes it: `1e9`, `1e-5`, `1e16`; the value is the same to the last bit."""
    digits, e, exponent = text.partition("e")
    if e:
        return f"{digits}e{int(exponent)}"
    whole = text[:-2].rstrip("0")
    if text.endswith(".0") and len(whole.lstrip("-")) == 1 and len(text) - 2 - len(whole) >= 6:
        return f"{whole}e{len(text) - 2 - len(whole)}"
    return text.replace("inf", "np.inf")


def _quoted(value: str) -> str:
    text = repr(value)
    if text.startswith("'") and '"' not in value:
        return '"' + text[1:-1].replace("\\'", "'") + '"'
    return text
