"""Derivatives as readable Python: a source-to-source automatic differentiation compiler."""

from tangent_ad.api import grad, jvp, value_and_grad, vjp
from tangent_ad.errors import CheckError, InternalError, RefusedError, TangentError, UsageError

__version__ = "0.1.0"

__all__ = [
    "CheckError",
    "InternalError",
    "RefusedError",
    "TangentError",
    "UsageError",
    "grad",
    "jvp",
    "value_and_grad",
    "vjp",
]
