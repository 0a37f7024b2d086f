"""Positions and bounds of loops, against the indices that the loops go over."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import statements
from tangent_ad.emit.exprs import marked_text, unmarked
from tangent_ad.storage.extents import Bounds, difference, not_negative
from tangent_ad.storage.values import find_values
from tests.analyses.program import Program, program

NAMES = ("i", "j", "k")


def bounds_of(p: Program) -> tuple[Bounds, list[n.For]]:
    loops = [s for s in statements(p.fn.body) if isinstance(s, n.For)]
    values = find_values(p.facts, frozenset(s.num for s in p.defs.statements))
    return Bounds(values, loops[0].num, tuple(loops)), loops


def text(expr: n.Expr) -> str:
    return unmarked(marked_text(expr, 1))


def random_bound(rng: random.Random, outer: tuple[str, ...]) -> str:
    terms = ["n", "m", "n - 1", "m + 2", "0", "1", "-1", "3", "n // 2", "2 * n", "n - m"]
    for name in outer:
        terms += [name, f"{name} + 1", f"n - {name}", f"{name} - 2", f"2 * {name}", f"{name} // 2", f"n - 2 * {name}"]
    return rng.choice(terms)


def random_nest(rng: random.Random) -> list[str]:
    """The ranges of a nest of loops, each perhaps over what the outer ones count."""
    found = []
    for depth in range(rng.randint(1, 3)):
        start, stop = (random_bound(rng, NAMES[:depth]) for _ in range(2))
        found.append(f"range({start}, {stop}{rng.choice(['', ', -1', '', ', 1'])})")
    return found


def nest_text(ranges: list[str]) -> str:
    lines = [f"{'    ' * d}for {NAMES[d]} in {r}:" for d, r in enumerate(ranges)]
    return "s = x\n" + "\n".join([*lines, "    " * len(ranges) + "s = s * x"]) + "\nreturn s"


def visited(ranges: list[str], names: dict[str, int]) -> list[dict[str, int]]:
    """The values of the loops' variables in every iteration of the innermost one."""
    found = [dict(names)]
    for name, bounds in zip(NAMES, ranges, strict=False):
        found = [{**now, name: value} for now in found for value in eval(bounds, {}, now)]
    return found


@pytest.mark.parametrize("seed", range(60))
def test_random_ranges(seed: int) -> None:
    """Every iteration has a position of its own, and none lies outside."""
    rng = random.Random(seed)
    ranges = random_nest(rng)
    bounds, loops = bounds_of(program("x: float, n: int, m: int", nest_text(ranges)))
    axes = [bounds.axis(loop) for loop in loops]
    if None in axes:
        return
    code = [[compile(text(part), "axis", "eval") for part in axis] for axis in axes if axis is not None]
    for given in ({"n": a, "m": b} for a in (-1, 0, 1, 4) for b in (0, 3)):
        scope: dict[str, Any] = {"max": max, **given}
        extents = [eval(extent, {}, scope) for _, extent in code]
        assert all(extent >= 0 for extent in extents), ranges
        now = visited(ranges, given)
        positions = {tuple(eval(at, {}, {**scope, **one}) for at, _ in code) for one in now}
        assert len(positions) == len(now), (ranges, given)
        for position in positions:
            assert all(0 <= at < extent for at, extent in zip(position, extents, strict=True)), (ranges, given)


@pytest.mark.parametrize(
    ("ranges", "extents"),
    [
        (["range(n)", "range(i)"], ["max(n, 0)", "max(n - 1, 0)"]),
        (["range(n)", "range(i + 1, n)"], ["max(n, 0)", "max(n - 1, 0)"]),
        (["range(n - 1, -1, -1)", "range(i, n)"], ["max(n, 0)", "max(n, 0)"]),
        (["range(5)", "range(i, 5)"], ["5", "5"]),
        (["range(3, 0)"], ["0"]),
        (["range(n, m)"], ["max(m - n, 0)"]),
        (["range(0, n, 2)"], [None]),
        (["range(n)", "range(i * i)"], ["max(n, 0)", None]),
    ],
)
def test_extents(ranges: list[str], extents: list[str | None]) -> None:
    bounds, loops = bounds_of(program("x: float, n: int, m: int", nest_text(ranges)))
    found = [bounds.axis(loop) for loop in loops]
    assert [axis and text(axis[1]) for axis in found] == extents


@pytest.mark.parametrize(
    "body",
    [
        "s = x\nfor i in range(n):\n    n2 = int(s * s)\n    for j in range(n2):\n        s = s * x\nreturn s",
        "s = x\nm = n\nfor i in range(n):\n    for j in range(m):\n        s = s * x\n    m = m - 1\nreturn s",
    ],
)
def test_a_bound_that_changes_is_not_known(body: str) -> None:
    bounds, loops = bounds_of(program("x: float, n: int", body))
    assert bounds.axis(loops[0]) is not None
    assert bounds.axis(loops[1]) is None


def test_a_length_that_is_never_negative_needs_no_maximum() -> None:
    p = program("u: 'Float[np.ndarray, \"n k\"]'", "s = 0.0\nfor i in range(u.shape[0]):\n    for j in range(len(u)):\n"
                "        s = s * u[i, j]\nreturn s")  # fmt: skip
    bounds, loops = bounds_of(p)
    assert [text(axis[1]) for loop in loops if (axis := bounds.axis(loop))] == ["u.shape[0]", "len(u)"]
    assert text(not_negative(n.Const(-3))) == "0"


@pytest.mark.parametrize(
    ("lines", "extents"),
    [
        ("n = x.shape[0]\nm = len(x)", ("n", "m")),
        ("n, m = x.shape", ("n", "m")),
        ("t = x.shape\nn = t[0]\nm = x.size", ("n", "m")),
        ("n = len(x) - 1\nm = len(x)\nm = m - 2", ("max(n, 0)", "max(m, 0)")),
        ("n = len(x)\nm = len(x)\nif x[0] > 0.0:\n    m = -3", ("n", "max(m, 0)")),
    ],
)
def test_names_of_sizes_need_no_maximum(lines: str, extents: tuple[str, str]) -> None:
    text_of_all = f"{lines}\ns = 1.0\nfor i in range(n):\n    for j in range(m):\n        s = s * 2.0\nreturn s"
    bounds, loops = bounds_of(program("x: 'Float[np.ndarray, \"a b\"]'", text_of_all))
    found = [bounds.axis(loop) for loop in loops]
    assert tuple(None if f is None else text(f[1]) for f in found) == extents


@pytest.mark.parametrize("a", ["p", "p + 3", "p - 2", "2", "q - 1", "1 + p"])
@pytest.mark.parametrize("b", ["p", "p + 3", "q", "-1", "q - 1"])
def test_difference(a: str, b: str) -> None:
    p = program("p: int, q: int, r: 'Float[np.ndarray, \"n\"]'", f"x = r[{a}]\ny = r[{b}]\nreturn x * y", "r")
    first, second = (s.value.index for s in p.defs.statements[:2])  # type: ignore[attr-defined]
    found = text(difference(first, second))
    for given in ({"p": 5, "q": -2}, {"p": 0, "q": 7}):
        assert eval(found, {}, given) == eval(a, {}, given) - eval(b, {}, given)
    if a.startswith("p") and b.startswith("p"):
        assert "p" not in found, "equal terms are gone"
