"""Linear maps run behind the loops that sum their images, and only where nothing but rounding changes."""

from __future__ import annotations

import inspect
import linecache
from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.core.kinds import FLOAT, INT, array
from tangent_ad.core.order import number
from tangent_ad.derived import build
from tangent_ad.emit.text import body_text
from tangent_ad.frontend.read import read_function
from tangent_ad.pipeline import Request
from tangent_ad.simplify import Context
from tangent_ad.simplify.behind import take_behind
from tests.hunt.compare import agree


def components(x, mu, Q):
    """Each point meets each component."""
    total = 0.0
    for p in range(x.shape[0]):
        for k in range(mu.shape[0]):
            for i in range(mu.shape[1]):
                y = 0.0
                for j in range(i + 1):
                    y += Q[k, i, j] * (x[p, j] - mu[k, j])
                total += np.sin(y)
    return total


def one_sum(w, c, x):
    """The factor is one number of each iteration."""
    total = 0.0
    for p in range(len(x)):
        y = x[p]
        for j in range(len(w)):
            y += w[j] * c[j]
        total += y * y * y
    return total


def divided(w, c, x):
    total = 0.0
    for p in range(len(x)):
        y = x[p]
        for j in range(len(w)):
            y -= w[j] / c[j] * 2.0
        total += np.exp(0.1 * y)
    return total


def carried(w, c, u, n: int):
    """The backward sweep is a loop of its own."""
    for _ in range(n):
        y = 0.0
        for j in range(len(w)):
            y += w[j] * c[j]
        u = np.sin(u * y) + u
    return u


def in_a_branch(w, c, x):
    total = 0.0
    for p in range(len(x)):
        if x[p] > 0.0:
            y = x[p]
            for j in range(len(w)):
                y += w[j] * c[j]
            total += y * y
    return total


def factor_written(w, c, x):
    """What is multiplied is another number in each iteration."""
    total = 0.0
    for p in range(len(x)):
        y = x[p]
        for j in range(len(w)):
            y += w[j] * c[j]
        total += y * y
        c[0] = 0.1 * total
    return total


def read_meanwhile(w, c, x):
    """The adjoint of what is overwritten is read in each iteration."""
    total = 0.0
    for p in range(len(x)):
        y = x[p]
        for j in range(len(w)):
            y += w[j] * c[j]
        total += y * y
        w[0] = 0.1 * total * w[1]
    return total


def through_a_view(w, c, x):
    total = 0.0
    for p in range(len(x)):
        part = w[1:]
        y = x[p] * part[0]
        for j in range(len(w)):
            y += w[j] * c[j]
        total += y * y
    return total


def counted_from_behind(w, c, x):
    total = 0.0
    for p in range(len(x)):
        y = x[p]
        for j in range(-len(w), 0):
            y += w[j] * c[j]
        total += y * y
    return total


def another_extent(w, c, x):
    """The inner loop is of another length in each iteration."""
    total = 0.0
    for p in range(len(x)):
        for k in range(p):
            y = x[k]
            for j in range(len(w)):
                y += w[j] * c[j] * k
            total += y * y
    return total


def shorter(w, c, x, m):
    """There may be no components at all, or fewer than none."""
    total = 0.0
    for p in range(len(x)):
        for k in range(m.shape[0] - 2):
            y = x[p] * m[k]
            for j in range(len(w)):
                y += w[j] * c[j] * m[k]
            total += y * y
    return total


def every_pair(w, c, x):
    """Sums of all pairs would need more memory than the program has."""
    total = 0.0
    for p in range(2):
        for a in range(len(x)):
            for b in range(len(x)):
                y = x[a] * x[b] * p
                for j in range(len(w)):
                    y += w[j] * c[j]
                total += y * y
    return total


def hidden(w, c, x):
    max = 1.0
    for p in range(len(x)):
        y = x[p] * max
        for j in range(len(w)):
            y += w[j] * c[j]
        max = np.sin(y)
    return max


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


THREE = (numbers(3), numbers(3, seed=1), numbers(4, seed=2))
ARGUMENTS: list[tuple[Any, tuple[Any, ...]]] = [
    (components, (numbers(4, 3), numbers(2, 3), numbers(2, 3, 3))),
    (components, (numbers(0, 3), numbers(2, 3), numbers(2, 3, 3))),
    (components, (numbers(4, 3), numbers(0, 3), numbers(0, 3, 3))),
    (components, (numbers(4, 0), numbers(2, 0), numbers(2, 0, 0))),
    (one_sum, THREE),
    (one_sum, (THREE[0], THREE[1], numbers(0))),
    (one_sum, (numbers(0), numbers(0), THREE[2])),
    (divided, THREE),
    (carried, (THREE[0], THREE[1], 0.3, 4)),
    (carried, (THREE[0], THREE[1], 0.3, 0)),
    (carried, (THREE[0], THREE[1], 0.3, -2)),
    (in_a_branch, THREE),
    (factor_written, (0.3 * THREE[0], THREE[1], THREE[2])),
    (read_meanwhile, (0.3 * THREE[0], THREE[1], THREE[2])),
    (through_a_view, THREE),
    (counted_from_behind, THREE),
    (another_extent, THREE),
    (shorter, (*THREE, numbers(4, seed=3))),
    (shorter, (*THREE, numbers(1, seed=3))),
    (shorter, (*THREE, numbers(0))),
    (every_pair, THREE),
    (hidden, THREE),
]
TAKEN = {components: "mu", one_sum: "w", divided: "w", carried: "w", counted_from_behind: "w"}


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize(("f", "args"), ARGUMENTS, ids=lambda p: p.__name__ if inspect.isfunction(p) else "")
def test_values(f, args, jit: bool) -> None:
    agree(f, *args, jit=jit)


@pytest.mark.parametrize("f", dict.fromkeys(f for f, _ in ARGUMENTS), ids=lambda f: f.__name__)
def test_which(f) -> None:
    wrt = TAKEN.get(f, "w")
    assert ("_bar_sum" in ad.grad(f, wrt).source) == (f in TAKEN)


def derivative(f: Any, wrt: str, *without: str) -> Any:
    return build(f, Request("grad", (wrt,), without=frozenset(without)), "f_grad").load()  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan, 0.0])
@pytest.mark.parametrize("points", [0, 1, 4])
@pytest.mark.parametrize("f", [components, one_sum, divided])
def test_what_is_not_finite_stays_what_it_is(f, points: int, bad: float) -> None:
    """Without iterations nothing is added, whatever the factor; with some the same elements are not finite."""
    wrt = TAKEN[f]
    for spoiled in range(3):
        if f is components:
            args = [numbers(points, 3), numbers(2, 3, seed=1), numbers(2, 3, 3, seed=2)]
        else:
            args = [numbers(3), numbers(3, seed=1), numbers(points, seed=2)]
        if args[spoiled].size:
            args[spoiled].flat[-1] = bad
        with np.errstate(all="ignore"):
            mine, plain = derivative(f, wrt)(*args), derivative(f, wrt, "behind")(*args)
        np.testing.assert_array_equal(np.isfinite(mine), np.isfinite(plain))
        np.testing.assert_allclose(mine[np.isfinite(mine)], plain[np.isfinite(plain)], rtol=1e-12)
        if not points:
            assert not mine.any()


def test_no_element_is_asked_for_without_iterations() -> None:
    """c is too short for what no iteration reads."""
    none = numbers(0)
    for jit in (False, True):
        np.testing.assert_array_equal(ad.grad(one_sum, "w", jit=jit)(numbers(3), none, none), np.zeros(3))


def test_single_precision() -> None:
    args = [a.astype(np.float32) for a in (numbers(40, 3), numbers(2, 3, seed=1), numbers(2, 3, 3, seed=2))]
    exact = ad.grad(components, "mu")(*(a.astype(float) for a in args))
    for jit in (False, True):
        mine = ad.grad(components, "mu", jit=jit)(*args)
        assert mine.dtype == np.float32
        np.testing.assert_allclose(mine, exact, rtol=1e-4, atol=1e-5)


def test_second_derivatives() -> None:
    args = (numbers(3, 2), numbers(2, 2, seed=1), numbers(2, 2, 2, seed=2))
    assert ad.check(components, *args, wrt="mu", order=2).agrees
    assert ad.check(one_sum, *THREE, wrt="w", order=2).agrees


# text ---------------------------------------------------------------------------------------------------------------

KINDS = {"n": INT, "m": INT, "s": FLOAT, "w": array(1), "c": array(1), "x": array(2), "e": array(1, "int")}


def taken(body: str) -> str:
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    text = f"def f(n, m, s, w, c, x, e):\n    w_bar = np.zeros_like(w)\n{lines}"
    file = "<behind test>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    space: dict[str, Any] = {"np": np}
    exec(compile(text, file, "exec"), space)
    fn = number(read_function(space["f"]))
    return body_text(take_behind(fn, Context(frozenset("nmswcxep"), KINDS)).body).split("\n", 1)[1].strip()


PLAIN = """for p in range(n):
    y_bar = s * np.sin(x[p, 0])
    for j in range(len(w)):
        w_bar[j] += y_bar * c[j]
return w_bar"""


def test_text() -> None:
    assert (
        taken(PLAIN)
        == """y_bar_sum = 0.0
for p in range(n):
    y_bar_sum += s * np.sin(x[p, 0])
if n > 0:
    for j in range(len(w)):
        w_bar[j] += y_bar_sum * c[j]
return w_bar"""
    )
    assert "if m > n + 1:" in taken(PLAIN.replace("range(n)", "range(n + 1, m)"))
    assert "if n > m:" in taken(PLAIN.replace("range(n)", "range(n, m, -1)"))
    assert "if n > 0:" in taken(PLAIN.replace("range(n)", "range(n - 1, -1, -1)"))
    assert "if" not in taken(PLAIN.replace("range(n)", "range(3)"))


CHANGED = {
    "range": "range(0, n, 2)",
    "in range(len(w))": "in range(p)",
    "y_bar * c[j]": "y_bar * y_bar * c[j]",
    " * c[j]": " * x[p, j]",
    "c[j]\n": "(c[j] + y_bar)\n",
    "+= y_bar * c[j]": "+= c[j] / y_bar",
    "y_bar * c": "y_bar + c",
    "w_bar[j]": "w_bar[(j + p) % 3]",
    "return w_bar": "return w_bar, y_bar",
    "return": "s = s * j\nreturn",
    "= s * np.sin(x[p, 0])": "= e[p]",
    "= s * np.sin": "= w_bar[0] * np.sin",
    "    for j": "    c[0] = y_bar\n    for j",
    "    y_bar =": "    y_bar = s\n    y_bar =",
    "    w_bar[j] +=": "    w_bar[j] *=",
    "        w_bar[j] += y_bar * c[j]": "        if c[j] > 0:\n            w_bar[j] += y_bar * c[j]",
    "\nreturn": "\n    w_bar[0] = 0.0\nreturn",
    "for p in range(n):\n": "for p in range(n):\n    w_bar = np.zeros_like(w)\n",
    "for p": "part = w_bar[1:]\nfor p",
}  # fmt: skip


@pytest.mark.parametrize("old", CHANGED)
def test_left_alone(old: str) -> None:
    new = CHANGED[old]
    body = PLAIN.replace("range(n)", new) if old == "range" else PLAIN.replace(old, new)
    assert body != PLAIN
    assert taken(body) == body


def test_a_branch_around_all() -> None:
    body = "for p in range(n):\n    if x[p, 1] > 0:\n" + "".join(f"    {s}\n" for s in PLAIN.splitlines()[1:-1])
    body += "return w_bar"
    assert taken(body) == body


NESTED = """for p in range(n):
    for k in range({count}):
        y_bar = s * np.sin(x[p, k])
        u_bar = s * y_bar
        for j in range(len(w)):
            w_bar[j] += y_bar * c[k]
return w_bar"""


def test_sums_have_room() -> None:
    """One number for each element of an array that there is; never more, and never fewer than none."""
    assert "y_bar_sum = np.zeros(len(c))" in taken(NESTED.format(count="len(c)"))
    assert "y_bar_sum[k] += y_bar\n        u_bar" in taken(NESTED.format(count="len(c)"))
    assert "        y_bar = y_bar_sum[k]\n        for j" in taken(NESTED.format(count="len(c)"))
    for count in ("m", "p", "len(c) * len(c)", "len(c) - 1"):
        body = NESTED.format(count=count)
        assert taken(body) == body
