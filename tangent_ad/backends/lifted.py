"""Arrays that are made once, not in each iteration.

In: derived code for Numba, the kinds of its parameters.  Out: the same, where arrays of a loop are made ahead of it:

    for p in range(n):                        terms = np.empty(K)
        terms = np.empty(K)                   terms_bar = np.empty(terms.shape, terms.dtype)
        terms_bar = np.zeros_like(terms)      for p in range(n):
                                                  for i in range(terms_bar.shape[0]):
                                                      terms_bar[i] = 0.0

Their shapes are made of what is bound once, before the loop, and are no less than zero, so that a loop without trips
does not fail; no other name shares their memory, so that nobody holds what an earlier iteration has made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.kinds import infer_kinds
from tangent_ad.analyses.namekinds import NameKinds, name_kinds
from tangent_ad.analyses.webs import find_webs
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import Kind
from tangent_ad.core.names import Fresh
from tangent_ad.core.order import number
from tangent_ad.core.verify import verify
from tangent_ad.core.walk import names_read, replace_bodies, statements
from tangent_ad.frontend.pure import all_names
from tangent_ad.simplify.memory import find_memory, names_alone

Stmts = tuple[n.Stmt, ...]
MAKING = (np.empty, np.zeros)
LIKE = (np.empty_like, np.zeros_like)
NEEDED = {"range", "np"}
DTYPE = np.ndarray.dtype


def lift_arrays(fn: n.Function, given: Mapping[str, Kind]) -> n.Function:
    """`fn` (numbered) with arrays that are made ahead of loops."""
    if not any(_making(s) for loop in fn.body if isinstance(loop, (n.For, n.While)) for s in statements(loop.body)):
        return fn
    kinds = infer_kinds(fn, find_webs(fn), {p.name: given[p.name] for p in fn.params if p.name in given}, presume=False)
    names = name_kinds(kinds)
    if NEEDED & names.table.keys():
        return fn
    bound = Counter(name for stmt in statements(fn.body) for name in bound_by(stmt))
    bound.update(p.name for p in fn.params)
    once = frozenset(name for name, count in bound.items() if count == 1)
    alone = names_alone(fn, find_memory(fn, names)) & once
    work = _Work(names, once, alone, Fresh(all_names(fn)), {p.name for p in fn.params} & once)
    made: list[n.Stmt] = []
    for stmt in fn.body:
        if isinstance(stmt, (n.For, n.While)):
            stmt = replace_bodies(stmt, (work.body(stmt.body),))
            made += work.ahead
            work.ahead.clear()
        else:
            work.bind(stmt)
        made.append(stmt)
    return number(verify(replace(fn, body=tuple(made)), "lifted"))


def _making(stmt: n.Stmt) -> bool:
    return isinstance(stmt, n.Assign) and isinstance(stmt.value, n.Call) and stmt.value.fn in (*MAKING, *LIKE)


@dataclass
class _Work:
    """`ready`: the names that are bound by now, once for all; `lengths`: those of them that are lengths of axes."""

    names: NameKinds
    once: frozenset[str]
    alone: frozenset[str]
    fresh: Fresh
    ready: set[str]
    lengths: set[str] = field(default_factory=set)
    ahead: list[n.Stmt] = field(default_factory=list)

    def bind(self, stmt: n.Stmt) -> None:
        """Take note of what a statement outside of loops binds."""
        if not isinstance(stmt, n.Assign):
            return
        targets = stmt.target.elts if isinstance(stmt.target, n.Tuple) else (stmt.target,)
        for target in targets:
            if isinstance(target, n.Name) and target.id in self.once:
                self.ready.add(target.id)
                whole = isinstance(stmt.target, n.Tuple) and self._is_shape(stmt.value)
                if whole or (stmt.target is target and self._is_length(stmt.value)):
                    self.lengths.add(target.id)

    def body(self, body: Stmts) -> Stmts:
        """The body of a loop without what is made ahead."""
        found: list[n.Stmt] = []
        for stmt in body:
            if isinstance(stmt, (n.For, n.While)):
                found.append(replace_bodies(stmt, (self.body(stmt.body),)))
                continue
            lifted = self._lifted(stmt)
            if lifted is None:
                found.append(stmt)
                continue
            assert isinstance(lifted.target, n.Name) and isinstance(stmt, n.Assign) and isinstance(stmt.value, n.Call)
            self.ahead.append(lifted)
            self.ready.add(lifted.target.id)
            if stmt.value.fn in (np.zeros, np.zeros_like):
                found.append(self._cleared(lifted.target, stmt.info))
        return tuple(found)

    def _lifted(self, stmt: n.Stmt) -> n.Assign | None:
        """The statement ahead of the loops that makes the array, if it may be made there."""
        match stmt:
            case n.Assign(target=n.Name(id=name), value=n.Call(fn=make, args=args, keywords=()) as call) if (
                name in self.alone and make in (*MAKING, *LIKE) and stmt.annotation is None
            ):
                kind = self.names.of(name)
                clears = make in (np.zeros, np.zeros_like)
                if not kind.is_array or not kind.rank or (clears and kind.dtype not in ("float", "float32")):
                    return None
                if make in LIKE and len(args) == 1 and isinstance(args[0], n.Name) and args[0].id in self.ready:
                    (x,) = args
                    parts = (n.Call(np.shape, ".shape", (x,)), n.Call(DTYPE, ".dtype", (x,)))
                    return self._made(stmt, n.Call(np.empty, "np.empty", parts), clears)
                if make in MAKING and self._is_size(args[0]) and all(map(self._is_dtype, args[1:])):
                    return self._made(stmt, replace(call, fn=np.empty, spelling="np.empty"), clears)
        return None

    def _made(self, stmt: n.Assign, value: n.Expr, clears: bool) -> n.Assign:
        """The statement ahead; where zeros are left behind, the comments stay with them."""
        return replace(stmt, value=value, info=n.NO_INFO if clears else stmt.info)

    def _is_dtype(self, expr: n.Expr) -> bool:
        return isinstance(expr, n.Global) or (
            isinstance(expr, n.Call) and expr.fn is DTYPE and names_read(expr) <= self.ready
        )

    def _is_size(self, expr: n.Expr) -> bool:
        """Is it a shape, or a length?"""
        if isinstance(expr, n.Tuple):
            return all(map(self._is_length, expr.elts))
        return self._is_shape(expr) or self._is_length(expr)

    def _is_shape(self, expr: n.Expr) -> bool:
        match expr:
            case n.Call(fn=np.shape, args=(n.Name(id=x),), keywords=()):
                return x in self.ready and self.names.of(x).is_array
        return False

    def _is_length(self, expr: n.Expr) -> bool:
        """A number of ready names that is no less than zero."""
        match expr:
            case n.Const(value=value):
                return type(value) is int and value >= 0
            case n.Name(id=name):
                return name in self.lengths
            case n.Index(value=shape, index=n.Const()):
                return self._is_shape(shape)
            case n.Call(fn=fn, args=(a, n.Const(value=0)), keywords=()) if fn is max:
                return self._is_count(a)
        return False

    def _is_count(self, expr: n.Expr) -> bool:
        """A sum or difference of integers that are ready."""
        match expr:
            case n.Name(id=name):
                return name in self.ready and self.names.of(name) == Kind("value", "int", 0)
            case n.Const(value=value):
                return type(value) is int
            case n.Index(value=shape, index=n.Const()):
                return self._is_shape(shape)
            case n.Call(spelling="+" | "-", args=(a, b), keywords=()):
                return self._is_count(a) and self._is_count(b)
        return False

    def _cleared(self, x: n.Name, info: n.Info) -> n.Stmt:
        """Zeros in all of an array."""
        rank = self.names.of(x.id).rank or 1
        counters = [n.Name(self.fresh.take("i")) for _ in range(rank)]
        place = n.Index(x, counters[0] if rank == 1 else n.Tuple(tuple(counters)))
        stmt: n.Stmt = n.Assign(place, n.Const(0.0))
        for axis in reversed(range(rank)):
            stop = n.Index(n.Call(np.shape, ".shape", (x,)), n.Const(axis))
            stmt = n.For(counters[axis], n.Const(0), stop, n.Const(1), (stmt,))
        return replace(stmt, info=info)  # type: ignore[type-var]
