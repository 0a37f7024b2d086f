"""Which augmented assignments of names are surely the same as `x = x op e`, whether x is a number or an array.

In: a function in normal form with webs.  Out: the numbers of those that may not be: written in place, an array keeps
its dtype, where a new value may have a wider one.

For each value two sets of names of dtypes: `may`, from which its dtype comes; `must`, to all of which it is surely
promoted.  What comes from Python numbers alone has no dtype of its own and is no array.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tangent_ad.analyses.callforms import LIKE_FIRST, OPERATORS, REDUCTIONS, UFUNCS
from tangent_ad.analyses.webs import PARAMETER, Webs
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import statements

Names = frozenset[Hashable]
DOUBLE, OTHER = 1, 2
"""The widest dtype there is here; a dtype of which nothing is known."""
NONE: Names = frozenset()
OF_DOUBLES = frozenset((DOUBLE,))
PYTHON = (len, int, float, np.size, np.ndim)
MADE = (np.zeros, np.ones, np.empty)
SAME = (*LIKE_FIRST, *REDUCTIONS, np.transpose, np.reshape, np.ravel)


@record(frozen=True)
class Dtype:
    may: Names = frozenset((OTHER,))
    must: Names = NONE

    def covers(self, other: Dtype) -> bool:
        """Is what has this dtype surely as wide as the other?"""
        return OTHER not in other.may and (DOUBLE in self.must or other.may <= self.must)


UNKNOWN = Dtype()
WEAK = Dtype(NONE)
WIDE = Dtype(OF_DOUBLES, OF_DOUBLES)


def changing_dtype(fn: n.Function, webs: Webs, floating: frozenset[str]) -> frozenset[int]:
    """The augmented assignments of names that may leave another dtype than a new value would have; `floating`: the
    parameters that are surely no integers."""
    found = [s for s in statements(fn.body) if isinstance(s, n.AugAssign) and isinstance(s.target, n.Name)]
    if not found:
        return frozenset()
    dtypes = _Dtypes(fn, webs, floating)
    return frozenset(stmt.num for stmt in found if not dtypes.keeps(stmt))


@dataclass
class _Dtypes:
    fn: n.Function
    webs: Webs
    floating: frozenset[str]
    of_def: dict[tuple[int, str], Dtype] = field(default_factory=dict)

    def __post_init__(self) -> None:
        every = frozenset((DOUBLE, *(p.name for p in self.fn.params)))
        for key in self.webs.of_def:
            self.of_def[key] = Dtype(NONE, every)
        for p in self.fn.params:
            own: Names = frozenset((p.name,))
            self.of_def[(PARAMETER, p.name)] = Dtype(own, own)
        changed = True
        while changed:
            changed = False
            for stmt in statements(self.fn.body):
                for name, made in self.made(stmt):
                    key = (stmt.num, name)
                    if self.of_def[key] != made:
                        self.of_def[key], changed = made, True

    def made(self, stmt: n.Stmt) -> list[tuple[str, Dtype]]:
        match stmt:
            case n.For(target=n.Name(id=name)):
                return [(name, WEAK)]
            case n.Assign(target=n.Name(id=name), value=value):
                return [(name, self.of(stmt.num, value))]
            case n.Assign(target=n.Tuple() as target):
                return [(e.id, UNKNOWN) for e in target.elts if isinstance(e, n.Name)]
            case n.AugAssign(target=n.Name(id=name), value=value):
                before, term = self.reaching(stmt.num, name), self.of(stmt.num, value)
                may = term.may.union(*(d.may for d in before))
                sure = [d.must for d in before if d.may]
                sure += [term.must] if len(sure) < len(before) else []
                return [(name, Dtype(may, frozenset.intersection(*sure) if sure else NONE))]
        return []

    def reaching(self, num: int, name: str) -> list[Dtype]:
        defs = self.webs.reaching.get((num, name), frozenset())
        return [self.of_def[(d, name)] for d in sorted(defs) if (d, name) in self.of_def]

    def of(self, num: int, expr: n.Expr) -> Dtype:
        """The dtype of an expression as statement `num` reads it."""
        match expr:
            case n.Const(value=value):
                return WEAK if type(value) in (int, float, bool) else UNKNOWN
            case n.Global(value=value):
                return _of_captured(value)
            case n.Name(id=name):
                found = self.reaching(num, name)
                if not found:
                    return UNKNOWN
                return Dtype(NONE.union(*(d.may for d in found)), frozenset.intersection(*(d.must for d in found)))
            case n.Index(value=n.Name(id=name) as value, index=index):
                tuple_like = isinstance(index, n.Const) and any(p.name == name for p in self.fn.params)
                return UNKNOWN if tuple_like else self.of(num, value)
            case n.Call(fn=fn, args=args, keywords=keywords) if not keywords and args:
                return self.of_call(fn, [self.of(num, a) for a in args])
        return UNKNOWN

    def of_call(self, fn: Any, args: list[Dtype]) -> Dtype:
        if fn in PYTHON:
            return WEAK
        if fn in MADE and len(args) == 1:
            return WIDE
        if fn in SAME:
            return args[0] if args[0].may else WIDE
        if fn not in OPERATORS and fn not in UFUNCS:
            return UNKNOWN
        may, must = NONE.union(*(a.may for a in args)), NONE.union(*(a.must for a in args))
        if not may:
            return WEAK if fn in OPERATORS else WIDE
        if any(a not in self.floating for a in may - {DOUBLE}):  # perhaps integers: what becomes of them, who knows
            may |= {OTHER}
        return Dtype(may, must)

    def keeps(self, stmt: n.AugAssign) -> bool:
        """Is `x op= e` surely `x = x op e`?  What the statement itself left there is that already."""
        assert isinstance(stmt.target, n.Name)
        term, name = self.of(stmt.num, stmt.value), stmt.target.id
        defs = self.webs.reaching.get((stmt.num, name), frozenset()) - {stmt.num}
        found = [self.of_def[(d, name)] for d in defs if (d, name) in self.of_def]
        return not term.may or all(not d.may or d.covers(term) for d in found)


def _of_captured(value: Any) -> Dtype:
    if isinstance(value, np.ndarray | np.generic):
        return WIDE if value.dtype == np.float64 else UNKNOWN
    return WEAK if isinstance(value, int | float) else UNKNOWN
