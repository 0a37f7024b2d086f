"""Reading functions: where source comes from, what names mean, where comments go."""

from __future__ import annotations

import math
import operator

import numba
import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import statements, subexpressions
from tangent_ad.emit.text import function_text
from tangent_ad.frontend.read import read_function
from tests.frontend.defining import define

X = n.Name("x")


def returned(fn: n.Function) -> n.Expr:
    last = fn.body[-1]
    assert isinstance(last, n.Return) and last.value is not None
    return last.value


def value_of(line: str, **names) -> n.Expr:
    return returned(read_function(define(f"def f(x, y, i):\n    return {line}\n", "f", names)))


def test_names_mean_objects_not_spellings():
    assert value_of("xp.sin(x)", xp=np) == n.Call(np.sin, "", (X,))
    assert value_of("sine(x)", sine=np.sin) == n.Call(np.sin, "", (X,))
    assert value_of("sum(x)") == n.Call(sum, "", (X,))
    found = value_of("K * math.pi", K=2.0)
    assert [g.value for g in subexpressions(found) if isinstance(g, n.Global)] == [2.0, math.pi]


def test_closures_come_before_globals():
    f = define("k = 1.0\ndef outer():\n    k = 2.0\n    def f(x):\n        return x * k\n    return f\nf = outer()\n")
    found = returned(read_function(f))
    assert isinstance(found, n.Call) and isinstance(found.args[1], n.Global) and found.args[1].value == 2.0


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x.sum(axis=0)", n.Call(np.sum, "", (X,), (("axis", n.Const(0)),))),
        ("x.T", n.Call(np.transpose, "", (X,))),
        ("x.transpose(1, 0)", n.Call(np.transpose, "", (X, n.Tuple((n.Const(1), n.Const(0)))))),
        ("x.reshape(2, 3)", n.Call(np.reshape, "", (X, n.Tuple((n.Const(2), n.Const(3)))))),
        ("x.copy()", n.Call(np.copy, "", (X,))),
        ("x.astype(float)", n.Call(np.ndarray.astype, "", (X, n.Global("float", float)))),
        ("-1", n.Const(-1)),
        ("-x", n.Call(operator.neg, "", (X,))),
        ("x @ y", n.Call(operator.matmul, "", (X, n.Name("y")))),
        ("np.inf", n.Const(np.inf)),
        ("x.dtype", n.Call(np.ndarray.dtype, "", (X,))),  # type: ignore[arg-type]
    ],
)
def test_operations(line, expected):
    assert value_of(line) == expected


def test_chained_comparison():
    less = n.Call(operator.lt, "<", (X, n.Name("y")))
    assert value_of("x < y < i") == n.BoolOp("and", (less, n.Call(operator.lt, "<", (n.Name("y"), n.Name("i")))))


def test_derivatives_are_known_while_reading():
    calls = []

    def grad(f, wrt=0):
        calls.append((f, wrt))
        return np.cos

    grad.__module__ = "tangent_ad.api"
    text = "def f(x):\n    d = grad(np.sin, wrt=(0, 1))\n    # used\n    return d(x) + grad(grad(np.sin))(x)\n"
    fn = read_function(define(text, "f", {"grad": grad}))
    found = returned(fn)
    assert isinstance(found, n.Call)
    assert found.args == (n.Call(np.cos, "", (X,)), n.Call(np.cos, "", (X,)))
    assert calls == [(np.sin, (0, 1)), (np.sin, 0), (np.cos, 0)]
    printed = "def f(x):\n    # used\n    return grad(np.sin, wrt=(0, 1))(x) + grad(grad(np.sin))(x)\n"
    assert function_text(fn) == printed


def test_dispatchers_and_lambdas():
    @numba.njit
    def compiled(x):
        return x * x

    assert read_function(compiled).name == "compiled"
    square = lambda x: x * x
    assert function_text(read_function(square)) == "def square(x):\n    return x * x\n"


def test_statements_are_numbered_and_placed():
    fn = read_function(define("# top\n\ndef f(x):\n    if x > 0:\n        x = 1.0\n    return x\n"))
    assert [s.num for s in statements(fn.body)] == [0, 1, 2]
    assert [s.info.span.line for s in statements(fn.body) if s.info.span] == [4, 5, 6]
    assert fn.line == 3


def test_columns_count_characters():
    found = value_of('helper("ééé", x)', helper=len)
    assert isinstance(found, n.Call) and isinstance(found.args[1], n.Name) and found.args[1].span is not None
    assert found.args[1].span.col == 25


COMMENTED = '''def f(x, n):
    """Doc."""
    # first
    # second
    y = x  # end of y
    for i in range(n):  # the loop
        # inside

        y = y * x
        # before if
        if y > 0:
            y = 1.0
        # before elif
        elif y < 0:
            pass  # nothing
        else:
            # in else
            y = 2.0
    # before return
    return y
    # the end
'''


def test_comments_stay():
    fn = read_function(define(COMMENTED))
    assert function_text(fn) == COMMENTED.replace("# inside\n\n", "# inside\n")


def test_comments_inside_a_statement_are_lifted():
    text = "def f(x):\n    y = (  # open\n        x\n        # middle\n        + 1\n    )  # close\n    return y\n"
    expected = "def f(x):\n    # open\n    # middle\n    y = x + 1  # close\n    return y\n"
    assert function_text(read_function(define(text))) == expected


def test_strings_used_as_comments_are_dropped():
    text = 'def f(x):\n    y = x\n    # kept\n    """note"""\n    if y:\n        ...\n    return y\n'
    fn = read_function(define(text))
    assert function_text(fn) == "def f(x):\n    y = x\n    # kept\n    if y:\n        pass\n    return y\n"


def test_messages_with_values():
    fn = read_function(define('def f(x):\n    assert x, f"{{x}} is {x:.3f}, {x!r}"\n    return x\n'))
    assert '"{{x}} is {:.3f}, {!r}".format(x, x)' in function_text(fn)


def test_tabs_and_nested_blocks_are_read_where_they_stand():
    fn = read_function(define("if True:\n\tdef f(x):\n\t\ty = x\n\t\treturn y\n"))
    assert function_text(fn) == "def f(x):\n    y = x\n    return y\n"
    span = fn.body[0].info.span
    assert span is not None and (span.line, span.col) == (3, 2)


def test_a_name_stored_first_may_be_stored_again_on_the_same_line():
    fn = read_function(define("def f(x):\n    a = (a, b) = c = x\n    return c\n"))
    assert function_text(fn) == "def f(x):\n    t = x\n    a = t\n    a, b = t\n    c = t\n    return c\n"


def test_keyword_only_and_var_parameters():
    fn = read_function(define("def f(x, /, y=-1.0, *rest, k, m=(1, 2.0)):\n    return x\n"))
    assert [(p.name, p.form, p.default_value) for p in fn.params] == [
        ("x", "positional", None),
        ("y", "positional", -1.0),
        ("rest", "var", None),
        ("k", "keyword", None),
        ("m", "keyword", (1, 2.0)),
    ]
