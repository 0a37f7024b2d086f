"""The first form of a function that has facts."""

from __future__ import annotations

import pytest

from tangent_ad.analyses.annotations import annotated_kinds
from tangent_ad.analyses.facts import Facts
from tangent_ad.core.order import number
from tangent_ad.emit.text import body_text
from tangent_ad.errors import RefusedError
from tangent_ad.modes.normal import normal_facts
from tests.analyses.program import program
from tests.modes.rewritten import HEAD, functions
from tests.modes.running import assert_same


def facts(head: str, body: str, short: bool = True) -> Facts:
    p = program(head, body, "u x")
    return normal_facts(p.fn, p.wrt, annotated_kinds(p.fn), False, "all", short=short)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        # as it is
        ("a = u * x\nreturn a", "a = u * x\nreturn a\n"),
        ("u += w\nreturn u", "u[...] += w\nreturn u\n"),
        # a name for each web: v is still a view of the first `u`
        (
            "a = u * x\nv = a[1:]\nh = a\na = 2.0 * w\nv[0] = x\nreturn h * a",
            "a = u * x\nv = a[1:]\nh = a\na2 = 2.0 * w\n",
        ),
        # a name for each definition: `g` is a view on one path only
        (
            "g = u[1:]\nif k:\n    u[2] = x\nelse:\n    g = np.ones(3)\nreturn g",
            "g = u[1:]\nif k:\n    u[2] = x\n    g3 = g\n",
        ),
        # short arrays as numbers
        ("v = np.zeros(1)\nv[0] = x\nreturn v[0] * u", "v_0 = np.float64(0.0)\nv_0 = np.float64(x)\n"),
    ],
)
def test_forms(body: str, text: str) -> None:
    found = facts(HEAD, body)
    assert body_text(found.fn.body).startswith(text)
    assert number(found.fn) is found.fn, "statements are numbered"


def test_short_arrays_stay_if_asked() -> None:
    text = body_text(facts(HEAD, "v = np.zeros(1)\nv[0] = x\nreturn v[0] * u", short=False).fn.body)
    assert text.startswith("v = np.zeros(1)\nv[0] = x\n")


def test_the_first_refusal_is_raised() -> None:
    body = "g = u[1:] if x > 0.0 else w\nh = g\nu[0] = x\ng[0] = 2.0\nreturn h * u"
    p = program(HEAD, body, "u x")
    with pytest.raises(RefusedError) as wanted:
        _ = p.facts
    with pytest.raises(RefusedError) as found:
        normal_facts(p.fn, p.wrt, annotated_kinds(p.fn), False, "all")
    assert str(found.value) == str(wanted.value)


def test_the_same_function() -> None:
    made = 0
    for p, sets in functions():
        try:
            found = normal_facts(p.fn, p.wrt, annotated_kinds(p.fn), False, "all")
        except RefusedError:
            continue
        made += 1
        for args in sets:
            assert_same(found.fn, p.fn, *args)
    assert made > 25
