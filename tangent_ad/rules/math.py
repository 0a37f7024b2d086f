"""Rules of the rest of `math` and of Python's builtins.

In: nothing.  Out: entries in the registry.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tangent_ad.core.build import call
from tangent_ad.core.kinds import VALUE, Kind
from tangent_ad.errors import RefusedError
from tangent_ad.rules import shapes
from tangent_ad.rules.elementwise import LN2, MATH, _arctan2, _hypot, _power
from tangent_ad.rules.kinks import nonzero, tie
from tangent_ad.rules.registry import custom, linear, partials, refused, zero
from tangent_ad.rules.shapes import const, kind_of, number
from tangent_ad.rules.sums import sum_to

FLOAT, INT, BOOL = number("float"), number("int"), number("bool")


def _log(y: Any, x: Any, base: Any = None) -> tuple[Any, Any]:
    if const(base) is None:
        return 1.0 / x, 0.0
    width = MATH.log(base)
    return 1.0 / (x * width), -(y / (base * width))


def _math_pow(x: Any, y: Any) -> Any:
    return call(math.pow, "math.pow", x, y)


def _rounded(y: Any) -> Any:
    return np.rint(y)


def _winner(larger: bool) -> dict[str, Any]:
    """max(a, b) and min(a, b) of numbers: a tie is shared."""

    def jvp(z: Any, dots: Any, a: Any, b: Any) -> Any:
        pairs = ((dots[0], a, b), (dots[1], b, a))
        parts = [tie(d, x, y, larger) for d, x, y in pairs if d is not None]
        return parts[0] if len(parts) == 1 else parts[0] + parts[1]

    def vjp(g: Any, z: Any, a: Any, b: Any) -> tuple[Any, Any]:
        return lambda: tie(g, a, b, larger), lambda: tie(g, b, a, larger)

    return {"jvp": jvp, "vjp": vjp}


def _extremum_kind(a: Any, b: Any) -> Kind:
    kinds = kind_of(a), kind_of(b)
    if any(k.is_array or k.form == "tuple" for k in kinds):
        raise RefusedError("max() and min() are supported of two numbers", hint="np.maximum(a, b) or np.max(x)")
    dtype = kinds[0].dtype if kinds[0].dtype == kinds[1].dtype else None
    return Kind("value", dtype if dtype or not all(k.dtype in shapes.FLOATS for k in kinds) else "float", 0)


def _round_kind(x: Any, ndigits: Any = None) -> Kind:
    return Kind("value", "int" if const(ndigits) is None else shapes.dtype_of(kind_of(x)), 0)


def _of_math() -> None:
    fn: Any
    partials(math.log, _log, FLOAT)
    partials(math.pow, lambda y, a, b: _power(_math_pow, MATH, y, a, b), FLOAT)
    partials(math.hypot, lambda y, *xs: _hypot(y, *xs), FLOAT)
    partials(math.atan2, lambda z, y, x: _arctan2(MATH, y, x), FLOAT)
    partials(math.fmod, lambda z, x, y: (1.0, _rounded((z - x) / y)), FLOAT)
    partials(math.remainder, lambda z, x, y: (1.0, _rounded((z - x) / y)), FLOAT)
    partials(math.copysign, lambda z, x, y: (np.sign(x) * MATH.copysign(1.0, y), 0.0), FLOAT)
    partials(math.ldexp, lambda z, x, i: (call(math.ldexp, "math.ldexp", 1.0, i), 0.0), FLOAT)
    partials(math.erf, lambda y, x: (2.0 / math.sqrt(math.pi) * MATH.exp(-(x * x)),), FLOAT)
    partials(math.erfc, lambda y, x: (-2.0 / math.sqrt(math.pi) * MATH.exp(-(x * x)),), FLOAT)
    for name, formula in {"exp2": lambda y, x: (y * LN2,), "cbrt": lambda y, x: (y / (3.0 * nonzero(x)),)}.items():
        if hasattr(math, name):  # Python 3.11
            partials(getattr(math, name), formula, FLOAT)
    if hasattr(math, "fma"):  # Python 3.13
        partials(math.fma, lambda w, x, y, z: (y, x, 1.0), FLOAT)
    for fn in (math.floor, math.ceil, math.trunc, math.isqrt, math.factorial):
        zero(fn, lambda x: None, INT)
    for fn in (math.isnan, math.isinf, math.isfinite):
        zero(fn, lambda x: None, BOOL)
    for fn in (math.gcd, math.lcm):
        zero(fn, lambda *integers: None, INT)
    zero(math.comb, lambda n, k: None, INT)
    zero(math.perm, lambda n, k=None: None, INT)
    for fn in (math.gamma, math.lgamma):
        refused(fn, lambda x: None, FLOAT, f"the derivative of math.{fn.__name__} needs the digamma function")
    refused(math.fsum, lambda seq: None, FLOAT, "math.fsum is not differentiated; write np.sum(x)")
    refused(math.prod, lambda iterable: None, lambda x: VALUE, "math.prod is not differentiated; write np.prod(x)")
    refused(math.dist, lambda p, q: None, FLOAT, "math.dist is not differentiated; write np.linalg.norm(p - q)")


def _of_python() -> None:
    custom(max, **_winner(True), kind=_extremum_kind)
    custom(min, **_winner(False), kind=_extremum_kind)
    linear(float, lambda g, x: g if kind_of(x).is_number else sum_to(g, x), kind=FLOAT)
    zero(int, lambda x: None, INT)
    zero(bool, lambda x: None, BOOL)
    zero(round, lambda x, ndigits=None: None, _round_kind)
    zero(isinstance, lambda x, cls: None, BOOL)


_of_math()
_of_python()
