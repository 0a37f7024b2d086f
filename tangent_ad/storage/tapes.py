"""Where kept values lie: a plain name, an array indexed by the loops around, or a list.

In: values.  Out: for each block a `Layout`, from which the statements that create, fill and read tapes are made.

Outside loops a name of its own holds the value.  Numbers of counted loops, whose trip counts are known before the
outermost of them starts, lie in an array with an axis for each loop; so do arrays whose shape and dtype are known by
then.  All else lies on a list that is appended to in the forward sweep and popped in the backward sweep, its mirror.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tangent_ad.analyses.forms import UNKNOWN, Form
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import Kind
from tangent_ad.core.names import Fresh
from tangent_ad.storage.extents import Bounds
from tangent_ad.storage.marks import append, pop
from tangent_ad.storage.sizes import Sizes, empty
from tangent_ad.storage.values import Home, Values

DTYPES = {
    "float32": n.Global("np.float32", np.float32),
    "int": n.Global("np.int64", np.int64),
    "bool": n.Global("np.bool_", np.bool_),
}


@record(frozen=True)
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
    sizes: Sizes | None = None
    layouts: dict[Home, Layout] = field(default_factory=dict)
    ahead: dict[int, list[n.Stmt]] = field(default_factory=dict)
    lists: list[n.Stmt] = field(default_factory=list)

    def layout(self, home: Home) -> Layout:
        if home not in self.layouts:
            self.layouts[home] = self._find(home)
        return self.layouts[home]

    def _find(self, home: Home) -> Layout:
        around = [stmt for at, _ in self.values.chains[home] if isinstance(stmt := self._stmt(at), (n.For, n.While))]
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
        bounds = Bounds(self.values, outermost, tuple(loop for loop in loops if isinstance(loop, n.For)))
        for loop in loops:
            assert isinstance(loop, n.For)
            found = bounds.axis(loop)
            if found is None:
                return None
            index.append(found[0])
            extents.append(found[1])
        return Layout("array", tuple(index), tuple(extents), outermost)

    def _stmt(self, num: int) -> n.Stmt | None:
        return self.values.facts.defs.statements[num] if num >= 0 else None

    def keep(
        self, home: Home, name: str, kind: Kind, tested: bool = False, form: Form = UNKNOWN
    ) -> tuple[str, n.Name, Layout]:
        """A new tape for values of `name`, of that kind and form: how it is kept, and its name.

        A bool that is not only `tested` lies on a list: `True + True` is 2, but 1 of NumPy's.
        """
        layout = self.layout(home)
        tape = n.Name(self.fresh.take(f"{name}_saved"))
        if layout.how == "array" and self._fits(name, kind) and (tested or kind.dtype != "bool"):
            dtype = DTYPES.get(kind.dtype or "")
            self.create(tape, layout, (), () if dtype is None else (dtype,))
            return "array", tape, layout
        rows = self.rows(home, kind, form)
        if rows is not None:
            self.create(tape, layout, *rows)
            return "array", tape, layout
        if layout.how == "name":
            return "name", tape, layout
        self.lists.append(n.Assign(tape, n.List(())))
        return "list", tape, layout

    def create(self, tape: n.Name, layout: Layout, inner: tuple[n.Expr, ...], dtype: tuple[n.Expr, ...]) -> None:
        made = n.Assign(tape, empty((*layout.extents, *inner), dtype))
        self.ahead.setdefault(layout.outermost, []).append(made)

    def rows(self, home: Home, kind: Kind, form: Form) -> tuple[tuple[n.Expr, ...], tuple[n.Expr, ...]] | None:
        """The shape and the dtype of arrays that can be kept as the rows of one; None if they cannot."""
        layout = self.layout(home)
        if layout.how != "array" or not kind.is_array or self.sizes is None or self.is_fused(home):
            return None
        shape = self.sizes.shape(form, layout.outermost)
        dtype = self.sizes.dtype(form, kind, layout.outermost)
        return None if shape is None or dtype is None else (shape, dtype)

    def is_fused(self, home: Home) -> bool:
        """Does a loop around run both sweeps in each iteration, so that what was restored may be written again?"""
        return any(num in self.values.fused for num, _ in self.values.chains[home])

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
