"""In which role each name of a statement is read, and whether it is surely."""

from __future__ import annotations

import pytest

from tangent_ad.simplify.roles import inside, places_in
from tests.simplify.passing import derived

READS = {
    "z = x * y": "x:value y:value",
    "z = x if y > 0.0 else n": "n:value? x:value? y:value",
    "z = x > 0.0 and y > x": "x:value x:value? y:value?",
    "z = (x > 0.0 or y > 0.0) and n > 0": "n:value? x:value y:value?",
    "z = u[n]": "n:value u:base",
    "z = m[n, 1:n]": "m:base n:value n:value",
    "z = u.sum()": "u:base",
    "z = np.sum(u)": "u:value",
    "z = len(u) + m.shape[0] + np.ndim(v)": "m:shape u:shape v:shape",
    "z = np.zeros_like(u) + np.full_like(v, x)": "u:shape v:shape x:value",
    "z = sum_to(u, v) + spread(x, v)": "u:value v:shape v:shape x:value",
    "z = u.T": "u:base",
    "z = -u[1:][n]": "n:value u:base",
    "u[n] = x": "n:value u:place x:value",
    "m[n][1] = x": "m:place n:place x:value",
    "u[n] += x": "n:value u:place x:value",
    "x += y": "x:summed y:value",
    "x = x + y": "x:value y:value",
    "u[0], z = x, y": "u:place x:value y:value",
    "z = t.pop()": "t:place",
    "t.append(x)": "t:place x:value",
    "add_at(u, v, x)": "u:place v:value x:value",
    "assert x > y, 'x'": "x:value y:value",
    "z = [x, u]": "u:value x:value",
}


@pytest.mark.parametrize("text", READS)
def test_reads(text: str) -> None:
    fn, _ = derived(f"t = [x]\n{text}\nreturn x")
    found = sorted(f"{name}:{role}{'' if sure else '?'}" for name, sure, role in places_in(fn.body[1]))
    assert " ".join(found) == READS[text]


def test_reads_of_a_result() -> None:
    fn, _ = derived("return x, u[0]")
    assert sorted((p.name, p.role) for p in places_in(fn.body[0])) == [("u", "base"), ("x", "value")]


def test_of_loops_and_branches_only_the_head() -> None:
    fn, _ = derived(
        "for i in range(n):\n    x = y * i\nif x > 0.0:\n    y = u[0]\nwhile y > 1.0:\n    y = y / 2.0\nreturn y"
    )
    heads = [sorted(p.name for p in places_in(s)) for s in fn.body[:3]]
    assert heads == [["n"], ["x"], ["y"]]


def test_inside() -> None:
    fn, _ = derived("for i in range(n):\n    x += u[i]\n    if x > y:\n        u[0] = np.sum(u) * len(v)\nreturn x")
    assert inside(fn.body[0]) == {
        "x": {"summed", "value"},
        "i": {"value"},
        "y": {"value"},
        "u": {"base", "place", "value"},
        "v": {"shape"},
    }
    assert inside(fn.body[1]) == {}
