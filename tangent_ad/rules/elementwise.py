"""Rules of the elementwise functions: Python's operators, NumPy's ufuncs, and those of `math` with the same calculus.

In: nothing.  Out: entries in the registry.  A formula is written once with a namespace `m` in which its own functions
are spelled: `np` where the primal was NumPy's, `MATH` where it was `math`'s.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from tangent_ad.core.build import call
from tangent_ad.rules import shapes
from tangent_ad.rules.kinks import nonzero, over, sqrt_partial, tie
from tangent_ad.rules.registry import custom, partials, zero
from tangent_ad.rules.shapes import UNKNOWN, const, kind_of
from tangent_ad.rules.sums import back, spread


def _math_function(name: str) -> Callable[..., Any]:
    return lambda *args: call(getattr(math, name), f"math.{name}", *args)


_USED = ("sin", "cos", "exp", "log", "sqrt", "sinh", "cosh", "hypot", "copysign")
MATH = SimpleNamespace(**{name: _math_function(name) for name in _USED})
"""The functions of `math` that formulas use, accepting `Sym`s."""

LN2 = math.log(2.0)
LN10 = math.log(10.0)

UNARY: dict[str, Callable[..., Any]] = {
    "exp": lambda m, y, x: y,
    "expm1": lambda m, y, x: y + 1.0,
    "exp2": lambda m, y, x: y * LN2,
    "log": lambda m, y, x: _over(m, 1.0, x),
    "log1p": lambda m, y, x: _over(m, 1.0, 1.0 + x),
    "log2": lambda m, y, x: _over(m, 1.0, x * LN2),
    "log10": lambda m, y, x: _over(m, 1.0, x * LN10),
    "sqrt": lambda m, y, x: sqrt_partial(y),
    "cbrt": lambda m, y, x: y / (3.0 * nonzero(x)),
    "sin": lambda m, y, x: m.cos(x),
    "cos": lambda m, y, x: -m.sin(x),
    "tan": lambda m, y, x: 1.0 + y * y,
    "arcsin": lambda m, y, x: over(1.0, m.sqrt((1.0 - x) * (1.0 + x))),
    "arccos": lambda m, y, x: -over(1.0, m.sqrt((1.0 - x) * (1.0 + x))),
    "arctan": lambda m, y, x: 1.0 / (1.0 + x * x),
    "sinh": lambda m, y, x: m.cosh(x),
    "cosh": lambda m, y, x: m.sinh(x),
    "tanh": lambda m, y, x: 1.0 - y * y,
    "arcsinh": lambda m, y, x: 1.0 / m.sqrt(1.0 + x * x),
    "arccosh": lambda m, y, x: over(1.0, m.sqrt((x - 1.0) * (x + 1.0))),
    "arctanh": lambda m, y, x: _over(m, 1.0, (1.0 - x) * (1.0 + x)),
    "fabs": lambda m, y, x: np.sign(x),
    "degrees": lambda m, y, x: 180.0 / math.pi,
    "radians": lambda m, y, x: math.pi / 180.0,
}
"""Derivatives of one argument by NumPy's name: namespace, result, argument."""

NUMPY_ONLY: dict[str, Callable[..., Any]] = {
    "square": lambda m, y, x: 2.0 * x,
    "reciprocal": lambda m, y, x: -(y * y),
    "negative": lambda m, y, x: -1.0,
    "positive": lambda m, y, x: 1.0,
    "absolute": lambda m, y, x: np.sign(x),
    "rad2deg": lambda m, y, x: 180.0 / math.pi,
    "deg2rad": lambda m, y, x: math.pi / 180.0,
}

MATH_NAMES = {f"arc{f}{h}": f"a{f}{h}" for f in ("sin", "cos", "tan") for h in ("", "h")}
"""Where `math` has another name than NumPy."""


def _over(m: Any, c: Any, x: Any) -> Any:
    """c / x where the primal is infinite at x = 0: `math` raises there by itself, NumPy does not."""
    return c / x if m is MATH else over(c, x)


def _sinc(y: Any, x: Any) -> Any:
    """(cos(pi x) - sinc(x)) / x, and its series near 0, where that would cancel."""
    small = np.abs(x) < 0.01
    u = (math.pi * x) * (math.pi * x)
    series = x * (-(math.pi**2) / 3.0) * (1.0 - u * (0.1 - u / 280.0))
    return np.where(small, series, (np.cos(math.pi * x) - y) / np.where(small, 1.0, x))


def _hypot(y: Any, *xs: Any) -> tuple[Any, ...]:
    return tuple(x / nonzero(y) for x in xs)


def _arctan2(m: Any, y: Any, x: Any) -> tuple[Any, Any]:
    r = nonzero(m.hypot(y, x))
    return x / r / r, -(y / r / r)


def _power(raise_to: Callable[..., Any], m: Any, y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """The derivative in a, literal exponents apart, and in b; see the table of kinks."""
    n = const(b)
    if n is UNKNOWN or not isinstance(n, (int, float)) or isinstance(n, bool):
        in_a = b * y / nonzero(a) + (a == 0) * (b == 1)
    elif n in (0, 1, 2):
        in_a = {0: 0.0, 1: 1.0, 2: 2.0 * a}[int(n)]
    elif n < 0:  # a ** (n - 1) would overflow, and in Python raise, where a ** n does not
        in_a = float(n) * y / a
    elif n < 1:
        in_a = n * y / nonzero(a)
    else:
        in_a = float(n) * raise_to(a, n - 1)
    base = const(a)
    if isinstance(base, (int, float)) and base > 0:  # a Python number, lest NumPy's logarithm make float64 of float32
        return in_a, math.log(base) * y
    return in_a, y * m.log(np.where(a > 0, a, 1.0)) if m is np else y * m.log(abs(a) + (a == 0)) * (a > 0)


def _power_rule(raise_to: Callable[..., Any], m: Any) -> Callable[..., Any]:
    return lambda y, a, b: _power(raise_to, m, y, a, b)


def _one(formula: Callable[..., Any], m: Any) -> Callable[..., Any]:
    """The rule of a formula of one argument, spelled with `m`."""
    return lambda y, x: (formula(m, y, x),)


def _in_float32(slope: Any, z: Any, *args: Any) -> Any:
    """A tangent in the dtype of the result: a Python number and a mask would make float64 beside float32."""
    return spread(slope, z) if any(kind_of(a).dtype == "float32" for a in args) else slope


def _share_two(fn: Callable[..., Any], larger: bool, kind: Callable[..., Any], ignores_nan: bool = False) -> None:
    """maximum and minimum: the winner takes it, a tie is shared."""

    def part(t: Any, x: Any, y: Any) -> Any:
        won = tie(t, x, y, larger)
        return won + t * (y != y) * (x == x) if ignores_nan else won

    def jvp(z: Any, dots: Any, x: Any, y: Any) -> Any:
        parts = [part(d, a, b) for d, a, b in ((dots[0], x, y), (dots[1], y, x)) if d is not None]
        return _in_float32(parts[0] if len(parts) == 1 else parts[0] + parts[1], z, x, y)

    def vjp(g: Any, z: Any, x: Any, y: Any) -> tuple[Any, Any]:
        return lambda: back(part(g, x, y), x, y), lambda: back(part(g, y, x), y, x)

    custom(fn, jvp=jvp, vjp=vjp, kind=kind)


def _clip(y: Any, a: Any, a_min: Any = None, a_max: Any = None) -> tuple[Any, Any, Any]:
    low, high = const(a_min) is not None, const(a_max) is not None
    if not (low or high):
        return 1.0, 0.0, 0.0
    if not high:
        return a >= a_min, a < a_min, 0.0
    if not low:
        return a <= a_max, 0.0, a > a_max
    return (a >= a_min) & (a <= a_max), (a < a_min) & (a_min <= a_max), (a > a_max) | (a_min > a_max)


def _clip_kind(a: Any, a_min: Any = None, a_max: Any = None) -> Any:
    return shapes.selecting(a, *(b for b in (a_min, a_max) if const(b) is not None))


def _where_kind(condition: Any, x: Any, y: Any) -> Any:
    kind = shapes.selecting(x, y)
    rank = shapes.join_ranks(shapes.kind_of(condition), kind)
    return shapes.Kind("value", kind.dtype, rank or None)  # numbers give a 0-dimensional array


def _where_jvp(z: Any, dots: Any, condition: Any, x: Any, y: Any) -> Any:
    if dots[1] is None and dots[2] is None:
        return None
    made = np.where(condition, *(0.0 if d is None else d for d in dots[1:]))
    if all(d is not None or kind_of(a).is_number for d, a in zip(dots[1:], (x, y), strict=True)):
        return _in_float32(made, z, x, y)
    return spread(made, z)  # an array without a tangent may have stretched the result


def _where_vjp(g: Any, z: Any, condition: Any, x: Any, y: Any) -> tuple[Any, ...]:
    return (
        None,
        lambda: back(np.where(condition, g, 0.0), x, condition, y),
        lambda: back(np.where(condition, 0.0, g), y, condition, x),
    )


def _is_one(x: Any) -> bool:
    """Is it a literal 1?  The slope of a reciprocal is read off its value: nothing is divided again."""
    value = const(x)
    return type(value) in (int, float) and value == 1


def _operators() -> None:
    """Python's operators and the ufuncs of the same meaning."""
    for fns, rule in (
        ((operator.add, np.add), lambda z, x, y: (1.0, 1.0)),
        ((operator.sub, np.subtract), lambda z, x, y: (1.0, -1.0)),
        ((operator.mul, np.multiply), lambda z, x, y: (y, x)),
    ):
        for fn in fns:
            partials(fn, rule, shapes.arithmetic)
    partials(operator.truediv, lambda z, x, y: (1.0 / y, -(z * z if _is_one(x) else z / y)), shapes.real)
    partials(np.divide, lambda z, x, y: (over(1.0, y), -(z * z if _is_one(x) else over(z, y))), shapes.real)
    partials(operator.mod, lambda z, x, y: (1.0, -(x // y)), shapes.arithmetic)
    partials(np.remainder, lambda z, x, y: (1.0, -np.floor_divide(x, y)), shapes.arithmetic)
    partials(np.fmod, lambda z, x, y: (1.0, np.rint(over(z - x, y))), shapes.arithmetic)
    partials(operator.neg, lambda z, x: (-1.0,), shapes.arithmetic)
    partials(operator.pos, lambda z, x: (1.0,), shapes.arithmetic)
    for fn, raise_to in ((operator.pow, operator.pow), (np.power, np.power), (np.float_power, np.float_power)):
        kind = shapes.power if fn is not np.float_power else lambda a, b: shapes.real(a, b).with_dtype("float")
        partials(fn, _power_rule(raise_to, np), kind)
    partials(pow, _power_rule(operator.pow, np), shapes.power)


def _functions() -> None:
    for name, formula in {**UNARY, **NUMPY_ONLY}.items():
        kind = (
            shapes.arithmetic if name in ("square", "negative", "positive", "absolute", "reciprocal") else shapes.real
        )
        partials(getattr(np, name), _one(formula, np), kind)
        other = getattr(math, MATH_NAMES.get(name, name), None)
        if other is not None and name in UNARY:
            partials(other, _one(formula, MATH), shapes.number("float"))
    partials(abs, lambda y, x: (np.sign(x),), shapes.arithmetic)
    partials(np.sinc, lambda y, x: (_sinc(y, x),), shapes.real)
    partials(np.hypot, lambda z, x, y: _hypot(z, x, y), shapes.real)
    partials(np.arctan2, lambda z, y, x: _arctan2(np, y, x), shapes.real)
    partials(np.copysign, lambda z, x, y: (np.sign(x) * np.copysign(1.0, y), 0.0), shapes.real)
    partials(np.logaddexp, lambda z, x, y: (np.exp(x - z), np.exp(y - z)), shapes.real)
    partials(np.logaddexp2, lambda z, x, y: (np.exp2(x - z), np.exp2(y - z)), shapes.real)
    partials(np.ldexp, lambda z, x, i: (np.ldexp(1.0, i), 0.0), lambda x, i: shapes.real(x))
    partials(np.clip, _clip, _clip_kind)
    _share_two(np.maximum, True, shapes.selecting)
    _share_two(np.minimum, False, shapes.selecting)
    _share_two(np.fmax, True, shapes.selecting, ignores_nan=True)
    _share_two(np.fmin, False, shapes.selecting, ignores_nan=True)
    custom(np.where, jvp=_where_jvp, vjp=_where_vjp, kind=_where_kind)


def _without_derivative() -> None:
    fn: Any
    one, two = (lambda x: None), (lambda x, y: None)
    for fn in (np.sign, np.floor, np.ceil, np.trunc, np.rint):
        zero(fn, one, shapes.arithmetic)
    zero(np.round, lambda a, decimals=0: None, lambda a, decimals: shapes.arithmetic(a))
    zero(np.fix, one, shapes.arithmetic)
    for fn in (np.isnan, np.isinf, np.isfinite, np.signbit, np.logical_not, operator.not_):
        zero(fn, one, shapes.truth)
    for fn in (np.logical_and, np.logical_or, np.logical_xor, np.equal, np.not_equal, np.less, np.less_equal):
        zero(fn, two, shapes.truth)
    for fn in (np.greater, np.greater_equal, operator.lt, operator.le, operator.gt, operator.ge):
        zero(fn, two, shapes.truth)
    for fn in (operator.eq, operator.ne):
        zero(fn, two, _equality_kind)
    for fn in (operator.is_, operator.is_not):
        zero(fn, two, shapes.number("bool"))
    for fn in (operator.floordiv, np.floor_divide):
        zero(fn, two, shapes.arithmetic)
    for fn in (operator.and_, operator.or_, operator.xor, np.bitwise_and, np.bitwise_or, np.bitwise_xor):
        zero(fn, two, shapes.selecting)
    for fn in (operator.lshift, operator.rshift):
        zero(fn, two, shapes.arithmetic)
    for fn in (operator.invert, np.invert):
        zero(fn, one, shapes.like)


def _equality_kind(x: Any, y: Any) -> Any:
    kinds = shapes.kind_of(x), shapes.kind_of(y)
    if all(k.form == "value" for k in kinds):
        return shapes.truth(x, y)
    return shapes.Kind("value", "bool", 0 if any(k.form in ("other", "tuple") for k in kinds) else None)


_operators()
_functions()
_without_derivative()
