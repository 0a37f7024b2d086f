"""Simplification of derived code; each pass is Function -> Function and keeps what the program computes."""

from tangent_ad.simplify.passes import simplify

__all__ = ["simplify"]
