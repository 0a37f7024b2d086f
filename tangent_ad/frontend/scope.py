"""What the objects are that a function sees from outside: modules, copies of runtime helpers, transformations.

In: an object.  Out: which of these it is; and for methods that are not supported, what to write instead.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from tangent_ad.core.scope import MISSING, scope_of
from tangent_ad.runtime import helpers


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
