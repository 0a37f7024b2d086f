"""What is said of lengths and dtypes holds of every value that a run makes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.forms import TRUE_OR_FALSE, WEAK, Form, is_open
from tangent_ad.analyses.lengths import Lengths, find_lengths
from tangent_ad.analyses.webs import PARAMETER
from tangent_ad.backends.python import LiveGlobals
from tangent_ad.core import nodes as n
from tangent_ad.core.scope import scope_of
from tangent_ad.core.walk import map_body
from tangent_ad.emit.text import function_text
from tangent_ad.errors import RefusedError
from tests.analyses.program import Program, program
from tests.frontend.defining import define
from tests.modes.running import HELPERS
from tests.random_programs.generate import generate
from tests.random_programs.load import load, unload

Note = Callable[[int, str, Any], None]


class Broken(Exception):
    """Something that is said of a value does not hold."""


class Seen:
    """The values of one run, each compared with what is said of it."""

    def __init__(self, lengths: Lengths) -> None:
        self.lengths, self.axes, self.dtypes, self.said = lengths, dict[Hashable, int](), dict[Hashable, Any](), 0

    def note(self, num: int, name: str, value: Any) -> None:
        form = self.lengths.defined(num, name)
        if isinstance(value, (tuple, list, str, type(None))) or form == Form():
            return
        shape, dtype = np.shape(value), type(value) if type(value) in (int, float) else np.result_type(value)
        if form.shape is not None and not is_open(form.shape):
            if len(form.shape) != len(shape):
                raise Broken(f"{name} of {num}: {shape} is no {form.shape}")
            for key, length in zip(form.shape, shape, strict=True):
                self.same(self.axes, key, length, (num, name))
        if form.dtype == WEAK and dtype not in (int, float):
            raise Broken(f"{name} of {num} is no number of Python: {dtype}")
        if form.dtype == TRUE_OR_FALSE and dtype not in (bool, np.dtype(bool)):
            raise Broken(f"{name} of {num} is not true or false: {dtype}")
        if form.dtype in ({"float64"}, {"float32"}) and str(dtype) not in form.dtype:
            raise Broken(f"{name} of {num} is no {form.dtype}: {dtype}")
        if form.dtype not in (None, WEAK):
            self.same(self.dtypes, form.dtype, dtype, (num, name))

    def same(self, table: dict[Hashable, Any], key: Hashable, found: Any, where: tuple[int, str]) -> None:
        if key is None:
            return
        self.said += 1
        if isinstance(key, int) and key != found:
            raise Broken(f"{where}: {found} where {key} is said")
        if table is self.axes and isinstance(key, frozenset):
            for part in key:
                length = part if isinstance(part, int) else self.axes.get(part, found)
                if length not in (1, found):
                    raise Broken(f"{where}: {part} is {length}, and stretched to {found}")
        if table.setdefault(key, found) != found:
            raise Broken(f"{where}: {key} was {table[key]} and is {found}")


def noted(fn: n.Function, note: Note) -> Callable[..., Any]:
    """`fn`, which says of each value what it is as soon as a name has it."""

    def after(num: int, names: tuple[str, ...]) -> tuple[n.Stmt, ...]:
        parts = [(n.Const(num), n.Const(name), n.Name(name)) for name in names]
        return tuple(n.ExprStmt(n.Call(note, "note", args)) for args in parts)

    def with_notes(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        return (stmt, *(() if isinstance(stmt, n.For) else after(stmt.num, tuple(bound_by(stmt)))))

    first = after(PARAMETER, tuple(p.name for p in fn.params))
    text = function_text(replace(fn, name="traced", body=(*first, *map_body(fn.body, with_notes))))
    scope = LiveGlobals(scope_of(fn.pyfunc), {**HELPERS, "note": note}, fn.externals)
    exec(text, scope)
    made: Callable[..., Any] = scope["traced"]
    return made


def hold(p: Program, lengths: Lengths, *args: Any) -> int:
    """Run the program; how much was said of its values."""
    seen = Seen(lengths)
    with np.errstate(all="ignore"):
        noted(p.fn, seen.note)(*[a.copy() if isinstance(a, np.ndarray) else a for a in args])
    return seen.said


def vector(name: str, axis: str) -> str:
    return f"{name}: 'Float[np.ndarray, \"{axis}\"]'"


HEAD = f"{vector('u', 'n')}, {vector('v', 'n')}, {vector('w', 'k')}, {vector('m', 'n k')}, x: float, j: int"
BODIES = {
    "elementwise": "a = u * v + x\nb = m * w\nc = u[:, None] * w\nd = b * c\nreturn d + a[0]",
    "slices": "a = u[1:] * v[:-1]\nb = u[2:-1][1:]\nc = u[j:]\nd = u[j:] * v[j:]\ne = m[:, :1] * w\nreturn a[0:0]",
    "long cut": "a = u[5:]\nb = u[:-5]\nc = np.zeros(3)[1:][1:]\nd = np.zeros(2)[3:]\nreturn a",
    "stretched": "a = w * u[:1]\nb = a + w\nc = w * 2.0 if x > 0 else a\nreturn b + c",
    "stored": "q = np.zeros(len(u))\na = w[:1] * u[:1]\nb = u * a\nq[:] = b\nq[:] = a\nreturn q",
    "stored in a branch": "q = np.zeros(7)\ny = u * 2.0\nif len(u) == 7:\n    q[:] = y\nreturn y",
    "sums": "a = np.sum(m, axis=0)\nb = np.sum(m, axis=-1)\nc = np.sum(m)\nd = np.mean(m, axis=1) * c\nreturn a + w",
    "products": "a = m @ w\nb = u @ m\nc = m.T @ m\nd = np.outer(u, w)\ne = u @ v\nf = np.dot(m, w)\nreturn a",
    "made": "n, k = m.shape\na = np.zeros((k, n))\nb = np.ones(n)\nc = np.zeros_like(m)\nd = np.zeros(w.shape)\n"
    "e = np.full(n, 2.0)\nf = np.full(n, x)\ng = np.zeros(n + 1)\nh = np.empty((3,) + m.shape)\nh[:] = 0.0\nreturn a",
    "bound again": "a = u\nfor i in range(3):\n    a = a[1:]\n    b = a * 2.0\n    c = u[i:]\nreturn a",
    "size that changes": "k = 1\nfor i in range(3):\n    a = np.zeros(k)\n    b = u[:k]\n    k = k + 1\nreturn a",
    "grown by a loop": "s = 0.0\nfor i in range(j):\n    t = s * 2.0\n    s = s + u\nt = s * 1.0\nreturn t",
    "in place": "a = u[:1].copy()\na += x\nb = x * 2.0\nb += u[0]\nc = x\nc = c + u\nreturn a + b + c",
    "masks": "a = u > 0.0\nb = np.where(a, u, v)\nc = np.where(u > 0.0, a, 2.0)\nd = c * u\n"
    "e = np.where(a, 1.0, x)\nreturn d",
    "likes": "a = np.ones_like(u, np.float32)\nb = np.zeros_like(u, dtype=np.float32)\n"
    "c = np.full_like(u, 2.0, np.float32)"
    "\nd = np.full_like(u, x)\ne = a * u\nreturn e",
    "numbers": "a = np.sin(x)\nb = a * u\nc = u[0] * v\nd = np.sum(u) * v\ne = len(u) * u\nf = np.sqrt(2.0) * u\n"
    "g = max(u[0], 1.0) * v\nh = abs(x) * u\nreturn h",
    "indices": "i = np.argmax(u)\na = u * i\nb = m[i]\nc = u[np.array([0, 0])]\nd = m[0] * w\ne = u[u > 0.0]\nreturn a",
    "swapped": "a = u\nb = w\nfor i in range(3):\n    t = a\n    a = b\n    b = t\n    c = a * 2.0\nreturn c",
    "tape": "t = []\nfor i in range(3):\n    t.append(u)\na = t.pop()\nt.append(w)\nb = t.pop()\nreturn a",
}
SIZES = [(4, 3), (3, 1), (1, 3), (1, 1), (7, 2)]


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_every_value_is_what_is_said(body: str) -> None:
    said = 0
    p = program(HEAD, body, "u v w m x")
    for (rows, columns), single in itertools.product(SIZES, range(5)):
        args = [np.linspace(-0.4, 0.9, rows), np.linspace(0.2, 0.7, rows), np.linspace(-0.1, 0.8, columns)]
        args.append(np.outer(args[0], args[2]))
        args = [a.astype(np.float32) if k == single else a for k, a in enumerate(args)]
        try:
            said += hold(p, find_lengths(p.facts, True, False), *args, 0.3, 1)
        except (ValueError, IndexError):  # the program itself has no value for these sizes
            continue
    assert said > 200


def test_random_programs() -> None:
    said = 0
    for number in range(40):
        made = generate(77, number)
        try:
            p = Program.of(load(made.name, made.source)["f"], tuple(made.params[k].name for k in made.wrt))
            said += sum(hold(p, find_lengths(p.facts, True, False), *made.arguments(k)) for k in made.variants())
        except (RefusedError, IndexError):  # the program itself may look for an element that is not there
            continue
        finally:
            unload(made.name)
    assert said > 200


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (("less", ("of", "u", 0), 1), ("of", "u", 0)),
        (("of", "w", 0), ("of", "u", 0)),
        (frozenset((("of", "u", 0), ("of", "w", 0))), ("of", "w", 0)),
    ],
)
def test_what_is_said_wrongly_is_noticed(old: Hashable, new: Hashable) -> None:
    p = program(HEAD, "a = u[1:]\nb = w * 2.0\nc = u[:, None]\nd = w * u[0]\nreturn d", "u w")
    q = program(HEAD.replace('"k"', '"o"'), "a = u[1:]\nb = w * 2.0\nc = u * w\nreturn b", "u w")
    for one, sizes in ((p, (4, 3)), (q, (4, 1))):
        lengths = find_lengths(one.facts, True, False)
        args = [np.ones(sizes[0]), np.ones(sizes[0]), np.ones(sizes[1]), np.ones((sizes[0], 3)), 0.5, 1]
        hold(one, lengths, *args)
        wrong = {d: form for d, form in lengths.of_def.items() if form.shape is not None and old in form.shape}
        for d, form in wrong.items():
            assert form.shape is not None
            lengths.of_def[d] = Form(tuple(new if axis == old else axis for axis in form.shape), form.dtype)
        if wrong:
            with pytest.raises(Broken):
                hold(one, lengths, *args)
            return
    pytest.fail("nothing to say wrongly")


@pytest.mark.parametrize(
    "weight", ["np.where(u > 0.5, u > 0.0, 2.0)", "np.ones_like(u, np.float64)", "np.full_like(u, 1.5, np.float64)"]
)
def test_a_float32_array_has_a_float32_gradient(weight: str) -> None:
    """Where a wide array that was made of it stands beside it, too."""
    f = define(f"def f({vector('u', 'n')}):\n    w = {weight}\n    return np.sum(w * u)\n")
    u = np.array([0.25, 0.75, -0.5])
    assert [ad.grad(f)(u.astype(dtype)).dtype for dtype in (np.float32, np.float64)] == [np.float32, np.float64]
    np.testing.assert_array_equal(ad.grad(f)(u.astype(np.float32)), ad.grad(f)(u))
