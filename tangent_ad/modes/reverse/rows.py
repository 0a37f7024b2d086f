"""The Jacobian by reverse mode: one forward sweep, and a backward sweep for each element of the result.

In: the facts of a function, the name that it returns.  Out: what `function` puts around the backward sweep: arrays for
the Jacobians, a loop over the elements of the result that gives each of them the seed 1.0, and the stores of the rows.

    value_of_f = ...
    x_jac = np.empty(out.shape + x.shape, x.dtype)
    for k in range(out.shape[0]):
        x_bar, out_bar = 0.0, 0.0
        out_bar[k] += 1.0
        ...
        x_jac[k] = x_bar

Where the rank of the result is not known, its elements are counted in one row, and the Jacobians reshaped at the end.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.webs import PARAMETER, read_expressions
from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym, call, node
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import Kind
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import subexpressions
from tangent_ad.modes.common import spread
from tangent_ad.storage.marks import Read

DTYPE: Any = np.ndarray.dtype
ARRAY = Kind("value", rank=1)


class NotShared(Exception):
    """The backward sweep of a function cannot run more than once on what its forward sweep kept."""


@record(frozen=True)
class Rows:
    """counters, extents: of the loops over the result.  ahead: the statements before them, with marked reads; first:
    what each iteration begins with.  jacs: the arrays that are filled; seed: the adjoint of the result, None for 1.0 at
    its element; found: what is returned."""

    counters: tuple[n.Name, ...]
    extents: tuple[n.Expr, ...]
    ahead: tuple[n.Stmt, ...]
    first: tuple[n.Stmt, ...]
    jacs: tuple[n.Name, ...]
    seed: n.Expr | None
    found: tuple[n.Expr, ...]

    @property
    def index(self) -> n.Expr:
        """The place of the element in the result."""
        return self.counters[0] if len(self.counters) == 1 else n.Tuple(self.counters)

    def reads(self) -> list[Read]:
        """What the statements ahead read: shapes and dtypes, right behind the forward sweep."""
        marked = {
            (e.id, e.version)
            for stmt in self.ahead
            for part in read_expressions(stmt)
            for e in subexpressions(part)
            if isinstance(e, n.Name) and e.version is not None
        }
        return [Read(name, version, False) for name, version in sorted(marked) if version is not None]

    def loops(self, backward: list[n.Stmt], bars: list[n.Expr]) -> list[n.Stmt]:
        """The loops over the result, in which the backward sweep runs and its results are stored."""
        stores = [n.Assign(n.Index(jac, self.index), bar) for jac, bar in zip(self.jacs, bars, strict=True)]
        body: tuple[n.Stmt, ...] = (*self.first, *backward, *stores)
        for k, extent in reversed(tuple(zip(self.counters, self.extents, strict=True))):
            body = (n.For(k, n.Const(0), extent, n.Const(1), body),)
        return list(body)


def plan_rows(facts: Facts, last: n.Return, originals: dict[str, n.Name], fresh: Fresh) -> Rows:
    """The loops over the result of a function, which is an array or may be one, and what they fill."""
    if not isinstance(last.value, n.Name):
        raise NotShared("the result has no name")
    kinds = {p: facts.kinds.defined(PARAMETER, p) for p in facts.wrt}
    result = facts.kinds.at(last.num, last.value)
    if result.form not in ("value", "any"):
        raise NotShared("the result is neither a number nor an array")
    out = Sym(n.Name(last.value.id, 2 * last.num), result)
    jacs = {p: n.Name(fresh.take(f"{p}_jac")) for p in facts.wrt}
    if result.is_array and result.has_rank and result.rank:
        return _by_axes(out, result.rank, kinds, jacs, originals, fresh)
    return _in_a_row(out, kinds, jacs, originals, fresh)


def _by_axes(
    out: Sym,
    rank: int,
    kinds: dict[str, Kind],
    jacs: dict[str, n.Name],
    originals: dict[str, n.Name],
    fresh: Fresh,
) -> Rows:
    """A loop for each axis of the result."""
    counters = tuple(n.Name(fresh.take("k")) for _ in range(rank))
    ahead: list[n.Stmt] = []
    extents: list[n.Expr] = []
    for axis in range(rank):
        extents.append(n.Name(fresh.take("length")))
        ahead.append(n.Assign(extents[-1], node(out.shape[axis])))
    for p, jac in jacs.items():
        ahead.append(n.Assign(jac, _new(out, out.shape, originals[p], kinds[p])))
    return Rows(counters, tuple(extents), tuple(ahead), (), tuple(jacs.values()), None, tuple(jacs.values()))


def _in_a_row(
    out: Sym,
    kinds: dict[str, Kind],
    jacs: dict[str, n.Name],
    originals: dict[str, n.Name],
    fresh: Fresh,
) -> Rows:
    """One loop over a result of any rank, or a number; its shape is found once, before the backward sweeps."""
    k, shape, zeros, row = (n.Name(fresh.take(wish)) for wish in ("k", "shape", "zeros", "row"))
    count = n.Call(np.size, ".size", (zeros,))
    ahead: list[n.Stmt] = [
        n.Assign(shape, node(call(np.shape, "np.shape", out))),
        n.Assign(zeros, _flat_zeros(out.expr)),
    ]
    for p, jac in jacs.items():
        ahead.append(n.Assign(jac, _new(Sym(zeros, ARRAY), n.Tuple((count,)), originals[p], kinds[p])))
    first = (n.Assign(row, n.Call(np.zeros_like, "np.zeros_like", (zeros,))), n.Assign(n.Index(row, k), n.Const(1.0)))
    found = []
    for p, jac in jacs.items():
        whole: n.Expr = shape
        if not kinds[p].is_number:
            whole = n.Call(operator.add, "+", (shape, n.Call(np.shape, "np.shape", (originals[p],))))
        reshaped: n.Expr = n.Call(np.reshape, "np.reshape", (jac, whole))
        if not kinds[p].is_array and not out.kind.is_array:
            reshaped = n.Index(reshaped, n.Tuple(()))
        found.append(reshaped)
    seed = n.Call(np.reshape, "np.reshape", (row, shape))
    return Rows((k,), (count,), tuple(ahead), first, tuple(jacs.values()), seed, tuple(found))


def _new(out: Sym, shape: Any, x: n.Expr, kind: Kind) -> n.Expr:
    """The array for a Jacobian in `x`: of the dtype of its adjoint."""
    if kind.is_number:
        like, whole = out.expr, node(shape)
    else:
        axes = n.Call(np.shape, ".shape" if kind.is_array else "np.shape", (x,))
        like, whole = x if kind.is_array else _flat_zeros(x), n.Call(operator.add, "+", (node(shape), axes))
    return n.Call(np.empty, "np.empty", (whole, n.Call(DTYPE, ".dtype", (like,))))


def _flat_zeros(x: n.Expr) -> n.Expr:
    """As many zeros in one row as `x` has elements, of its floating dtype."""
    return n.Call(np.ravel, "np.ravel", (spread(n.Const(0.0), x),))
