"""Nests of loops over elements, in the form that compiles to vector instructions."""

from tangent_ad.backends.nests.nests import as_rows

__all__ = ["as_rows"]
