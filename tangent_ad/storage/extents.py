"""How often loops run, at most, as it is known before the outermost of them starts.

In: loops, each in the one before, and a loop before which the answer must be computed.  Out: `Bounds`: for each loop
the position of an iteration, counted from 0, and a bound of that position over all iterations of the loops around.

A bound of an inner loop may depend on the variables of the outer ones (`range(i)`, `range(i + 1, n)`): where it grows
with them it is taken at their greatest, where it falls at their least.
"""

from __future__ import annotations

import operator

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import map_names, names_read, subexpressions
from tangent_ad.frontend.pure import INDEX_ARITHMETIC, SIZES
from tangent_ad.storage.marks import Read, before
from tangent_ad.storage.values import Values

ZERO = n.Const(0)


@record(frozen=True)
class Bounds:
    values: Values
    outermost: int
    loops: tuple[n.For, ...]

    def axis(self, loop: n.For) -> tuple[n.Expr, n.Expr] | None:
        """The position of an iteration of `loop`, and how many there are at most; None if that is not known."""
        start, stop = self.spelled(loop.num, loop.start), self.spelled(loop.num, loop.stop)
        step = loop.step
        if start is None or stop is None or not (isinstance(step, n.Const) and step.value in (1, -1)):
            return None
        first, last = (start, stop) if step.value == 1 else (stop, start)
        length = self.bound(difference(last, first), True)
        if length is None:
            return None
        position = difference(*((loop.target, start) if step.value == 1 else (start, loop.target)))
        return position, length if self.is_size(length) else not_negative(length)

    def is_size(self, expr: n.Expr) -> bool:
        """Is it how long something is?  Or a name that never holds anything else."""
        if not isinstance(expr, n.Name):
            return _is_size(expr)
        defs = self.values.facts.defs
        given = any(p.name == expr.id for p in self.values.facts.fn.params)
        made = [defs.statements[d] for d in defs.defs.get(expr.id, ())]
        return bool(made) and not given and all(self.makes_size(stmt) for stmt in made)

    def makes_size(self, stmt: n.Stmt) -> bool:
        """Does the statement bind sizes, and nothing else?"""
        if not isinstance(stmt, n.Assign):
            return False
        if isinstance(stmt.target, n.Tuple):
            return isinstance(stmt.value, n.Call) and stmt.value.fn is np.shape
        if isinstance(stmt.value, n.Index) and isinstance(stmt.value.value, n.Name):
            defs = self.values.facts.defs
            shape = stmt.value.value.id
            made = [defs.statements[d] for d in defs.defs.get(shape, ())]
            given = any(p.name == shape for p in self.values.facts.fn.params)
            return bool(made) and not given and all(_is_shape(s) for s in made)
        return _is_size(stmt.value)

    def spelled(self, at: int, expr: n.Expr) -> n.Expr | None:
        """A bound of the loop `at`, in the loops' variables and names that stay from before the outermost."""
        if isinstance(expr, n.Const):
            return expr
        if isinstance(expr, n.Name):
            return self.name(at, expr)
        found: dict[str, n.Expr] = {}
        for part in subexpressions(expr):
            if isinstance(part, n.Call) and part.fn not in (*INDEX_ARITHMETIC, *SIZES, np.shape):
                return None
            if isinstance(part, (n.IfExp, n.BoolOp)):
                return None
        if self.values.facts.kinds.at(at, expr).dtype != "int":
            return None
        for name in sorted(names_read(expr)):
            known = self.name(at, n.Name(name))
            if known is None:
                return None
            found[name] = known
        return map_names(expr, lambda e: found[e.id])

    def name(self, at: int, name: n.Name) -> n.Expr | None:
        read = Read(name.id, before(at), False)
        how, num = self.values.at(read).states[0]
        if how == "count" and any(loop.num == num for loop in self.loops):
            return name
        if how in ("param", "def", "exit") and num < self.outermost and not self.values.may_change(read):
            return name
        stmt = self.values.facts.defs.statements[num] if how == "def" else None
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name):
            return self.spelled(num, stmt.value)
        return None

    def bound(self, expr: n.Expr, greatest: bool) -> n.Expr | None:
        """The greatest (or least) value of an expression over the iterations of the loops."""
        counts = {loop.target.id: loop for loop in self.loops}
        if not names_read(expr) & counts.keys():
            return expr
        match expr:
            case n.Name(id=name):
                loop = counts[name]
                start, stop = self.spelled(loop.num, loop.start), self.spelled(loop.num, loop.stop)
                if start is None or stop is None or not isinstance(loop.step, n.Const):
                    return None
                up = loop.step.value == 1
                end = difference(stop, n.Const(1 if up else -1))
                inner = self.outside(loop)
                return inner.bound(end if up == greatest else start, greatest)
            case n.Call(fn=operator.add, args=(a, b)):
                return self._both(operator.add, "+", self.bound(a, greatest), self.bound(b, greatest))
            case n.Call(fn=operator.sub, args=(a, b)):
                return self._both(operator.sub, "-", self.bound(a, greatest), self.bound(b, not greatest))
            case n.Call(fn=operator.mul, args=(n.Const(value=int() as c), b)) if c >= 0:
                return self._both(operator.mul, "*", n.Const(c), self.bound(b, greatest))
            case n.Call(fn=operator.mul, args=(a, n.Const(value=int() as c))) if c >= 0:
                return self._both(operator.mul, "*", self.bound(a, greatest), n.Const(c))
            case n.Call(fn=operator.floordiv, args=(a, n.Const(value=int() as c))) if c > 0:
                return self._both(operator.floordiv, "//", self.bound(a, greatest), n.Const(c))
        return None

    def outside(self, loop: n.For) -> Bounds:
        """The same of the loops around `loop`."""
        return Bounds(self.values, self.outermost, self.loops[: self.loops.index(loop)])

    def _both(self, fn: object, spelling: str, a: n.Expr | None, b: n.Expr | None) -> n.Expr | None:
        if a is None or b is None:
            return None
        if fn is operator.sub:
            return difference(a, b)
        if isinstance(a, n.Const) and isinstance(b, n.Const):
            return n.Const(fn(a.value, b.value))  # type: ignore[operator]
        if fn is operator.add and a == ZERO:
            return b
        if fn is operator.add and isinstance(b, n.Const):
            return difference(a, n.Const(-b.value))
        return n.Call(fn, spelling, (a, b))  # type: ignore[arg-type]


def not_negative(length: n.Expr) -> n.Expr:
    """`max(length, 0)`, the 0 left out where it is not needed."""
    if isinstance(length, n.Const) and isinstance(length.value, int):
        return n.Const(max(length.value, 0))
    return length if _is_size(length) else n.Call(max, "max", (length, ZERO))


def _is_size(expr: n.Expr) -> bool:
    if isinstance(expr, n.Index):
        return isinstance(expr.value, n.Call) and expr.value.fn is np.shape
    return isinstance(expr, n.Call) and expr.fn in SIZES


def _is_shape(stmt: n.Stmt) -> bool:
    return isinstance(stmt, n.Assign) and isinstance(stmt.value, n.Call) and stmt.value.fn is np.shape


def difference(a: n.Expr, b: n.Expr) -> n.Expr:
    """`a - b`, with constants folded and equal terms gone."""
    base_a, off_a = _offset(a)
    base_b, off_b = _offset(b)
    offset = off_a - off_b
    if base_a == base_b:
        return n.Const(offset)
    base = base_a if base_b is None else n.Call(operator.sub, "-", (base_a or ZERO, base_b))
    assert base is not None
    if offset == 0:
        return base
    sign: tuple[object, str] = (operator.add, "+") if offset > 0 else (operator.sub, "-")
    return n.Call(sign[0], sign[1], (base, n.Const(abs(offset))))  # type: ignore[arg-type]


def _offset(expr: n.Expr) -> tuple[n.Expr | None, int]:
    """An expression as what is left of it and a constant that is added."""
    offset = 0
    while isinstance(expr, n.Call) and expr.fn in (operator.add, operator.sub) and len(expr.args) == 2:
        a, b = expr.args
        if isinstance(b, n.Const) and type(b.value) is int:
            offset += b.value if expr.fn is operator.add else -b.value
            expr = a
        elif isinstance(a, n.Const) and type(a.value) is int and expr.fn is operator.add:
            offset, expr = offset + a.value, b
        else:
            break
    if isinstance(expr, n.Const) and type(expr.value) is int:
        return None, offset + expr.value
    return expr, offset
