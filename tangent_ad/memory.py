"""What reverse mode stores: the bytes that are held when the backward sweep begins.

In: a function and arguments.  Out: a report by variable.

The derivative itself is run, with a look at its variables wherever a backward sweep begins: what it holds then besides
its arguments is what it has stored.  Sizes are those of plain Python (a number on a list is an object there; compiled,
it takes 8 bytes).
"""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from tangent_ad.analyses.defs import bound_by
from tangent_ad.api import Wrt, names_of
from tangent_ad.backends.python import load
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import statements
from tangent_ad.declare import calling, is_declared
from tangent_ad.derived import Derived, build, derived_name
from tangent_ad.emit.exprs import expression_text
from tangent_ad.errors import UsageError
from tangent_ad.frontend.read import plain_function, read_function
from tangent_ad.pipeline import Request

MODES = ("grad", "value_and_grad", "vjp")
MARK = re.compile(r"^( *)# backward(?:, seed 1)?$", re.MULTILINE)
LOOK = "_tangent_ad_look"
BAR = re.compile(r"\w+_bar\d*")  # an adjoint, not stored for the backward sweep but made by it
TAPE = re.compile(r"\w+_saved\d*")


@record(frozen=True)
class Stored:
    """What one variable of the derivative holds.

    variable: of the function, or the expression that has no name.  line: where it gets its value (None if that is not
    in the function's own text).  place: the derivative's variable; `form`: how much, in words; `size`: in bytes.
    """

    variable: str
    line: int | None
    place: str
    form: str
    size: int


@record(frozen=True)
class MemoryReport:
    """What a derivative stores; `total` in bytes.  Prints as a table."""

    name: str
    stored: tuple[Stored, ...]

    @property
    def total(self) -> int:
        return sum(one.size for one in self.stored)

    def __str__(self) -> str:
        head = ("variable", "line", "stored in", "form", "bytes")
        rows = [(s.variable, str(s.line or ""), s.place, s.form, f"{s.size:,}") for s in self.stored]
        rows.append(("total", "", "", "", f"{self.total:,}"))
        width = [max(len(row[k]) for row in (head, *rows)) for k in range(5)]
        lines = [
            "  ".join(
                cell.rjust(w) if k in (1, 4) else cell.ljust(w)
                for k, (cell, w) in enumerate(zip(row, width, strict=True))
            )
            for row in (head, *rows)
        ]
        return "\n".join([f"stored by {self.name}", *lines])


def memory_report(f: Callable[..., Any], *args: Any, wrt: Wrt = 0, mode: str = "grad", **kwargs: Any) -> MemoryReport:
    """The bytes that a derivative of `f` stores for its backward sweep, for these arguments.

    Parameters:
        f: the function, as for `grad`.
        args, kwargs: the arguments of the call (one called `wrt` or `mode` cannot be given by name).
        wrt: the parameters to differentiate in.
        mode: "grad", "value_and_grad", or "vjp" if the result is not one number.
    Returns: a report by variable, with `total`; it prints as a table.  Arguments do not count, copies of them do.  Of
        derivatives that are called (of functions that stay calls) the call that stores most counts.
    Raises: RefusedError, UsageError as `grad`; what the derivative raises for these arguments.

    The derivative runs once.  Compiled, it stores no more.

    >>> def power(x, n):
    ...     y = 1.0
    ...     for _ in range(n):
    ...         y = y * x
    ...     return y
    >>> report = memory_report(power, 1.5, 1000)
    >>> [(s.variable, s.form) for s in report.stored], 8000 <= report.total <= 8200
    ([('y', '1000 float64')], True)
    """
    if mode not in MODES:
        raise UsageError(f"mode={mode!r}: it must be one of {', '.join(MODES)}")
    pyfunc = calling(f) if is_declared(f) else plain_function(f)
    fn = read_function(pyfunc)
    names = names_of(fn, wrt)
    name = derived_name(fn, mode, names)
    derived = build(pyfunc, Request(mode, names, not isinstance(wrt, tuple)), name, read=fn)
    given = [*args, *kwargs.values()]
    if mode == "vjp":
        args = (_ones(f(*copy.deepcopy(args), **copy.deepcopy(kwargs))), *args)
    watch = _Watch(given)
    _watched(derived, watch)(*args, **kwargs)
    user = {p.name for p in fn.params} | {name for s in statements(fn.body) for name in bound_by(s)}
    best = [one for one in watch.best if one[1] in user or not BAR.fullmatch(one[1])]
    stored = [_stored(derived, function, place, held, user) for function, place, held in best]
    return MemoryReport(name, tuple(one for one in stored if one.size))


def _ones(value: Any) -> Any:
    """A seed in the form of a value."""
    if isinstance(value, tuple):
        return tuple(_ones(part) for part in value)
    return np.ones_like(value) if np.ndim(value) else 1.0


@record(frozen=True)
class Held:
    """A variable's content: in words, and in bytes."""

    form: str
    size: int


class _Watch:
    """Looks at the variables of the derivative, and of those that it calls, when their backward sweeps begin; `best`
    is what was held when most was held: function, variable, content."""

    def __init__(self, given: Iterable[Any]) -> None:
        self.given = {id(owner) for value in given for owner in _owners(value)}
        self.open: list[list[tuple[str, str, Held]]] = []
        self.best: list[tuple[str, str, Held]] = []

    def look(self, function: str, variables: Mapping[str, Any]) -> None:
        counted, found = set(self.given), list[tuple[str, str, Held]]()
        for name, value in variables.items():
            held = _held(value, counted)
            if held is not None:
                found.append((function, name, held))
        self.open[-1] = found
        everything = [one for level in self.open for one in level]
        if sum(h.size for _, _, h in everything) > sum(h.size for _, _, h in self.best):
            self.best = everything

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, whose variables are there while it runs."""

        def run(*args: Any, **kwargs: Any) -> Any:
            self.open.append([])
            before = self.given
            self.given = before | {id(owner) for value in (*args, *kwargs.values()) for owner in _owners(value)}
            try:
                return function(*args, **kwargs)
            finally:
                self.open.pop()
                self.given = before

        return run


def _watched(derived: Derived, watch: _Watch) -> Callable[..., Any]:
    """The derivative, seen by `watch`."""
    lines = derived.text().splitlines(keepends=True)
    function = ""
    for k, line in enumerate(lines):
        if head := re.match(r"def (\w+)\(", line):
            function = head[1]
        lines[k] = MARK.sub(rf"\1{LOOK}({function!r}, locals())", line)
    made = load("".join(lines), derived.name, derived.namespace, None, {LOOK: watch.look}, derived.externals)
    for other in derived.functions[:-1]:
        made.__globals__[other.name] = watch.around(made.__globals__[other.name])
    return watch.around(made)


def _held(value: Any, counted: set[int]) -> Held | None:
    """What a variable holds in memory of its own that was not counted before; None for what is no storage."""
    if isinstance(value, list):
        size = sys.getsizeof(value) + sum(_size(part, counted) for part in value)
        return Held(f"{len(value)} on a list", size)
    if isinstance(value, np.ndarray):
        size = _size(value, counted)
        shape = " x ".join(map(str, value.shape)) or "0-d"
        return Held(f"{shape} {value.dtype}", size) if size else None
    if isinstance(value, tuple):
        sizes = [held.size for part in value if (held := _held(part, counted)) is not None]
        return Held("a tuple", sum(sizes)) if sizes else None
    return None


def _size(value: Any, counted: set[int]) -> int:
    """The bytes of an object and of what it owns, if they were not counted before."""
    if isinstance(value, np.ndarray):
        view = 0 if value.base is None else sys.getsizeof(value)
        [owner] = _owners(value)
        if id(owner) in counted:
            return 0
        counted.add(id(owner))
        return view + sys.getsizeof(owner)
    if isinstance(value, tuple):
        return sys.getsizeof(value) + sum(_size(part, counted) for part in value)
    if value is None or isinstance(value, bool) or (isinstance(value, int) and -5 <= value <= 256):
        return 0
    if id(value) in counted:
        return 0
    counted.add(id(value))
    return sys.getsizeof(value)


def _owners(value: Any) -> Iterator[Any]:
    """The arrays that own the memory of a value."""
    if isinstance(value, tuple):
        for part in value:
            yield from _owners(part)
    elif isinstance(value, np.ndarray):
        while isinstance(value.base, np.ndarray):
            value = value.base
        yield value


def _stored(derived: Derived, function: str, place: str, held: Held, user: set[str]) -> Stored:
    """A row of the report: whose value it is, and where that comes from."""
    [core] = [fn for fn in derived.functions if fn.name == function]
    body = list(statements(core.body))
    kept = next((k for s in body if (k := _filled(s, place)) is not None), None)
    source = kept.id if isinstance(kept, n.Name) else place
    made = [s for s in body if source in bound_by(s) and s.info.span is not None and not isinstance(s, n.For)]
    filling = next((k for k, s in enumerate(body) if _filled(s, place) is not None), 0)
    near = [s for s in made if body.index(s) < filling] or made
    stmt = near[-1] if kept is not None and near else near[0] if near else None
    info = None if stmt is None else stmt.info
    own = function == derived.name and info is not None and info.span is not None and info.source is None
    variable = source
    if source not in user and isinstance(stmt, n.Assign) and stmt.target == n.Name(source):
        variable = expression_text(stmt.value)
    if function != derived.name:
        variable = f"{variable} in {function}"
    return Stored(
        variable, info.span.line if own and info is not None and info.span else None, place, held.form, held.size
    )


def _filled(stmt: n.Stmt, tape: str) -> n.Expr | None:
    """What a statement puts into a tape; None if it puts nothing there."""
    match stmt:
        case n.Assign(target=n.Name(id=name) | n.Index(value=n.Name(id=name)), value=value) if name == tape:
            return value if TAPE.fullmatch(tape) and not isinstance(value, (n.List, n.Call)) else None
        case n.ExprStmt(value=n.Call(fn=list.append, args=(n.Name(id=name), value))) if name == tape:
            return value
    return None
