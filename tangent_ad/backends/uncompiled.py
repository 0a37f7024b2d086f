"""Calls that Numba does not compile, refused with the user's line.

In: a statement of a derivative.  Out: nothing, or a refusal.

NumPy's reductions and `np.roll` take an axis, Numba's do not, but for `np.sum` (and there without `keepdims`).
"""

from __future__ import annotations

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import expressions, subexpressions
from tangent_ad.errors import refuse

WHOLE = (np.mean, np.max, np.min, np.prod, np.std, np.var, np.cumsum, np.cumprod, np.any, np.all, np.linalg.norm)
"""What Numba knows of whole arrays only."""
NOTHING = (n.Const(None), n.Const(False))


HINT = "a loop over the rows, or sums: `np.sum(x, axis=1)`, `[:, None]` for `keepdims`; or leave out `jit=True`"
ROLLED = "two slices of the array: `y[:, k:] = x[:, :-k]` and `y[:, :k] = x[:, -k:]`; or leave out `jit=True`"


def check_calls(fn: n.Function, stmt: n.Stmt) -> None:
    """Refuses a call in `stmt` (a statement of `fn`) of a form that Numba has not."""
    for expr in expressions(stmt):
        for call in subexpressions(expr):
            asked = _unknown(call) if isinstance(call, n.Call) else None
            if asked is not None:
                at = (call.span if isinstance(call, n.Call) else None) or stmt.info.span
                hint = ROLLED if isinstance(call, n.Call) and call.fn is np.roll else HINT
                raise refuse(f"Numba does not compile {asked}", at, stmt.info.source or fn, hint)


def _unknown(call: n.Call) -> str | None:
    """What Numba does not know of a call, if anything."""
    given = {key for key, value in call.keywords if value not in NOTHING}
    if call.fn in WHOLE:
        if call.fn is not np.linalg.norm and len(call.args) > 1 and call.args[1] not in NOTHING:
            given.add("axis")
        given &= {"axis", "keepdims"}
    elif call.fn is np.sum:
        given &= {"keepdims"}
    elif call.fn is np.roll:
        given |= {"axis"} if len(call.args) > 2 and call.args[2] not in NOTHING else set()
    else:
        return None
    name = "np.linalg.norm" if call.fn is np.linalg.norm else f"np.{call.fn.__name__}"
    return f"`{name}` with `{min(given)}`" if given else None
