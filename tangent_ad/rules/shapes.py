"""Kind rules: the kind of a result from the kinds of the arguments.

In: `Sym`s, of which kinds and literal values are read.  Out: `Kind`.  Whoever is unsure says less: rank None where a
result may be a 0-dimensional array (which, unlike a number, can be written into), dtype None where the class is open.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tangent_ad.core import nodes
from tangent_ad.core.build import Sym
from tangent_ad.core.kinds import ANY, OTHER, Kind, promote, tuple_of
from tangent_ad.errors import RefusedError

FLOATS = ("float", "float32")
UNKNOWN = object()
"""What `const` gives for a value that the program does not spell out."""


def const(x: Any) -> Any:
    """The value of a literal (or of a plain value); UNKNOWN for what is known only when the program runs."""
    if isinstance(x, Sym):
        return x.const if x.is_const else UNKNOWN
    if isinstance(x, (tuple, list)):
        values = [const(e) for e in x]
        return UNKNOWN if any(v is UNKNOWN for v in values) else type(x)(values)
    return x


def kind_of(x: Any) -> Kind:
    """The kind of an argument; of plain values, their own."""
    if isinstance(x, Sym):
        return x.kind
    if isinstance(x, (tuple, list)):
        return tuple_of(*(kind_of(e) for e in x))
    if isinstance(x, (np.ndarray, np.generic, bool, int, float)):
        dtype = np.asarray(x).dtype
        name = {"f": "float32" if dtype.itemsize == 4 else "float", "b": "bool"}.get(dtype.kind, "int")
        return Kind("value", name, np.ndim(x))
    return OTHER


def rank_of(x: Any) -> int | None:
    """The exact rank of a value, or None."""
    kind = kind_of(x)
    return kind.rank if kind.has_rank else None


def elements(x: Any) -> list[Any] | None:
    """The elements of a tuple or list argument, one by one, or None if they cannot be told."""
    if isinstance(x, (tuple, list)):
        return list(x)
    if isinstance(x, Sym):
        kinds = x.kind.elts if x.kind.form == "tuple" else None
        if isinstance(x.expr, (nodes.Tuple, nodes.List)):
            known = kinds if kinds and len(kinds) == len(x.expr.elts) else (ANY,) * len(x.expr.elts)
            return [Sym(e, kind) for e, kind in zip(x.expr.elts, known, strict=True)]
        if kinds is not None:
            return [Sym(nodes.Index(x.expr, nodes.Const(k)), kind) for k, kind in enumerate(kinds)]
    return None


def join_ranks(*kinds: Kind) -> int | None:
    """The rank of values broadcast together."""
    ranks = [k.rank if k.form == "value" else None for k in kinds]
    if all(r is not None and r >= 0 for r in ranks):
        return max((r for r in ranks if r is not None), default=0)
    return -1 if any(r is not None and r != 0 for r in ranks) else None


def dtype_of(kind: Kind) -> str | None:
    return kind.dtype if kind.form == "value" else None


def floating(dtype: str | None) -> str | None:
    """The class after a function that gives floats: ints become float, float32 stays."""
    return None if dtype is None else dtype if dtype in ("float", "float32") else "float"


def promoted(*kinds: Kind) -> str | None:
    """The dtype class of arithmetic on all of them."""
    if not kinds:
        return "float"
    total = Kind("value", dtype_of(kinds[0]), kinds[0].rank)
    for kind in kinds[1:]:
        dtype = promote(total, Kind("value", dtype_of(kind), kind.rank))
        total = Kind("value", dtype, join_ranks(total, kind))
    return total.dtype


def arithmetic(*args: Any) -> Kind:
    """+, -, *: the promoted class; bools stay (NumPy) or become ints (Python)."""
    kinds = [kind_of(a) for a in args]
    dtype = promoted(*kinds)
    return Kind("value", None if dtype == "bool" else dtype, join_ranks(*kinds))


def selecting(*args: Any) -> Kind:
    """maximum, clip: the promoted class, bools stay."""
    kinds = [kind_of(a) for a in args]
    return Kind("value", promoted(*kinds), join_ranks(*kinds))


def real(*args: Any) -> Kind:
    """sin, /: a float of the width of the arguments."""
    kinds = [kind_of(a) for a in args]
    return Kind("value", floating(promoted(*kinds)), join_ranks(*kinds))


def power(a: Any, b: Any) -> Kind:
    """**: int ** int may be a float (2 ** -1)."""
    kind = arithmetic(a, b)
    exponent = const(b)
    if kind.dtype == "int" and not (isinstance(exponent, int) and exponent >= 0):
        return kind.with_dtype(None)
    return kind


def truth(*args: Any) -> Kind:
    """Comparisons."""
    return Kind("value", "bool", join_ranks(*(kind_of(a) for a in args)))


def number(dtype: str | None) -> Callable[..., Kind]:
    """Always a number of that class."""
    return lambda *args, **kw: Kind("value", dtype, 0)


def same(x: Any, *rest: Any, **kw: Any) -> Kind:
    """The kind of the first argument; a number may come back as a 0-dimensional array."""
    kind = kind_of(x)
    if kind.form not in ("value", "any"):
        raise RefusedError("an array or a number is expected here")
    return Kind("value", dtype_of(kind), kind.rank if kind.is_array else None)


def like(x: Any, *rest: Any, **kw: Any) -> Kind:
    """Exactly the kind of the first argument."""
    return kind_of(x)


def second(g: Any, x: Any, *rest: Any, **kw: Any) -> Kind:
    """The rank of the second argument, in floats (the adjoint helpers)."""
    kind = kind_of(x)
    return Kind("value", floating(dtype_of(kind)), kind.rank if kind.form == "value" else None)


def reduced(dtype: Callable[[str | None], str | None]) -> Callable[..., Kind]:
    """sum, mean, ...: the axes of `axis` disappear, unless keepdims."""

    def rule(x: Any, axis: Any = None, *rest: Any, keepdims: Any = False, **kw: Any) -> Kind:
        kind, name = kind_of(x), dtype(dtype_of(kind_of(x)))
        axis, keep = const(axis), const(keepdims)
        rank = rank_of(x)
        if keep is True:
            return Kind("value", name, kind.rank if kind.is_array else None)
        if axis is None and keep is False:
            return Kind("value", name, 0)
        if rank is None or axis is UNKNOWN or keep is UNKNOWN:
            return Kind("value", name, None)
        return Kind("value", name, rank - len(axes_of(axis, rank)))

    return rule


def axes_of(axis: Any, rank: int) -> tuple[int, ...]:
    """The axes named by a literal `axis`, none negative; raises RefusedError for an axis that does not exist."""
    listed = tuple(range(rank)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    for k in listed:
        if not isinstance(k, int) or not (-rank <= k < max(rank, 1)):
            raise RefusedError(f"axis {k} does not exist in a {rank}-dimensional array")
    return tuple(k % max(rank, 1) for k in listed)


def summed(dtype: str | None) -> str | None:
    """The class of a sum: bools count."""
    return "int" if dtype == "bool" else dtype


def dtype_class(x: Any) -> str | None:
    """The dtype class that a `dtype=` argument names: float, np.float32, "f4", ...; None if it cannot be told."""
    value = x
    if isinstance(x, Sym):
        value = x.expr.value if isinstance(x.expr, (nodes.Global, nodes.Const)) else UNKNOWN
    if value is UNKNOWN or value is None:
        return None
    try:
        dtype = np.dtype(value)
    except TypeError:
        raise RefusedError("this dtype is not known") from None
    if dtype.kind == "f":
        return "float32" if dtype.itemsize == 4 else "float"
    if dtype.kind not in "iub":
        raise RefusedError(f"values of dtype {dtype} are not supported")
    return "bool" if dtype.kind == "b" else "int"


def shape_rank(shape: Any) -> int | None:
    """The rank that a shape argument gives; None if unknown, and for (), which makes a 0-dimensional array."""
    parts = elements(shape)
    if parts is not None:
        return len(parts) or None
    return 1 if kind_of(shape).is_number else None


def made(shape: Any, dtype: str | None) -> Kind:
    """An array of that shape."""
    return Kind("value", dtype, shape_rank(shape))
