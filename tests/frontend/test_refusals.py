"""Each construct that is refused, with its exact message: the programs and messages stand in `refusals.txt`."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest

from tangent_ad.errors import RefusedError
from tangent_ad.frontend.read import read_function
from tests.frontend.defining import define

CASES = [case.split("-----\n") for case in Path(__file__).with_name("refusals.txt").read_text("utf-8").split("=====\n")]


def helper(x):
    return x


def grad(f, wrt=0):
    return f


grad.__module__ = "tangent_ad.api"
NAMES = {"helper": helper, "TABLE": [1.0, 2.0], "functools": functools, "grad": grad}


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_message(text, expected):
    with pytest.raises(RefusedError) as caught:
        read_function(define(text, "f", NAMES))
    assert re.sub(r"<text \d+>", "file.py", str(caught.value)) == expected.rstrip("\n")


def test_place_of_an_indented_function():
    f = define("if True:\n    class Group:\n        def f(x):\n            del x\n            return 1\nf = Group.f\n")
    with pytest.raises(RefusedError) as caught:
        read_function(f)
    assert (caught.value.line, caught.value.col) == (4, 12)
    assert "\n                del x\n                ^^^^^\n" in str(caught.value)


def test_no_source():
    names: dict = {}
    exec(compile("def f(x):\n    return x\n", "<made>", "exec"), names)
    with pytest.raises(RefusedError, match="the source of `f` is not available"):
        read_function(names["f"])


def test_changed_source():
    import linecache

    f = define("def f(x):\n    return x * 2.0\n")
    filename = f.__code__.co_filename
    text = "def f(x):\n    return x * 3.0\n"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    with pytest.raises(RefusedError, match="the source of `f` has changed since it was defined"):
        read_function(f)
