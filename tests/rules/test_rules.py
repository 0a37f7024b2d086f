"""Every rule of the registry on plain values: both modes, second order, symbols, kinds, float32."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from tangent_ad.core.build import Sym, node, sym
from tangent_ad.core.walk import names_read
from tangent_ad.errors import RefusedError
from tangent_ad.rules.registry import all_rules, lookup
from tests.rules.cases import CASES, Case
from tests.rules.engine import (
    covers,
    dual,
    environment,
    evaluate,
    kind_of_value,
    pullback,
    symbol,
    symbolic_pullback,
    tangent,
)

IDS = [f"{k}-{case}" for k, case in enumerate(CASES)]
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def directions(x: Any, seed: int) -> Any:
    if isinstance(x, (tuple, list)):
        return tuple(directions(e, seed + k) for k, e in enumerate(x))
    d = np.random.default_rng(seed).uniform(-1, 1, np.shape(x))
    return d if np.ndim(x) else float(d)


def moved(x: Any, d: Any, h: float) -> Any:
    if isinstance(x, (tuple, list)):
        return (list if isinstance(x, list) else tuple)(moved(e, k, h) for e, k in zip(x, d))
    return x + h * d


def flat(x: Any) -> np.ndarray:
    if isinstance(x, (tuple, list)):
        return np.concatenate([flat(e) for e in x] or [np.zeros(0)])
    return np.ravel(np.asarray(x, float))


def setup(case: Case) -> tuple:
    rule = lookup(case.fn)
    args, kw = rule.bind(case.args, case.kw)
    y = case.fn(*case.args, **case.kw)
    dots = [directions(a, 5 * k) if k in case.active else None for k, a in enumerate(args)]
    return rule, args, kw, y, dots


def symbols(case: Case, args: tuple, level: str) -> tuple:
    varies = [k in case.active or isinstance(a, np.ndarray) for k, a in enumerate(args)]
    return tuple(symbol(f"a{k}", a, level) if on else a for k, (a, on) in enumerate(zip(args, varies)))


def call(case: Case, args: Any) -> Any:
    return case.fn(*args[: len(case.args)], **case.kw)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_both_modes(case: Case) -> None:
    rule, args, kw, y, dots = setup(case)
    slope = tangent(rule, y, args, kw, dots)
    h = 1e-6
    ahead, behind = ([moved(a, d, s) if d is not None else a for a, d in zip(args, dots)] for s in (h, -h))
    numeric = (flat(call(case, ahead)) - flat(call(case, behind))) / (2 * h)
    assert flat(slope).shape == flat(y).shape
    np.testing.assert_allclose(flat(slope), numeric, rtol=2e-5, atol=2e-7)
    if not isinstance(y, tuple):
        assert np.shape(slope) == np.shape(y)
    g = directions(tuple(y), 99) if isinstance(y, tuple) else directions(y, 99)
    total = 0.0
    for k in case.active:
        contribution = pullback(rule, g, y, args, kw, k)
        assert_same_shapes(contribution, args[k])
        total += flat(contribution) @ flat(dots[k])
    if flat(y).size:
        np.testing.assert_allclose(flat(g) @ flat(slope), total, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("level", ["exact", "array", "value", "any"])
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_each_tangent_alone(case: Case, level: str) -> None:
    """A tangent says one of the tangents that are given, or nothing: of each argument alone, and of one that carries
    none (the array whose shape alone counts)."""
    rule, args, kw, y, _ = setup(case)
    if rule.jvp is None or rule.diff != "custom":
        return
    given = symbols(case, args, level)
    for k, a in enumerate(args):
        if isinstance(a, (tuple, list)) or not isinstance(given[k], Sym):
            continue
        dots = [symbol(f"dot{k}", a, level) if j == k else None for j in range(len(args))]
        try:
            built = rule.jvp(symbol("y", tuple(y) if isinstance(y, tuple) else y, level), tuple(dots), *given, **kw)
        except RefusedError:
            assert (level != "exact" and not case.unknown) or not case.second
            continue
        assert built is None or f"dot{k}" in names_of(built)
        assert built is not None or k not in case.active


def names_of(built: Any) -> frozenset[str]:
    if isinstance(built, tuple):
        return frozenset().union(*map(names_of, built))
    return frozenset() if built is None else names_read(node(built))


def assert_same_shapes(x: Any, like: Any) -> None:
    if isinstance(like, (tuple, list)):
        assert isinstance(x, tuple) and len(x) == len(like)
        for a, b in zip(x, like):
            assert_same_shapes(a, b)
    else:
        assert np.shape(x) == np.shape(like)


@pytest.mark.parametrize("level", ["exact", "array", "value", "any"])
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_symbols_give_what_values_give(case: Case, level: str) -> None:
    """The text a rule builds computes what the rule computes, whatever is known of the ranks; so does its slope."""
    rule, args, kw, y, _ = setup(case)
    env: dict = {}
    for k, a in enumerate(args):
        environment(f"a{k}", a, env)
    g = directions(tuple(y), 99) if isinstance(y, tuple) else directions(y, 99)
    environment("y", y, env)
    environment("g", g, env)
    active = [k in case.active for k in range(len(args))]
    for k in case.active:
        try:
            built = symbolic_pullback(rule, args, kw, k, active, level, y)
        except RefusedError:
            assert level != "exact" and not case.unknown
            return
        expected = pullback(rule, g, y, args, kw, k)
        np.testing.assert_allclose(flat(evaluate(node(built), env)), flat(expected), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("case", [c for c in CASES if c.second], ids=[i for i, c in zip(IDS, CASES) if c.second])
def test_second_order(case: Case) -> None:
    """The registry differentiates what it built: forward over reverse against differences of reverse."""
    rule, args, kw, y, dots = setup(case)
    g = directions(tuple(y), 99) if isinstance(y, tuple) else directions(y, 99)
    active = [k in case.active for k in range(len(args))]
    slope = tangent(rule, y, args, kw, dots)
    h = 1e-6
    for k in case.active:
        built = node(symbolic_pullback(rule, args, kw, k, active, "exact", y))
        env: dict = {}
        slopes: dict = {}
        for j, a in enumerate(args):
            environment(f"a{j}", a, env)
            if dots[j] is not None:
                environment(f"a{j}", dots[j], slopes)
        environment("y", y, env)
        environment("y", slope, slopes)
        environment("g", g, env)
        second = dual(built, env, slopes)[1]
        ahead, behind = ([moved(a, d, s) if d is not None else a for a, d in zip(args, dots)] for s in (h, -h))
        both = [flat(pullback(rule, g, call(case, p), tuple(p), kw, k)) for p in (ahead, behind)]
        numeric = (both[0] - both[1]) / (2 * h)
        found = np.zeros_like(numeric) if second is None else flat(_zeros_for_none(second, args[k]))
        np.testing.assert_allclose(found, numeric, rtol=5e-5, atol=2e-6)


def _zeros_for_none(x: Any, like: Any) -> Any:
    if x is None:
        return np.zeros(flat(like).shape)
    if isinstance(x, tuple):
        return tuple(_zeros_for_none(e, p) for e, p in zip(x, like))
    return x


@pytest.mark.parametrize("level", ["exact", "array", "value", "any"])
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_kinds_cover_what_numpy_returns(case: Case, level: str) -> None:
    rule, args, kw, y, _ = setup(case)
    try:
        kind = rule.kind(symbols(case, args, level), kw)
    except RefusedError:
        assert level != "exact" and not case.unknown
        return
    assert covers(kind, tuple(y) if isinstance(y, tuple) else y), (kind, y)


def to32(x: Any) -> Any:
    if isinstance(x, (tuple, list)):
        return (list if isinstance(x, list) else tuple)(to32(e) for e in x)
    return x.astype(np.float32) if isinstance(x, np.ndarray) and x.dtype == np.float64 else x


@pytest.mark.parametrize("case", [c for c in CASES if c.float32], ids=[i for i, c in zip(IDS, CASES) if c.float32])
def test_float32_stays(case: Case) -> None:
    rule, args, kw, _, dots = setup(case)
    args = tuple(to32(a) if k in case.active else a for k, a in enumerate(args))
    y = call(case, args)
    if np.asarray(y[0] if isinstance(y, tuple) else y).dtype != np.float32:
        return
    assert covers(
        rule.kind(
            tuple(
                symbol("a", a, "exact") if k in case.active or isinstance(a, np.ndarray) else a
                for k, a in enumerate(args)
            ),
            kw,
        ),
        y,
    )
    slope = tangent(rule, y, args, kw, [None if d is None else to32(d) for d in dots])
    leaves = slope if isinstance(slope, tuple) else (slope,)
    assert all(np.asarray(s).dtype == np.float32 for s in leaves)
    g = tuple(np.float32(1) * e for e in y) if isinstance(y, tuple) else np.float32(1) * y
    for k in case.active:
        out = pullback(rule, g, y, args, kw, k)
        pairs = zip(out, args[k]) if isinstance(out, tuple) else [(out, args[k])]
        for contribution, a in pairs:
            if isinstance(a, np.ndarray):
                assert contribution.dtype == np.float32


def _is_ours(fn: Any) -> bool:
    """False for functions that other tests have declared."""
    if isinstance(fn, np.ufunc):
        return getattr(np, fn.__name__, None) is fn
    ours = ("numpy", "numpy.linalg", "math", "builtins", "_operator", "tangent_ad.runtime.helpers")
    return (getattr(fn, "__module__", None) or "builtins") in ours


def test_every_rule_has_a_case() -> None:
    tried = {lookup(case.fn) for case in CASES}
    skipped = {"zero", "refused", "write"}
    missing = [r.spelling for r in all_rules() if _is_ours(r.fn) and r.diff not in skipped and r not in tried]
    assert missing == ["np.float32"]


def test_float32_cast() -> None:
    rule = lookup(np.float32)
    assert rule.kind((sym(2.0),)).dtype == "float32"
    assert rule.transposes[0](np.float32(2.0), 1.0) == 2.0


def test_no_argument_beyond_the_signature() -> None:
    for rule in all_rules():
        if rule.spelling != ".format()" and "xs" not in rule.signature.parameters:
            with pytest.raises(RefusedError):
                rule.bind((1.0,), {"out": None})
    for kw in ({"dtype": float}, {"where": True}, {"initial": 0.0}):
        with pytest.raises(RefusedError):
            lookup(np.sum).bind((np.ones(3),), kw)
    with pytest.raises(RefusedError):
        lookup(np.sum).bind((np.ones(3), 0, None), {})


def test_kinds_of_functions_without_derivative() -> None:
    x, n = np.array([[0.3, -1.2, 2.0]]), np.array([1, 2, 3])
    samples: list[tuple] = [
        (np.sign, x), (np.floor, x), (np.floor, 0.4), (np.rint, x), (np.isnan, x), (np.isnan, 0.4), (np.round, x, 1),
        (np.argmax, x), (np.argmax, x, 1), (np.any, x), (np.all, x, 0), (np.count_nonzero, x), (len, x), (int, 0.4),
        (bool, 0.4), (round, 0.4), (round, 0.4, 1), (np.zeros, 3), (np.zeros, (2, 3)), (np.ones, (2,)),
        (np.zeros, 3, int), (np.zeros_like, x), (np.zeros_like, 0.4), (np.zeros_like, n), (np.eye, 3), (np.eye, 2, 3),
        (np.identity, 3), (np.arange, 3), (np.arange, 0.5, 2.0), (np.empty_like, x), (np.shape, x), (np.size, x),
        (np.ndim, x), (np.argsort, x), (np.logical_and, x, x), (np.logical_not, 0.4), (np.equal, x, 1.0),
        (np.floor_divide, n, 2), (np.floor_divide, x, 2.0), (np.power, n, 2),
        (np.sum, n), (np.sum, n > 1), (np.mean, n),
        (np.cumsum, n > 1), (np.add, n, n), (np.add, n > 1, n > 1), (np.maximum, n > 1, n > 1), (np.true_divide, n, n),
        (np.multiply, x.astype(np.float32), 2), (np.multiply, x.astype(np.float32), 2.0), (np.sin, n), (np.abs, n),
        (np.prod, n > 1), (np.max, n > 1), (np.dot, n, n), (np.matmul, n, n), (np.where, n > 1, n, 0),
        (np.where, True, 1, 2),
        (np.clip, n, 0, 2), (np.trace, np.eye(2) > 0), (pow, 2, -1), (pow, 2, 3), (np.square, 0.4), (np.square, n),
        (np.array, [1, 2]), (np.array, [[1.0, 2], [3, 4]]), (np.array, []), (np.array, 2.0), (np.asarray, n),
        (np.fix, x), (np.signbit, x), (np.hypot, n, n), (np.copysign, n, n), (np.heaviside, 0.4, 0.5),
        (np.array, n, np.float32), (np.full, (2,), 1), (np.full, (2,), 1, float), (np.full_like, n, 2.5), (max, 1, 2.0),
    ]  # fmt: skip
    for fn, *args in samples:
        rule = lookup(fn)
        if rule is None:
            assert fn is np.heaviside
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y = fn(*args)
        exact = tuple(Sym(node("x"), kind_of_value(a)) if isinstance(a, np.ndarray) else a for a in args)
        assert covers(rule.kind(exact), y), (fn, args, rule.kind(exact), y)
