"""What a name outside a function means: closure cells, then the module's globals, then builtins.

In: a Python function.  Out: `Scope.find(name)`.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from types import FunctionType
from typing import Any

from tangent_ad.core.frozen import record

MISSING: Any = object()
"""What `Scope.find` gives for a name nobody defines."""


@record(frozen=True)
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
