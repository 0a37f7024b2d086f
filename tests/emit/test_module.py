"""Whole modules: headers, imports, helpers, names that clash; and the layout of long lines."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from tangent_ad.backends.python import load
from tangent_ad.core import nodes as n
from tangent_ad.core.same import same
from tangent_ad.emit.module import module_text
from tangent_ad.emit.text import function_text
from tangent_ad.errors import RefusedError
from tangent_ad.frontend.read import read_function
from tangent_ad.runtime import helpers
from tests.frontend.defining import define


def read(text: str, name: str = "f", **names) -> n.Function:
    return read_function(define(text, name, names))


def test_header_imports_and_functions():
    f = read("def f(x):\n    return np.sin(x) + math.pi\n")
    g = read("def g(x):\n    return numpy.cos(x) + la.norm(x) + xp.pi\n", "g", numpy=np, la=np.linalg, xp=np)
    expected = """# made
#
# twice

import math

import numpy
import numpy as np
import numpy as xp
import numpy.linalg as la


def f(x):
    return np.sin(x) + math.pi


def g(x):
    return numpy.cos(x) + la.norm(x) + xp.pi
"""
    assert module_text([f, g], ["made", "", "twice"]) == expected


def test_a_module_without_imports():
    assert module_text([read("def f(x):\n    return x\n")]) == "def f(x):\n    return x\n"


def test_helpers_are_copied_and_known_again():
    body = (n.Return(n.Call(helpers.sum_to, "sum_to", (n.Name("g"), n.Name("x")))),)
    fn = n.Function("f", (n.Param("g"), n.Param("x")), body)
    text = module_text([fn])
    assert text.startswith("import numpy as np\n\n\ndef sum_to(g, x):\n")
    made = load(text, "f")
    assert np.array_equal(made(np.ones((3, 2)), np.zeros(2)), [3.0, 3.0])
    back = read_function(made)
    assert same(back, fn)
    found = back.body[0]
    assert isinstance(found, n.Return) and isinstance(found.value, n.Call) and found.value.fn is helpers.sum_to


def test_a_function_named_like_a_helper_is_itself():
    text = "def sum_to(g, x):\n    return g\n\n\ndef f(x):\n    return sum_to(x, x)\n"
    f = define(text)
    found = read_function(f).body[0]
    assert isinstance(found, n.Return) and isinstance(found.value, n.Call)
    assert found.value.fn is f.__globals__["sum_to"]


def test_a_clash_with_a_helper_is_refused():
    helper_call = n.Call(helpers.sum_to, "sum_to", (n.Name("x"), n.Name("x")))
    fn = n.Function("f", (n.Param("x"),), (n.Return(n.Tuple((helper_call, n.Global("sum_to", 3.0)))),))
    with pytest.raises(RefusedError, match="`sum_to` in `f` has the name of a function of the generated module"):
        module_text([fn])


@pytest.mark.parametrize("own", ["global", "local"])
def test_another_meaning_of_np(own):
    zeros = n.Call(np.zeros_like, "np.zeros_like", (n.Name("x"),))
    theirs = n.Global("np", 2.0) if own == "global" else n.Name("np")
    start = () if own == "global" else (n.Assign(n.Name("np"), n.Const(2.0)),)
    total = n.Call(operator.add, "+", (n.Call(operator.add, "+", (zeros, theirs)), n.Const(np.inf)))
    fn = n.Function("f", (n.Param("x"),), (*start, n.Return(total)))
    text = module_text([fn])
    assert "import numpy as _np\n" in text and "_np.zeros_like(x) + np + _np.inf" in text
    assert load(text, "f", {"np": 2.0})(np.ones(2)).tolist() == [np.inf, np.inf]


LONG = """def f(x, zeroth=0.0, first_parameter=1.0, second_parameter=2.0, third_parameter=3.0, fourth_parameter=4.0,
        fifth_parameter=5.0):
    y = (first_parameter * second_parameter + third_parameter * fourth_parameter * np.sin(first_parameter)
        - fifth_parameter * np.cos(fifth_parameter))
    if (x > first_parameter and x > second_parameter and x > third_parameter and x > fourth_parameter
            and x > fifth_parameter):
        y = np.concatenate((first_parameter, second_parameter, third_parameter, fourth_parameter, fifth_parameter),
            axis=0)
    return (first_parameter + second_parameter, third_parameter + fourth_parameter, fifth_parameter * x,
        first_parameter * x)
"""


def test_long_lines():
    fn = read(LONG)
    assert function_text(fn) == LONG
    assert same(read_function(define(function_text(fn))), fn)
