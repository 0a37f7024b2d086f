"""Stand-ins for `numpy`, `math` and some builtins that work on duals.

In: the modules' own functions by name.  Out: `NUMPY`, `MATH`, `BUILTINS`, and `BY_OBJECT`, which finds the stand-in of
a function that a program imported by itself (`from numpy import sin`).
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.oracle import linalg
from tests.oracle.arrays import Arr, base, duals, is_float, matmul, wrap
from tests.oracle.dual import RULES, Dual, apply, lift, primal

Fn = Callable[..., Any]


def _elementwise(name: str, arity: int, real: Fn) -> Fn:
    each = np.frompyfunc(lambda *xs: lift(apply(name, *xs)), arity, 1)

    def function(*xs: Any) -> Any:
        if name in ("abs", "sign", "square", "maximum", "minimum", "clip") and not any(map(is_float, xs)):
            return wrap(real(*map(base, xs)))
        return wrap(each(*[_as_objects(x) for x in xs]))

    return function


def _as_objects(x: Any) -> Any:
    return base(x) if isinstance(x, (np.ndarray, Dual)) else lift(x) if not isinstance(x, (list, tuple)) else duals(x)


def _constructor(real: Fn) -> Fn:
    """zeros, ones, full, empty, their _like, eye: floating results are duals."""

    def function(*args: Any, **keywords: Any) -> Any:
        fill = None
        if real in (np.full, np.full_like):
            args = list(args)  # type: ignore[assignment]
            fill = keywords.pop("fill_value") if "fill_value" in keywords else args.pop(1)  # type: ignore[attr-defined]
        if real in (np.zeros_like, np.ones_like, np.empty_like, np.full_like) and is_float(args[0]):
            args = (np.zeros(np.shape(base(args[0]))), *args[1:])
        keywords.pop("order", None)
        maker = {np.full: np.zeros, np.full_like: np.zeros_like}.get(real, real)
        if real is np.full and len(args) < 2 and "dtype" not in keywords and not is_float(fill):
            keywords["dtype"] = type(fill)
        made = maker(*[base(a) for a in args], **keywords)
        if real in (np.empty, np.empty_like):
            made[...] = np.nan if made.dtype.kind == "f" else 0
        result = wrap(made)
        if fill is not None:
            result[...] = fill
        return result

    return function


def _array(x: Any, dtype: Any = None, copy: bool = True) -> Any:
    made = np.array(base(x) if isinstance(x, np.ndarray) else _elements(x), dtype=object)
    whole = not any(isinstance(e, (Dual, float, np.floating)) for e in made.flat)
    if made.size and whole and dtype is None:
        return wrap(np.array(x))
    return _astype(duals(made), dtype) if dtype is not None else _array_of(duals(made))


def _elements(x: Any) -> Any:
    """A list with its arrays without axes as numbers."""
    if isinstance(x, list | tuple):
        return [_elements(e) for e in x]
    return x.item() if isinstance(x, np.ndarray) and x.ndim == 0 else x


def _array_of(x: Any) -> Any:
    return x if isinstance(x, np.ndarray) else np.array(x, dtype=object).view(Arr)


def _asarray(x: Any, dtype: Any = None) -> Any:
    return x if isinstance(x, np.ndarray) and dtype is None else _array(x, dtype)


def _astype(x: Any, dtype: Any, copy: bool = True) -> Any:
    kind = np.dtype(dtype).kind
    if kind in "fO":
        return duals(x)
    caster = int if kind in "iu" else bool
    return wrap(np.array([caster(e) for e in base(x).flat], dtype=dtype).reshape(x.shape))


def _shape_only(real: Fn) -> Fn:
    """A function that only moves elements: NumPy's own, its result marked."""

    def function(x: Any, *args: Any, **keywords: Any) -> Any:
        x = [base(e) for e in x] if isinstance(x, (list, tuple)) else base(x)
        return wrap(real(x, *args, **keywords))

    return function


def _joined(real: Fn) -> Fn:
    def function(xs: Any, *args: Any, **keywords: Any) -> Any:
        parts = [base(e) for e in xs]
        floating = any(map(is_float, xs))
        made = real([np.asarray(p, dtype=object) if floating else p for p in parts], *args, **keywords)
        return duals(made) if floating else wrap(made)

    return function


def _sum(x: Any, axis: Any = None, keepdims: bool = False, dtype: Any = None) -> Any:
    if not is_float(x) and not isinstance(x, (list, tuple)):
        return wrap(np.sum(base(x), axis=axis, keepdims=keepdims))
    made = np.add.reduce(np.asarray(base(x), dtype=object), axis=axis, keepdims=keepdims)
    return duals(made)


def _prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    if not is_float(x):
        return wrap(np.prod(base(x), axis=axis, keepdims=keepdims))
    return duals(np.multiply.reduce(np.asarray(base(x), dtype=object), axis=axis, keepdims=keepdims))


def _mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    x = duals(x)
    total = _sum(x, axis=axis, keepdims=keepdims)
    return total / (np.size(x) / max(np.size(base(total)), 1) if np.size(base(total)) else 1.0)


def _var(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
    x = duals(x)
    off = x - _mean(x, axis=axis, keepdims=True)
    total = _sum(off * off, axis=axis, keepdims=keepdims)
    return total / (np.size(x) / np.size(base(total)) - ddof)


def _std(x: Any, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
    """Where all numbers are the same but for rounding there is no telling on which side of its kink it is."""
    found = _var(x, axis=axis, ddof=ddof, keepdims=keepdims)
    size = max((abs(primal(e)) for e in np.ravel(base(duals(x)))), default=0.0)
    if np.size(x) > np.size(base(found)) and size > 0.0:
        if min(primal(e) for e in np.ravel(base(found))) <= (1e-9 * size) ** 2:
            raise ZeroDivisionError("std of numbers that are all the same")
    return NUMPY.sqrt(found)


def _extreme(real: Fn, two: str) -> Fn:
    def function(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return wrap(real(base(_asarray(x)), axis=axis, keepdims=keepdims))

    return function


def _where(test: Any, a: Any, b: Any) -> Any:
    if not (is_float(a) or is_float(b)):
        return wrap(np.where(base(test), base(a), base(b)))
    return duals(np.where(base(test), np.asarray(base(a), dtype=object), np.asarray(base(b), dtype=object)))


def _clip(x: Any, lo: Any = None, hi: Any = None, **keywords: Any) -> Any:
    lo, hi = keywords.get("a_min", keywords.get("min", lo)), keywords.get("a_max", keywords.get("max", hi))
    if lo is None:
        lo = -math.inf
    if hi is None:
        hi = math.inf
    return _ELEMENTWISE["clip"](x, lo, hi)


def _dot(a: Any, b: Any) -> Any:
    if np.ndim(base(a)) == 0 or np.ndim(base(b)) == 0:
        return a * b
    if a.ndim > 2 or b.ndim > 2:
        raise NotImplementedError("dot of arrays with more than two axes")
    return matmul(a, b)


def _inner(a: Any, b: Any) -> Any:
    return a * b if np.ndim(base(a)) == 0 or np.ndim(base(b)) == 0 else matmul(a, b.T)


def _outer(a: Any, b: Any) -> Any:
    return _array_of(duals(a)).ravel()[:, None] * _array_of(duals(b)).ravel()[None, :]


def _trace(x: Any) -> Any:
    return _sum(duals(np.diagonal(base(x))))


def _cumsum(x: Any, axis: Any = None) -> Any:
    return duals(np.cumsum(np.asarray(base(x), dtype=object), axis=axis)) if is_float(x) else wrap(np.cumsum(base(x)))


def _diag(x: Any, k: int = 0) -> Any:
    made = np.diag(base(x), k)
    return wrap(made) if made.base is not None or not is_float(x) else duals(made)


def _float(x: Any = 0.0) -> Any:
    if isinstance(x, np.ndarray):
        x = base(x).item()
    return lift(x) if isinstance(x, (Dual, int, float, np.number)) else float(x)


def _best(name: str) -> Fn:
    def function(*xs: Any) -> Any:
        items = list(xs[0]) if len(xs) == 1 else list(xs)
        if not any(map(is_float, items)):
            return getattr(builtins, name)(items)
        result = items[0]
        for item in items[1:]:
            result = _ELEMENTWISE["maximum" if name == "max" else "minimum"](result, item)
        return result

    return function


_ELEMENTWISE: dict[str, Fn] = {
    name: _elementwise(name, len(rule.partials), getattr(np, name)) for name, rule in RULES.items()
}
_ALIASES = {
    "absolute": "abs", "fabs": "abs", "true_divide": "divide", "mod": "remainder", "fmax": "maximum",
    "fmin": "minimum", "pow": "power", "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2",
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "round": "rint", "around": "rint",
    "deg2rad": "radians", "rad2deg": "degrees",
}  # fmt: skip
_CONSTRUCTORS = (
    "zeros", "ones", "full", "empty", "zeros_like", "ones_like", "full_like", "empty_like", "eye", "identity",
    "arange", "linspace",
)  # fmt: skip
_MOVERS = (
    "reshape", "ravel", "transpose", "squeeze", "expand_dims", "broadcast_to", "flip", "swapaxes", "moveaxis",
    "atleast_1d", "diagonal", "tril", "triu",
)  # fmt: skip
_PASSED = (
    "pi", "e", "inf", "nan", "newaxis", "int64", "int32", "intp", "bool_", "ndarray", "float32", "float64", "dtype",
)  # fmt: skip
_INTEGER = ("shape", "ndim", "size", "any", "all", "argmax", "argmin", "argsort", "logical_and", "logical_or",
            "logical_not", "isnan", "isfinite", "nonzero")  # fmt: skip


class _Module:
    """A namespace that refuses what it does not know."""

    def __init__(self, name: str, table: dict[str, Any]) -> None:
        self.__dict__.update(table)
        self.__name__ = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotImplementedError(f"the oracle has no {self.__name__}.{name}")


def _integer(real: Fn) -> Fn:
    return lambda *xs, **keywords: wrap(real(*[base(x) for x in xs], **keywords))


def _numpy_table() -> dict[str, Any]:
    table: dict[str, Any] = dict(_ELEMENTWISE)
    table |= {alias: _ELEMENTWISE[name] for alias, name in _ALIASES.items()}
    table |= {name: _constructor(getattr(np, name)) for name in _CONSTRUCTORS}
    table |= {name: _shape_only(getattr(np, name)) for name in _MOVERS}
    table |= {name: getattr(np, name) for name in _PASSED}
    table |= {name: _integer(getattr(np, name)) for name in _INTEGER}
    table |= {n: _joined(getattr(np, n)) for n in ("concatenate", "stack", "vstack", "hstack")}
    table |= {
        "array": _array, "asarray": _asarray, "copy": lambda x: duals(x) if is_float(x) else wrap(np.copy(x)),
        "sum": _sum, "prod": _prod, "mean": _mean, "var": _var, "std": _std, "where": _where, "clip": _clip,
        "max": _extreme(np.max, "maximum"), "min": _extreme(np.min, "minimum"), "dot": _dot, "vdot": _dot,
        "matmul": matmul, "inner": _inner, "outer": _outer, "trace": _trace, "cumsum": _cumsum, "diag": _diag,
    }  # fmt: skip
    table |= {"amax": table["max"], "amin": table["min"]}
    names = ("solve", "inv", "det", "slogdet", "norm")
    table["linalg"] = _Module("numpy.linalg", {name: getattr(linalg, name) for name in names})
    return table


def _math_table() -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name in dir(math):
        twin = _ALIASES.get(name, name)
        if twin in _ELEMENTWISE and name not in ("floor", "ceil", "trunc"):
            table[name] = _ELEMENTWISE[twin]
    table["pow"] = _ELEMENTWISE["power"]
    table["dist"] = None
    table |= {"pi": math.pi, "e": math.e, "inf": math.inf, "tau": math.tau, "isnan": lambda x: math.isnan(_primal(x))}
    table |= {"floor": lambda x: math.floor(_primal(x)), "ceil": lambda x: math.ceil(_primal(x)), "trunc": int}
    table["log"] = lambda x, b=None: table_log(x) if b is None else table_log(x) / table_log(b)
    table["hypot"] = _ELEMENTWISE["hypot"]
    table["gcd"], table["isqrt"] = math.gcd, math.isqrt
    return table


def _primal(x: Any) -> float:
    while isinstance(x, Dual):
        x = x.v
    return float(x)


table_log = _ELEMENTWISE["log"]
NUMPY: Any = _Module("numpy", _numpy_table())
MATH: Any = _Module("math", _math_table())
BUILTINS: dict[str, Any] = {
    **builtins.__dict__,
    "float": _float,
    "max": _best("max"),
    "min": _best("min"),
    "pow": lambda a, b: a**b,
}


def _by_object() -> dict[int, Any]:
    found: dict[int, Any] = {id(np): NUMPY, id(math): MATH, id(np.linalg): NUMPY.linalg}
    for real, proxy in ((np, NUMPY), (math, MATH), (np.linalg, NUMPY.linalg)):
        for name, value in proxy.__dict__.items():
            if callable(getattr(real, name, None)):
                found[id(getattr(real, name))] = value
    return found


BY_OBJECT = _by_object()

_METHODS = ("sum", "prod", "mean", "var", "std", "max", "min", "dot", "trace", "cumsum", "clip")
for _name in _METHODS:
    setattr(Arr, _name, NUMPY.__dict__[_name])
Arr.astype = _astype  # type: ignore[method-assign,assignment]
Arr.round = lambda self, decimals=0: _ELEMENTWISE["rint"](self)  # type: ignore[method-assign,assignment]
