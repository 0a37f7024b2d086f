"""Calls written in their place: bound as Python binds them, with names and globals of their own."""

from __future__ import annotations

import inspect
import itertools
from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import expressions, statements, subexpressions
from tangent_ad.emit.text import body_text
from tangent_ad.errors import RefusedError
from tangent_ad.frontend.desugar import desugar
from tangent_ad.frontend.inline import canonical, is_plain
from tangent_ad.frontend.read import read_function
from tests.analyses.program import Program
from tests.frontend.defining import define
from tests.modes.running import flat, run


def made(body: str, callees: str, **names: Any) -> Any:
    """`f(x, y, u, k)`, which calls what `callees` defines, with a global `scale` of its own."""
    space: dict[str, Any] = {"scale": 3.0, **names}
    defined = define(f"{callees}\ndef everything():\n    return dict(globals())\n", "everything", names)()
    for name, fn in defined.items():
        if inspect.isfunction(fn) and name != "everything":
            space[name] = fn
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return define(f"def f(x, y, u, k):\n{lines}", "f", space)


def values(f: Any) -> list[Any]:
    found = []
    for x, k in ((0.5, 2), (-0.5, 0), (2.0, 3)):
        u = np.array([0.25, -0.75, 0.5])
        found += [*flat(f(x, 0.75, u, k)), u]
    return found


def inlined(f: Any) -> n.Function:
    """The function without calls, which does what it did."""
    fn = desugar(read_function(f))
    got = []
    for x, k in ((0.5, 2), (-0.5, 0), (2.0, 3)):
        *results, _, _, u, _ = run(fn, x, 0.75, np.array([0.25, -0.75, 0.5]), k)
        got += [*results, u]
    for a, b in zip(got, values(f), strict=True):
        np.testing.assert_array_equal(a, b, err_msg=body_text(fn.body))
    return fn


ONE = "def g(a, b=2.0, *, c=3.0):\n    return a - 2.0 * b + 4.0 * c\n"
SHAPES = [
    f"g({', '.join(args)})"
    for count in range(4)
    for args in itertools.permutations(("x", "y", "a=x", "b=y", "c=k", "d=x"), count)
]


def test_arguments_are_bound_as_python_binds_them() -> None:
    given = {"right": 0, "wrong": 0}
    for call in SHAPES:
        try:
            f = made(f"return {call}", ONE)
        except SyntaxError:
            continue
        try:
            f(0.5, 0.75, None, 2)
        except TypeError:
            given["wrong"] += 1
            with pytest.raises(RefusedError):
                desugar(read_function(f))
            continue
        given["right"] += 1
        inlined(f)
    assert given["right"] > 15 and given["wrong"] > 15, given


BODIES = {
    "a name of the caller": ("t = y\na = g(x)\nreturn a * t",
                             "def g(t):\n    a = t * 2.0\n    t = a * t\n    return t + a\n"),
    "called twice": ("return g(g(x)) - g(y)", "def g(a):\n    b = a * a\n    b = b + a\n    return b\n"),
    "writes into its argument": ("g(u, x)\nreturn u[0] * y", "def g(a, b):\n    a[0] = b\n"),
    "one array twice": ("return g(u, u)", "def g(a, b):\n    a[0] = 2.0\n    return b[0] * a[1]\n"),
    "a view comes back": ("v = g(u)\nv[0] = x\nreturn u[1] * y", "def g(a):\n    return a[1:]\n"),
    "a parameter is bound again": ("v = g(u, x)\nreturn v * u[0]",
                                   "def g(a, b):\n    a = a * b\n    a[0] = b\n    return a[0]\n"),
    "its argument is bound later": ("t = x\na = g(t)\nt = y\nreturn a * t", "def g(b):\n    return b * 2.0\n"),
    "a global of its own": ("return g(x) * scale", "scale = 5.0\ndef g(a):\n    return a * scale\n"),
    "a function of its own": ("return g(x) * scale",
                              "scale = 5.0\ndef h(a):\n    return a + scale\ndef g(a):\n    return h(a) * 2.0\n"),
    "loops and branches": ("for i in range(k):\n    x = g(x, i)\nreturn x",
                           "def g(a, k):\n    i = 7\n    if k > 1:\n        a = a * i\n"
                           "    for j in range(k):\n        a = a - j\n    return a\n"),
    "nothing": ("g(u)\nreturn u[0]", "def g(a):\n    pass\n"),
    "several results": ("a, b = g(x, y)\nreturn a - b * g(y, x)[0]", "def g(a, b):\n    return a * b, a - b\n"),
    "an expression is evaluated once": ("return g(u[0] * x)", "def g(a):\n    b = a + a\n    return b * a\n"),
    "a default that is none": ("return g(x) + g(x, 2.0)",
                               "def g(a, b=None):\n    if b is None:\n        c = 1.0\n    else:\n        c = 2.0\n"
                               "    return a * c\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", BODIES)
def test_bodies(case: str) -> None:
    fn = inlined(made(*BODIES[case]))
    calls = {
        p.spelling
        for s in statements(fn.body)
        for e in expressions(s)
        for p in subexpressions(e)
        if isinstance(p, n.Call)
    }
    assert not calls & {"g", "h"}


def test_what_is_offered_stays_a_call() -> None:
    f = made("a = g(x) * g(u[0])\nb = g(k=k, a=y)\nreturn a + b + h(x)",
             "def g(a, k=1):\n    return a * k\ndef h(a):\n    return a * 3.0\n")  # fmt: skip

    def stands(a, k):
        return a * k

    asked = []

    def offer(fn: Any) -> Any:
        asked.append(fn.__name__)
        return stands if fn.__name__ == "g" else None

    fn = desugar(read_function(f), offer)
    calls = [s.value for s in statements(fn.body) if isinstance(s, n.Assign) and isinstance(s.value, n.Call)]
    stay = [call for call in calls if call.fn is stands]
    assert [body_text((n.ExprStmt(call),)).strip() for call in stay] == ["g(x, 1)", "g(t2, 1)", "g(y, k)"]
    assert asked == ["g", "g", "g", "h"]


@pytest.mark.parametrize(
    ("body", "callees", "message"),
    [
        ("return g(x)", "def g(a):\n    return g(a - 1.0)\n", "`g` calls itself"),
        ("return g(x)", "def h(a):\n    return g(a)\ndef g(a):\n    return h(a)\n", "`g` calls itself"),
        ("return g(x)", "def g(*a):\n    return a[0]\n", "takes *args"),
        ("return g()", "def g(a):\n    return a\n", "is not given `a`"),
        ("return g(x)", "def g(a, b=np.zeros(2)):\n    return a\n", "is not a plain number"),
        ("return g((x, y))", "def g(a):\n    a = a[0]\n    return a\n", "is a tuple that is rebound"),
    ],
)
def test_refusals(body: str, callees: str, message: str) -> None:
    with pytest.raises(RefusedError, match=message.replace("*", r"\*")):
        desugar(read_function(made(body, callees)))


def test_what_is_no_function_is_refused_at_the_call() -> None:
    f = made("y = x\nreturn foreign(x)", "", foreign=np.vectorize(float))
    with pytest.raises(RefusedError, match="no derivative is known for `foreign`") as caught:
        desugar(read_function(f))
    assert caught.value.line == 3


def test_names_are_those_of_the_text() -> None:
    """The same names on every run: made in the order in which the callee's text assigns them."""
    f = made("return g(x, y)", "def g(q, p):\n    z = q * p\n    a = z + q\n    q = a\n    return q * z\n")
    fn = Program.of(f, ("x",)).fn
    assert [s.target.id for s in fn.body if isinstance(s, n.Assign)] == ["q", "z", "a", "q", "t"]  # type: ignore[attr-defined]


def test_canonical() -> None:
    assert canonical(np.sin) == "np.sin" and canonical(np.linalg.norm) == "np.linalg.norm"
    assert canonical(abs) == "abs" and canonical(ValueError) == "ValueError"
    assert canonical(np.pi) is None and canonical(made) is None

    def sin(x):
        return x

    assert canonical(sin) is None


def test_plain() -> None:
    assert [is_plain(e) for e in (n.Const(1), n.Const(2.0), n.Name("x"), n.Global("k", 2.0))] == [True] * 4
    others = (
        n.Const(True),
        n.Const(None),
        n.Const("a"),
        n.Tuple((n.Name("x"),)),
        n.Global("k", "a"),
        n.Global("k", (1,)),
    )
    assert [is_plain(e) for e in others] == [False] * 6
