"""Questions about pure expressions."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.names import Fresh
from tangent_ad.frontend import pure
from tangent_ad.frontend.read import read_function
from tests.frontend.defining import define


def read(body: str, head: str = "u, x, y, k", **names: object) -> n.Function:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return read_function(define(f"def f({head}):\n{lines}", "f", names))


def value(text: str) -> n.Expr:
    last = read(f"return {text}").body[-1]
    assert isinstance(last, n.Return) and last.value is not None
    return last.value


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("x > y", True),
        ("not x", True),
        ("x is None", True),
        ("bool(x)", True),
        ("np.isnan(x)", True),
        ("True", True),
        ("x > y and not x", True),
        ("x > y and y", False),
        ("x or y", False),
        ("1", False),
        ("x", False),
        ("x * (y > 0)", False),
    ],
)
def test_conditions(text: str, is_one: bool) -> None:
    assert pure.is_condition(value(text)) == is_one


def test_names() -> None:
    fn = read("a = np.sin(x)\nfor i in range(k):\n    b, c = a, y\nu[0] = TABLE[0]\nreturn b", TABLE=np.ones(2))
    assert pure.all_names(fn) >= {"f", "u", "x", "y", "k", "a", "i", "b", "c", "np", "TABLE"}
    assert pure.assigned_once(fn) == {"a", "i", "b", "c"}
    assert pure.assigned_once(read("a = x\na = y\nx = a\nreturn x")) == frozenset()
    assert [pure.assigned_names(s) for s in fn.body] == [{"a"}, {"i"}, set(), set()]


def test_tuples() -> None:
    fn = read("t = (x, y)\nif k:\n    t = (y, x)\ns = (x,)\ns = (x, y)\nt_0 = x\nreturn t[0] + s[0] + t_0")
    assert pure.tuple_variables(fn, Fresh(pure.all_names(fn))) == {"t": (n.Name("t_02"), n.Name("t_1"))}
    assert [pure.constant_position(n.Const(k), 2) for k in (0, 1, -1, -2, 2, -3, True, 0.0)] == [
        0, 1, -1, -2, None, None, None, None
    ]  # fmt: skip
    assert pure.constant_position(n.Name("k"), 2) is None


def test_calls_of_tuples() -> None:
    pair, x = n.Tuple((n.Name("x"), n.Name("y"))), n.Name("x")
    assert pure.fold_tuple_call(len, [pair]) == n.Const(2)
    assert pure.fold_tuple_call(operator.add, [pair, n.Tuple((x,))]) == n.Tuple((*pair.elts, x))
    assert pure.fold_tuple_call(operator.add, [pair, x]) is None
    assert pure.fold_tuple_call(len, [x]) is None


def test_functions() -> None:
    assert pure.is_known(np.sin) and pure.is_known(operator.add) and not pure.is_known(print)
    assert pure.writes(np.add.at) and not pure.writes(np.sin) and not pure.writes(print)
    assert pure.has_user_call(n.Index(n.Name("u"), n.Call(print, "g", ())))
    assert not pure.has_user_call(value("np.sin(x) + x"))
