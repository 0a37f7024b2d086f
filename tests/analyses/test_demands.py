"""Ranks that uses imply."""

from __future__ import annotations

import pytest

from tangent_ad.analyses.demands import find_demands, used_as_arrays
from tangent_ad.analyses.kinds import infer_kinds
from tests.analyses.program import Program, program


def demands(p: Program, scalar: bool = False) -> dict[str, tuple[int, str]]:
    """By the names of parameters, with nothing presumed."""
    kinds = infer_kinds(p.fn, p.webs, {}, presume=False)
    names = {web: name for name, web in p.webs.params(p.fn).items()}
    return {names[web]: found for web, found in find_demands(p.fn, kinds, scalar).items() if web in names}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("return u * v", {}),
        ("return u[0] * v", {"u": (1, "index")}),
        ("return u[0][1] * v", {"u": (2, "index")}),
        ("a = u[0]\nb = a * v\nreturn np.sum(b) + a[1]", {"u": (2, "index")}),
        ("a = u[0]\nb = a * v\nreturn b + a[1]", {}),  # a[1] may be a row beside the array b
        ("a = u[0]\nreturn np.sum(a) * v", {}),
        ("a = u[0]\nb = a\nreturn b[1] * v", {"u": (2, "index")}),
        ("if v:\n    a = u[0]\nelse:\n    a = u[1]\nb = a\nreturn b[2]", {"v": (0, "test"), "u": (2, "index")}),
        ("d = u[0] - v\nreturn np.sum(d * d)", {}),  # either has axes, or both
        ("s = 0.0\ns += u[0] * v\nreturn np.sum(s)", {}),
        ("d = v * np.ones(3)\ne = np.sin(u[0])\nreturn np.sum(d * e)", {"u": (1, "index")}),  # d says enough
        ("z = u[0] * 2.0\nz = z + u[1]\nreturn z[0] * z[1]", {}),
        ("z = np.ones((2, 2))\nz[0] = np.sin(u[0])\nreturn z", {}),
        ("z = np.ones(2)\nz[0] = np.sin(u[0])\nreturn z", {"u": (1, "index")}),
        ("return u[0] + np.sum(u, axis=0)", {}),
        ("return u[0] + u.T", {}),
        (
            "a = u.copy()\nb = u.copy()\nfor i in range(3):\n    b[i] = a[i]\n    a, b = b, a\nreturn a[0] * v",
            {"u": (1, "index")},
        ),  # each is the other: what is said of one is said of both
        ("a = u.copy()\na[0] = a[1] * 2.0\nb = a\nc = b * b\nreturn c[1] * v", {"u": (1, "index")}),
        ("return u[0, 1] + np.trace(u)", {"u": (2, "index")}),
        ("a = u.copy()\na[0, 1] = a[1, 0] * 2.0\nreturn np.diag(a)", {"u": (2, "index")}),
        ("a = u.copy()\nd = v - a[0]\na[1] = d * 2.0\nreturn np.sum(d * d)", {}),  # rows of the copy are rows of u
        ("return u[0, 1] + u[1]", {}),
        ("return u[0:1] + u[1]", {}),
        ("u[0] = v\nreturn u", {}),  # v may be an array, and u[0] a row
        ("u[0] = 2.0\nreturn u * v", {"u": (1, "index")}),
        ("a = u.copy()\na[0, 0] = 2.0\nreturn a * v", {"u": (2, "index")}),
        ("a = np.ones((2, 2))\na[0, 1] = v * x\nreturn a * u", {"v": (0, "result"), "x": (0, "result")}),
        ("a = np.ones((2, 2))\na[0] = v\nreturn a * u", {}),
        ("if u > v:\n    x = 1.0\nreturn x", {"u": (0, "test"), "v": (0, "test")}),
        ("if not (u > 0) and v:\n    x = 1.0\nreturn x", {"u": (0, "test"), "v": (0, "test")}),
        ("if np.sum(u) > 0:\n    x = 1.0\nreturn x", {}),
        ("while u * u < 3.0:\n    u = u * v\nreturn u", {"u": (0, "test"), "v": (0, "test")}),
        ("for i in range(u, 3, v):\n    x = x * 2.0\nreturn x", {"u": (0, "use"), "v": (0, "use")}),
        ("assert u > 0\nreturn v", {"u": (0, "test")}),
        ("return math.sin(u * v)", {"u": (0, "use"), "v": (0, "use")}),
        ("return float(np.sum(u))", {}),
        ("a = u * v\nb = a\nb = b + x\nreturn math.exp(b)", dict.fromkeys("uvx", (0, "use"))),
        ("a = 1.0\na += u\nreturn math.exp(a)", {"u": (0, "use")}),
        ("return np.where(u > 0, u, v)", {}),
        ("n, k = u.shape\nreturn u[0] * v", {"u": (2, "index")}),  # u[0] is a row
        ("n, = u.shape\nreturn u * v[0]", {"u": (1, "index")}),  # the rest once that is known
    ],
)
def test_parameters(body: str, found: dict[str, tuple[int, str]]) -> None:
    assert demands(program("u, v, x", body, "u")) == found


def test_a_result_that_must_be_a_number() -> None:
    assert demands(program("u, v", "return u * v"), scalar=True) == dict.fromkeys("uv", (0, "result"))
    assert demands(program("u, v", "a = u * v\nreturn np.sum(a)"), scalar=True) == {}
    assert demands(program("u, v", "return u @ v"), scalar=True) == {}
    assert demands(program("u, v, n", "for i in range(n):\n    u = u * v\nreturn u"), scalar=True) == {
        "u": (0, "result"),
        "v": (0, "result"),
        "n": (0, "use"),
    }


def test_other_values_of_a_name() -> None:
    p = program("u, x", "if u > 0.0:\n    x = 1.0\nu = x\nreturn u[0]", "u")
    assert demands(p)["u"] == (0, "test")


def test_arrays() -> None:
    p = program("u, v, w, x, y", "a = u[0] * x\nb = np.sum(v)\nc = len(w) * y\nreturn a + b + c", "u")
    kinds = infer_kinds(p.fn, p.webs, {}, presume=False)
    names = {web: name for name, web in p.webs.params(p.fn).items()}
    assert {names[web] for web in used_as_arrays(p.fn, kinds) if web in names} == {"u", "v", "w"}
