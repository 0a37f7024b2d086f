"""Array expressions as loops over their elements: what goes in and what comes out is said in `loops.py`."""

from tangent_ad.backends.loops.loops import as_loops

__all__ = ["as_loops"]
