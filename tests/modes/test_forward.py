"""Tangents: what forward mode writes beside each statement, and in which order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.verify import verify
from tangent_ad.core.walk import statements
from tangent_ad.emit.text import body_text
from tangent_ad.errors import RefusedError
from tangent_ad.modes.forward import differentiate_forward
from tests.analyses.program import program
from tests.hunt.compare import agree

ARRAY = np.array([0.4, 0.9, -0.3])
U = "u: 'Float[np.ndarray, \"n\"]'"


def forward(head: str, body: str, wrt: str = "") -> list[str]:
    """The lines of the tangent program, without guards."""
    p = program(head, body, wrt)
    made = verify(differentiate_forward(p.facts, "f_jvp"), "jvp")
    kept = tuple(s for s in made.body if not (isinstance(s, n.If) and isinstance(s.body[0], n.Raise)))
    return body_text(kept).splitlines()


def position(lines: list[str], text: str) -> int:
    found = [k for k, line in enumerate(lines) if line.strip() == text]
    assert len(found) == 1, "\n".join(lines)
    return found[0]


def test_a_tangent_reads_values_before_they_are_bound_again() -> None:
    lines = forward("x: float", "x = x * x\nx = np.sin(x)\nreturn x")
    tangents = [k for k, line in enumerate(lines) if line.startswith("x_dot = ")]
    assert len(tangents) == 2
    assert tangents[0] < position(lines, "x = x * x")
    assert position(lines, "x = x * x") < tangents[1] < position(lines, "x = np.sin(x)")


def test_a_swap_swaps_the_tangents() -> None:
    def f(a, b, k):
        for _ in range(k):
            a, b = b, a * b
        return a + 2.0 * b

    for k in (0, 1, 2, 3):
        agree(f, 0.7, 1.3, k)


def test_what_is_not_active_has_no_tangent() -> None:
    text = "\n".join(forward("x: float, y: float", "k = int(y)\na = y * k\nb = x * a\nreturn b"))
    assert "a_dot" not in text and "y_dot" not in text and "k_dot" not in text


def test_a_name_that_stops_varying_has_a_tangent_of_zero() -> None:
    def f(x, k):
        y = x * x
        for i in range(k):
            if i == 1:
                y = 3.0
            y = y * x
        return y

    for k in (0, 1, 2, 3):
        agree(f, 0.7, k)


def test_a_written_array_has_a_written_tangent() -> None:
    lines = forward(f"{U}, x: float", "v = u * 1.0\nv[0] = x\nv[1] += x\nreturn v", "x")
    assert any(line.startswith("v_dot[0] = ") for line in lines)
    assert any(line.startswith("v_dot[1] ") for line in lines)


def test_arguments_are_copied_before_they_are_written() -> None:
    lines = forward(f"{U}, x: float", "u[0] = x\nreturn np.sum(u)", "u x")
    assert position(lines, "u = u.copy()") < position(lines, "u[0] = x")
    assert position(lines, "u_dot = u_dot.copy()") < next(k for k, s in enumerate(lines) if s.startswith("u_dot[0] ="))


def tails(u, k):
    v = u[k:]
    w = v[::-1]
    w[:1] = w[:1] * 2.0
    return np.sum(u * u) + np.sum(v * w)


def chain(x, n):
    while x < 3.0:
        x = x * 1.5 + 0.1 / (1.0 + x * x)
    for i in range(n, -n, -2):
        x = x + 0.1 * i * np.sin(x)
    return x


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (tails, (np.array([0.4, 0.9, -0.3]), 1)),
        (tails, (np.array([0.4, 0.9, -0.3]), 3)),
        (chain, (0.4, 0)),
        (chain, (0.4, 2)),
    ],
)
def test_values(f: Any, args: tuple[Any, ...]) -> None:
    agree(f, *args)


def test_a_write_that_cannot_be_followed_is_refused() -> None:
    with pytest.raises(RefusedError):
        forward("m: 'Float[np.ndarray, \"n k\"]'", "v = np.reshape(m, (-1,))\nv[0] = 2.0\nreturn np.sum(m) + np.sum(v)")


def test_every_tangent_stands_beside_its_statement() -> None:
    """What a statement becomes says from which one it came."""
    p = program("x: float, k: int", "y = x\nfor i in range(k):\n    y = y * x\nreturn y")
    made = differentiate_forward(p.facts, "f_jvp")
    loop = next(s for s in made.body if isinstance(s, n.For))
    assert {s.info.origin for s in statements(loop.body)} == {p["y = y * x"]}
