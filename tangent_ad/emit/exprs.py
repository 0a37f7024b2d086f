"""Expressions of core as Python text.

In: a core expression.  Out: its text with as few parentheses as a person would write, and three kinds of marks that
`layout` removes: a break where a long line may be broken, OPEN and CLOSE beside brackets.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import children
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
_BREAKS = [break_at(level) for level in range(ATOM)]


def breakable(text: str) -> list[tuple[str, int]]:
    """The pieces of a marked text between its breaks, each with the level of the break before it."""
    first, *rest = text.split(_BREAK)
    return [(first, TUPLE), *((piece[1:], ord(piece[0]) - _LEVEL) for piece in rest)]


def marked_text(expr: n.Expr, least: int = TUPLE) -> str:
    """The text of an expression, with marks, in parentheses if it binds less tightly than `least`."""
    return _at(_piece(expr), least)


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
    return _MARKS.sub("", text)


_MARKS = re.compile(f"{_BREAK}.|[{OPEN}{CLOSE}]", re.DOTALL)


def _at(piece: Piece, least: int) -> str:
    """The text of a piece, in parentheses if it binds less tightly than `least`."""
    text, level = piece
    return text if level >= least else f"{OPEN}({text}{CLOSE})"


def width(expr: n.Expr) -> int:
    """The columns that an expression takes on one line.

    >>> width(n.Call(len, "len", (n.Name("x"),)))
    6
    """
    text = marked_text(expr)
    return len(text) - 2 * text.count(_BREAK) - text.count(OPEN) - text.count(CLOSE)


def _piece(expr: n.Expr, deep: int = 50) -> Piece:
    """The text of an expression; parts that nest deeper than `deep` are written without recursion."""
    if type(expr) is n.Name:
        return expr.id, ATOM
    write = _WRITERS.get(type(expr))
    if write is None:
        raise InternalError(f"emit: {type(expr).__name__} is not an expression of core")
    return write(expr, [_piece(part, deep - 1) for part in _operands(expr)]) if deep else _deep_piece(expr)


def _deep_piece(expr: n.Expr) -> Piece:
    order: list[tuple[n.Expr, int]] = []
    stack = [expr]
    while stack:  # outermost first, right to left; reversed, parts come before wholes
        top = stack.pop()
        parts = _operands(top)
        order.append((top, len(parts)))
        stack += parts
    done: list[Piece] = []
    for node, count in reversed(order):
        write = _WRITERS.get(type(node))
        if write is None:
            raise InternalError(f"emit: {type(node).__name__} is not an expression of core")
        parts_done = done[len(done) - count :]
        del done[len(done) - count :]
        done.append(write(node, parts_done))
    return done[0]


def _operands(expr: n.Expr) -> tuple[n.Expr, ...]:
    """What is written before an expression: its parts, of a chain of comparisons the operands."""
    if type(expr) is n.BoolOp and expr.op == "and" and _is_chain(expr.values):
        first, *rest = (v for v in expr.values if isinstance(v, n.Call))
        return (first.args[0], first.args[1], *(part.args[1] for part in rest))
    return children(expr)


def _display(expr: n.Tuple | n.List, parts: list[Piece]) -> Piece:
    items = _items(parts)
    if isinstance(expr, n.List):
        return f"{OPEN}[{items}{CLOSE}]", ATOM
    if not parts:
        return "()", ATOM
    return (f"{items}," if len(parts) == 1 else items), TUPLE


def _choice(expr: n.IfExp, parts: list[Piece]) -> Piece:
    test, body, orelse = _at(parts[0], OR), _at(parts[1], OR), _at(parts[2], TERNARY)
    return f"{body} {break_at(TERNARY)}if {test} {break_at(TERNARY)}else {orelse}", TERNARY


def _items(parts: list[Piece]) -> str:
    return COMMA.join([_at(part, TERNARY) for part in parts])


def _call(expr: n.Call, parts: list[Piece]) -> Piece:
    spelling, args = expr.spelling, expr.args
    level = _BINARY.get(spelling)
    if level is not None and len(args) == 2:
        left = _at(parts[0], level if level != POWER else ATOM)
        right = _at(parts[1], level + 1 if level != POWER else UNARY)
        return f"{left} {_BREAKS[level]}{spelling} {right}", level
    if spelling in _COMPARE:
        return f"{_at(parts[0], COMPARE + 1)} {break_at(COMPARE)}{spelling} {_at(parts[1], COMPARE + 1)}", COMPARE
    if spelling == "not":
        return f"not {_at(parts[0], NOT)}", NOT
    if spelling in _UNARY:
        return f"{spelling}{_at(parts[0], UNARY)}", UNARY
    if not spelling.startswith("."):
        return f"{spelling}{_arguments(parts, expr.keywords)}", ATOM
    receiver = _receiver(args[0], parts[0])
    if not spelling.endswith("()"):
        return f"{receiver}{spelling}", ATOM
    if spelling in SPREAD and len(args) == 2 and isinstance(args[1], n.Tuple) and len(args[1].elts) > 1:
        parts = [parts[0], (parts[1][0], ATOM), *parts[2:]]
    return f"{receiver}{spelling[:-2]}{_arguments(parts[1:], expr.keywords)}", ATOM


def _arguments(parts: list[Piece], keywords: tuple[tuple[str, n.Expr], ...]) -> str:
    count = len(parts) - len(keywords)
    found = [_at(part, TERNARY) for part in parts[:count]]
    found += [f"{key}={_at(part, TERNARY)}" for (key, _), part in zip(keywords, parts[count:], strict=True)]
    return f"{OPEN}({COMMA.join(found)}{CLOSE})"


def _receiver(expr: n.Expr, piece: Piece) -> str:
    """What stands before a dot or an index: `2.0` in parentheses."""
    is_number = isinstance(expr, n.Const) and not isinstance(expr.value, str)
    return f"({piece[0]})" if is_number else _at(piece, ATOM)


def _index(expr: n.Index, parts: list[Piece]) -> Piece:
    value = _receiver(expr.value, parts[0])
    return f"{value}{OPEN}[{_at(parts[1], TUPLE)}{CLOSE}]", ATOM


def _slice(expr: n.Slice, parts: list[Piece]) -> Piece:
    given = iter(parts)
    bounds = (expr.lower, expr.upper, expr.step)
    lower, upper, step = ("" if bound is None else _at(next(given), TERNARY) for bound in bounds)
    return f"{lower}:{upper}" if expr.step is None else f"{lower}:{upper}:{step}", TERNARY


def _bool(expr: n.BoolOp, parts: list[Piece]) -> Piece:
    if expr.op == "and" and _is_chain(expr.values):
        text = _at(parts[0], COMPARE + 1)
        for value, part in zip(expr.values, parts[1:], strict=True):
            assert isinstance(value, n.Call)
            text += f" {break_at(COMPARE)}{value.spelling} {_at(part, COMPARE + 1)}"
        return text, COMPARE
    level = AND if expr.op == "and" else OR
    return f" {break_at(level)}{expr.op} ".join([_at(part, level + 1) for part in parts]), level


_WRITERS: dict[type, Callable[[Any, list[Piece]], Piece]] = {
    n.Name: lambda expr, parts: (expr.id, ATOM),
    n.Const: lambda expr, parts: constant(expr.value),
    n.Global: lambda expr, parts: (expr.spelling, ATOM),
    n.Call: _call,
    n.Index: _index,
    n.Tuple: _display,
    n.List: _display,
    n.BoolOp: _bool,
    n.IfExp: _choice,
    n.Slice: _slice,
}
"""How each kind of expression is written, given its parts."""


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
