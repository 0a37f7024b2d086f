"""Short arrays as numbers."""

from __future__ import annotations

import numpy as np
import pytest

from tangent_ad.analyses.annotations import annotated_kinds
from tangent_ad.analyses.kinds import Kinds, infer_kinds
from tangent_ad.analyses.webs import find_webs
from tangent_ad.core import nodes as n
from tangent_ad.emit.text import body_text
from tangent_ad.modes.short import short_arrays
from tests.analyses.program import program
from tests.modes.rewritten import HEAD, arguments
from tests.modes.running import assert_same


def shortened(head: str, body: str, compiled: bool = False) -> tuple[n.Function, n.Function]:
    """A function, and the same where short arrays are numbers."""
    p = program(head, body, "x")

    def kinds_of(fn: n.Function) -> Kinds:
        return infer_kinds(fn, find_webs(fn), annotated_kinds(p.fn))

    return p.fn, short_arrays(p.fn, kinds_of(p.fn), kinds_of, compiled)[0]


SHORT = {
    "elements": "v = np.zeros(2)\nv[0] = x * 2\nv[-1] += v[0]\nreturn v[0] / v[1]",
    "divided by zero": "v = np.zeros(2)\nv[0] = x\nreturn v[0] / v[1] + v[1] / v[1]",
    "power": "v = np.zeros((2,))\nv[0] = -x\nreturn v[0] ** 0.5",
    "an int": "v = np.zeros(2)\nv[0] = k\nv[1] = k // 2\nreturn v[0] / v[1]",
    "truth": "v = np.ones(2)\nv[0] = x > 0.0\nv[1] -= x > 0.0\nreturn v[0] + v[1]",
    "returned": "v = np.empty(3)\nv[0] = x\nv[1] = v[0] * x\nv[2] = k\nreturn v",
    "made again": "s = 0.0\nfor i in range(k):\n    v = np.ones(2)\n    v[0] += x * i\n    s = s + v[0] * v[1]\n"
    "return s",
    "carried": "v = np.ones(2)\nfor i in range(k):\n    a = v[0]\n    v[0] = v[1] * x\n    v[1] = a + i\nreturn v[0]",
    "in branches": "v = np.zeros(2)\nif x > 0:\n    v[0] = x\nelse:\n    v[1] = x\nreturn v[0] - v[1]",
    "second name": "v = np.zeros(2)\nf = v\nf[0] = x\nreturn v[0] * f[1]",
    "exchanged": "v = np.ones(2)\nv[1] = x\na = v[0]\nb = v[1]\nv[0] = b\nv[1] = a\nreturn v[0] - 2.0 * v[1]",
    "multiplied in place": "v = np.ones(2)\nv[0] *= x\nreturn v[0]",
}
NOT = {
    "asked whole": "v = np.zeros(2)\nv[0] = x\nreturn np.sum(v) + v[0]",
    "an index that varies": "v = np.zeros(2)\nfor i in range(2):\n    v[i] = x\nreturn v[0]",
    "out of bounds": "v = np.zeros(2)\nv[0] = x\nreturn v[0] + v[2]",
    "long": "v = np.zeros(9)\nv[0] = x\nreturn v[0]",
    "of ints": "v = np.zeros(2, int)\nv[0] = k\nreturn v[0] * x",
    "an array or not": "v = np.zeros(2)\nif x > 0:\n    v = u\nreturn v[0] * x",
    "of two lengths": "v = np.zeros(2)\nif x > 0:\n    v = np.zeros(3)\nv[0] = x\nreturn v[0]",
    "another's memory": "v = np.zeros(2)\nf = v[1:]\nf[0] = x\nreturn v[0] + v[1]",
    "a display": "v = np.array([x, 2.0])\nreturn v[0] * v[1]",
    "never read": "v = np.zeros(2)\nv[0] = x\nreturn v",
}


@pytest.mark.parametrize("body", SHORT.values(), ids=SHORT)
def test_numbers(body: str) -> None:
    fn, made = shortened(HEAD, body)
    assert "v[" not in body_text(made.body).split("np.empty")[0]
    for args in arguments():
        assert_same(made, fn, *args)


@pytest.mark.parametrize("body", NOT.values(), ids=NOT)
def test_arrays_that_stay(body: str) -> None:
    fn, made = shortened(HEAD, body)
    assert made is fn


def test_single_precision() -> None:
    fn, made = shortened(HEAD.replace("x: float", "x: np.float32"), SHORT["returned"])
    assert made is not fn
    for args in arguments():
        assert_same(made, fn, *args[:2], np.float32(0.1), args[3])


def test_displays_of_compiled_code() -> None:
    fn, made = shortened(HEAD, NOT["a display"], compiled=True)
    assert body_text(made.body).startswith("v_0 = x\nv_1 = 2.0\n")
    fn, made = shortened(HEAD, "v = np.array([x, k])\nreturn v[0] * v[1]", compiled=True)
    assert made is fn, "an int is no float of its array"
    fn, made = shortened(HEAD, "v = np.array([k, 2])\nv[0] = x\nreturn v[0] * x", compiled=True)
    assert made is fn, "an array of ints cuts what is stored"


def test_what_an_array_says_of_a_parameter_is_not_lost() -> None:
    """That x is a number is said by nothing but its place in the array."""
    fn, made = shortened("x, y", "v = np.zeros(2)\nv[0] = x\nreturn v[0] * y")
    assert made is fn
    fn, made = shortened("x: float, y", "v = np.zeros(2)\nv[0] = x\nreturn v[0] * y")
    assert made is not fn
