"""What is a number, what an array of which rank, and what stays unknown."""

from __future__ import annotations

import numpy as np
import pytest

from tangent_ad.core.kinds import ANY, BOOL, FLOAT, INT, Kind, array, tuple_of
from tangent_ad.errors import RefusedError
from tests.analyses.program import Program, program

U = "u: 'Float[np.ndarray, \"n\"]'"
M = "m: 'Float[np.ndarray, \"n k\"]'"
SINGLE = "u: 'Float32[np.ndarray, \"n\"]'"


def returned(head: str, expr: str, **names: object) -> Kind:
    p = program(head, f"r = {expr}\nreturn r", **names)
    return p.kinds.at(p.fn.body[-1].num, p.fn.body[-1].value)  # type: ignore[attr-defined]


def presumed(p: Program, scalar: bool = False) -> set[tuple[str, int]]:
    return {(found.name, found.rank) for found in (p.scalar_kinds if scalar else p.kinds).presumed}


@pytest.mark.parametrize(
    ("head", "expr", "kind"),
    [
        ("x: float", "x * 2", FLOAT),
        ("x: float", "x > 0", BOOL),
        ("x: float", "(x > 0) + 1", INT),
        ("i: int", "i // 2", INT),
        ("i: int", "i / 2", FLOAT),
        (U, "u * 2.0", array(1)),
        (U, "u[0]", FLOAT),
        (U, "u[1:]", array(1)),
        (U, "u[::-1][0]", FLOAT),
        (U, "u[None]", array(2)),
        (U, "u[:, None]", array(2)),
        (U, "u > 0", array(1, "bool")),
        (U, "u[u > 0]", array(1)),
        (U, "u[np.array([0, 1])]", array(1)),
        (U, "np.sum(u)", FLOAT),
        (U, "len(u)", INT),
        (U, "u.shape[0]", INT),
        (M, "m[0]", array(1)),
        (M, "m[0, 1]", FLOAT),
        (M, "m.T", array(2)),
        (M, "m[m > 0]", array(1)),
        (M, "m @ m", array(2)),
        (M, "m @ m[0]", array(1)),
        (M, "np.sum(m, axis=0)", array(1)),
        (M, "m[..., 0]", array(1)),
        (f"{U}, {M}", "u + m", array(2)),
        (SINGLE, "u * 2.0", array(1, "float32")),
        (SINGLE, "u[0] * 2.0", Kind("value", "float", 0)),
        (f"{SINGLE}, w: 'Float[np.ndarray, \"n\"]'", "u * w", array(1)),
        ("x", "x * 2.0", Kind("value", None, None)),
        ("x: np.ndarray", "x * 2.0", array(None, None)),
        ("x: float", "(x, 1)[1]", INT),
        ("x: float", "np.zeros((2, 3))", array(2)),
        ("x: float", "np.zeros(3, np.float32)", array(1, "float32")),
        ("x: float", "TABLE", array(1)),
        ("i: int", "TABLE[i]", FLOAT),
    ],
)
def test_operations(head: str, expr: str, kind: Kind) -> None:
    assert returned(head, expr, TABLE=np.array([0.5, 1.5])) == kind


def test_definitions_that_meet() -> None:
    p = program("x: float, c", "if c:\n    y = 1\nelse:\n    y = x\nz = y\nreturn z")
    assert p.kinds.at(p["z = y"], p.fn.body[-2].value) == FLOAT  # type: ignore[attr-defined]
    p = program(f"{U}, c", "if c:\n    y = 1.0\nelse:\n    y = u\nreturn y")
    assert p.kinds.defined(p["y = 1.0"], "y") == Kind("value", "float", None)


def test_loops_go_to_a_fixed_point() -> None:
    p = program("x: float, n", "s = 0\nfor i in range(n):\n    s = s + x\nreturn s")
    assert p.kinds.defined(p["s = 0"], "s") == FLOAT
    p = program(f"{U}, n", "s = 0\nfor i in range(n):\n    s = s + u\nreturn s")
    assert p.kinds.defined(p["s = 0"], "s").rank is None
    p = program(f"{U}, n", "v = u\nfor i in range(n):\n    v = v[None]\nreturn v")
    assert p.kinds.defined(p["v = u"], "v") in (array(), ANY, Kind("value", "float", None))
    assert not p.kinds.defined(p["v = u"], "v").has_rank


def test_the_element_rule() -> None:
    assert presumed(program("u", "return u[0] * u[1]")) == {("u", 1)}
    assert ("u", 2) in presumed(program("u, n", "for i in range(n):\n    u[i, 0] = 2.0\nreturn u[0, 1]"))
    assert presumed(program("u", "return u[0][1]")) == {("u", 2)}
    assert presumed(program("u", "v = u.copy()\nv[0, 1] = 2.0\nreturn v")) == {("u", 2)}


@pytest.mark.parametrize(
    "body",
    [
        "return u[0] * u[0, 1]",  # an element of one rank, and one of another
        "return u[1:]",
        "return u[0] @ u[1]",
        "return u[j]",  # j may be an array
        "return u * 2.0",
        "row = u[0]\nreturn row[1:] * u[1, 0]",
    ],
)
def test_what_does_not_tell_a_rank(body: str) -> None:
    assert "u" not in {name for name, _ in presumed(program("u, j", body))}


def test_shapes_tell_ranks() -> None:
    assert ("u", 2) in presumed(program("u", "n, k = u.shape\nreturn u * n * k"))


def test_uses_tell_numbers() -> None:
    assert presumed(program("x, y, n", "if x > 0:\n    y = 2.0 * y\nfor _ in range(n):\n    y = y * x\nreturn y")) == {
        ("x", 0),
        ("n", 0),
    }
    assert presumed(program("x", "return math.sin(x * 2.0)")) == {("x", 0)}
    assert presumed(program("x, y", "return x * y"), scalar=True) == {("x", 0), ("y", 0)}
    assert presumed(program("x, y", "return x * y")) == set()
    assert presumed(program("x, y", "return np.sum(x * y)"), scalar=True) == set()


def test_refused() -> None:
    with pytest.raises(RefusedError, match="3 indices for an array of 2 axes"):
        _ = program(M, "return m[0, 1, 2]").kinds
    with pytest.raises(RefusedError, match="a second name for a list"):
        _ = program("x", "a = []\na.append(x)\nb = a\nreturn b.pop()").kinds


def test_tuples() -> None:
    p = program("x: float, i: int", "t = (x, i)\nreturn t")
    last = p.fn.body[-1]
    assert p.kinds.at(last.num, last.value) == tuple_of(FLOAT, INT)  # type: ignore[attr-defined]
