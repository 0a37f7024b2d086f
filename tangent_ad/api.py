"""What users call: check the arguments, ask the pipeline, load the text.

In: a function and `wrt`.  Out: generated functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tangent_ad.backends.njit import is_dispatcher
from tangent_ad.compiled import compile_derivative
from tangent_ad.core import nodes as n
from tangent_ad.errors import UsageError
from tangent_ad.frontend.read import plain_function, read_function
from tangent_ad.declare import calling, is_declared
from tangent_ad.derived import build, derived_name
from tangent_ad.pipeline import Request

Wrt = int | str | tuple[int | str, ...]


def grad(f: Callable[..., Any], wrt: Wrt = 0, jit: bool = False) -> Callable[..., Any]:
    """The gradient function of `f`."""
    return _generate(f, "grad", wrt, jit)


def value_and_grad(f: Callable[..., Any], wrt: Wrt = 0, jit: bool = False) -> Callable[..., Any]:
    """A function that returns the value of `f` and its gradient."""
    return _generate(f, "value_and_grad", wrt, jit)


def jvp(f: Callable[..., Any], wrt: Wrt = 0, jit: bool = False) -> Callable[..., Any]:
    """The function that carries tangents along."""
    return _generate(f, "jvp", wrt, jit)


def vjp(f: Callable[..., Any], wrt: Wrt = 0, jit: bool = False) -> Callable[..., Any]:
    """The function that pulls an adjoint of the result back to the parameters."""
    return _generate(f, "vjp", wrt, jit)


def _generate(f: Callable[..., Any], mode: str, wrt: Wrt, jit: bool, optimise: bool = True) -> Callable[..., Any]:
    if jit or is_dispatcher(f):
        return compile_derivative(f, mode, wrt, names_of, optimise)
    pyfunc = calling(f) if is_declared(f) else plain_function(f)
    fn = read_function(pyfunc)
    names = names_of(fn, wrt)
    request = Request(mode, names, not isinstance(wrt, tuple), optimise)
    return build(pyfunc, request, derived_name(fn, mode, names)).load()


def jacobian(f, wrt=0, mode=None): return _generate(f, "jacobian"+("-"+mode if mode else ""), wrt, False)
def hessian(f, wrt=0): return _generate(f, "hessian", wrt, False)
def hvp(f, wrt=0): return _generate(f, "hvp", wrt, False)


def names_of(fn: n.Function, wrt: Wrt) -> tuple[str, ...]:
    """The parameter names that `wrt` means."""
    params = [p.name for p in fn.params]
    found = []
    for one in wrt if isinstance(wrt, tuple) else (wrt,):
        if isinstance(one, str):
            if one not in params:
                raise UsageError(f"`{fn.name}` has no parameter `{one}`; it has {', '.join(params)}")
            found.append(one)
        elif isinstance(one, bool) or not isinstance(one, int) or not -len(params) <= one < len(params):
            raise UsageError(f"wrt={one!r}: `{fn.name}` has {len(params)} parameters")
        else:
            found.append(params[one])
    if len(set(found)) != len(found) or not found:
        raise UsageError(f"wrt={wrt!r} must name different parameters")
    return tuple(found)
