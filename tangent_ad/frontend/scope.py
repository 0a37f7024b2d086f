"""What a name outside the function means: closure cells, then the module's globals, then builtins.

In: a Python function.  Out: `Scope.find(name)`, and the tables of operators, methods and attributes: which function
each stands for.
"""

from __future__ import annotations

import builtins
import inspect
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from tangent_ad.runtime import helpers

MISSING: Any = object()
"""What `Scope.find` gives for a name nobody defines."""


@dataclass(frozen=True)
class Scope:
    """The names a function sees from outside, read when asked."""

    cells: Mapping[str, Any]
    globals: Mapping[str, Any]

    def find(self, name: str) -> Any:
        """The object `name` means, or MISSING."""
        if name in self.cells:
            try:
                return self.cells[name].cell_contents
            except ValueError:
                return MISSING
        if name in self.globals:
            return self.globals[name]
        # A generated module's globals find names of the user's module through __missing__.
        hook = getattr(type(self.globals), "__missing__", None)
        if hook is not None:
            try:
                return hook(self.globals, name)
            except (KeyError, NameError):
                pass
        return getattr(builtins, name, MISSING)


def scope_of(pyfunc: FunctionType) -> Scope:
    """The scope a function was defined in."""
    cells = dict(zip(pyfunc.__code__.co_freevars, pyfunc.__closure__ or (), strict=True))
    return Scope(cells, pyfunc.__globals__)


def has_members(value: Any) -> bool:
    """True if `value.name` is looked up while lowering: modules, classes and NumPy ufuncs (`np.add.at`)."""
    return isinstance(value, (ModuleType, type, np.ufunc))


def canonical(value: Any) -> Any:
    """The runtime helper that a function is a copy of, else the value itself.

    Generated text contains the helpers it calls; read back, they are known by what they do, never by their name.
    """
    if not inspect.isfunction(value):
        return value
    helper = getattr(helpers, value.__name__, None)
    if not inspect.isfunction(helper) or helper is value:
        return value
    same = helper.__defaults__ == value.__defaults__ and _alike(helper.__code__, value.__code__)
    return helper if same and _same_globals(helper.__code__, value) else value


_KIND_FLAGS = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS | inspect.CO_GENERATOR | inspect.CO_COROUTINE


def _alike(a: CodeType, b: CodeType) -> bool:
    """True if two code objects do the same, wherever they stand."""
    parts = ("co_code", "co_names", "co_varnames", "co_freevars", "co_argcount", "co_kwonlyargcount")
    if any(getattr(a, part) != getattr(b, part) for part in parts) or len(a.co_consts) != len(b.co_consts):
        return False
    if (a.co_flags ^ b.co_flags) & _KIND_FLAGS:
        return False
    for x, y in zip(a.co_consts, b.co_consts, strict=True):
        inner = isinstance(x, CodeType) and isinstance(y, CodeType)
        if not (_alike(x, y) if inner else repr(x) == repr(y)):
            return False
    return True


def _same_globals(code: CodeType, copy: FunctionType) -> bool:
    """True if the global names of a helper mean in the copy's module what they mean here."""
    scope = scope_of(copy)
    for name in code.co_names:
        meant = getattr(helpers, name, MISSING)
        if meant is not MISSING and meant is not canonical(scope.find(name)):
            return False
    return True


def is_transformation(value: Any) -> bool:
    """True for this package's own `grad`, `jvp`, ...: calls of them are evaluated while lowering."""
    names = {"grad", "value_and_grad", "jvp", "vjp", "hvp", "jacobian", "hessian"}
    return (
        inspect.isfunction(value)
        and value.__name__ in names
        and (value.__module__ == "tangent_ad" or value.__module__.startswith("tangent_ad."))
        and not value.__module__.startswith("tangent_ad.generated.")
    )


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

INSTEAD: Mapping[str, str] = {
    "fill": "x[:] = value",
    "conj": "x, since values are real",
    "tolist": "x, and index the array",
    "real": "x, since values are real",
    "imag": "0.0, since values are real",
    "flat": "x.ravel()",
    "sort": "np.sort is not supported either; sort before the differentiated function",
    "extend": "append one value at a time",
}
