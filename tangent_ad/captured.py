"""What a derivative depends on besides the text of its function: the objects that the code captures.

In: a Python function.  Out: `State`, which agrees with a later one only if deriving again would give the same.

Two functions with the same state are read alike, so that a derivative asked for again need not be made again.  An
object of which this cannot be told (a list, a user's instance: they may change in place) gives no state at all.
"""

from __future__ import annotations

import linecache
import operator
import types
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tangent_ad.backends.python import names_in
from tangent_ad.core import scope as sc
from tangent_ad.core.frozen import record
from tangent_ad.rules import registry

MOST = 200
"""The most functions that are looked into."""

_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis), np.generic, np.dtype)
_OF_LIBRARIES = ("builtins", "numpy", "math", "operator", "tangent_ad")


@record(frozen=True)
class State:
    """objects: what must be the same objects; values: what must be equal (text, so that 0.0 is not -0.0)."""

    objects: tuple[Any, ...]
    values: tuple[Any, ...]

    def agrees(self, other: State | None) -> bool:
        """True if a function that was in this state and is now in the other is read as it was."""
        if other is None or self.values != other.values or len(self.objects) != len(other.objects):
            return False
        return all(map(operator.is_, self.objects, other.objects))


class _Unknown(Exception):
    """Something was met that may change unseen."""


def state_of(pyfunc: types.FunctionType) -> State | None:
    """What deriving `pyfunc` depends on, as it is now; None if that cannot be told.

    >>> def double(x):
    ...     return 2.0 * x
    >>> state_of(double).agrees(state_of(double))
    True
    """
    found = _Found([], [registry.version()], [])
    try:
        found.function(pyfunc)
    except (_Unknown, RuntimeError):  # a generated function raises RuntimeError for names that were bound again
        return None
    return State(tuple(found.objects), tuple(found.values))


@dataclass
class _Found:
    """What was found so far, and the functions that were looked into."""

    objects: list[Any]
    values: list[Any]
    functions: list[types.FunctionType]

    def function(self, pyfunc: types.FunctionType) -> None:
        """A function: its code, its source, its defaults and what its code names."""
        self.objects.append(pyfunc)
        if any(pyfunc is known for known in self.functions):
            return
        if len(self.functions) == MOST:
            raise _Unknown
        self.functions.append(pyfunc)
        code = pyfunc.__code__
        filename = code.co_filename
        linecache.checkcache(filename)
        self.objects += [code, *vars(pyfunc).values()]
        self.values += [linecache.getlines(filename, pyfunc.__globals__), *vars(pyfunc)]
        self.values += [pyfunc.__module__, pyfunc.__qualname__]
        for default in pyfunc.__defaults__ or ():
            self.value(default, ())
        for name, default in (pyfunc.__kwdefaults__ or {}).items():
            self.values.append(name)
            self.value(default, ())
        scope, members = sc.scope_of(pyfunc), sorted(_members(code))
        for name in sorted({*names_in(code), *code.co_freevars}):
            self.value(scope.find(name), members)

    def value(self, value: Any, members: Iterable[str]) -> None:
        """A captured object; of a module, those of its `members` that it has."""
        if isinstance(value, _PLAIN):
            self.values.append((type(value).__name__, repr(value)))
        elif isinstance(value, tuple):
            self.values.append(len(value))
            for part in value:
                self.value(part, members)
        elif isinstance(value, np.ndarray):
            self.objects.append(value)
            self.values.append((value.dtype.str, value.shape))
        elif value is sc.MISSING or registry.lookup(value) is not None or _of_library(value):
            self.objects.append(value)
        elif isinstance(value, types.ModuleType):
            self.objects.append(value)
            for name in members:
                self.value(getattr(value, name, sc.MISSING), ())
                if isinstance(getattr(value, name, None), types.ModuleType):
                    raise _Unknown  # a package: what is asked of its modules may be asked of it
        elif isinstance(value, types.FunctionType):
            self.function(value)
        elif isinstance(getattr(value, "py_func", None), types.FunctionType):
            self.objects.append(value)
            self.function(value.py_func)
        else:
            raise _Unknown


def _of_library(value: Any) -> bool:
    """True for a function, class or module that nobody changes."""
    named = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None) or ""
    known = str(named).partition(".")[0] in _OF_LIBRARIES and not str(named).startswith("tangent_ad.generated")
    return known and (callable(value) or isinstance(value, types.ModuleType))


def _members(code: types.CodeType) -> set[str]:
    """All names that a function and those in it write, attributes too."""
    found = set(code.co_names)
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            found |= _members(const)
    return found
