"""Run an unmodified function on duals.

In: a Python function, arguments, tangents.  Out: `jvp` (value, derivative), `mixed` (second derivative in two
directions).  The function's globals, closure and defaults are replaced by stand-ins; so are those of what it calls.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

import numpy as np

from tests.oracle.arrays import Arr, base, duals, is_float
from tests.oracle.dual import Dual, lift
from tests.oracle.proxy import BUILTINS, BY_OBJECT

_tags = count(1)


def jvp(f: Callable[..., Any], args: Sequence[Any], tangents: dict[int, Any]) -> tuple[Any, Any]:
    """Value and derivative of f at args in the direction `tangents` (position -> tangent).

    Arguments may be duals already, so that `jvp` nests.

    >>> jvp(lambda x, y: x * y, (3.0, 2.0), {0: 1.0})
    (6.0, 2.0)
    """
    tag = next(_tags)
    memo: dict[int, Any] = {}
    out = _transplant(f, {})(*[_argument(a, tangents.get(i), tag, memo) for i, a in enumerate(args)])
    return _part(out, tag, 0), _part(out, tag, 1)


def mixed(f: Callable[..., Any], args: Sequence[Any], v: dict[int, Any], w: dict[int, Any]) -> Any:
    """The second derivative of f at args in the directions v and w.

    >>> mixed(lambda x: x**3, (2.0,), {0: 1.0}, {0: 1.0})
    12.0
    """
    inner, outer = next(_tags), next(_tags)
    memo: dict[int, Any] = {}
    lifted = []
    for i, a in enumerate(args):
        first = _argument(a, v.get(i), inner, memo)
        lifted.append(_argument(first, w.get(i), outer, {}) if is_float(first) else first)
    # The same array passed twice stays one array.
    shared: dict[int, Any] = {}
    pairs = zip(args, lifted, strict=True)
    lifted = [shared.setdefault(id(a), b) if isinstance(a, np.ndarray) else b for a, b in pairs]
    out = _transplant(f, {})(*lifted)
    return _part(_part(out, outer, 1), inner, 1)


def _argument(a: Any, tangent: Any, tag: int, memo: dict[int, Any]) -> Any:
    if isinstance(a, np.ndarray):
        if id(a) not in memo:
            memo[id(a)] = _array_argument(a, tangent, tag)
        return memo[id(a)]
    if tangent is not None:
        return _dual(lift(a), lift(tangent), tag)
    return lift(a) if isinstance(a, (float, np.floating)) else a


def _array_argument(a: np.ndarray, tangent: Any, tag: int) -> Any:
    if not is_float(a):
        return a.copy().view(Arr)
    made = duals(np.array(base(a)))
    if tangent is not None and a.size:
        seed = np.frompyfunc(lambda x, d: _dual(x, lift(d), tag), 2, 1)
        made[...] = seed(base(made), np.asarray(base(tangent), dtype=object))
    return made


def _dual(x: Dual, d: Dual, tag: int) -> Dual:
    return Dual(x.v if not x.tag else x, d.v if not d.tag else d, tag)


def _part(out: Any, tag: int, part: int) -> Any:
    """Value (part 0) or derivative (part 1) of a result, as plain floats and arrays where nothing is left to derive."""
    if isinstance(out, tuple):
        return tuple(_part(e, tag, part) for e in out)
    if isinstance(out, np.ndarray):
        if not is_float(out):
            return base(out) if part == 0 else np.zeros(out.shape)
        flat = [_part(e, tag, part) for e in base(out).flat]
        kind = object if any(isinstance(e, Dual) for e in flat) else float
        made = np.empty(out.shape, kind)
        made.reshape(-1)[:] = flat
        return made.view(Arr) if kind is object else made
    if isinstance(out, Dual):
        if out.tag > tag:  # a later perturbation came in from outside: look inside both of its parts
            return Dual(_part(out.v, tag, part), _part(out.d, tag, part), out.tag)
        found = (out.d if part else out.v) if out.tag == tag else (0.0 if part else out)
        return found.v if isinstance(found, Dual) and not found.tag else found
    if part and isinstance(out, (int, float, np.number, np.bool_)):
        return 0.0
    return out


def _transplant(f: Callable[..., Any], memo: dict[int, Any]) -> Callable[..., Any]:
    """f with every global, captured value and default replaced by what works on duals."""
    if id(f) in memo:
        return memo[id(f)]
    scope: dict[str, Any] = {"__builtins__": BUILTINS, "__name__": f.__module__}
    cells = tuple(types.CellType() for _ in f.__closure__ or ())
    made = types.FunctionType(f.__code__, scope, f.__name__, None, cells or None)
    memo[id(f)] = made
    for name in _names(f.__code__):
        if name in f.__globals__:
            scope[name] = _stand_in(f.__globals__[name], memo)
    for cell, old in zip(cells, f.__closure__ or (), strict=True):
        cell.cell_contents = _stand_in(old.cell_contents, memo)
    made.__defaults__ = f.__defaults__ and tuple(_stand_in(d, memo) for d in f.__defaults__)
    made.__kwdefaults__ = f.__kwdefaults__ and {k: _stand_in(d, memo) for k, d in f.__kwdefaults__.items()}
    return made


def _names(code: types.CodeType) -> set[str]:
    found = set(code.co_names)
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            found |= _names(const)
    return found


def _stand_in(value: Any, memo: dict[int, Any]) -> Any:
    if id(value) in BY_OBJECT:
        return BY_OBJECT[id(value)]
    if isinstance(value, types.FunctionType):
        return _transplant(value, memo)
    if isinstance(value, np.ndarray):
        if id(value) not in memo:
            memo[id(value)] = duals(value) if is_float(value) else value.copy().view(Arr)
        return memo[id(value)]
    if isinstance(value, (float, np.floating)):
        return lift(value)
    return value
