"""A small engine to try rules without the compiler: on values, on symbols, and on the derivatives they build."""

from __future__ import annotations

from typing import Any

import numpy as np

import tangent_ad.rules  # noqa: F401
from tangent_ad.core import nodes
from tangent_ad.core.build import Sym, node, sym
from tangent_ad.core.kinds import ANY, OTHER, Kind, tuple_of
from tangent_ad.rules.registry import Rule, lookup
from tangent_ad.runtime import helpers


def run(x: Any) -> Any:
    return x() if callable(x) else x


def product(p: Any, t: Any) -> Any:
    return p * t


def tangent(rule: Rule, y: Any, args: tuple, kw: dict, dots: list) -> Any:
    """The tangent of a call: values in, value out."""
    if rule.diff == "zero":
        return None
    if rule.diff == "partials":
        terms = [p * d for p, d in zip(rule.partials(y, *args, **kw), dots) if d is not None]
        return helpers.spread(sum(terms[1:], terms[0]), y)
    if rule.diff == "linear":
        terms = [
            rule.fn(*args[:k], dots[k], *args[k + 1 :], **kw)
            for k in rule.argnums
            if k < len(dots) and dots[k] is not None
        ]
        return sum(terms[1:], terms[0]) if terms else None
    return rule.jvp(y, dots, *args, **kw)


def pullback(rule: Rule, g: Any, y: Any, args: tuple, kw: dict, k: int) -> Any:
    """The contribution to argument k, of values or of symbols."""
    if rule.diff == "partials":
        out = rule.partials(y, *args, **kw)[k] * g
        return helpers.sum_to(out, args[k]) if not isinstance(out, Sym) else out
    if rule.diff == "linear":
        return rule.transposes[k](g, *args, **kw)
    return force(rule.vjp(g, y, *args, **kw)[k])


def force(x: Any) -> Any:
    if isinstance(x, tuple):
        return tuple(force(e) for e in x)
    return x() if callable(x) and not isinstance(x, Sym) else x


def kind_of_value(x: Any, level: str = "exact") -> Kind:
    """What is known of a value: "exact", "array" (only that it is one), "value", "any"."""
    if isinstance(x, (tuple, list)):
        return tuple_of(*(kind_of_value(e, level) for e in x))
    if not isinstance(x, (bool, int, float, np.ndarray, np.generic)):
        return OTHER
    dtype = np.asarray(x).dtype
    name = {"f": "float32" if dtype.itemsize == 4 else "float", "b": "bool"}.get(dtype.kind, "int")
    if level == "exact":
        return Kind("value", name, np.ndim(x) if not (isinstance(x, np.ndarray) and x.ndim == 0) else None)
    if level == "array":
        return Kind("value", name, -1 if np.ndim(x) else 0)
    return Kind("value") if level == "value" else ANY


def covers(kind: Kind, x: Any) -> bool:
    """True if what the kind says of x is true."""
    if kind.form == "any":
        return True
    if kind.form == "tuple":
        return isinstance(x, tuple) and (
            kind.elts is None or (len(kind.elts) == len(x) and all(covers(k, e) for k, e in zip(kind.elts, x)))
        )
    if kind.form == "other":
        return not isinstance(x, (int, float, np.ndarray, np.generic)) or isinstance(x, (type, np.dtype))
    if kind.form != "value" or not isinstance(x, (bool, int, float, np.ndarray, np.generic)):
        return False
    dtype = np.asarray(x).dtype
    names = {"f": ("float32",) if dtype.itemsize == 4 else ("float",), "b": ("bool",)}.get(dtype.kind, ("int",))
    if kind.dtype is not None and kind.dtype not in names:
        return False
    if kind.rank is None:
        return True
    if kind.rank == 0:
        return np.ndim(x) == 0 and not isinstance(x, np.ndarray)
    return isinstance(x, np.ndarray) and (x.ndim >= 1 if kind.rank == -1 else x.ndim == kind.rank)


def symbol(name: str, x: Any, level: str) -> Any:
    """A symbol for a value that varies; tuples become tuples of symbols."""
    if isinstance(x, (tuple, list)):
        return (list if isinstance(x, list) else tuple)(symbol(f"{name}_{k}", e, level) for k, e in enumerate(x))
    return Sym(nodes.Name(name), kind_of_value(x, level))


def environment(name: str, x: Any, env: dict) -> None:
    if isinstance(x, (tuple, list)):
        for k, e in enumerate(x):
            environment(f"{name}_{k}", e, env)
    else:
        env[name] = x


def evaluate(expr: Any, env: dict) -> Any:
    return dual(expr, env, {})[0]


def dual(expr: Any, env: dict, dots: dict) -> tuple[Any, Any]:
    """The value of an expression and its tangent (None where there is none), by the registry's own rules."""
    expr = node(expr) if not isinstance(expr, nodes.Expr) else expr
    if isinstance(expr, nodes.Const):
        return expr.value, None
    if isinstance(expr, nodes.Global):
        return expr.value, None
    if isinstance(expr, nodes.Name):
        return env[expr.id], dots.get(expr.id)
    if isinstance(expr, (nodes.Tuple, nodes.List)):
        both = [dual(e, env, dots) for e in expr.elts]
        slopes = tuple(d for _, d in both)
        return tuple(v for v, _ in both), slopes if any(d is not None for d in slopes) else None
    if isinstance(expr, nodes.Slice):
        parts = [None if p is None else dual(p, env, dots)[0] for p in (expr.lower, expr.upper, expr.step)]
        return slice(*parts), None
    if isinstance(expr, nodes.Index):
        value, slope = dual(expr.value, env, dots)
        index = dual(expr.index, env, dots)[0]
        return value[index], None if slope is None else slope[index]
    assert isinstance(expr, nodes.Call), expr
    both = [dual(a, env, dots) for a in expr.args]
    kw = {k: dual(a, env, dots)[0] for k, a in expr.keywords}
    values = tuple(v for v, _ in both)
    rule = lookup(expr.fn)
    assert rule is not None, f"{expr.spelling} is used by a rule but has none"
    if expr.fn is np.ndarray.dtype:
        return values[0].dtype, None
    y = expr.fn(*values, **kw)
    if all(d is None for _, d in both):
        return y, None
    args, keywords = rule.bind(values, kw)
    slopes = [d for _, d in both] + [None] * (len(args) - len(both))
    return y, tangent(rule, y, args, keywords, slopes)


def symbolic_pullback(rule: Rule, args: tuple, kw: dict, k: int, active: list[bool], level: str, y: Any) -> Any:
    """The expression of the contribution to argument k; arguments that are not active stay literals if they can."""
    symbols = []
    for position, (a, on) in enumerate(zip(args, active)):
        literal = not on and (a is None or (isinstance(a, (int, float, str, tuple, type)) and not _has_array(a)))
        symbols.append((a if isinstance(a, type) else sym(a)) if literal else symbol(f"a{position}", a, level))
    bound, keywords = rule.bind(tuple(symbols), kw)
    result = symbol("y", y, level)
    cotangent = symbol("g", y, level)
    out = pullback(rule, cotangent, result, bound, keywords, k)
    if rule.diff == "partials":
        from tangent_ad.core.build import call

        out = call(helpers.sum_to, "sum_to", out, symbol(f"a{k}", args[k], level))
    return out


def _has_array(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic)) or (isinstance(x, (tuple, list)) and any(_has_array(e) for e in x))
