"""Elements of array expressions.

In: an array expression of derived code, forms and kinds.  Out: its shape, as far as it is known, and the expression of
the element that stands at a position.

A position says of each axis where on it: `(k, p)`, the k-th counter of a nest of loops plus p, or a number.  What an
operation gives for arrays of float64 it gives for their elements too; where integers, truth values or single precision
make a difference, there is no element.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from tangent_ad.analyses.callforms import TESTS, UFUNCS
from tangent_ad.analyses.forms import Axis, Shape, is_open
from tangent_ad.analyses.indexed import index_parts
from tangent_ad.analyses.named import Forms
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record

Step = tuple[int, int]
Pos = tuple[Step | n.Expr, ...]
DTYPES = ("float", "int", "bool")
ARITHMETIC = (operator.add, operator.sub, operator.mul, operator.truediv, operator.neg, operator.pos, abs)
POWERS = (operator.pow, np.power)
PASSING = frozenset((*ARITHMETIC, *UFUNCS, *TESTS, operator.pow))
FIRST = n.Const(0)


class NoElement(Exception):
    """An expression of which no element can be written."""


@record(frozen=True)
class Writer:
    """How parts of an element are written: an array at a position, a number."""

    array: Callable[[n.Name, Pos], n.Expr]
    number: Callable[[n.Expr], n.Expr]


@dataclass
class Elements:
    """`made`: the shapes of arrays that a nest makes itself."""

    forms: Forms
    made: Mapping[str, Shape] = field(default_factory=dict)

    # shapes -----------------------------------------------------------------------------------------------------

    def shape(self, expr: n.Expr) -> Shape | None:
        """The shape of a value, with None for axes that are not known; None if nothing is."""
        kind = self.forms.kinds.at(expr)
        if kind.is_number:
            return ()
        if not kind.is_array or not kind.has_rank or kind.dtype not in DTYPES:
            return None
        found = self._shape(expr)
        return found if found is not None and len(found) == kind.rank else None

    def _shape(self, expr: n.Expr) -> Shape | None:
        match expr:
            case n.Name(id=name) if name in self.made:
                return self.made[name]
            case n.Name(id=name):
                known = self.forms.table.get(name)
                return None if known is None or known.shape is None or is_open(known.shape) else known.shape
            case n.Index(value=value, index=index):
                shape = self.shape(value)
                return None if shape is None else self._indexed(shape, index)
            case n.Call(fn=np.copy | np.zeros_like, args=(a,), keywords=()):
                return self.shape(a)
            case n.Call(fn=np.transpose, args=(a,), keywords=()):
                shape = self.shape(a)
                return None if shape is None else shape[::-1]
            case n.Call(fn=fn, args=args, keywords=()) if fn in PASSING or (fn is np.where and len(args) == 3):
                return _common([self.shape(a) for a in args])
        return None

    def _indexed(self, shape: Shape, index: n.Expr) -> Shape | None:
        left, found = list(shape), list[Axis]()
        for part in index_parts(index):
            if part == n.Const(None):
                found.append(1)
            elif not left:
                return None
            elif isinstance(part, n.Slice):
                axis = left.pop(0)
                found.append(self.forms.cut(axis, part) if _begin(part) is not None else None)
            elif self._is_integer(part):
                left.pop(0)
            else:
                return None
        return (*found, *left)

    def _is_integer(self, part: n.Expr) -> bool:
        kind = self.forms.kinds.at(part)
        return kind.is_number and kind.dtype == "int"

    # elements ---------------------------------------------------------------------------------------------------

    def element(self, expr: n.Expr, pos: Pos, writer: Writer) -> n.Expr:
        """The element of `expr` at `pos`."""
        shape = self.shape(expr)
        if shape is None or len(shape) != len(pos):
            raise NoElement
        if not shape:
            if self.forms.kinds.at(expr).dtype not in DTYPES:
                raise NoElement
            return writer.number(expr)
        match expr:
            case n.Name():
                return writer.array(expr, pos)
            case n.Index(value=value, index=index):
                return self.element(value, self._inside(value, index, pos), writer)
            case n.Call(fn=np.zeros_like) if self._is_float(expr):
                return n.Const(0.0)
            case n.Call(fn=np.copy, args=(a,)) if self._is_float(expr):
                return self.element(a, pos, writer)
            case n.Call(fn=np.transpose, args=(a,)):
                return self.element(a, pos[::-1], writer)
            case n.Call(fn=fn, args=args) if fn in PASSING or fn is np.where:
                self._check(expr)
                parts = tuple(self.element(a, self._stretched(a, shape, pos), writer) for a in args)
                return n.IfExp(*parts) if fn is np.where else n.Call(fn, expr.spelling, parts)
        raise NoElement

    def _inside(self, value: n.Expr, index: n.Expr, pos: Pos) -> Pos:
        """The position in `value` of what stands at `pos` in `value[index]`."""
        left, found = list(pos), list[Step | n.Expr]()
        for part in index_parts(index):
            if part == n.Const(None):
                left.pop(0)
            elif isinstance(part, n.Slice):
                at, begin = left.pop(0), _begin(part)
                if begin is None:
                    raise NoElement
                if isinstance(at, tuple):
                    found.append((at[0], at[1] + begin))
                elif at == FIRST or not begin:
                    found.append(n.Const(begin) if at == FIRST else at)
                else:
                    raise NoElement
            else:
                found.append(part)
        return (*found, *left)

    def _stretched(self, arg: n.Expr, shape: Shape, pos: Pos) -> Pos:
        """The position in an operand of what stands at `pos` in the result of this shape."""
        mine = self.shape(arg)
        if mine is None:
            raise NoElement
        lead = len(shape) - len(mine)
        return tuple(
            FIRST if axis == 1 and whole != 1 else at
            for axis, whole, at in zip(mine, shape[lead:], pos[lead:], strict=True)
        )

    def _is_float(self, expr: n.Expr) -> bool:
        return self.forms.kinds.at(expr).dtype == "float"

    def _check(self, call: n.Call) -> None:
        """Refuse an operation that may mean another thing for elements: all have one operand of double precision."""
        args = call.args[1:] if call.fn is np.where else call.args
        if not any(map(self._is_float, args)):
            raise NoElement
        if call.fn is np.where and self.forms.kinds.at(call.args[0]).dtype != "bool":
            raise NoElement
        if call.fn in POWERS and not (self._is_float(args[0]) and self._is_exponent(args[1], call)):
            raise NoElement

    def _is_exponent(self, expr: n.Expr, call: n.Call) -> bool:
        """A number that Numba takes as an exponent of numbers as of arrays: it divides by zero for `0.0 ** -1`."""
        if call.fn is operator.pow and isinstance(expr, n.Const) and type(expr.value) is int:
            return expr.value >= 0
        return self.forms.kinds.at(expr).is_number and self._is_float(expr)


def _common(shapes: list[Shape | None]) -> Shape | None:
    """The shape of the result of an elementwise operation, if it surely has one."""
    known = [s for s in shapes if s is not None]
    if len(known) < len(shapes):
        return None
    found: list[Axis] = []
    for k in range(-max(map(len, known)), 0):
        axes = {s[k] for s in known if len(s) >= -k} - {1}
        if len(axes) > 1 or None in axes:
            return None
        found.append(axes.pop() if axes else 1)
    return tuple(found)


def _begin(part: n.Slice) -> int | None:
    """Where a slice begins that is not empty."""
    if part.step is not None and part.step != n.Const(1):
        return None
    if part.lower is None:
        return 0
    known = isinstance(part.lower, n.Const) and type(part.lower.value) is int and part.lower.value >= 0
    return part.lower.value if known and isinstance(part.lower, n.Const) else None
