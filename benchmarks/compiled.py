"""The primal compiled by Numba, with the plain functions it calls.

In: an ordinary function.  Out: a Numba dispatcher.  The baseline that derivatives are timed against.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any


def compiled(f: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """`f` under `numba.njit`, where the functions of its module that it names are compiled too."""
    import numba

    scope = dict(f.__globals__)
    for name in f.__code__.co_names:
        callee = scope.get(name)
        if isinstance(callee, types.FunctionType) and callee is not f:
            scope[name] = compiled(callee, **options)
    copy = types.FunctionType(f.__code__, scope, f.__name__, f.__defaults__, f.__closure__)
    return numba.njit(copy, **options)
