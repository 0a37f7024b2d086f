"""Derivatives against finite differences and against each other.

In: a function and arguments.  Out: a report; CheckError if two derivatives disagree.

Directions are drawn from a fixed seed, so a check gives the same table every time.
"""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tangent_ad.api import Wrt, hvp, jvp, names_of, value_and_grad, vjp
from tangent_ad.core.frozen import record
from tangent_ad.declare import calling, is_declared
from tangent_ad.errors import CheckError, UsageError
from tangent_ad.frontend.read import plain_function, read_function


@record(frozen=True)
class Row:
    """Two numbers that must agree."""

    what: str
    found: float
    expected: float
    error: float
    allowed: float

    @property
    def agrees(self) -> bool:
        return self.error <= self.allowed < math.inf  # what is infinite says nothing


@record(frozen=True)
class Report:
    """The table of a check; prints as one."""

    name: str
    rows: tuple[Row, ...]

    @property
    def agrees(self) -> bool:
        return all(row.agrees for row in self.rows)

    def __str__(self) -> str:
        width = max(len(row.what) for row in self.rows)
        lines = [f"{self.name}: the derivatives {'agree' if self.agrees else 'DISAGREE'}"]
        lines.append(f"  {'':{width}}  {'found':>16}  {'expected':>16}  {'error':>8}  {'allowed':>8}")
        for row in self.rows:
            mark = "" if row.agrees else "  <--"
            numbers = f"{row.found:16.9g}  {row.expected:16.9g}  {row.error:8.1e}  {row.allowed:8.1e}"
            lines.append(f"  {row.what:{width}}  {numbers}{mark}")
        return "\n".join(lines)


def check(f: Callable[..., Any], *args: Any, wrt: Wrt = 0, order: int = 2, **kwargs: Any) -> Report:
    """Compare the derivatives of `f` at one point with central finite differences and with each other.

    Parameters:
        f: the function, as for `grad`; its result may be a number, an array or a tuple of them.
        args, kwargs: the arguments of the call (an argument called `wrt` or `order` cannot be given by name).
        wrt: the parameters to differentiate in, which must be numbers or floating arrays here.
        order: 2 to compare the Hessian-vector product too, if the result is one number; 1 to leave it out.
    Returns: a report that prints as a table: forward mode against Richardson-extrapolated differences in random
        directions, reverse mode against forward mode (<jvp v, w> = <v, vjp w>), the second derivative against
        differences of the gradient and against its own symmetry.
    Raises: CheckError, with the table, if two of them disagree; RefusedError, UsageError as `grad`.

    At a kink (abs(x) at 0), or where `f` is not smooth on the scale of the step, differences say nothing about the
    derivative and the check may fail.

    >>> def energy(x, k=2.0):
    ...     return k * x * x * x
    >>> check(energy, 1.5).agrees
    True
    """
    if order not in (1, 2):
        raise UsageError(f"order={order!r}: it must be 1 or 2")
    point = _Point(f, args, kwargs, wrt)
    rows: list[Row] = []
    with np.errstate(all="ignore"):
        rows += _first_order(point)
        if order == 2 and point.is_scalar and all(row.agrees for row in rows):
            rows += _second_order(point)
    report = Report(getattr(f, "__name__", "f"), tuple(rows))
    if not report.agrees:
        raise CheckError(str(report))
    return report


class _Point:
    """The function at its arguments: bound, with the differentiated ones by name."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], wrt: Wrt) -> None:
        fn = read_function(calling(f) if is_declared(f) else plain_function(f))
        self.f, self.wrt = f, names_of(fn, wrt)
        self.forms = {p.name: p.form for p in fn.params}
        defaults = {p.name: p.default_value for p in fn.params if p.default is not None}
        order = [p.name for p in fn.params if p.form == "positional"]
        if len(args) > len(order):
            raise UsageError(f"`{fn.name}` takes {len(order)} positional arguments, not {len(args)}")
        given = {**dict(zip(order, args, strict=False)), **kwargs}
        missing = [p.name for p in fn.params if p.name not in given and p.name not in defaults]
        unknown = [name for name in kwargs if name not in self.forms or name in order[: len(args)]]
        if missing or unknown:
            text = f"missing {', '.join(missing)}" if missing else f"unknown {', '.join(unknown)}"
            raise UsageError(f"`{fn.name}` is called wrongly: {text}")
        self.values: dict[str, Any] = {p.name: given.get(p.name, defaults.get(p.name)) for p in fn.params}
        for name in self.wrt:
            value = self.values[name]
            if isinstance(value, list | tuple):
                raise UsageError(
                    f"`{name}` must be a number or a floating array, not {type(value).__name__}: np.array(...)"
                )
            kind = np.asarray(value).dtype.kind
            if kind != "f" and (kind not in "iu" or np.ndim(value)):
                raise UsageError(f"`{name}` must be a number or a floating array, not {type(value).__name__}")
            if kind != "f":
                self.values[name] = float(value)
        self.rng = np.random.default_rng(20)
        self.value = self.at({})
        self.is_scalar = not isinstance(self.value, tuple) and np.ndim(self.value) == 0
        single = [np.asarray(self.values[name]).dtype.itemsize < 8 for name in self.wrt]
        parts = [np.asarray(part) for part in _leaves(self.value)]
        if not all(np.all(np.isfinite(part)) for part in parts if part.dtype.kind == "f"):
            raise UsageError(f"`{fn.name}` is not finite at these arguments: its derivatives cannot be compared there")
        self.coarse = any(single) or any(part.dtype.kind == "f" and part.dtype.itemsize < 8 for part in parts)

    def call(self, function: Any, before: tuple[Any, ...] = (), dots: dict[str, Any] | None = None, **new: Any) -> Any:
        """`function` at these arguments, some of them new; with the tangents behind the values they belong to."""
        args, named = list(before), {}
        added = [p for p in inspect.signature(function).parameters if p not in self.forms]
        tangents = dict(zip([p for p in self.forms if p in self.wrt], added, strict=False))
        for name, form in self.forms.items():
            value = copy.deepcopy(new.get(name, self.values[name]))
            if form == "keyword":
                named[name] = value
                if dots is not None and name in dots:
                    named[tangents[name]] = dots[name]
            else:
                args.append(value)
                if dots is not None and name in dots:
                    args.append(dots[name])
        return function(*args, **named)

    def at(self, steps: dict[str, Any]) -> Any:
        """The value at the point moved by `steps`."""
        return self.call(self.f, **{name: self.values[name] + step for name, step in steps.items()})

    def direction(self) -> dict[str, Any]:
        """A random direction in the differentiated parameters, in their shapes and dtypes."""
        return {name: self.like(self.values[name]) for name in self.wrt}

    def like(self, value: Any) -> Any:
        """Random numbers in the form of `value`."""
        if isinstance(value, tuple):
            return tuple(self.like(part) for part in value)
        made = self.rng.uniform(0.5, 1.5, np.shape(value)) * self.rng.choice([-1.0, 1.0], np.shape(value))
        dtype = np.asarray(value).dtype
        return made.astype(dtype) if np.ndim(value) and dtype.kind == "f" else made if np.ndim(value) else float(made)

    @property
    def scale(self) -> float:
        return max([1.0] + [float(np.max(np.abs(self.values[name]), initial=0.0)) for name in self.wrt])


def _first_order(point: _Point) -> list[Row]:
    forward, reverse = jvp(point.f, wrt=point.wrt), vjp(point.f, wrt=point.wrt)
    rows: list[Row] = []
    for trial in range(2):
        v, w = point.direction(), point.like(point.value)
        label = f"direction {trial + 1}"
        value, tangent = point.call(forward, dots=v)
        value2, adjoints = point.call(reverse, before=(w,))
        size = _norm(w) * _norm(tangent)
        rows.append(_row(f"{label}: forward mode's value", _inner(value, w), _inner(point.value, w), 0.0, point))
        rows.append(_row(f"{label}: reverse mode's value", _inner(value2, w), _inner(point.value, w), 0.0, point))
        found = _inner(tangent, w)
        expected, noise = _difference(_along(point, w), v, point)
        rows.append(_row(f"{label}: forward mode, differences", found, expected, noise, point, size))
        back = _inner(adjoints, tuple(v[name] for name in point.wrt))
        rows.append(_row(f"{label}: reverse mode, forward mode", back, found, 0.0, point, size))
    return rows


def _along(point: _Point, w: Any) -> Callable[[dict[str, Any]], float]:
    """The value at moved points, in the direction `w`."""
    return lambda steps: _inner(point.at(steps), w)


def _second_order(point: _Point) -> list[Row]:
    product, gradient = hvp(point.f, wrt=point.wrt), value_and_grad(point.f, wrt=point.wrt)

    def gradient_at(steps: dict[str, Any], v: tuple[Any, ...]) -> float:
        moved = {name: point.values[name] + step for name, step in steps.items()}
        return _inner(point.call(gradient, **moved)[1], v)

    u, v = point.direction(), point.direction()
    along_u, along_v = (tuple(d[name] for name in point.wrt) for d in (u, v))
    hu, hv = point.call(product, dots=u), point.call(product, dots=v)
    size = max(_norm(hu) * _norm(along_v), _norm(hv) * _norm(along_u))
    expected, noise = _difference(lambda steps: gradient_at(steps, along_v), u, point)
    return [
        _row("second order: product, differences", _inner(hu, along_v), expected, noise, point, size),
        _row("second order: symmetry", _inner(hu, along_v), _inner(hv, along_u), 0.0, point, size),
    ]


def _difference(g: Callable[[dict[str, Any]], float], v: dict[str, Any], point: _Point) -> tuple[float, float]:
    """The derivative of `g` along `v` by Richardson extrapolation of central differences, and its error."""
    best, error = math.nan, math.inf
    h = (0.1 if point.coarse else 1e-2) * point.scale
    table: list[list[float]] = []
    for k in range(6):
        step = h / 2.0**k
        row = [(g(_times(v, step)) - g(_times(v, -step))) / (2.0 * step)]
        for j in range(k):
            row.append(row[j] + (row[j] - table[k - 1][j]) / (4.0 ** (j + 1) - 1.0))
            guess = max(abs(row[j + 1] - row[j]), abs(row[j + 1] - table[k - 1][j]))
            if guess < error:
                best, error = row[j + 1], guess
        table.append(row)
    return best, error


def _times(v: dict[str, Any], step: float) -> dict[str, Any]:
    return {name: part * step for name, part in v.items()}


def _row(what: str, found: float, expected: float, noise: float, point: _Point, size: float = 0.0) -> Row:
    """A comparison; differences may err by what they themselves estimate, but not by more than a part in a thousand."""
    size = max(size, abs(found), abs(expected))
    tight, loose = (1e-4, 3e-2) if point.coarse else (1e-8, 1e-4)
    allowed = max(tight * size, min(10.0 * noise, loose * size), 1e-12)
    error = abs(found - expected)
    return Row(what, found, expected, error if not math.isnan(error) else math.inf, allowed)


def _leaves(value: Any) -> list[Any]:
    return [leaf for part in value for leaf in _leaves(part)] if isinstance(value, tuple) else [value]


def _inner(a: Any, b: Any) -> float:
    """The sum of products of two values of the same form."""
    if isinstance(a, tuple) != isinstance(b, tuple) or (isinstance(a, tuple) and len(a) != len(b)):
        raise CheckError("two results have different forms")
    if isinstance(a, tuple):
        return float(sum(_inner(x, y) for x, y in zip(a, b, strict=True)))
    if np.shape(a) != np.shape(b):
        raise CheckError(f"two results have different shapes, {np.shape(a)} and {np.shape(b)}")
    return float(np.sum(np.asarray(a, dtype=float) * np.asarray(b, dtype=float)))


def _norm(value: Any) -> float:
    return math.sqrt(sum(float(np.sum(np.square(np.asarray(leaf, dtype=float)))) for leaf in _leaves(value)))
