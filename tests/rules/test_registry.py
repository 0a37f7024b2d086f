"""The table of rules: who finds what, how a call is brought into a rule's form, what is refused."""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tangent_ad import rules  # noqa: F401  (fills the table)
from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym
from tangent_ad.core.kinds import FLOAT, Kind, array, tuple_of
from tangent_ad.errors import RefusedError
from tangent_ad.rules import registry, shapes
from tangent_ad.rules.registry import Carried, lookup


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before = dict(registry._RULES)
    yield
    registry._RULES.clear()
    registry._RULES.update(before)


def declared(x, y, k=2, *, scale=1.0):
    return x * y


def declare() -> registry.Rule:
    return registry.partials(declared, lambda z, x, y, k=2, *, scale=1.0: (y, x), shapes.arithmetic)


BOUND = {
    "f(1, 2)": ((1, 2, 2), {"scale": 1.0}),
    "f(1, y=2)": ((1, 2, 2), {"scale": 1.0}),
    "f(y=1, x=2)": ((2, 1, 2), {"scale": 1.0}),
    "f(1, 2, 3, scale=4)": ((1, 2, 3), {"scale": 4}),
    "f(1, 2, k=3)": ((1, 2, 3), {"scale": 1.0}),
}


@pytest.mark.parametrize("call", BOUND)
def test_binding(call: str) -> None:
    rule = declare()
    assert eval(call, {"f": lambda *args, **kw: rule.bind(args, kw)}) == BOUND[call]


@pytest.mark.parametrize(
    "call", ["f(1)", "f(1, 2, 3, 4)", "f(1, 2, out=None)", "f(1, 2, x=3)", "f()", "f(1, 2, dtype=float)"]
)
def test_what_does_not_bind_is_refused(call: str) -> None:
    rule = declare()
    with pytest.raises(RefusedError, match="declared: "):
        eval(call, {"f": lambda *args, **kw: rule.bind(args, kw)})


def test_binding_is_quick_only_where_nothing_is_to_be_filled_in() -> None:
    pair = registry.partials(declared, lambda z, x, y: (y, x), shapes.arithmetic)
    assert pair.plain == 2 and pair.bind((1, 2)) == ((1, 2), {}) and pair.bind((1,), {"y": 2}) == ((1, 2), {})
    assert declare().plain == -1
    for wrong in ((1,), (1, 2, 3)):
        with pytest.raises(RefusedError):
            pair.bind(wrong)


def test_a_second_rule_takes_the_place_of_the_first() -> None:
    before, first = registry.version(), declare()
    second = declare()
    assert lookup(declared) is second is not first and registry.version() == before + 2
    assert [r for r in registry.all_rules() if r.fn is declared] == [second]


def test_found_by_what_it_is() -> None:
    """By the object, never by its name or by what is equal to it."""
    declare()

    def twin(x, y):
        return x * y

    twin.__name__, twin.__qualname__, twin.__module__ = "declared", "declared", declared.__module__
    assert lookup(twin) is None and lookup(functools.partial(declared)) is None
    for nobody in ([], {}, np.ones(3), "np.sin", None, print, 3, SimpleNamespace(rule=1)):
        assert lookup(nobody) is None


def test_what_carries_its_rule() -> None:
    carried = Carried()
    carried.rule = declare()
    assert lookup(carried) is carried.rule
    with pytest.raises(TypeError, match="`declared` stands for a function and is not one"):
        carried(1.0)


def test_declaring() -> None:
    linear = registry.linear(
        declared, lambda g, x, y: g * y, lambda g, x, y: g * x, kind=shapes.arithmetic, argnums=(0, 1)
    )
    assert linear.argnums == (0, 1) and linear.diff == "linear" and linear.result == "fresh"
    assert list(linear.signature.parameters) == ["x", "y"]
    with pytest.raises(ValueError, match="shorter"):
        registry.linear(declared, lambda g, x, y: g * y, kind=shapes.arithmetic, argnums=(0, 1))
    writing = registry.custom(
        declared, jvp=lambda y, dots, x, v: None, vjp=lambda g, y, x, v: (None, g), kind=shapes.like, writes=(0,)
    )
    assert writing.diff == "write" and list(writing.signature.parameters) == ["x", "v"]
    assert registry.zero(declared, lambda x, k=1: None, shapes.like).bind((1,)) == ((1, 1), {})
    assert registry.refused(declared, lambda x: None, shapes.like, "write it out").note == "write it out"


@pytest.mark.parametrize(
    ("fn", "text"),
    [(np.sin, "np.sin"), (np.linalg.norm, "np.linalg.norm"), (list.append, ".append()"), (declared, "declared"),
     (abs, "abs"), (np.ndarray.copy, ".copy()")],
)  # fmt: skip
def test_spelling(fn: Any, text: str) -> None:
    assert registry.spelling_of(fn) == text


U, X = Sym(n.Name("u"), array(1, "float")), Sym(n.Name("x"), FLOAT)
PAIR = Sym(n.Tuple((n.Name("x"), n.Name("x"))), tuple_of(FLOAT, FLOAT))
LIST = Sym(n.List((n.Name("x"),)), Kind("tape", elts=(FLOAT,)))
STRINGS = Sym(n.Tuple((n.Const(0), n.Const(1))), tuple_of(Kind("value", "int", 0), Kind("value", "int", 0)))


def test_displays_where_a_number_or_an_array_is_needed() -> None:
    for fn, args in ((np.sin, (PAIR,)), (operator.mul, (X, PAIR)), (np.sum, (PAIR,)), (np.dot, (U, PAIR))):
        with pytest.raises(RefusedError, match="where a number or an array is needed"):
            lookup(fn).kind(args)  # type: ignore[union-attr]
    with pytest.raises(RefusedError, match="of a list"):
        lookup(np.sum).kind((Sym(n.Name("t"), Kind("tape")),))  # type: ignore[union-attr]
    for fn, args in ((np.array, (PAIR,)), (np.stack, (PAIR,)), (np.sum, (U, STRINGS))):
        if fn is np.sum:
            args = (Sym(n.Name("m"), array(2, "float")), STRINGS)
        assert lookup(fn).kind(args).form == "value"  # type: ignore[union-attr]


def test_rules_are_whole() -> None:
    """Each has what its way of differentiation needs, and takes the arguments of its own signature."""
    for rule in registry.all_rules():
        assert lookup(rule.fn) is rule
        assert (rule.partials is not None) == (rule.diff == "partials"), rule.spelling
        assert bool(rule.transposes) == (rule.diff == "linear"), rule.spelling
        assert (rule.jvp is not None and rule.vjp is not None) == (rule.diff in ("custom", "write")), rule.spelling
        assert rule.result in ("fresh", "view", "maybe") and bool(rule.note) >= (rule.diff == "refused")
        positional = [p for p in rule.signature.parameters.values() if p.kind is not inspect.Parameter.KEYWORD_ONLY]
        assert all(k < len(positional) or "xs" in rule.signature.parameters for k in (*rule.argnums, *rule.writes))
    assert list(registry.names()) == sorted(set(registry.names())) and "np.sin" in registry.names()
