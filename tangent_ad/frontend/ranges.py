"""What a `for` loop runs over.

In: the expression behind `in`, with the names of its function.  Out: the call of `range` in it, and start, stop and
step; `reversed(range(a, b))` is `range(b - 1, a - 1, -1)`.
"""

from __future__ import annotations

import ast
import operator

from tangent_ad.core import nodes as n
from tangent_ad.frontend.exprs import Context


def range_in(ctx: Context, node: ast.expr) -> tuple[ast.Call, bool]:
    """The call of `range` in `node`, and whether it is run through backwards; anything else is refused."""
    found, back = node, False
    if isinstance(node, ast.Call) and _means(ctx, node.func, reversed) and len(node.args) == 1 and not node.keywords:
        found, back = node.args[0], True
    if not isinstance(found, ast.Call) or not _means(ctx, found.func, range):
        what = ctx.text(node) if isinstance(node, ast.Name) else "x"
        hint = f"for i in range(len({what})): ..."
        ctx.refuse("a loop over anything but `range(...)` is not supported", node, hint)
    if found.keywords or not 1 <= len(found.args) <= 3 or any(isinstance(arg, ast.Starred) for arg in found.args):
        ctx.refuse("`range` takes one to three plain arguments", found, "for i in range(start, stop, step): ...")
    return found, back


def bounds(ctx: Context, node: ast.Call, args: list[n.Expr], back: bool) -> tuple[n.Expr, n.Expr, n.Expr]:
    """Start, stop and step of the loop over the range `node` of `args`."""
    start, stop = (n.Const(0), args[0]) if len(args) == 1 else (args[0], args[1])
    step = args[2] if len(args) == 3 else n.Const(1)
    if not back:
        return start, stop, step
    if step == n.Const(1):
        return _beside(stop, -1), _beside(start, -1), n.Const(-1)
    if step == n.Const(-1):
        return _beside(stop, 1), _beside(start, 1), n.Const(1)
    hint = "for i in range(last, start - 1, -step): ..."
    ctx.refuse("`reversed` of a range whose step is not 1 or -1 is not supported", node, hint)


def _means(ctx: Context, func: ast.expr, builtin: object) -> bool:
    return isinstance(func, ast.Name) and func.id not in ctx.locals and ctx.scope.find(func.id) is builtin


def _beside(bound: n.Expr, by: int) -> n.Expr:
    """The integer before or behind `bound`."""
    if isinstance(bound, n.Const) and type(bound.value) is int:
        return n.Const(bound.value + by)
    return n.Call(operator.add if by > 0 else operator.sub, "+" if by > 0 else "-", (bound, n.Const(1)))
