"""How long the axes of values are, as it is written where the values themselves are not at hand.

In: values and the forms of them.  Out: `Sizes`: the shape and dtype of a value in names that never change, or an array
that stands for it where only its shape is read.
"""

from __future__ import annotations

import numpy as np

from tangent_ad.analyses.forms import TRUE_OR_FALSE, Axis, Form
from tangent_ad.analyses.lengths import Lengths
from tangent_ad.analyses.webs import PARAMETER
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import FLOATING, Kind
from tangent_ad.core.walk import names_read
from tangent_ad.storage.extents import difference, not_negative
from tangent_ad.storage.marks import Read
from tangent_ad.storage.values import Value, Values

SINGLE = n.Global("np.float32", np.float32)
BOOLS = n.Global("np.bool_", np.bool_)


@record(frozen=True)
class Sizes:
    """`typed`: kinds come from compiled types, so that "float" is double precision."""

    values: Values
    lengths: Lengths
    typed: bool

    def form(self, value: Value, read: Read) -> Form:
        """The form of a value, of which `read` is a read."""
        how, num = value.states[0]
        if how == "def" and (num, value.name) in self.lengths.of_def:
            return self.lengths.defined(num, value.name)
        if read.is_behind:
            return self.lengths.defined(read.num, read.name)
        return self.lengths.read(self.values.facts.aliases.mention(read.num, read.name), read.name)

    def shape(self, form: Form, ahead: int, ever: bool = False) -> tuple[n.Expr, ...] | None:
        """The lengths of all axes as they are known when statement `ahead` begins; `ever`: and ever after."""
        if form.shape is None or not form.is_sure or not form.shape:
            return None
        found = [self.axis(axis, ahead, ever) for axis in form.shape]
        return None if any(one is None for one in found) else tuple(one for one in found if one is not None)

    def dtype(self, form: Form, kind: Kind, ahead: int) -> tuple[n.Expr, ...] | None:
        """The dtype, as the last argument of `np.empty`: nothing for double precision; None if it is not known."""
        if form.dtype == TRUE_OR_FALSE:
            return (BOOLS,)
        if self.typed:
            return None if kind.dtype not in FLOATING else () if kind.dtype == "float" else (SINGLE,)
        if form.dtype is None or len(form.dtype) != 1:
            return None
        (atom,) = form.dtype
        if atom in FLOATING[1:]:
            return (SINGLE,)
        if not isinstance(atom, str):
            return None
        if atom == "float64":
            return ()
        return (n.Call(np.ndarray.dtype, ".dtype", (n.Name(atom),)),) if self.stands(atom, ahead) else None

    def axis(self, axis: Axis, ahead: int, ever: bool) -> n.Expr | None:
        """One length; what is no length of an array may be negative where no array is made."""
        for name, key in self.lengths.forms.sizes.items():
            if key is not None and key == axis and self.stands(name, ahead):
                return not_negative(n.Name(name)) if isinstance(axis, n.Expr) else n.Name(name)
        match axis:
            case int():
                return n.Const(max(axis, 0))
            case n.Expr():
                return not_negative(axis) if all(self.stands(name, ahead) for name in names_read(axis)) else None
            case ("of", str() as name, int() as k) if self.stands(name, ahead) or (
                not ever and self.is_given(name, ahead)
            ):
                return n.Index(n.Call(np.shape, ".shape", (n.Name(name),)), n.Const(k))
            case ("less", inner, int() as count):
                whole = self.axis(inner, ahead, ever)
                return None if whole is None else not_negative(difference(whole, n.Const(count)))
        return None

    def stands(self, name: str, ahead: int) -> bool:
        """Has the name its one value when statement `ahead` begins?"""
        facts = self.values.facts
        if name not in self.lengths.forms.stable:
            return False
        found = facts.defs.defs.get(name, ())
        if not found:
            return (PARAMETER, name) in facts.webs.of_def
        return found[0] < ahead and found[0] in self.values.runs and facts.defs.unconditional(found[0])

    def is_given(self, name: str, ahead: int) -> bool:
        """Is it a parameter that is not bound again before statement `ahead` begins?"""
        facts = self.values.facts
        found, around = facts.defs.defs.get(name, ()), facts.defs.loops[ahead]
        return (PARAMETER, name) in facts.webs.of_def and not around and all(d > ahead for d in found)

    def likeness(self, form: Form, kind: Kind, ahead: int) -> n.Expr | None:
        """An array of that form, whatever it holds."""
        for p in self.values.facts.fn.params:
            other = self.lengths.defined(PARAMETER, p.name)
            same = form.is_sure and form.shape and other.shape == form.shape
            alike = kind.dtype == self.values.facts.kinds.defined(PARAMETER, p.name).dtype
            if same and self.stands(p.name, ahead) and (form.dtype == other.dtype or (self.typed and alike)):
                return n.Name(p.name)
        shape, dtype = self.shape(form, ahead, True), self.dtype(form, kind, ahead)
        return None if shape is None or dtype is None else empty(shape, dtype)


def empty(shape: tuple[n.Expr, ...], dtype: tuple[n.Expr, ...]) -> n.Expr:
    """`np.empty(shape, dtype)`."""
    return n.Call(np.empty, "np.empty", (shape[0] if len(shape) == 1 else n.Tuple(shape), *dtype))
