"""What users call: check the arguments, ask for the derivative, load its text.

In: a function and `wrt`.  Out: generated functions.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from tangent_ad import generated
from tangent_ad.captured import State, state_of
from tangent_ad.core import nodes as n
from tangent_ad.declare import calling, is_declared
from tangent_ad.derived import build, derived_name
from tangent_ad.errors import UsageError
from tangent_ad.frontend.read import plain_function, read_function
from tangent_ad.pipeline import Request, deep_stack

Wrt = int | str | tuple[int | str, ...]
WORKSPACE, INTO = generated.WORKSPACE, generated.INTO
WITH_WORKSPACE = ("grad", "value_and_grad", "vjp", "hvp", "jacobian")
"""The modes whose derivatives keep something."""


def grad(f: Callable[..., Any], wrt: Wrt = 0, jit: bool = False, workspace: bool = False) -> Callable[..., Any]:
    """The gradient of a function whose result is one number, by reverse mode.

    Parameters:
        f: a function written in Python, of numbers and NumPy arrays; its result is a number.
        wrt: the parameters to differentiate in: a position, a name, or a tuple of them.
        jit: True for a gradient compiled by Numba.
        workspace: True for a gradient with one more parameter, `workspace`, the last of those without a default: memory
            for the arrays in which it keeps values, used again from call to call; `tangent_ad.workspace` allocates it.
    Returns: a generated function with the parameters of `f`.  It returns the derivative in `wrt`, in the shape and the
        floating dtype of that argument; a tuple of them for a tuple.  It never changes its arguments.  Its text is in
        its `source`.
    Raises: RefusedError where the derivative would not be right, with the place in the source; UsageError for a wrong
        `wrt`, or a result that is not a number.  The generated function raises TypeError for arguments it was not made
        for (an integer array as `wrt`, another rank); a Python int stands for its float.

    >>> def area(r, h=2.0):
    ...     return 3.0 * r * r * h
    >>> grad(area)(1.5)
    18.0
    >>> grad(area, wrt=("r", "h"))(1.5, h=1.0)
    (9.0, 6.75)
    """
    return _generate(f, "grad" + WORKSPACE * workspace, wrt, jit)


def value_and_grad(
    f: Callable[..., Any], wrt: Wrt = 0, jit: bool = False, workspace: bool = False
) -> Callable[..., Any]:
    """The value of a function and its gradient, from one run of each sweep.

    Parameters: as of `grad`.
    Returns: a generated function with the parameters of `f`, which returns `(value, gradient)`.
    Raises: as `grad`.

    >>> def square(x):
    ...     return x * x
    >>> value_and_grad(square)(3.0)
    (9.0, 6.0)
    """
    return _generate(f, "value_and_grad" + WORKSPACE * workspace, wrt, jit)


def jvp(f: Callable[..., Any], wrt: Wrt = 0, jit: bool = False) -> Callable[..., Any]:
    """The tangent of a function's result, by forward mode (a Jacobian times a vector).

    Parameters: as of `grad`; the result of `f` may be a number, an array or a tuple of them.
    Returns: a generated function in which every parameter of `wrt` is followed by its tangent, of the same shape
        (`f_jvp(x, x_dot, y)`); it returns `(value, value_dot)`.  The tangent of a parameter with a default has the
        default 0.0; that of a keyword-only parameter is keyword-only.
    Raises: as `grad`, but for the result, which may be anything.

    >>> def square(x):
    ...     return x * x
    >>> jvp(square)(3.0, 1.0)
    (9.0, 6.0)
    """
    return _generate(f, "jvp", wrt, jit)


def vjp(f: Callable[..., Any], wrt: Wrt = 0, jit: bool = False, workspace: bool = False) -> Callable[..., Any]:
    """The adjoints of a function's parameters, by reverse mode (a vector times a Jacobian).

    Parameters: as of `grad`; the result of `f` may be a number, an array or a tuple of them.
    Returns: a generated function whose first parameter is the adjoint of the result, in its shape (a tuple for a
        tuple), followed by the parameters of `f`; it returns `(value, adjoint)`, a tuple of adjoints for a tuple `wrt`.
    Raises: as `grad`, but for the result, which may be anything.

    >>> import numpy as np
    >>> def scaled(x, k):
    ...     return k * x
    >>> value, k_bar = vjp(scaled, wrt="k")(np.array([1.0, 10.0]), np.array([1.0, 2.0]), 3.0)
    >>> print(value, k_bar)
    [3. 6.] 21.0
    """
    return _generate(f, "vjp" + WORKSPACE * workspace, wrt, jit)


def jacobian(
    f: Callable[..., Any],
    wrt: Wrt = 0,
    mode: str | None = None,
    jit: bool = False,
    workspace: bool = False,
    into: bool = False,
) -> Callable[..., Any]:
    """The dense Jacobian of a function.

    Parameters:
        f, wrt, jit, workspace: as of `grad`; the result of `f` is a number or an array.
        mode: "forward" (one run for each element of the parameters) or "reverse" (one for each element of the result);
            by default forward if all of `wrt` are known to be numbers and `into` is False, else reverse.
        into: True for a function that returns nothing and fills arrays instead: one more parameter for each of `wrt`,
            of the shape of the Jacobian and its dtype, the last of those without a default.  They must not share memory
            with each other; memory of an argument that is still read is refused.
    Returns: a generated function with the parameters of `f`; it returns an array of shape value.shape + x.shape (a
        number if that has no axes), a tuple of them for a tuple.
    Raises: as `grad`; UsageError for a result that is a tuple.

    >>> import numpy as np
    >>> def squares(x):
    ...     return x * x
    >>> jacobian(squares)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """
    if mode not in (None, "forward", "reverse"):
        raise UsageError(f"mode={mode!r}: it must be 'forward', 'reverse' or None")
    if workspace and mode == "forward":
        raise UsageError("forward mode keeps nothing that a workspace could hold")
    if into and (workspace or mode == "forward"):
        raise UsageError("into=True is for reverse mode without a workspace")
    if into:
        return _generate(f, f"jacobian-reverse{INTO}", wrt, jit)
    return _generate(f, ("jacobian" if mode is None else f"jacobian-{mode}") + WORKSPACE * workspace, wrt, jit)


def hessian(f: Callable[..., Any], wrt: Wrt = 0, jit: bool = False) -> Callable[..., Any]:
    """The dense Hessian of a function whose result is one number: forward mode over the emitted gradient.

    Parameters: as of `grad`.
    Returns: a generated function with the parameters of `f`; it returns an array of shape x.shape + x.shape; for a
        tuple `wrt` a tuple of rows, each a tuple of blocks.
    Raises: as `grad`.

    >>> import numpy as np
    >>> def cubes(x):
    ...     return np.sum(x ** 3)
    >>> hessian(cubes)(np.array([1.0, 2.0]))
    array([[ 6.,  0.],
           [ 0., 12.]])
    """
    return _generate(f, "hessian", wrt, jit)


def hvp(f: Callable[..., Any], wrt: Wrt = 0, jit: bool = False, workspace: bool = False) -> Callable[..., Any]:
    """The Hessian of a function times a vector, at the cost of a few gradients: forward mode over the emitted gradient.

    Parameters: as of `grad`.
    Returns: a generated function with the parameters of `jvp` (`f_hvp(x, x_dot, ...)`, the order that
        `scipy.optimize.minimize(hessp=...)` wants); it returns the product in the shape of `x`, a tuple for a tuple.
    Raises: as `grad`.

    >>> import numpy as np
    >>> def cubes(x):
    ...     return np.sum(x ** 3)
    >>> hvp(cubes)(np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    return _generate(f, "hvp" + WORKSPACE * workspace, wrt, jit)


def workspace(derivative: Callable[..., Any], *args: Any, **kwargs: Any) -> np.ndarray:
    """Memory for a derivative that was made with `workspace=True`.

    Parameters: the derivative; the arguments of its call, without the workspace.
    Returns: a one-dimensional float64 array with as many elements as the derivative needs for these arguments (it takes
        any larger one, too); what it holds does not matter.  Where this package is not installed, the function
        `f_grad_workspace` beside a written `f_grad` does the same.
    Raises: UsageError if the derivative takes no workspace; what it raises for wrong arguments.

    >>> def power(x, n):
    ...     y = 1.0
    ...     for _ in range(n):
    ...         y = y * x
    ...     return y
    >>> df = grad(power, workspace=True)
    >>> memory = workspace(df, 2.0, 10)
    >>> memory.size, float(df(2.0, 10, memory)), float(df(2.0, 3, memory))
    (10, 5120.0, 12.0)
    """
    allocate = getattr(derivative, "workspace", None)
    if allocate is None:
        name = getattr(derivative, "__name__", repr(derivative))
        raise UsageError(f"`{name}` takes no workspace: make it with workspace=True")
    found: np.ndarray = allocate(*args, **kwargs)
    return found


def _generate(f: Callable[..., Any], mode: str, wrt: Wrt, jit: bool, optimise: bool = True) -> Callable[..., Any]:
    """The one place where derivatives are made."""
    if jit or hasattr(f, "py_func"):
        from tangent_ad.compiled import compile_derivative

        compiled: Any = compile_derivative(f, mode, wrt, names_of, optimise)
        compiled.__reduce_ex__ = lambda protocol: (_generate, (f, mode, wrt, jit, optimise))  # what pickle asks
        return cast(Callable[..., Any], compiled)
    declared = is_declared(f)
    pyfunc = calling(f) if declared else plain_function(f)
    asked = (pyfunc.__module__, pyfunc.__qualname__, mode, repr(wrt), optimise)
    state = None if declared else state_of(pyfunc)
    if state is not None and asked in _ASKED:
        before, again = _ASKED[asked]
        if before.agrees(state) and again.__globals__.agrees():
            return again
    with deep_stack():
        fn = read_function(pyfunc)
        names = names_of(fn, wrt)
        plain = mode.partition("+")[0]
        request = Request(
            plain,
            names,
            not isinstance(wrt, tuple),
            optimise,
            workspace=mode.endswith(WORKSPACE),
            into=mode.endswith(INTO),
        )
        derived = build(pyfunc, request, derived_name(fn, plain, names), read=fn)
        module = generated.module_name(f, mode, names, request.bare) if optimise else None
        known = _MADE.get(module) if module is not None else None
        if known is not None and known[0] is f and known[1].source == derived.text() and known[1].__globals__.agrees():
            made: Any = known[1]
        else:
            made = derived.load(module)
            made.__qualname__ = generated.qualname(f, made.__name__)
    if module is not None:
        _MADE[module] = (f, made)
        if state is not None:
            _ASKED[asked] = (state, made)
    return made


_ASKED: dict[tuple[Any, ...], tuple[State, Any]] = {}
"""The functions that were made, by what was asked, with what they depend on: not made again while that is the same."""


_MADE: dict[str, tuple[Any, Any]] = {}
"""The functions that stand in `sys.modules`: asked for again they are the same object, as pickle demands."""


def names_of(fn: n.Function, wrt: Wrt) -> tuple[str, ...]:
    """The parameter names that `wrt` means."""
    params = [p.name for p in fn.params]
    found = []
    for one in wrt if isinstance(wrt, tuple) else (wrt,):
        if isinstance(one, str):
            if one not in params:
                raise UsageError(f"`{fn.name}` has no parameter `{one}`; it has {', '.join(params) or 'none'}")
            found.append(one)
        elif isinstance(one, bool) or not isinstance(one, int | np.integer):
            raise UsageError(f"wrt={one!r}: it must be the position or the name of a parameter, or a tuple of them")
        elif not -len(params) <= one < len(params):
            count = f"{len(params)} parameters: {', '.join(params)}" if params else "no parameters"
            raise UsageError(f"wrt={one!r}: `{fn.name}` has {count}")
        else:
            found.append(params[one])
    if len(set(found)) != len(found) or not found:
        raise UsageError(f"wrt={wrt!r} must name different parameters")
    return tuple(found)


def _again(f: Any, mode: str, wrt: Wrt) -> types.FunctionType:
    """What `generated` asks for when the module of a derivative is imported."""
    made: Any = _generate(f, mode, wrt, False)
    return made


generated.install(_again)
