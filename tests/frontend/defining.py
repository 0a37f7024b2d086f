"""Functions for tests from their text.

In: the text of a module.  Out: a function it defines, whose source Python can show.
"""

from __future__ import annotations

import itertools
import linecache
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from tangent_ad.backends.python import compile_text

_count = itertools.count()


def define(text: str, name: str = "f", names: Mapping[str, Any] | None = None) -> Any:
    """The function `name` of a module with this text; `np`, `math` and `names` are defined in it."""
    filename = f"<text {next(_count)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    globals_: dict[str, Any] = {"__name__": "sample", "np": np, "math": math, **(names or {})}
    exec(compile_text(text, filename), globals_)
    return globals_[name]
