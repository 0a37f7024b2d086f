"""Where kept values lie: a plain name, an array indexed by the loops around, or a list.

In: values.  Out: for each block a `Layout`, from which the statements that create, fill and read tapes are made.

Outside loops a name of its own holds the value.  Numbers of counted loops, whose trip counts are known before the
outermost of them starts, lie in an array with an axis for each loop.  All else lies on a list that is appended to in
the forward sweep and popped in the backward sweep, its mirror.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field

import numpy as np

from tangent_ad.analyses.facts import Facts
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import Kind
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import map_expr, names_read, subexpressions
from tangent_ad.frontend.pure import INDEX_ARITHMETIC, SIZES
from tangent_ad.storage.marks import Read, append, before, pop
from tangent_ad.storage.values import Home, Values

DTYPES = {
    "float32": n.Global("np.float32", np.float32),
    "int": n.Global("np.int64", np.int64),
    "bool": n.Global("np.bool_", np.bool_),
}


@dataclass(frozen=True)
class Layout:
    """How a block's values are kept: "name", "array" or "list".  index: of the element that belongs to an iteration.
    extents: one for each loop.  outermost: the loop before which the array is made."""

    how: str
    index: tuple[n.Expr, ...] = ()
    extents: tuple[n.Expr, ...] = ()
    outermost: int = -1


@dataclass
class Tapes:
    """Makes tapes; `ahead[num]`: what is to be created before loop `num`; `lists`: at the start of the function."""

    values: Values
    fresh: Fresh
    preallocate: bool
    reuse: bool
    active: frozenset[str]
    layouts: dict[Home, Layout] = field(default_factory=dict)
    ahead: dict[int, list[n.Stmt]] = field(default_factory=dict)
    lists: list[n.Stmt] = field(default_factory=list)

    def layout(self, home: Home) -> Layout:
        if home not in self.layouts:
            self.layouts[home] = self._find(home)
        return self.layouts[home]

    def _find(self, home: Home) -> Layout:
        around = [stmt for at, _ in self.values.chains[home] if isinstance(stmt := self._stmt(at), n.For | n.While)]
        fused = [k for k, loop in enumerate(around) if loop.num in self.values.fused]
        first = fused[-1] + 1 if fused else 0
        if first == len(around):
            return Layout("name" if self.reuse else "list")
        if self.preallocate:
            for outermost in around[: first + 1]:  # once for all iterations of fused loops, if the sizes are known
                layout = self._array(around[first:], outermost.num)
                if layout is not None:
                    return layout
        return Layout("list")

    def _array(self, loops: list[n.For | n.While], outermost: int) -> Layout | None:
        """An array with an axis for each of `loops`, made before the loop `outermost`; None if it cannot be made."""
        if not all(isinstance(loop, n.For) for loop in loops):
            return None
        index, extents = [], []
        for loop in loops:
            assert isinstance(loop, n.For)
            bounds = [_known_before(self.values, outermost, loop.num, e) for e in (loop.start, loop.stop, loop.step)]
            start, stop, step = bounds
            if start is None or stop is None or not (isinstance(step, n.Const) and step.value in (1, -1)):
                return None
            forth = step.value == 1
            extents.append(_extent(*((start, stop) if forth else (stop, start))))
            index.append(_difference(*((loop.target, start) if forth else (start, loop.target))))
        return Layout("array", tuple(index), tuple(extents), outermost)

    def _stmt(self, num: int) -> n.Stmt | None:
        return self.values.facts.defs.statements[num] if num >= 0 else None

    def keep(self, home: Home, name: str, kind: Kind) -> tuple[str, n.Name, Layout]:
        """A new tape for values of `name`: how it is kept, and its name."""
        layout = self.layout(home)
        tape = n.Name(self.fresh.take(f"{name}_saved"))
        if layout.how == "array" and self._fits(name, kind):
            shape = layout.extents[0] if len(layout.extents) == 1 else n.Tuple(layout.extents)
            dtype = DTYPES.get(kind.dtype or "")
            args = (shape,) if dtype is None else (shape, dtype)
            made = n.Assign(tape, n.Call(np.empty, "np.empty", args))
            self.ahead.setdefault(layout.outermost, []).append(made)
            return "array", tape, layout
        if layout.how == "name":
            return "name", tape, layout
        self.lists.append(n.Assign(tape, n.List(())))
        return "list", tape, layout

    def _fits(self, name: str, kind: Kind) -> bool:
        """Is it a number whose type an array gives back?"""
        return kind.is_number and (kind.dtype is not None or name in self.active)


def push(how: str, tape: n.Name, layout: Layout, value: n.Expr) -> n.Stmt:
    """The statement that keeps `value`."""
    if how == "list":
        return append(tape, value)
    return n.Assign(tape if how == "name" else element(tape, layout), value)


def restored(how: str, tape: n.Name, layout: Layout, kind: Kind) -> n.Expr:
    """The value as it comes back: ints as Python's own, which do not wrap around."""
    if how == "list":
        return pop(tape)
    if how == "name":
        return tape
    found = element(tape, layout)
    return n.Call(int, "int", (found,)) if kind.dtype == "int" else found


def element(tape: n.Name, layout: Layout) -> n.Expr:
    return n.Index(tape, layout.index[0] if len(layout.index) == 1 else n.Tuple(layout.index))


def _known_before(values: Values, outer: int, at: int, expr: n.Expr) -> n.Expr | None:
    """The bound `expr` of the loop `at` as it can be computed before the loop `outer` starts, and anywhere after; None
    if it cannot."""
    facts: Facts = values.facts
    if isinstance(expr, n.Const):
        return expr
    if not isinstance(expr, n.Name):
        return _computed_before(values, outer, at, expr)
    read = Read(expr.id, before(at), False)
    value = values.at(read)
    how, num = value.states[0]
    if how in ("param", "def", "exit") and (num < outer) and not values.may_change(read):
        return expr
    stmt = facts.defs.statements[num] if how == "def" else None
    if not isinstance(stmt, n.Assign) or not isinstance(stmt.target, n.Name):
        return None
    return _computed_before(values, outer, num, stmt.value)


def _computed_before(values: Values, outer: int, num: int, expr: n.Expr) -> n.Expr | None:
    """An expression of integers and shapes, made of what is known before the loop `outer`."""
    found: dict[str, n.Expr] = {}
    for part in subexpressions(expr):
        if isinstance(part, n.Call) and part.fn not in (*INDEX_ARITHMETIC, *SIZES, np.shape):
            return None
        if isinstance(part, n.IfExp | n.BoolOp):
            return None
    if values.facts.kinds.at(num, expr).dtype != "int":
        return None
    for name in sorted(names_read(expr)):
        known = _known_before(values, outer, num, n.Name(name))
        if known is None:
            return None
        found[name] = known
    return map_expr(expr, lambda e: found[e.id] if isinstance(e, n.Name) else e)


def _extent(start: n.Expr, stop: n.Expr) -> n.Expr:
    """`max(stop - start, 0)`."""
    length = _difference(stop, start)
    if isinstance(length, n.Const) and isinstance(length.value, int):
        return n.Const(max(length.value, 0))
    if isinstance(length, n.Call) and (length.fn in SIZES):
        return length
    return n.Call(max, "max", (length, n.Const(0)))


def _difference(a: n.Expr, b: n.Expr) -> n.Expr:
    """`a - b`, with constants folded."""
    if isinstance(b, n.Const) and b.value == 0:
        return a
    if isinstance(a, n.Const) and isinstance(b, n.Const):
        return n.Const(a.value - b.value)
    if isinstance(b, n.Const) and isinstance(a, n.Call) and a.fn is operator.sub and isinstance(a.args[1], n.Const):
        return n.Call(operator.sub, "-", (a.args[0], n.Const(a.args[1].value + b.value)))
    return n.Call(operator.sub, "-", (a, b))
