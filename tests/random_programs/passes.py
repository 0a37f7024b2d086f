"""Laws of the compiler's first passes, which need no derivative: printing and normal form keep the program's meaning.

In: a user function.  Out: the function as read and printed again, or as brought to normal form and printed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tangent_ad.backends.python import load
from tangent_ad.emit.module import module_text
from tangent_ad.emit.text import function_text
from tangent_ad.frontend.desugar import desugar
from tangent_ad.frontend.read import read_function


def reprinted(f: Callable[..., Any]) -> Any:
    """f read and printed; reading the printed text gives the same function, statement by statement."""
    fn = read_function(f)
    made = load(module_text([fn]), fn.name, f)  # type: ignore[arg-type]
    again = read_function(made)
    if function_text(again) != function_text(fn):
        raise ValueError(f"read back as\n{function_text(again)}\ninstead of\n{function_text(fn)}")
    return made


def normal(f: Callable[..., Any]) -> Any:
    """f in normal form."""
    fn = desugar(read_function(f))
    return load(module_text([fn]), fn.name, f, externals=fn.externals)  # type: ignore[arg-type]
