"""Arrays that surely have the shape and the dtype of another."""

from __future__ import annotations

import numpy as np
import pytest

from tangent_ad.core.kinds import VALUE
from tangent_ad.simplify.context import kinds_of
from tangent_ad.simplify.shapes import Shapes, find_shapes, floating_names
from tests.simplify.passing import FLOATS, derived, values_behind

LIKE = {
    "copies": ("a = u.copy()\nb = np.zeros_like(a)\nc = copy_of(b)", "a:u b:u c:u"),
    "arithmetic": ("a = u * u + 2.0\nb = -np.sin(a / 3)\nc = np.sqrt(b * u)", "a:u b:u c:u"),
    "arithmetic with another": ("a = u * v\nb = a * 2.0\nc = a * u", "a:a b:a c:c"),
    "numbers may be of another dtype": ("a = u * x\nb = np.ones_like(u) * u", "a:a b:u"),
    "a dtype of its own": ("a = np.zeros_like(u, np.float32)\nb = np.zeros_like(u, dtype=int)\nc = np.full_like(u, x)",
                           "a:a b:b c:u"),
    "integers become floats": ("a = np.arange(4)\nb = np.sin(a)\nc = a * 2\nd = a.copy()", "a:a b:b c:c d:a"),
    "views": ("a = u[1:]\nb = a * 2.0\nc = u[1:] * 2.0", "a:a b:a c:c"),
    "bound twice": ("a = u * 2.0\na = u[1:]\nb = a * 2.0", "b:b"),
    "in a loop": ("for i in range(2):\n    a = u * 2.0\n    b = np.ones(i + 1)\n    c = b * 2.0", "a:u"),
    "added to in place": ("a = u * 2.0\na += v\nb = a * 2.0", "a:u b:u"),
}  # fmt: skip


def shapes_of(body: str, **kinds: object) -> Shapes:
    fn, context = derived(body + "\nreturn x", {**FLOATS, **kinds})  # type: ignore[dict-item]
    return find_shapes(fn, kinds_of(fn, context))


@pytest.mark.parametrize("case", LIKE)
def test_roots(case: str) -> None:
    body, expected = LIKE[case]
    given = {name: name for name in "uvmxyn"}
    found = {name: root for name, root in shapes_of(body).root.items() if name not in given}
    assert found == dict(part.split(":") for part in expected.split())


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("case", LIKE)
def test_what_is_said_holds(case: str, dtype: type) -> None:
    body, _ = LIKE[case]
    shapes = shapes_of(body)
    u, v, m = np.arange(4.0).astype(dtype), np.ones(4), np.ones((2, 2))
    found = values_behind(body, 0.5, 0.25, u, v, m, 2)
    for name, root in shapes.root.items():
        if isinstance(found.get(name), np.ndarray):
            assert (np.shape(found[name]), found[name].dtype) == (np.shape(found[root]), found[root].dtype), name


def test_parameters() -> None:
    shapes = shapes_of("u = u.copy()\nv = v[1:]\nu[0] = x\na = u * 2.0\nb = v * 2.0")
    assert shapes.root["u"] == "u" and shapes.root["a"] == "u"
    assert "v" not in shapes.root and shapes.root["b"] == "b"


GUARD = 'if u.ndim != 1 or u.dtype.kind != "f":\n    raise TypeError("u")\n'


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (GUARD, {"u"}),
        ('if u.dtype.kind != "f":\n    raise TypeError("u")\n' + GUARD.replace("u", "v"), {"u", "v"}),
        ('if u.dtype.kind != "i":\n    raise TypeError("u")\n', set()),
        ('if u.dtype.kind == "f":\n    raise TypeError("u")\n', set()),
        ('if u.ndim != 1 and u.dtype.kind != "f":\n    raise TypeError("u")\n', set()),
        ("x = x * 2.0\n" + GUARD, set()),
        ('if u.dtype.kind != "f":\n    x = y\n', set()),
        ('if u.dtype.kind != "f":\n    x = y\n    raise TypeError("u")\n', set()),
    ],
)
def test_floating_names(head: str, expected: set[str]) -> None:
    """Only what a guard at the head holds to it."""
    fn, context = derived(head + "return x", {**FLOATS, "u": VALUE, "v": VALUE, "m": VALUE})
    assert floating_names(fn, kinds_of(fn, context)) == expected
