"""Names that share memory are in one class; what a statement binds and writes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tangent_ad.core.walk import statements
from tangent_ad.emit.text import body_text
from tangent_ad.simplify.context import kinds_of
from tangent_ad.simplify.memory import Memory, find_memory, names_alone
from tests.simplify.passing import ARGUMENTS, derived, values_behind

TOGETHER = {
    "views": ("a = u * x\nb = a[1:]\nc = b[::-1]\nd = c + 1.0", "a b c"),
    "chosen": ("a = u * x\nb = v * y\nc = a if x > 0.0 else b", "a b c"),
    "in branches": ("a = u * x\nb = v * y\nif x > 0.0:\n    c = a\nelse:\n    c = b[1:]", "a b c"),
    "elements": ("a = u * x\nb = a[0]\nc = a[[0, 1]]", "a c"),
    "maybe a view": ("a = u * x\nb = a.reshape((2, 2))\nc = a.copy()\nd = np.ravel(b)", "a b d"),
    "matrices": ("a = m * x\nb = a.T\nc = a @ b\nd = b[0]", "a b d"),
    "operators": ("a = u * x\nb = a + 0.0\nc = 1.0 * a\nd = -a", ""),
    "tuples": ("a = u * x\nb, c = a, v * y\nd = (a, c)\ne = d[0]", "a b c d e"),
    "tapes": ("a = u * x\nb = [a]\nc = b.pop()", "a b c"),
    "appended": ("a = u * x\nb = []\nb.append(a)\nc = b.pop()", "a b c"),
    "stored": ("a = np.zeros((2, 4))\nb = u * x\na[0] = b\nc = a[1]", "a b c"),
    "carried": ("a = u * x\nb = v * y\nfor i in range(n):\n    c = a\n    a = b\n    b = c", "a b c"),
    "helpers": ("a = u * x\nb = copy_of(a)\nc = spread(a, v)\nd = sum_to(a, v)", "a d"),
}
"""Bodies, and the names of their own that are in one class; all others are alone."""


def memory_of(body: str) -> Memory:
    fn, context = derived(body + "\nreturn x")
    return find_memory(fn, kinds_of(fn, context))


@pytest.mark.parametrize("case", TOGETHER)
def test_classes(case: str) -> None:
    body, names = TOGETHER[case]
    fn, context = derived(body + "\nreturn x")
    memory = find_memory(fn, kinds_of(fn, context))
    own = {name for effect in memory.effects.values() for name in effect.binds}
    together = set(names.split())
    assert len({memory.class_of.get(name, name) for name in together}) == min(len(together), 1)
    assert names_alone(fn, memory) == own - together


@pytest.mark.parametrize("case", TOGETHER)
def test_what_shares_memory_is_together(case: str) -> None:
    """The classes are those that NumPy shows, or larger."""
    body, _ = TOGETHER[case]
    memory = memory_of(body)
    for args in ARGUMENTS:
        found = {name: a for name, a in values_behind(body, *args).items() if isinstance(a, np.ndarray)}
        own = [name for name in found if name not in "xyuvmn"]
        for a, b in itertools.combinations(own, 2):
            if np.shares_memory(found[a], found[b]):
                assert memory.class_of[a] == memory.class_of[b], (a, b)


EFFECTS = {
    "a = u * x": ("a", ""),
    "a, b = b, a": ("a b", ""),
    "u[0] = x": ("", "u"),
    "u[1:] += v": ("", "u"),
    "m[0][1] = x": ("", "m"),
    "u += v": ("u", "u"),
    "x += y": ("x", ""),
    "t.append(x)": ("", "t"),
    "a = t.pop()": ("a", "t"),
    "add_at(u, np.array([0, 1]), v)": ("", "u"),
    "u[0], m[1] = x, u": ("", "u m"),
    "for i in range(n):": ("i a", "v"),
    "if x > y:": ("a", "u v"),
}
FIRST = "t = [x]\na = x\nb = y\n"
WHOLE = {
    "for i in range(n):": "\n    a = x\n    v[i] = a",
    "if x > y:": "\n    a = x\n    u[0] = a\nelse:\n    v[0] = x",
}


@pytest.mark.parametrize("text", EFFECTS)
def test_effects(text: str) -> None:
    fn, context = derived(f"{FIRST}{text}{WHOLE.get(text, '')}\nreturn x")
    memory = find_memory(fn, kinds_of(fn, context))
    (stmt,) = (s for s in statements(fn.body) if body_text((s,)).splitlines()[0] == text)
    binds, writes = EFFECTS[text]
    assert memory.effects[stmt.num].binds == set(binds.split())
    assert memory.effects[stmt.num].writes == {memory.class_of.get(name, name) for name in writes.split()}


def test_reading_a_shape_reads_no_memory() -> None:
    fn, context = derived("a = u * len(v) + m.shape[0]\nb = sum_to(u, v)\nc = x * np.sum(m[n])\nreturn x")
    memory = find_memory(fn, kinds_of(fn, context))
    read = [memory.reads(s.value) for s in fn.body[:3]]
    names = ["u", "u", "m"]
    assert read == [frozenset((memory.class_of.get(name, name),)) for name in names]
