"""Kinds: what is known of a value before the program runs.

In: nothing.  Out: `Kind`, its lattice join, and the few constants that rules and analyses share.

A kind is deliberately poorer than a type: the derivative's text depends only on whether a value is a
number or an array, of which rank, and of which dtype class.  `None` in a field means "not known".
"""

from __future__ import annotations

import functools
from dataclasses import replace

from tangent_ad.core.frozen import record

FLOATING = ("float", "float32")
"""dtype classes that can carry a derivative; "float" is float64 or a Python float (or a width not known)."""

_ORDER = {"bool": 0, "int": 1, "float32": 2, "float": 3}


@record(frozen=True, slots=True)
class Kind:
    """What is known of one value.

    form:  "value" (a number or an array), "tuple", "tape" (a list used as a stack), "other" (None, str, dtype,
           slice, ...), or "any" (nothing known; it may be a value).
    dtype: "float", "float32", "int", "bool" or None.
    rank:  0 for a number, k >= 1 for a k-dimensional array, -1 for "an array of unknown rank >= 1", None unknown.
    elts:  the kinds of a tuple's elements when its length is known; of a tape, one element.
    """

    form: str = "any"
    dtype: str | None = None
    rank: int | None = None
    elts: tuple[Kind, ...] | None = None

    def __eq__(self, other: object) -> bool:
        if self is other:  # kinds are compared more often than anything, mostly with themselves
            return True
        if not isinstance(other, Kind):
            return NotImplemented
        return (self.form, self.dtype, self.rank, self.elts) == (other.form, other.dtype, other.rank, other.elts)

    @property
    def is_number(self) -> bool:
        return self.form == "value" and self.rank == 0

    @property
    def is_array(self) -> bool:
        return self.form == "value" and self.rank is not None and self.rank != 0

    @property
    def has_rank(self) -> bool:
        """True if the exact rank is known."""
        return self.form == "value" and self.rank is not None and self.rank >= 0

    @property
    def may_be_active(self) -> bool:
        """True unless the kind alone proves that no derivative can flow through the value."""
        if self.form in ("tuple", "tape"):
            return self.elts is None or any(e.may_be_active for e in self.elts)
        return self.form != "other" and self.dtype not in ("int", "bool")

    def with_dtype(self, dtype: str | None) -> Kind:
        return replace(self, dtype=dtype)


ANY = Kind()
OTHER = Kind("other")
VALUE = Kind("value")
FLOAT = Kind("value", "float", 0)
INT = Kind("value", "int", 0)
BOOL = Kind("value", "bool", 0)


@functools.lru_cache(maxsize=1_000)
def the_one(kind: Kind) -> Kind:
    """The same object for equal kinds, as long as it is remembered: what is found by identity is found sooner."""
    return kind


def array(rank: int | None = None, dtype: str | None = "float") -> Kind:
    """The kind of an array; `rank=None` means an array whose rank is not known."""
    return Kind("value", dtype, -1 if rank is None else rank)


def tuple_of(*elts: Kind) -> Kind:
    return Kind("tuple", elts=elts)


def join_dtype(a: str | None, b: str | None) -> str | None:
    """The dtype class of a value that is of class `a` on one path and `b` on another."""
    if a is None or b is None:
        return None
    return a if _ORDER[a] >= _ORDER[b] else b


def promote(a: Kind, b: Kind) -> str | None:
    """The dtype class of arithmetic on `a` and `b` (NumPy 2: a Python number is weak next to a float32 array)."""
    if a.dtype is None or b.dtype is None:
        return None
    if "float32" in (a.dtype, b.dtype):
        other = b if a.dtype == "float32" else a
        mine = a if a.dtype == "float32" else b
        if other.dtype == "float" and (not other.is_number or mine.is_number):
            return "float"
        return "float32"
    return join_dtype(a.dtype, b.dtype)


def join(a: Kind, b: Kind) -> Kind:
    """The least kind that covers both."""
    if a == b:
        return a
    if a.form != b.form:
        return ANY
    if a.form in ("tuple", "tape"):
        if a.elts is None or b.elts is None or len(a.elts) != len(b.elts):
            return Kind(a.form)
        return Kind(a.form, elts=tuple(join(x, y) for x, y in zip(a.elts, b.elts, strict=True)))
    if a.form != "value":
        return a
    if a.rank == b.rank:
        rank = a.rank
    elif a.is_array and b.is_array:
        rank = -1
    else:
        rank = None
    return Kind("value", join_dtype(a.dtype, b.dtype), rank)
