"""Derivatives as readable Python: a source-to-source automatic differentiation compiler."""

from tangent_ad.api import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp, workspace
from tangent_ad.checking import check
from tangent_ad.declare import custom, linear, partials, stop_gradient
from tangent_ad.errors import CheckError, InternalError, NotOptimisedWarning, RefusedError, TangentError, UsageError
from tangent_ad.explain import explain
from tangent_ad.memory import memory_report
from tangent_ad.show import install as _install
from tangent_ad.show import show

__version__ = "0.1.0"

__all__ = [
    "CheckError",
    "InternalError",
    "NotOptimisedWarning",
    "RefusedError",
    "TangentError",
    "UsageError",
    "check",
    "custom",
    "explain",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jvp",
    "linear",
    "memory_report",
    "partials",
    "show",
    "stop_gradient",
    "value_and_grad",
    "vjp",
    "workspace",
]

_install()
