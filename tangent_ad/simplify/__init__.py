"""Simplification of derived code; each pass is Function -> Function and keeps what the program computes."""

from tangent_ad.simplify.context import Context, context_of
from tangent_ad.simplify.passes import PASSES, simplify

__all__ = ["PASSES", "Context", "context_of", "simplify"]
