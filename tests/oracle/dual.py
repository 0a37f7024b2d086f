"""Dual numbers with tags: one scalar with its derivative in one direction, nestable.

In: Python floats.  Out: `Dual`, and `apply(name, *numbers)`, which knows value and derivative of every function.

`Dual(v, d, tag)` stands for v + d*eps_tag.  v and d are floats or duals of smaller tags, so perturbations of different
directions never mix.  Tag 0 marks a constant that only dresses a float, so that object arrays follow IEEE arithmetic
(1.0 / 0.0 is inf, as in NumPy) instead of raising.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Number = Any
"""A float or a `Dual`."""


class Rule(NamedTuple):
    """A function of numbers: `value` works on floats, each partial on (result, *arguments) that may be duals."""

    value: Callable[..., Any]
    partials: tuple[Callable[..., Number] | None, ...]


class Dual:
    """A number with its derivative; immutable by convention, so that copies of arrays may share it."""

    __slots__ = ("d", "tag", "v")
    __hash__ = None  # type: ignore[assignment]
    shape: tuple[int, ...] = ()
    ndim = 0
    size = 1
    dtype = np.dtype(float)

    def __init__(self, v: Number, d: Number = 0.0, tag: int = 0) -> None:
        self.v, self.d, self.tag = v, d, tag

    def __repr__(self) -> str:
        return f"Dual({self.v!r}, {self.d!r}, {self.tag})" if self.tag else f"Dual({self.v!r})"

    @property
    def T(self) -> Dual:
        return self

    def copy(self) -> Dual:
        return self

    def sum(self) -> Dual:
        return self

    mean = max = min = prod = item = sum

    def __float__(self) -> float:
        if self.tag:
            raise TypeError("a dual number was about to lose its derivative in float()")
        return float(self.v)

    def __int__(self) -> int:
        return int(primal(self))

    def __bool__(self) -> bool:
        return primal(self) != 0.0

    def __round__(self, digits: int | None = None) -> Any:
        return round(primal(self)) if digits is None else Dual(float(round(primal(self), digits)))

    def __trunc__(self) -> int:
        return math.trunc(primal(self))

    def __neg__(self) -> Dual:
        return lift(apply("negative", self))

    def __pos__(self) -> Dual:
        return self

    def __abs__(self) -> Dual:
        return lift(apply("abs", self))

    def __lt__(self, other: Any) -> Any:
        return NotImplemented if not _scalar(other) else primal(self) < primal(other)

    def __le__(self, other: Any) -> Any:
        return NotImplemented if not _scalar(other) else primal(self) <= primal(other)

    def __gt__(self, other: Any) -> Any:
        return NotImplemented if not _scalar(other) else primal(self) > primal(other)

    def __ge__(self, other: Any) -> Any:
        return NotImplemented if not _scalar(other) else primal(self) >= primal(other)

    def __eq__(self, other: object) -> Any:
        return NotImplemented if not _scalar(other) else primal(self) == primal(other)

    def __ne__(self, other: object) -> Any:
        return NotImplemented if not _scalar(other) else primal(self) != primal(other)


def _scalar(x: Any) -> bool:
    return isinstance(x, (Dual, float, int, np.floating, np.integer, np.bool_))


def lift(x: Number) -> Dual:
    """x as a `Dual`: itself, or a dressed constant."""
    return x if isinstance(x, Dual) else Dual(float(x))


def primal(x: Number) -> float:
    """The float at the bottom of x."""
    while isinstance(x, Dual):
        x = x.v
    return float(x)


def apply(name: str, *xs: Number) -> Number:
    """The function `name` at numbers, with its derivative: a float if no argument carries one."""
    rule = RULES[name]
    args = [x.v if isinstance(x, Dual) and not x.tag else x for x in xs]
    tag = max((x.tag for x in args if isinstance(x, Dual)), default=0)
    if not tag:
        with np.errstate(all="ignore"):
            return float(rule.value(*[float(x) for x in args]))
    inner = [x.v if isinstance(x, Dual) and x.tag == tag else x for x in args]
    value = apply(name, *inner)
    dot: Number = 0.0
    for partial, x in zip(rule.partials, args, strict=True):
        if partial is None or not (isinstance(x, Dual) and x.tag == tag):
            continue
        if isinstance(x.d, float) and x.d == 0.0:
            continue
        term = _times(partial(value, *inner), x.d)
        dot = term if isinstance(dot, float) and dot == 0.0 else apply("add", dot, term)
    return Dual(value, dot, tag)


def _times(a: Number, b: Number) -> Number:
    if isinstance(a, float) and isinstance(b, float):
        return a * b
    return apply("multiply", a, b)


def _binary(name: str, swap: bool) -> Callable[[Dual, Any], Any]:
    def method(self: Dual, other: Any) -> Any:
        if not _scalar(other):
            return NotImplemented
        return lift(apply(name, other, self) if swap else apply(name, self, other))

    return method


def _fn(name: str) -> Callable[..., Number]:
    return lambda *xs: apply(name, *xs)


_add, _sub, _mul, _div, _pow = (_fn(n) for n in ("add", "subtract", "multiply", "divide", "power"))
_exp, _log, _sqrt, _sq = (_fn(n) for n in ("exp", "log", "sqrt", "square"))


def _one_over(x: Number) -> Number:
    return _div(1.0, x)


def _share(own: Number, other: Number, sign: float) -> float:
    """The share of `own` in maximum (sign 1) or minimum (sign -1): 1, 0, and a half at a tie."""
    a, b = sign * primal(own), sign * primal(other)
    return 0.5 if a == b else float(a > b or math.isnan(b))


def _power_a(v: Number, a: Number, b: Number) -> Number:
    return 0.0 if primal(b) == 0.0 and not isinstance(b, Dual) else _mul(b, _pow(a, _sub(b, 1.0)))


def _power_b(v: Number, a: Number, b: Number) -> Number:
    return _mul(v, _log(a)) if primal(a) > 0.0 else 0.0


def _flat_at_zero(slope: Callable[[Number], Number]) -> Callable[..., Number]:
    """A slope in the result that the convention sets to 0 where the result is 0 (sqrt, cbrt)."""
    return lambda v, *xs: 0.0 if primal(v) == 0.0 else slope(v)


def _unary(value: Callable[..., Any], partial: Callable[..., Number] | None) -> Rule:
    return Rule(value, (partial,))


def _hypot_part(k: int) -> Callable[..., Number]:
    return lambda v, *xs: 0.0 if primal(v) == 0.0 else _div(xs[k], v)


def _circle(x: Number, sign: float) -> Number:
    """1 - x*x (sign -1) or 1 + x*x (sign 1)."""
    return _add(1.0, _mul(sign, _sq(x)))


RULES: dict[str, Rule] = {
    "add": Rule(np.add, (lambda v, a, b: 1.0, lambda v, a, b: 1.0)),
    "subtract": Rule(np.subtract, (lambda v, a, b: 1.0, lambda v, a, b: -1.0)),
    "multiply": Rule(np.multiply, (lambda v, a, b: b, lambda v, a, b: a)),
    "divide": Rule(np.divide, (lambda v, a, b: _one_over(b), lambda v, a, b: apply("negative", _div(v, b)))),
    "floor_divide": Rule(np.floor_divide, (None, None)),
    "remainder": Rule(
        np.remainder, (lambda v, a, b: 1.0, lambda v, a, b: -float(np.floor_divide(primal(a), primal(b))))
    ),
    "power": Rule(np.power, (_power_a, _power_b)),
    "negative": _unary(np.negative, lambda v, x: -1.0),
    "abs": _unary(np.abs, lambda v, x: float(np.sign(primal(x)))),
    "sign": _unary(np.sign, None),
    "floor": _unary(np.floor, None),
    "ceil": _unary(np.ceil, None),
    "trunc": _unary(np.trunc, None),
    "rint": _unary(np.rint, None),
    "exp": _unary(np.exp, lambda v, x: v),
    "exp2": _unary(np.exp2, lambda v, x: _mul(v, math.log(2.0))),
    "expm1": _unary(np.expm1, lambda v, x: _exp(x)),
    "log": _unary(np.log, lambda v, x: _one_over(x)),
    "log1p": _unary(np.log1p, lambda v, x: _one_over(_add(1.0, x))),
    "log2": _unary(np.log2, lambda v, x: _one_over(_mul(x, math.log(2.0)))),
    "log10": _unary(np.log10, lambda v, x: _one_over(_mul(x, math.log(10.0)))),
    "sqrt": _unary(np.sqrt, _flat_at_zero(lambda v: _div(0.5, v))),
    "cbrt": _unary(np.cbrt, _flat_at_zero(lambda v: _div(1.0 / 3.0, _sq(v)))),
    "square": _unary(np.square, lambda v, x: _mul(2.0, x)),
    "reciprocal": _unary(lambda x: np.divide(1.0, x), lambda v, x: apply("negative", _sq(v))),
    "sin": _unary(np.sin, lambda v, x: apply("cos", x)),
    "cos": _unary(np.cos, lambda v, x: apply("negative", apply("sin", x))),
    "tan": _unary(np.tan, lambda v, x: _circle(v, 1.0)),
    "arcsin": _unary(np.arcsin, lambda v, x: _one_over(_sqrt(_circle(x, -1.0)))),
    "arccos": _unary(np.arccos, lambda v, x: _div(-1.0, _sqrt(_circle(x, -1.0)))),
    "arctan": _unary(np.arctan, lambda v, x: _one_over(_circle(x, 1.0))),
    "sinh": _unary(np.sinh, lambda v, x: apply("cosh", x)),
    "cosh": _unary(np.cosh, lambda v, x: apply("sinh", x)),
    "tanh": _unary(np.tanh, lambda v, x: _circle(v, -1.0)),
    "arcsinh": _unary(np.arcsinh, lambda v, x: _one_over(_sqrt(_circle(x, 1.0)))),
    "arccosh": _unary(np.arccosh, lambda v, x: _one_over(_sqrt(_sub(_sq(x), 1.0)))),
    "arctanh": _unary(np.arctanh, lambda v, x: _one_over(_circle(x, -1.0))),
    "degrees": _unary(np.degrees, lambda v, x: 180.0 / math.pi),
    "radians": _unary(np.radians, lambda v, x: math.pi / 180.0),
    "arctan2": Rule(
        np.arctan2,
        (
            lambda v, y, x: _div(x, _add(_sq(x), _sq(y))),
            lambda v, y, x: apply("negative", _div(y, _add(_sq(x), _sq(y)))),
        ),
    ),
    "hypot": Rule(np.hypot, (_hypot_part(0), _hypot_part(1))),
    "logaddexp": Rule(np.logaddexp, (lambda v, a, b: _exp(_sub(a, v)), lambda v, a, b: _exp(_sub(b, v)))),
    "maximum": Rule(np.maximum, (lambda v, a, b: _share(a, b, 1.0), lambda v, a, b: _share(b, a, 1.0))),
    "minimum": Rule(np.minimum, (lambda v, a, b: _share(a, b, -1.0), lambda v, a, b: _share(b, a, -1.0))),
    "clip": Rule(
        lambda x, lo, hi: np.minimum(hi, np.maximum(x, lo)),
        (
            lambda v, x, lo, hi: float(primal(lo) <= primal(x) <= primal(hi)),
            lambda v, x, lo, hi: float(primal(x) < primal(lo)),
            lambda v, x, lo, hi: float(primal(x) > primal(hi)),
        ),
    ),
}

for _name, _operator in (
    ("add", "add"),
    ("subtract", "sub"),
    ("multiply", "mul"),
    ("divide", "truediv"),
    ("floor_divide", "floordiv"),
    ("remainder", "mod"),
    ("power", "pow"),
):
    setattr(Dual, f"__{_operator}__", _binary(_name, swap=False))
    setattr(Dual, f"__r{_operator}__", _binary(_name, swap=True))
