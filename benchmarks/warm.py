"""What only the first compilation of a process pays, paid before anything is timed.

In: nothing.  Out: nothing.
"""

from __future__ import annotations

import tangent_ad as ad
from benchmarks.compiled import compiled
from benchmarks.programs.small import small


def warm() -> None:
    """Compile a function and a gradient."""
    compiled(small)(1.0, 2.0)
    ad.grad(small, jit=True)(1.0, 2.0)
