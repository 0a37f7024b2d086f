"""The forms of names and expressions.

In: kinds of names, and which of them have one value throughout.  Out: `Forms`: for each name what holds of all its
values, for an expression its form.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass, field

import numpy as np

from tangent_ad.analyses.callforms import RULES
from tangent_ad.analyses.defs import Definitions, bound_by
from tangent_ad.analyses.effects import needed_content
from tangent_ad.analyses.forms import NUMBER, UNKNOWN, Axis, Form, Shape, broadcast, is_open, meet, promoted, shortened
from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import FLOATING, Kind
from tangent_ad.core.walk import names_read

DOUBLE = re.compile(r"\bFloat64\[")


def stable_names(fn: n.Function, defs: Definitions) -> frozenset[str]:
    """The names that have one value throughout: parameters, and what one statement outside loops binds."""
    params = {p.name for p in fn.params}
    once = {name for name, ds in defs.defs.items() if len(ds) == 1 and not defs.loops[ds[0]] and name not in params}
    once -= {name for name, ds in defs.defs.items() if isinstance(defs.statement(ds[0]), n.For)}
    return frozenset(once | {name for name in params if not defs.defs.get(name)})


def of_parameter(p: n.Param, kind: Kind, floating: set[str], typed: bool) -> Form:
    """The form of a parameter; `typed`: its kind comes from a compiled type, so that "float" is double precision."""
    name, double = p.name, p.annotation is not None and DOUBLE.search(p.annotation)
    if kind.is_number:
        return Form((), frozenset((("number", name),)))
    dtype = frozenset((name,)) if name in floating or (kind.is_array and kind.dtype in FLOATING) else None
    if double and kind.is_array:
        dtype = frozenset(("float64",))
    elif typed and kind.is_array and kind.dtype in FLOATING:
        dtype = frozenset(("float64" if kind.dtype == "float" else kind.dtype,))
    return Form(axes_of(name, kind), dtype)


def join_axes(table: dict[str, Form], old: Axis, new: Axis) -> None:
    for name, form in table.items():
        if form.shape is not None and old in form.shape:
            table[name] = Form(tuple(new if axis == old else axis for axis in form.shape), form.dtype)


def axes_of(name: str, kind: Kind) -> Shape:
    if kind.has_rank and kind.rank is not None:
        return tuple(("of", name, k) for k in range(kind.rank))
    return (("rest", name, 0),)


@dataclass
class Forms:
    """`table[name]`; `stable`: names that have one value throughout; `sizes`: those of them that hold a length;
    `loose`: only the dtype of what is returned counts (a tangent has that of its value throughout, and compiled code
    must not mix float32 with float64); `typed`: kinds come from compiled types."""

    kinds: NameKinds
    stable: frozenset[str] = frozenset()
    loose: bool = False
    table: dict[str, Form] = field(default_factory=dict)
    sizes: dict[str, Axis] = field(default_factory=dict)
    typed: bool = False

    def same(self, a: n.Expr, b: n.Expr) -> bool:
        """Have two arrays surely the same shape?"""
        form = self.of(a)
        return form.is_sure and bool(form.shape) and form.shape == self.of(b).shape

    def alike(self, a: n.Expr, b: n.Expr) -> bool:
        """May the array `a` stand for `a` in the form of `b`?  Adjoints on their way may be of another precision."""
        return self.same(a, b) and (self.loose or self.equals(a, b))

    def equals(self, a: n.Expr, b: n.Expr) -> bool:
        """Is the dtype of `a` surely that of `b`?"""
        mine = self.of(a).dtype
        return mine is not None and bool(mine) and mine == self.of(b).dtype

    # names ------------------------------------------------------------------------------------------------------

    def define(self, stmt: n.Stmt, outside: bool) -> None:
        """What a statement binds has its form, too."""
        match stmt:
            case n.Assign(target=n.Name(id=name), value=value):
                self.add(name, self.rooted(name, value, outside))
                if name in self.stable:
                    self.sizes[name] = self.size(value)
            case n.Assign(target=n.Tuple(elts=elts), value=n.Call(fn=np.shape, args=(x,))):
                shape = self.of(x).shape
                for k, e in enumerate(elts):
                    for name in bound_by(n.Assign(e, n.Const(0))):
                        self.add(name, NUMBER)
                        closed = shape is not None and len(shape) == len(elts) and not is_open(shape)
                        if name in self.stable:
                            self.sizes[name] = shape[k] if closed and shape is not None else None
            case n.AugAssign(target=n.Name(id=name), value=value):
                of = self.table.get(name, NUMBER)
                if self.kinds.of(name).is_number or not self.kinds.of(name).is_array:
                    value_form = self.of(value)
                    new = Form(broadcast(of.shape, value_form.shape), promoted(of.dtype, value_form.dtype))
                    self.add(name, new)
            case n.ExprStmt(value=n.Call(fn=list.append, args=(n.Name(id=tape), value))):
                self.add(f"[{tape}]", self.of(value))
            case n.For(target=target):
                self.add(target.id, NUMBER)
            case _:
                for name in bound_by(stmt):
                    self.add(name, Form(() if self.kinds.of(name).is_number else None))

    def add(self, name: str, form: Form) -> None:
        self.table[name] = meet(self.table[name], form) if name in self.table else form

    def rooted(self, name: str, value: n.Expr, outside: bool) -> Form:
        """The form of what is assigned to `name`: its own, if it has one value whose shape or dtype is not known."""
        form, kind = self.of(value), self.kinds.of(name)
        if name not in self.stable or not outside or not kind.is_array:
            return Form((), form.dtype) if kind.is_number and form.shape is None else form
        dtype = form.dtype
        if dtype is None and kind.dtype in FLOATING:
            dtype = frozenset((name,))
        own = axes_of(name, kind)
        if form.shape is not None and form.is_sure:
            return Form(form.shape, dtype)
        if form.shape is None or is_open(form.shape) or len(form.shape) != len(own):
            return Form(own, dtype)
        return Form(tuple(mine if axis is None else axis for axis, mine in zip(form.shape, own, strict=True)), dtype)

    def size(self, expr: n.Expr) -> Axis:
        """The key of a length, None if it is not known."""
        match expr:
            case n.Const(value=int() as value):
                return value
            case n.Name(id=name):
                known = self.sizes.get(name)
                return expr if known is None and name in self.stable else known
            case n.Call(fn=fn, args=(x,)) if fn is len:
                return self._axis(x, 0)
            case n.Index(value=n.Call(fn=np.shape, args=(x,)), index=n.Const(value=int() as k)) if k >= 0:
                return self._axis(x, k)
            case n.Call(fn=operator.add | operator.sub | operator.mul):
                return expr if self.is_fixed(expr) else None
        return None

    def is_fixed(self, expr: n.Expr) -> bool:
        """Has it one value throughout?  What it reads is bound once, no element of an array, which may be written, and
        nothing of a list, which may grow."""
        names = names_read(expr)
        if not names <= self.stable or any(self.kinds.of(name).form == "tape" for name in names):
            return False
        if isinstance(expr, n.Name):
            return not self.kinds.of(expr.id).is_array
        return all(self.kinds.of(name).is_number for name in needed_content(expr))

    def _axis(self, x: n.Expr, k: int) -> Axis:
        shape = self.of(x).shape
        if shape is None or len(shape) <= k or (is_open(shape) and len(shape) == k + 1):
            return None
        return shape[k]

    def sizes_of(self, expr: n.Expr) -> Shape | None:
        """The shape that an argument of `np.zeros` and the like means."""
        match expr:
            case n.Tuple(elts=elts):
                return tuple(map(self.size, elts))
            case n.Call(fn=np.shape, args=(x,)):
                return self.of(x).shape
            case n.Call(fn=operator.add, args=(a, b)):
                first, second = self.sizes_of(a), self.sizes_of(b)
                return None if first is None or second is None or is_open(first) else (*first, *second)
        return (self.size(expr),) if self.kinds.at(expr).is_number else None

    # expressions ------------------------------------------------------------------------------------------------

    def of(self, expr: n.Expr) -> Form:
        """The form of an expression."""
        match expr:
            case n.Name(id=name):
                return self.table.get(name, UNKNOWN)
            case n.Const(value=value) | n.Global(value=value):
                return NUMBER if type(value) in (int, float) else UNKNOWN
            case n.Index(value=value, index=index):
                return self.indexed(self.of(value), index)
            case n.IfExp(body=body, orelse=orelse):
                return meet(self.of(body), self.of(orelse))
            case n.Call(fn=fn):
                rule = RULES.get(fn)
                return rule(self, expr) if rule is not None else UNKNOWN
        return UNKNOWN

    def indexed(self, form: Form, index: n.Expr) -> Form:
        shape = form.shape
        if shape is None:
            return Form(None, form.dtype)
        parts = index.elts if isinstance(index, n.Tuple) else (index,)
        left: list[Axis] = list(shape)
        found: list[Axis] = []
        for part in parts:
            if not left:
                return Form(None, form.dtype)
            axis = left.pop(0)
            if isinstance(axis, tuple) and axis[0] == "rest":
                left.append(("rest", axis[1], axis[2] + 1))
                axis = ("of", axis[1], axis[2])
            if isinstance(part, n.Slice):
                found.append(self.cut(axis, part))
            else:
                kind = self.kinds.at(part)
                if not kind.is_number or kind.dtype == "bool":
                    return Form(None, form.dtype)
        return Form((*found, *left), form.dtype)

    def cut(self, axis: Axis, part: n.Slice) -> Axis:
        """The axis of `x[a:b:c]`."""
        if axis is None:
            return None
        ends = part.lower, part.upper, part.step
        if ends == (None, None, None):
            return axis
        start, stop = _ahead(part.lower), _from_end(part.upper)
        if part.step is None and start is not None and stop is not None:
            return shortened(axis, start + stop)
        return ("cut", axis, *ends) if all(e is None or self.is_fixed(e) for e in ends) else None


def _ahead(lower: n.Expr | None) -> int | None:
    if lower is None:
        return 0
    return lower.value if isinstance(lower, n.Const) and type(lower.value) is int and lower.value >= 0 else None


def _from_end(upper: n.Expr | None) -> int | None:
    match upper:
        case None:
            return 0
        case n.Const(value=int() as value) if value < 0:
            return -value
        case n.Call(fn=operator.neg, args=(n.Const(value=int() as value),)) if value > 0:
            return value
    return None
