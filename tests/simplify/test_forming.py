"""Forms in derived code: two arrays have the same shape, or the same dtype, only if that holds for all arguments."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tangent_ad.analyses.named import Forms
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import Kind, array
from tangent_ad.simplify.forming import find_forms
from tests.simplify.passing import FLOATS, derived, values_behind

GUARD = 'if u.shape[0] != v.shape[0]:\n    raise TypeError("u")\n'
SAME = {
    "likes": ("a = np.zeros_like(u)\nb = a + u * 2.0\nc = u[1:]\nd = c * c", "a=b=u c=d"),
    "broadcast": ("a = u * v\nb = a * u\nc = v + u\nd = a - v", "a=b=c=d"),
    "lengths": ("a = np.zeros(len(u))\nb = np.ones(u.shape[0])\nk = len(u)\nc = np.zeros((k, 2))\nd = c[0]", "a=b=u"),
    "constant lengths": ("a = np.zeros(3)\nb = np.ones((3,))\nc = np.ones((2, 3))\nd = c[0]\ne = c[:, 0]", "a=b=d"),
    "slices": ("a = u[1:]\nb = u[:-1]\nc = u[1:]\nd = v[1:]", "a=b=c"),
    "transposed": ("a = m.T\nb = a.T\nc = a @ m\nd = m * 2.0", "b=d=m"),
    "sums": ("a = np.sum(m, axis=0)\nb = m[0]\nc = np.sum(m, axis=1)\nd = m[:, 0]\n"
             "e = np.sum(m, axis=1, keepdims=True)", "a=b c=d"),
    "in branches": ("if x > 0.0:\n    a = u\nelse:\n    a = np.zeros_like(u)\n"
                    "if x > 0.0:\n    b = u\nelse:\n    b = v\nc = u * 1.0", "a=c=u"),
    "carried": ("a = u\nb = u\nfor i in range(3):\n    a = a * u\n    b = b[1:] if i else b\nc = u * 1.0", "a=c=u"),
    "bound again": ("a = np.zeros(n)\nn = n + 1\nb = np.zeros(n)\nc = np.ones(n)", ""),
    "held by a guard": (GUARD + "a = u * v\nb = v * 2.0", "a=b=u=v"),
    "held by no guard": ("x = y\n" + GUARD + "a = u * v\nb = v * 2.0", "b=v"),
    "helpers": ("a = sum_to(u * v, u)\nb = spread(x, u)\nc = copy_of(v)\nd = unreduce(x, m)", "a=b=u c=v d=m"),
    "reshaped": ("a = u.reshape((2, 2))\nb = np.ravel(a)\nc = a.reshape(4)\nd = u * 1.0", "d=u"),
    "elements as lengths": ("k = np.zeros(1, int)\na = u[: k[0]]\nc = u[1 + n :]\nk[0] = 2\n"
                            "b = u[: k[0]]\nd = u[1 + n :]", "c=d"),
    "a list's length": ("t = [x]\na = u[: len(t)]\nb = u[: len(t) + 1]\nt.append(y)\n"
                        "c = u[: len(t)]\nd = u[: len(t) + 1]", ""),
    "augmented": ("a = u * 1.0\na += v\nb = np.ones(1)\nb = b + u\nc = u * 1.0", "a=c=u"),
}  # fmt: skip
"""Bodies, and the names that have one shape, in groups; of no other two is it known."""


def forms_of(body: str, **kinds: Kind) -> Forms:
    fn, context = derived(body + "\nreturn x", {**FLOATS, **kinds})
    return find_forms(fn, context)


def arguments() -> list[tuple[Any, ...]]:
    sizes = ((4, 4), (1, 4), (4, 1), (4, 4))
    return [
        (x, 0.25, np.arange(1.0, a + 1.0), np.ones(b), np.ones((2, 2) if a > 1 else (1, 3)), 2)
        for x, (a, b) in zip((0.5, -0.5, 0.5, -0.5), sizes, strict=True)
    ]


def pairs(body: str) -> set[tuple[str, str]]:
    """The pairs of names that surely have one shape."""
    forms = forms_of(body)
    names = [name for name in sorted(forms.table) if name not in "xyn" and not name.startswith("[")]
    return {(a, b) for a, b in itertools.combinations(names, 2) if forms.same(n.Name(a), n.Name(b))}


@pytest.mark.parametrize("case", SAME)
def test_shapes(case: str) -> None:
    body, groups = SAME[case]
    expected = {pair for group in groups.split() for pair in itertools.combinations(sorted(group.split("=")), 2)}
    assert pairs(body) == expected


@pytest.mark.parametrize("case", SAME)
def test_shapes_are_what_is_said(case: str) -> None:
    body, _ = SAME[case]
    ran = 0
    for args in arguments():
        try:
            found = values_behind(body, *args)
        except (TypeError, ValueError):
            continue
        ran += 1
        for a, b in pairs(body):
            assert np.shape(found[a]) == np.shape(found[b]), (a, b)
    assert ran


DTYPES = {
    "likes": ("a = u * 2.0\nb = np.zeros_like(u)\nc = -u\nd = u[1:]", "a=b=c=d=u"),
    "promoted": ("a = u * v\nb = v + u\nc = u * 1.0\nd = a * u", "a=b=d c=u"),
    "numbers": ("a = u * x\nb = u * n\nc = u * 2\nd = u * 2.0", "c=d=u"),
    "made": ("a = np.zeros(3)\nb = np.ones(2)\nc = np.zeros(3, np.float32)\nd = np.zeros(3, int)\ne = a + c", "a=b=e"),
    "truth": ("a = u > v\nb = u * a\nc = np.where(a, u, u)", "b=c=u"),
    "bound again": ("a = u\na = v\nb = u * 1.0", "b=u"),
    "dtypes": ("a = np.zeros(2, u.dtype)\nb = np.empty(3, v.dtype)\nc = u * 2.0", "a=c=u b=v"),
}
"""Bodies, and the arrays that have one dtype."""


def alike_dtypes(body: str) -> set[tuple[str, str]]:
    forms = forms_of(body)
    names = [name for name in sorted(forms.table) if name not in "xynm"]
    return {(a, b) for a, b in itertools.combinations(names, 2) if forms.equals(n.Name(a), n.Name(b))}


@pytest.mark.parametrize("case", DTYPES)
def test_dtypes(case: str) -> None:
    body, groups = DTYPES[case]
    expected = {pair for group in groups.split() for pair in itertools.combinations(sorted(group.split("=")), 2)}
    assert alike_dtypes(body) == expected


@pytest.mark.parametrize("case", DTYPES)
def test_dtypes_are_what_is_said(case: str) -> None:
    body, _ = DTYPES[case]
    for x, (one, two) in itertools.product(
        (0.5, np.float64(0.5)), itertools.product((np.float64, np.float32), repeat=2)
    ):
        found = values_behind(body, x, 0.25, np.ones(4, one), np.ones(4, two), np.ones((2, 2)), 2)
        for a, b in alike_dtypes(body):
            assert found[a].dtype == found[b].dtype, (a, b)  # type: ignore[attr-defined]


def test_double_precision_is_known_of_compiled_types() -> None:
    fn, context = derived("a = u * 2.0\nreturn a", {"u": array(1, "float")})
    assert find_forms(fn, context).table["u"].dtype == {"u"}
    assert find_forms(fn, replace(context, typed=True, forms={})).table["a"].dtype == {"float64"}


def test_precision_on_the_way() -> None:
    """Adjoints may be of another precision on their way; tangents, and what holds single precision, may not."""
    u, v = n.Name("u"), n.Name("t")
    assert forms_of("t = u * x\nreturn_bar = t").alike(v, u)
    assert not forms_of("t_dot = u * x\nt = u * x").alike(v, u)
    assert not forms_of("t = u * x", v=array(1, "float32")).alike(v, u)


def test_found_once() -> None:
    fn, context = derived("a = u * 2.0\nreturn a")
    assert find_forms(fn, context) is find_forms(fn, context)
    other, _ = derived("a = u[1:]\nreturn a")
    assert find_forms(other, context) is not find_forms(fn, context)
