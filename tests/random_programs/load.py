"""Source text to a function that `inspect` can read.

In: a name and module text.  Out: the namespace of a module of that name, registered as an import would.
"""

from __future__ import annotations

import linecache
import sys
import warnings
from types import ModuleType
from typing import Any


def load(name: str, source: str) -> dict[str, Any]:
    """Run `source` as module `name`; its lines are known to `inspect`, tracebacks and debuggers."""
    file = f"{name}.py"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    module = ModuleType(name)
    module.__file__ = file
    sys.modules[name] = module
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)  # a program being reduced may look odd
        exec(compile(source, file, "exec"), module.__dict__)
    return module.__dict__


def unload(name: str) -> None:
    """Forget what `load` registered."""
    sys.modules.pop(name, None)
    linecache.cache.pop(f"{name}.py", None)
