"""A name for each web."""

from __future__ import annotations

from tangent_ad.analyses.webs import find_webs
from tangent_ad.core.order import number
from tangent_ad.emit.text import body_text
from tangent_ad.modes.split import split_webs
from tests.analyses.program import program
from tests.modes.rewritten import functions
from tests.modes.running import assert_same


def test_the_same_function_with_one_web_for_each_name() -> None:
    renamed = 0
    for p, sets in functions():
        made = number(split_webs(p.fn, p.webs))
        names = [(name, web) for (_, name), web in find_webs(made).of_def.items()]
        assert len({name for name, _ in names}) == len(set(names)), body_text(made.body)
        renamed += made != p.fn
        for args in sets:
            assert_same(made, p.fn, *args)
    assert renamed > 15


def test_the_first_keeps_its_name() -> None:
    p = program("x: float, a2: float", "a = x\nb = a\na = a2\nx = a\na = x * b\nreturn a")
    text = "a = x\nb = a\na3 = a2\nx2 = a3\na4 = x2 * b\nreturn a4\n"
    assert body_text(split_webs(p.fn, p.webs).body) == text


def test_what_is_joined_stays_one() -> None:
    p = program("x: float, k: int", "a = x\nfor i in range(k):\n    b = a\n    a = b * x\n    b = 1.0\nreturn a * b")
    text = body_text(split_webs(p.fn, p.webs).body)
    assert text.startswith("a = x\nfor i in range(k):\n    b = a\n    a = b * x\n    b2 = 1.0\n")
