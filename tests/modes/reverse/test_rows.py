"""The Jacobian by one forward sweep and many backward sweeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.core import nodes as n
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import statements
from tangent_ad.emit.text import body_text
from tangent_ad.frontend.pure import all_names
from tangent_ad.modes.reverse.rows import NotShared, Rows, plan_rows
from tangent_ad.storage.marks import Read, before
from tests.analyses.program import Program, program
from tests.frontend.defining import define

HEAD = "u: 'Float[np.ndarray, \"n\"]', m: 'Float[np.ndarray, \"n k\"]', x: float, p"


def rows(body: str, wrt: str) -> tuple[Program, Rows]:
    found = program(HEAD, body, wrt)
    last = found.fn.body[-1]
    assert isinstance(last, n.Return)
    originals = {name: n.Name(name) for name in found.wrt}
    return found, plan_rows(found.facts, last, originals, Fresh(all_names(found.fn)))


def ahead(made: Rows) -> list[str]:
    return body_text(made.ahead).splitlines()


def test_a_loop_for_each_axis() -> None:
    p, made = rows("b = m * x\nreturn b", "u x m")
    assert ahead(made) == [
        "length = b.shape[0]",
        "length2 = b.shape[1]",
        "u_jac = np.empty(b.shape + u.shape, u.dtype)",
        "x_jac = np.empty(b.shape, b.dtype)",
        "m_jac = np.empty(b.shape + m.shape, m.dtype)",
    ]
    assert made.seed is None and made.found == made.jacs
    assert body_text((n.ExprStmt(made.index),)) == "k, k2\n" or made.index == n.Tuple(made.counters)
    last = p.fn.body[-1].num
    assert made.reads() == [Read("b", before(last), False)]


def test_loops_and_stores() -> None:
    _, made = rows("b = u * x\nreturn b", "u x")
    back: list[n.Stmt] = [n.Assign(n.Name("u_bar"), n.Name("z"))]
    text = body_text(tuple(made.loops(back, [n.Name("u_bar"), n.Name("x_bar")])))
    assert text == "for k in range(length):\n    u_bar = z\n    u_jac[k] = u_bar\n    x_jac[k] = x_bar\n"
    _, made = rows("b = m * x\nreturn b", "x")
    loops = [s for s in statements(made.loops([], [n.Name("x_bar")])) if isinstance(s, n.For)]
    assert [body_text((n.ExprStmt(s.stop),)) for s in loops] == ["length\n", "length2\n"]


def test_of_unknown_rank_in_a_row() -> None:
    _, made = rows("b = p * x\nreturn b", "x p")
    assert len(made.counters) == 1 and made.seed is not None
    text = body_text((*made.ahead, *made.first, n.Return(n.Tuple(made.found))))
    assert "shape = np.shape(b)" in text and "row[k] = 1.0" in text
    assert "np.reshape(p_jac, shape + np.shape(p))" in text


def test_what_has_no_rows() -> None:
    for body in ("return u, x", "t = (u, x)\nreturn t", "return 2.0"):
        with pytest.raises(NotShared):
            rows(body, "u")


FUNCTIONS = {
    "array of arrays": ("u, m", "b = m * u[:, None]\nreturn b * b", (0, 1)),
    "a row of a number": ("x, u", "return u * x", (0, 1)),
    "a carried state": ("x, u", "for i in range(3):\n    x = x * x\n    u = u * x\nreturn u", (0, 1)),
    "written in place": ("u, x", "v = u.copy()\nfor i in range(1, len(v)):\n    v[i] = v[i - 1] * x\n"
    "return v", (0, 1)),
    "a condition": ("u, x", "v = np.zeros(len(u))\nfor i in range(len(u)):\n    if u[i] > 0.0:\n"
    "        v[i] = u[i] * x\n"
                    "    else:\n        v[i] = x\nreturn v", (0, 1)),
    "unknown trips": ("x, u", "while x < 2.0:\n    x = x * x + 0.5\nreturn u * x", (0, 1)),
    "a number": ("x, u", "return x * np.sum(u)", (0, 1)),
}  # fmt: skip
ARGUMENTS: dict[str, Any] = {"u": np.array([0.5, -0.75]), "m": np.array([[0.5, 2.0], [-0.25, 1.0]]), "x": 1.25}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_rows_are_gradients(name: str) -> None:
    head, body, wrt = FUNCTIONS[name]
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    f = define(f"def f({head}):\n{lines}")
    args = [ARGUMENTS[p] for p in head.split(", ")]
    value = np.asarray(f(*[np.copy(a) if isinstance(a, np.ndarray) else a for a in args]))
    found = ad.jacobian(f, wrt=wrt, mode="reverse")(*args)
    pulled = ad.vjp(f, wrt=wrt)
    for index in np.ndindex(value.shape):
        seed = np.zeros(value.shape)
        seed[index] = 1.0
        bars = pulled(seed if value.ndim else 1.0, *args)[1]
        for jac, bar in zip(found, bars, strict=True):
            np.testing.assert_allclose(np.asarray(jac)[index], bar, rtol=1e-13, atol=1e-14)


def test_no_rows_of_an_empty_result() -> None:
    f = define("def f(u, x):\n    return u * x\n")
    u_jac, x_jac = ad.jacobian(f, wrt=(0, 1), mode="reverse")(np.zeros(0), 2.0)
    assert (np.shape(u_jac), np.shape(x_jac)) == ((0, 0), (0,))
