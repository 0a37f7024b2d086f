"""Adjoints of broadcasting and of reductions, in plain NumPy where the ranks are known and by a helper where not.

In: an adjoint and the primal it belongs to.  Out: the adjoint in that primal's shape.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tangent_ad.core.build import Sym, call
from tangent_ad.rules.shapes import UNKNOWN, axes_of, const, kind_of, rank_of
from tangent_ad.runtime import helpers


def sum_to(g: Any, x: Any) -> Any:
    """g summed back to the shape of x."""
    return call(helpers.sum_to, "sum_to", g, x)


def spread(g: Any, x: Any) -> Any:
    """g broadcast to the shape of x, fresh."""
    return call(helpers.spread, "spread", g, x)


def copy_of(x: Any) -> Any:
    return call(helpers.copy_of, "copy_of", x)


def needs_sum(x: Any, *others: Any) -> bool:
    """True unless the kinds prove that broadcasting x with the others cannot have stretched it (a size may be 1)."""
    return not all(
        kind_of(o).is_number or (isinstance(o, Sym) and isinstance(x, Sym) and o.expr == x.expr) for o in others
    )


def back(g: Any, x: Any, *others: Any) -> Any:
    """The contribution g of an operation that broadcast x with `others`, summed back to the shape of x."""
    return sum_to(g, x) if needs_sum(x, *others) else g


def unreduce(g: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """The adjoint of a sum over `axis`: g at every place it was summed from."""
    axis_value, keep = const(axis), const(keepdims)
    if kind_of(x).is_number and keep is False and isinstance(x, Sym):
        return g
    if kind_of(x).is_array and axis_value is None and keep is False:
        return call(np.full, "np.full", np.shape(x) if not isinstance(x, Sym) else x.shape, g)
    keywords = {}
    if axis_value is not None:
        keywords["axis"] = axis
    if keep is not False:
        keywords["keepdims"] = keepdims
    return call(helpers.unreduce, "unreduce", g, x, **keywords)


def unreduced(g: Any, x: Any, axis: Any = None, keepdims: Any = False) -> Any:
    """g ready to be multiplied with x elementwise: the reduced axes are back, with size 1."""
    axis_value, keep, rank = const(axis), const(keepdims), rank_of(x)
    if keep is True or (keep is False and axis_value is None):
        return g
    if keep is False and rank is not None and axis_value is not UNKNOWN:
        return np.expand_dims(g, axis_value) if rank else g
    return unreduce(g, x, axis, keepdims)


def count(x: Any, axis: Any = None) -> Any:
    """How many elements a reduction over `axis` takes together."""
    axis_value, rank = const(axis), rank_of(x)
    if axis_value is None:
        return x.size if isinstance(x, Sym) else np.size(x)
    if axis_value is UNKNOWN or rank is None:
        if isinstance(axis_value, tuple):
            shape = call(np.shape, "np.shape", x)
            product: Any = 1
            for k in axis_value:
                product = product * (shape[k])
            return product
        return call(np.size, "np.size", x, axis)
    product = 1
    for k in axes_of(axis_value, rank) if rank else ():
        product = product * (x.shape[k] if isinstance(x, Sym) else np.shape(x)[k])
    return product
