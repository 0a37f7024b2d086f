"""The normal form does what the function does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import children, statements
from tangent_ad.emit.text import body_text
from tangent_ad.errors import RefusedError
from tangent_ad.frontend.desugar import desugar
from tangent_ad.frontend.read import read_function
from tests.analyses.program import Program, program
from tests.frontend.defining import define
from tests.modes.running import flat, run
from tests.random_programs.generate import generate
from tests.random_programs.load import load, unload

HELPERS = define("""
def halved(a, by=2.0):
    a = a / by
    return a

def writing(a, value):
    a[0] = value
    a = a * 2.0
    return a

def pair(a, b):
    t = a + b
    return t, a * t

def part(a, start):
    return a[start:]

def deep(a, k):
    for i in range(k):
        a, b = pair(a, halved(a, by=3.0))
        a = a - b * 0.1
    return halved(a)

def all_of_them():
    return halved, writing, pair, part, deep
""", "all_of_them")()  # fmt: skip
NAMES = {fn.__name__: fn for fn in HELPERS}

BODIES = {
    "order of evaluation": "a = u[0] + writing(u, x)[1] + u[0]\nreturn a",
    "arguments in order": "a = pair(u[0], writing(u, x)[0])\nreturn a[0] + a[1] + u[0]",
    "a call in a condition": "if halved(x) > 0.2 and halved(y, by=x) < 3.0:\n    y = 2.0\nreturn y",
    "a call in a while": "while halved(x) < y:\n    x = x + 0.5\nreturn x",
    "not evaluated": "a = 2.0 if k > 0 else halved(x, 0.0)\nb = k > 0 or halved(x, 0.0) > 1.0\nreturn a if b else x",
    "a call in a branch of an expression": "a = writing(u, 9.0)[1] if k > 1 else u[1]\nreturn a + u[0]",
    "chained comparison": "if 0.0 < x < y:\n    x = y\nif 1 < k <= 3 != 2:\n    x = x + 1\nreturn x",
    "chained assignment": "a = b = u\na[0] = x\nreturn b * 2.0",
    "swap": "a, b = x, y\na, b = b, a + b\nu[0], u[1] = u[1], u[0]\nreturn a - b + u[0]",
    "tuples": "t = (x, y)\na, b = t\nc, (d, e) = a, (b, k)\nt = pair(c, d)\nreturn t[0] * t[-1] + e",
    "an index that changes": "i = 0\nu[i], i = x, 1\nu[i] += u[i - 1]\nreturn u * i",
    "augmented element": "u[k - 1] *= u[0] + u[k - 1]\nu[-1] **= 2\nreturn u",
    "augmented, read once": "u[int(writing(w, 1.0)[0]) - 1] += 1.0\nreturn u + w",
    "loop bounds are read once": "n = k\nfor i in range(n):\n    n = n + 1\n    x = x * 2.0\nreturn x * n",
    "the variable afterwards": "i = 7\nfor i in range(k):\n    x = x + i\nfor j in range(2):\n    i = i + j\n"
    "return x * i",
    "the variable changed": "for i in range(k):\n    i = i * 2\n    x = x + i\nreturn x",
    "a view of a callee": "v = part(u, 1)\nv[0] = x\nreturn u * 2.0",
    "a parameter of the callee is bound again": "a = halved(u)\na[0] = x\nreturn a + u",
    "one array twice": "a = pair(u, u)\na[0][0] = x\nreturn u + a[1]",
    "deep": "return deep(deep(x, k), 2) + deep(y, 0)",
    "elif": "if x > 1.0:\n    a = x\nelif x > 0.1:\n    a = y\nelif k:\n    a = 3.0\nelse:\n    a = u[0]\nreturn a",
    "asserts": "assert k >= 0, 'k'\nassert len(u) > 1\nif k > 90:\n    raise ValueError('too large')\nreturn x * k",
    "constants": "return x * 1e3 + (-2) ** 2 + 7 // 2 + (not k) + True",
    "slices": "a = u[:k]\nb = u[::-1][1:]\nc = u[-2:]\nreturn np.sum(a) + b[0] + c[1]",
    "sizes": "a, = u.shape\nb = len(u) + u.size + u.ndim\nreturn x * a * b",
    "a long sum": "return " + " + ".join(f"x * {k}.0" for k in range(120)),
}


def arguments() -> list[tuple[Any, ...]]:
    return [
        (np.array([0.5, -1.0, 2.0]), np.array([1.0, 2.0, -3.0]), x, 1.5, k) for x, k in ((0.5, 1), (0.25, 3), (2.0, 2))
    ]


def assert_agrees(f: Any, normal: n.Function, *args: Any) -> None:
    given = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
    with np.errstate(all="ignore"):
        try:
            wanted = flat(f(*given)) + flat(tuple(given))
        except (ArithmeticError, IndexError, ValueError, NameError) as error:
            wanted = [type(error)]
    found = run(normal, *args)
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        if isinstance(b, type):
            assert a is b
        else:
            np.testing.assert_array_equal(a, b, err_msg=body_text(normal.body))
            assert np.asarray(a).dtype == np.asarray(b).dtype


def assert_normal(fn: n.Function) -> None:
    """One operation on names and constants for each statement; the result has a name, and numbers go up."""
    assert [s.num for s in statements(fn.body)] == list(range(len(tuple(statements(fn.body)))))
    for stmt in statements(fn.body):
        if isinstance(stmt, n.Assign) and isinstance(stmt.value, n.Call) and not isinstance(stmt.target, n.Tuple):
            for arg in stmt.value.args:
                if not isinstance(arg, n.Tuple | n.List):
                    assert not any(isinstance(e, n.Index) for e in children(arg)), body_text((stmt,))


@pytest.mark.parametrize("name", BODIES)
def test_programs(name: str) -> None:
    p = program("u, w, x, y, k", BODIES[name], "u", **NAMES)
    assert_normal(p.fn)
    for args in arguments():
        assert_agrees(p.fn.pyfunc, p.fn, *args)


def test_random_programs() -> None:
    agreed = 0
    for number in range(14):
        made = generate(909, number)
        try:
            f = load(made.name, made.source)["f"]
            normal = desugar(read_function(f))
            for k in made.variants():
                assert_agrees(f, normal, *made.arguments(k))
            agreed += 1
        except RefusedError:
            continue
        finally:
            unload(made.name)
    assert agreed > 9


def text(body: str) -> str:
    return body_text(
        Program(desugar(read_function(define(f"def f(u, x, y, k):\n    {body}\n", "f", NAMES))), ()).fn.body
    )


@pytest.mark.parametrize(
    ("body", "normal"),
    [
        ("return x * y + x", "t = x * y\nt2 = t + x\nreturn t2\n"),
        ("return u[k + 1]", "t = u[k + 1]\nreturn t\n"),
        ("return u[k]", "t = u[k]\nreturn t\n"),
        ("return halved(x)", "a = x\na = a / 2.0\nreturn a\n"),
        ("return pair(x, y)", "t = x + y\nt2 = x * t\nreturn t, t2\n"),
        ("x = y; return x", "x = y\nreturn x\n"),
    ],
)
def test_text(body: str, normal: str) -> None:
    assert text(body) == normal
