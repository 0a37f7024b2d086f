"""Statements of Python as statements of core: in their order, with their places and comments, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import statements
from tangent_ad.emit.text import body_text, function_text
from tangent_ad.errors import RefusedError
from tangent_ad.frontend.read import read_function
from tests.frontend.defining import define
from tests.modes.running import flat, run


def read(body: str, head: str = "x, y, u, k", **names: Any) -> n.Function:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return read_function(define(f"def f({head}):\n{lines}", "f", names))


CHAINS = {
    "a = b = x * y\nreturn a - b": "a = x * y\nb = a\nreturn a - b",
    "a = u[0] = x * y\nreturn u * a": "a = x * y\nu[0] = a\nreturn u * a",
    "u[0] = a = x * y\nreturn u * a": "t = x * y\nu[0] = t\na = t\nreturn u * a",
    "a = b = a = x\nreturn a * b": "t = x\na = t\nb = t\na = t\nreturn a * b",
    "a = (b, a) = (x, y)\nreturn a * b": "t = (x, y)\na = t\nb, a = t\nreturn a * b",
    "k = u[k] = 1\nreturn u * k": "k = 1\nu[k] = k\nreturn u * k",
    "u[k] = k = 1\nreturn u * k": "t = 1\nu[k] = t\nk = t\nreturn u * k",
    "a = b = u\na[0] = x\nreturn b": "a = u\nb = a\na[0] = x\nreturn b",
}


@pytest.mark.parametrize("body", CHAINS)
def test_chained_assignments(body: str) -> None:
    """The value once, then the targets from left to right, as Python does it."""
    fn = read(body)
    assert body_text(fn.body).strip().replace("t = (x, y)", "t = x, y") == CHAINS[body].replace(
        "t = (x, y)", "t = x, y"
    )
    args = (0.5, 0.25, np.array([1.0, 2.0, 3.0]), 2)
    given = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
    wanted = flat(fn.pyfunc(*given)) + flat(tuple(given))
    for a, b in zip(run(fn, *args), wanted, strict=True):
        np.testing.assert_array_equal(a, b)


def test_every_statement_has_its_place() -> None:
    fn = read("a = x  # one\n# above\nif a > 0.0:\n    a = (y +\n         x)\nelif a < k:\n    a += 1.0\nreturn a")
    found = [(type(s).__name__, s.num, s.info.span.line, s.info.span.col, s.info.span.end_line)
             for s in statements(fn.body) if s.info.span]  # fmt: skip
    assert found == [
        ("Assign", 0, 2, 4, 2),
        ("If", 1, 4, 4, 8),
        ("Assign", 2, 5, 8, 6),
        ("If", 3, 7, 4, 8),
        ("AugAssign", 4, 8, 8, 8),
        ("Return", 5, 9, 4, 9),
    ]
    assert fn.body[0].info.trailing == "one" and fn.body[1].info.comments == ("above",)


def test_what_is_no_statement_is_dropped() -> None:
    fn = read("'a string'\n...\nx = x * 2.0\n'another'\n3.5\nreturn x")
    assert fn.doc == "a string" and [type(s) for s in fn.body] == [n.Assign, n.Return]


def test_defaults_are_the_objects_of_the_definition() -> None:
    limit = 2.0
    space = {"limit": limit, "table": (1, (2.0, "a"))}
    fn = read("return x", "x, y=limit, z=table, *, k=-3, m=None", **space)
    values = {p.name: (p.form, p.default, p.default_value) for p in fn.params}
    assert values["y"] == ("positional", n.Const(2.0), 2.0)
    assert values["z"][1] == n.Tuple((n.Const(1), n.Tuple((n.Const(2.0), n.Const("a")))))
    assert values["k"] == ("keyword", n.Const(-3), -3) and values["m"] == ("keyword", n.Const(None), None)
    assert values["x"] == ("positional", None, None)


def test_a_default_that_was_bound_again_is_refused() -> None:
    f = define("table = np.ones(2)\ndef f(x, a=table):\n    return x\n", "f")
    assert read_function(f).params[1].default == n.Global("table", f.__defaults__[0])
    f.__globals__["table"] = np.zeros(2)
    with pytest.raises(RefusedError, match="`table` was bound again after it became a default"):
        read_function(f)


LOOPS = {
    "range(k)": "0 k 1",
    "range(2, k)": "2 k 1",
    "range(k, 0, -1)": "k 0 -1",
    "range(k - 1, -1, -k)": "k - 1 -1 -k",
    "reversed(range(k))": "k - 1 -1 -1",
    "reversed(range(2, 5))": "4 1 -1",
    "reversed(range(k, 0, -1))": "1 k + 1 1",
}


@pytest.mark.parametrize("text", LOOPS)
def test_loops(text: str) -> None:
    loop = read(f"for i in {text}:\n    x = x * i\nreturn x").body[0]
    assert isinstance(loop, n.For)
    bounds = [body_text((n.ExprStmt(e),)).strip() for e in (loop.start, loop.stop, loop.step)]
    assert " ".join(bounds) == LOOPS[text]


def test_loops_run_backwards() -> None:
    for a, b in ((0, 4), (2, 5), (4, 1), (3, 3)):
        for step in (1, -1):
            body = f"for i in reversed(range({a}, k, {step})):\n    x = x * 3 + i\nreturn x"
            f = define("def f(x, k):\n" + "".join(f"    {line}\n" for line in body.split("\n")), "f")
            g = define(function_text(read_function(f)), "f")
            assert g(1, b) == f(1, b)


def test_a_range_of_ones_own_is_no_range() -> None:
    with pytest.raises(RefusedError, match="a loop over anything but"):
        read("for i in range(k):\n    x = x * i\nreturn x", range=lambda k: k)
    with pytest.raises(RefusedError, match="a loop over anything but"):
        read("for i in range(k):\n    x = x * i\nreturn x", "x, k, range")


def test_a_name_for_a_derivative_is_known_at_once() -> None:
    import tangent_ad as ad

    def g(x):
        return x * x * x

    fn = read("dg = ad.grad(g)\nreturn dg(x) * dg(y)", ad=ad, g=g)
    assert len(fn.body) == 1 and "ad.grad(g)(x) * ad.grad(g)(y)" in function_text(fn)
    for twice in ("dg = ad.grad(g)\ndg = ad.grad(g)\nreturn dg(x)", "if k:\n    dg = ad.grad(g)\nreturn dg(x)"):
        with pytest.raises(RefusedError):
            read(twice, ad=ad, g=g)


def test_lambda() -> None:
    fn = read_function(define("f = lambda x, y=2.0: x * y\n", "f"))
    assert function_text(fn).splitlines()[-1].strip() == "return x * y"


def test_long_bodies() -> None:
    """A long ladder of branches and a long body do not recurse."""
    ladder = "".join(f"{'el' if i else ''}if k == {i}:\n    x = {i}.0\n" for i in range(400))
    fn = read(ladder + "x = x * 2.0\n" * 2000 + "return x")
    assert len(list(statements(fn.body))) == 800 + 2001
