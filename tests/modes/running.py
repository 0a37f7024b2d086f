"""Core functions that run.

In: a function in core, arguments.  Out: what it returns and what it leaves in its arguments, with their dtypes; whether
two forms of a function do the same.
"""

from __future__ import annotations

from dataclasses import replace
from types import FunctionType
from typing import Any

import numpy as np

from tangent_ad.backends.python import LiveGlobals
from tangent_ad.core import nodes as n
from tangent_ad.core.scope import scope_of
from tangent_ad.emit.text import function_text
from tangent_ad.runtime import helpers

HELPERS = {name: fn for name, fn in vars(helpers).items() if isinstance(fn, FunctionType)}


def run(fn: n.Function, *args: Any, like: n.Function | None = None) -> list[Any]:
    """The values that `fn` returns and leaves behind; its globals are those of the function that was read."""
    pyfunc = (like or fn).pyfunc
    scope = LiveGlobals(scope_of(pyfunc), HELPERS, (like or fn).externals)
    exec(function_text(replace(fn, name="made", doc=None)), scope)
    given = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
    with np.errstate(all="ignore"):
        try:
            return flat(scope["made"](*given)) + flat(tuple(given))
        except (ArithmeticError, IndexError, ValueError, NameError) as error:
            return [type(error)]


def flat(value: Any) -> list[Any]:
    if isinstance(value, tuple):
        return [part for v in value for part in flat(v)]
    return [value]


def assert_same(made: n.Function, fn: n.Function, *args: Any, shapes: bool = True) -> None:
    """`made` does what `fn` does: the same bits of the same dtypes, and of the same shapes unless `shapes` says that
    numbers may have been spread."""
    found, wanted = run(made, *args, like=fn), run(fn, *args)
    assert len(found) == len(wanted)
    for a, b in zip(found, wanted, strict=True):
        assert a is b or np.asarray(a).dtype == np.asarray(b).dtype, function_text(made)
        if isinstance(b, type):
            assert a is b, function_text(made)
        else:
            np.testing.assert_array_equal(a, b, err_msg=function_text(made))
            assert not shapes or np.shape(a) == np.shape(b), function_text(made)
