"""The form of a value: its shape and its dtype, by the names of what they are surely equal to.

In: nothing.  Out: `Form`, how forms meet where values do, and how they combine where NumPy broadcasts.

A shape is a tuple of axes.  An axis is an int, or a key: equal keys are equal lengths, within one run of the function.
A frozenset of axes is the length that they have together once broadcast: each of them is that long, or 1.
`("rest", name, k)` stands for all axes of `name` from the k-th on, where its rank is not known.  A dtype is the set of
what is promoted to it: names of floating arrays, "float64", "float32", and keys for numbers, which may be weak.  None
is: not known.
"""

from __future__ import annotations

from collections.abc import Hashable

from tangent_ad.core.frozen import record

Axis = Hashable
Shape = tuple[Axis, ...]
DType = frozenset[Hashable]

WEAK: DType = frozenset()
"""The dtype of Python numbers: they take that of the array they meet."""
TRUTH = "bool"
TRUE_OR_FALSE: DType = frozenset((TRUTH,))


def is_floating(dtype: DType | None) -> bool:
    """Is it surely one of floating-point numbers?"""
    return bool(dtype) and dtype is not None and all(isinstance(key, str) and key != TRUTH for key in dtype)


@record(frozen=True, slots=True)
class Form:
    shape: Shape | None = None
    dtype: DType | None = None

    @property
    def is_sure(self) -> bool:
        """Is every axis known?"""
        return self.shape is not None and None not in self.shape


UNKNOWN = Form()
NUMBER = Form((), WEAK)


def meet(a: Form, b: Form) -> Form:
    """What holds of a value that has the one form or the other."""
    if a == b:
        return a
    return Form(_meet_shapes(a.shape, b.shape), a.dtype if a.dtype == b.dtype else None)


def _meet_shapes(a: Shape | None, b: Shape | None) -> Shape | None:
    if a == b:
        return a
    if a is None or b is None or len(a) != len(b) or is_open(a) or is_open(b):
        return None
    return tuple(x if x == y else None for x, y in zip(a, b, strict=True))


def is_open(shape: Shape) -> bool:
    """Does it end with axes whose number is not known?"""
    return bool(shape) and isinstance(shape[-1], tuple) and shape[-1][0] == "rest"


def broadcast(*shapes: Shape | None) -> Shape | None:
    """The shape of an elementwise operation's result."""
    found: Shape = ()
    for shape in shapes:
        if shape is None:
            return None
        if not found or not shape or shape == found:
            found = found or shape
        elif is_open(shape) or is_open(found):
            return None
        else:
            found = _stretched(*sorted((found, shape), key=len))
    return found


def _stretched(shorter: Shape, longer: Shape) -> Shape:
    lead = len(longer) - len(shorter)
    return (*longer[:lead], *(_longer(a, b) for a, b in zip(shorter, longer[lead:], strict=True)))


def _longer(a: Axis, b: Axis) -> Axis:
    """The length of two axes that are broadcast together (if they cannot be, the program stops there)."""
    if a is None or b is None:
        return b if a == 1 else a if b == 1 else None
    return joined(parts_of(a) | parts_of(b))


def parts_of(axis: Axis) -> frozenset[Axis]:
    """The axes that are broadcast to one."""
    return axis if isinstance(axis, frozenset) else frozenset((axis,))


def joined(parts: frozenset[Axis]) -> Axis:
    several = parts - {1} if len(parts) > 1 else parts
    return several if len(several) > 1 else next(iter(several))


def promoted(*dtypes: DType | None) -> DType | None:
    """The dtype of an elementwise operation's result.  Next to a floating array truth values count nothing."""
    found: set[Hashable] = set()
    for dtype in dtypes:
        if dtype is None:
            return None
        found |= dtype
    if "float64" in found:  # nothing is wider
        return frozenset(("float64",))
    if TRUTH in found and len(found) > 1:
        found.discard(TRUTH)
        if not any(isinstance(atom, str) for atom in found):
            return None
    return frozenset(found)


def fitted(shape: Shape, place: Shape) -> Shape:
    """The shape of what has surely been broadcast into `place`: an axis that is at least as long as that of the place
    is as long."""
    lead = len(place) - len(shape)
    if is_open(shape) or is_open(place) or lead < 0:
        return shape
    return tuple(
        b if b is not None and a is not None and parts_of(b) <= parts_of(a) else a
        for a, b in zip(shape, place[lead:], strict=True)
    )


def shortened(axis: Axis, count: int) -> Axis:
    """The axis of `x[p:-q]` with `count` = p + q, on an axis of `x`."""
    if count == 0:
        return axis
    if isinstance(axis, int):
        return max(axis - count, 0)
    if isinstance(axis, tuple) and axis[0] == "less":
        return ("less", axis[1], axis[2] + count)
    return ("less", axis, count)
