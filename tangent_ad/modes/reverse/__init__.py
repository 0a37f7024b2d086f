"""Reverse mode: a forward sweep that keeps what is needed, and its mirror that accumulates adjoints."""

from tangent_ad.modes.reverse.function import differentiate_reverse
from tangent_ad.modes.reverse.rows import NotShared

__all__ = ["NotShared", "differentiate_reverse"]
