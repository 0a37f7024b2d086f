"""Which calls stay calls, and what stands for their derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.calling import all_calls
from tangent_ad.core.kinds import ANY, FLOAT, INT, Kind, array, tuple_of
from tangent_ad.frontend.desugar import desugar
from tangent_ad.frontend.read import read_function
from tangent_ad.modes.calls import Callee, MustInline, Session, called_within, check_calls, companions_in, parameters_of
from tangent_ad.modes.normal import normal_facts
from tests.frontend.defining import define

VEC, MAT = array(1), array(2)
LOOP = "    for _ in range(2):\n        s = s * 0.5\n"
LONG = "    s = x\n" + LOOP + "    return s\n"


def callee(body: str, head: str = "x", **names: Any) -> Callee | None:
    return Session().offer(define(f"def g({head}):\n{body}", "g", names))


def offered(body: str, head: str = "x", **names: Any) -> Callee:
    found = callee(body, head, **names)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("body", "head"),
    [
        ("    return x * x\n", "x"),  # small
        (LONG, "*x"),
        (LONG, "a, *, x"),
        ("    assert x > 0\n" + LONG, "x"),
        ("    if x > 3.0:\n        raise ValueError('x')\n" + LONG, "x"),
        (LONG.replace("return s", "return s, x"), "x"),
        (LONG.replace("    return s\n", ""), "x"),
        ("    global counter\n" + LONG, "x"),
    ],
)
def test_no_call_of_these_stays(body: str, head: str) -> None:
    assert callee(body, head) is None


def test_what_is_no_function_and_what_is_being_read() -> None:
    session = Session()
    assert session.offer(abs) is None and session.offer(3.0) is None
    names: dict[str, Any] = {}
    names["g"] = g = define(f"def g(x):\n{LONG.replace('return s', 'return g(s)')}", "g", names)
    assert session.offer(g) is None, "of one that calls itself"
    h = define(f"def h(x):\n{LONG}", "h")
    assert session.offer(h) is session.offer(h) is not None
    assert Session(frozenset((h,))).offer(h) is None


@pytest.mark.parametrize(
    ("body", "kinds", "stays"),
    [
        (LONG, (FLOAT,), True),
        (LONG, (ANY,), False),  # perhaps no value at all
        ("    s = 0.0\n    for k in range(len(x)):\n        s = s + x[k]\n    return s\n", (VEC,), True),
        ("    s = 0.0\n    for k in range(len(x)):\n        x[k] = s\n    return s\n", (VEC,), False),
        ("    s = x\n    for k in range(3):\n        s = x[k:]\n    return s\n", (VEC,), False),  # a view
        ("    s = x.copy()\n    for k in range(3):\n        s[k] = x[0]\n    return s\n", (VEC,), True),
        (
            "    s = x\n    for k in range(3):\n        s = s * 2.0\n    return s\n",
            (VEC,),
            False,
        ),  # x itself, if no trip
        ("    s = x * 1.0\n    for k in range(3):\n        s += x\n    return s\n", (VEC,), True),
    ],
)
def test_kinds_decide(body: str, kinds: tuple[Kind, ...], stays: bool) -> None:
    g = offered(body)
    assert g.unfit(kinds) == (frozenset() if stays else frozenset((g.value,)))


def test_the_inner_one_is_named() -> None:
    inner = define("def inner(x):\n    s = 0.0\n    for k in range(2):\n        x[k] = s\n    return s\n", "inner")
    g = offered("    s = x * 1.0\n    for _ in range(2):\n        s += inner(s)\n    return s\n", inner=inner)
    assert g.unfit((VEC,)) == {inner}


def test_its_result_and_what_it_says_of_its_arguments() -> None:
    g = offered("    s = y * x[0]\n    for k in range(len(x)):\n        s = s + x[k]\n    return s\n", "x, y")
    assert g.unfit((VEC, FLOAT)) == frozenset()
    uses = g.uses((ANY, ANY), True)
    assert uses.ranks == {0: (1, "index"), 1: (0, "result")}
    assert uses.arrays == {0}
    assert g.uses((ANY, ANY), False).ranks == {0: (1, "index")}


SUM = "    s = y\n    for k in range(len(x)):\n        s = s + x[k] * y\n    return s\n"
HERE = "    s = y\n    for k in range(3):\n        s = s + x[i] * x[i + 1]\n    return s\n"


def test_parameters_of_derivatives() -> None:
    g = offered(SUM, "x, y")
    kinds = (VEC, FLOAT)
    jvp, value = g.derivative("jvp", (0,), kinds), g.derivative("value", (), kinds)
    both, one = g.derivative("pullback", (0, 1), kinds), g.derivative("pullback", (1,), kinds)
    assert (jvp.given, value.given, both.given) == ((VEC, VEC, FLOAT), kinds, (FLOAT, VEC, FLOAT))
    assert (jvp.wrt, both.wrt, one.wrt) == (("x",), ("x", "y"), ("y",))
    assert [c.rule.kind_rule() for c in (jvp, value, both, one)] == [
        tuple_of(FLOAT, FLOAT),
        FLOAT,
        tuple_of(VEC, FLOAT),
        FLOAT,
    ]
    assert [c.rule.spelling for c in (jvp, value, both)] == ["g_jvp", "g", "g_pullback"]
    assert g.derivative("jvp", (0,), kinds) is jvp
    assert g.derivative("jvp", (0,), (array(1, "float32"), FLOAT)) is not jvp


def test_an_adjoint_of_a_few_elements() -> None:
    g = offered(HERE, "x, i, y")
    assert g.derivative("jvp", (0,), (VEC, INT, FLOAT)).mode == "jvp"
    assert g.derivative("pullback", (2,), (VEC, INT, FLOAT)).wrt == ("y",)
    with pytest.raises(MustInline) as found:
        g.derivative("pullback", (0,), (VEC, INT, FLOAT))
    assert found.value.functions == {g.value}


def caller(body: str, head: str, session: Session, **names: Any) -> n.Function:
    f = define(f"def f({head}):\n{body}", "f", names)
    return desugar(read_function(f), session.offer)


def summing() -> Callable[..., Any]:
    found: Callable[..., Any] = define(f"def g(x, y):\n{SUM}", "g")
    return found


def test_calls_that_cannot_stay_are_found() -> None:
    session, g = Session(), summing()
    fn = caller("    a = g(u, y)\n    return a * g(u, a)\n", "u, y", session, g=g)
    check_calls(normal_facts(fn, ("u",), {"u": VEC, "y": FLOAT}, False, "all"))
    for kinds in ({"u": FLOAT, "y": FLOAT}, {"u": VEC, "y": VEC}):
        with pytest.raises(MustInline) as found:
            check_calls(normal_facts(fn, ("u",), kinds, False, "all", presume=False))
        assert found.value.functions == {g}


def test_calls_within_a_module() -> None:
    session, g = Session(), summing()
    fn = caller("    a = g(u, y)\n    return a * g(u, a) * np.sum(u)\n", "u, y", session, g=g)
    made = called_within(fn, {"u": VEC, "y": FLOAT})
    (companion,) = companions_in(made)
    assert (companion.mode, companion.kinds, companion.callee.value) == ("value", (VEC, FLOAT), g)
    assert not companions_in(fn)
    assert [c.spelling for c in all_calls(made) if c.fn is companion] == ["g", "g"]
    one = n.Function("g", companion.callee.core.params, companion.callee.core.body)
    assert parameters_of((made, one)) == {"g": {"x": VEC, "y": FLOAT}}
