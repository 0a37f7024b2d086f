"""Which float32 numbers Numba holds in float64.

In: a derivative in core and its kinds.  Out: for an expression that is a number in float32 to NumPy, whether it surely
is one to Numba, too.

To NumPy `2 / x` and `2.0 * x` are in the dtype of x; Numba takes 2 and 2.0 for 64 bits, and an array that is multiplied
by such a number for a float64 one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tangent_ad.analyses.kinds import Kinds, operand_kind
from tangent_ad.analyses.webs import PARAMETER
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import ANY, Kind
from tangent_ad.core.walk import statements

Narrow = Callable[[n.Expr, int], bool]


def find_narrow(fn: n.Function, kinds: Kinds) -> Narrow:
    """Is an expression that statement `num` reads, a float32 number to NumPy, in float32 in compiled code?"""
    narrow = {web for web, kind in kinds.web_kinds.items() if kind.dtype == "float32"}
    defined: list[tuple[int, n.Expr, int]] = []
    for stmt in statements(fn.body):
        if isinstance(stmt, n.Assign | n.AugAssign) and isinstance(stmt.target, n.Name):
            web = kinds.webs.of_def.get((stmt.num, stmt.target.id))
            if web in narrow and kinds.web_kinds[web].is_number:
                defined.append((web, stmt.value, stmt.num))

    def of_name(name: str, num: int) -> int:
        return kinds.webs.of_read.get((num, name), PARAMETER)

    def kind_of(expr: n.Expr, num: int) -> Kind:
        return operand_kind(expr, lambda name: kinds.web_kinds.get(of_name(name, num)) or ANY)

    def is_narrow(expr: n.Expr, num: int) -> bool:
        match expr:
            case n.Name(id=name):
                return of_name(name, num) in narrow
            case n.Const(value=value) | n.Global(value=value):
                return isinstance(value, np.float32)
            case n.Index(value=value):
                return kind_of(value, num).dtype == "float32"
            case n.IfExp(body=body, orelse=orelse):
                return is_narrow(body, num) and is_narrow(orelse, num)
            case n.Call(fn=fn):
                return fn is np.float32 or all(
                    kind_of(a, num).is_array or kind_of(a, num).dtype == "bool" or is_narrow(a, num) for a in expr.args
                )
        return False

    while True:
        wide = {web for web, value, num in defined if not is_narrow(value, num)} & narrow
        if not wide:
            return is_narrow
        narrow -= wide
