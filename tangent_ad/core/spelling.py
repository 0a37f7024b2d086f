"""How operations are spelled in Python: operators, attributes and methods, and the function each stands for.

In: nothing.  Out: tables, by the names of Python's AST (for reading) and by function (for writing).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

BINARY: Mapping[str, Callable[..., Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "Div": operator.truediv,
    "FloorDiv": operator.floordiv,
    "Mod": operator.mod,
    "Pow": operator.pow,
    "MatMult": operator.matmul,
    "BitAnd": operator.and_,
    "BitOr": operator.or_,
    "BitXor": operator.xor,
    "LShift": operator.lshift,
    "RShift": operator.rshift,
}
UNARY: Mapping[str, Callable[..., Any]] = {
    "USub": operator.neg,
    "UAdd": operator.pos,
    "Not": operator.not_,
    "Invert": operator.invert,
}
COMPARE: Mapping[str, Callable[..., Any]] = {
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Is": operator.is_,
    "IsNot": operator.is_not,
}
SYMBOL: Mapping[Callable[..., Any], str] = {
    operator.add: "+",
    operator.sub: "-",
    operator.mul: "*",
    operator.truediv: "/",
    operator.floordiv: "//",
    operator.mod: "%",
    operator.pow: "**",
    operator.matmul: "@",
    operator.and_: "&",
    operator.or_: "|",
    operator.xor: "^",
    operator.lshift: "<<",
    operator.rshift: ">>",
    operator.neg: "-",
    operator.pos: "+",
    operator.not_: "not",
    operator.invert: "~",
    operator.lt: "<",
    operator.le: "<=",
    operator.gt: ">",
    operator.ge: ">=",
    operator.eq: "==",
    operator.ne: "!=",
    operator.is_: "is",
    operator.is_not: "is not",
}
"""How the operator functions are spelled."""

ATTRIBUTES: Mapping[str, Any] = {
    "T": np.transpose,
    "shape": np.shape,
    "size": np.size,
    "ndim": np.ndim,
    "dtype": np.ndarray.dtype,
    "kind": np.dtype.kind,
    "itemsize": np.ndarray.itemsize,
    "flags": np.ndarray.flags,
    "c_contiguous": type(np.empty(0).flags).c_contiguous,
}
"""Attributes of a value that are operations of core."""

METHODS: Mapping[str, Callable[..., Any]] = {
    **{
        fn.__name__: fn
        for fn in (np.sum, np.mean, np.prod, np.max, np.min, np.std, np.var, np.dot, np.transpose, np.reshape, np.ravel)
    },
    **{
        fn.__name__: fn
        for fn in (np.copy, np.cumsum, np.cumprod, np.trace, np.diagonal, np.clip, np.argmax, np.argmin, np.any, np.all)
    },
    **{fn.__name__: fn for fn in (np.round, np.squeeze, np.swapaxes, np.repeat)},
    "astype": np.ndarray.astype,
    "item": np.ndarray.item,
    "flatten": np.ndarray.flatten,
    "append": list.append,
    "pop": list.pop,
    "format": str.format,
}
"""Methods of a value, and the function each stands for: the receiver is its first argument."""

SHAPE_METHODS = frozenset({"reshape", "transpose"})
"""Methods that also take their one tuple argument spread out: `x.reshape(2, 3)`."""
