"""Statements in the form a person would write.

In: derived code.  Out: `x += e` for `x = x + e` on numbers (in statements of the compiler, and where the user wrote
`+=`), and `for _ in range(n)` where a loop counts down but nobody reads its variable.
"""

from __future__ import annotations

import functools
import operator
from dataclasses import replace

from tangent_ad.analyses.live import find_live
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import expressions, map_body, names_read, statements
from tangent_ad.simplify.algebra import integer
from tangent_ad.simplify.context import Context, binary, kinds_of


def tidy(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with augmented assignments and plain loop headers."""
    kinds = kinds_of(fn, context)
    live = functools.cache(lambda: find_live(fn))
    params = {p.name for p in fn.params}

    def rewrite(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        match stmt:
            case n.For(target=target, step=n.Const(value=-1), stop=n.Const(value=int() as stop)):
                inner = {name for s in statements(stmt.body) for e in expressions(s) for name in names_read(e)}
                if target.id not in inner and target.id not in live().after[stmt.num]:
                    trips = integer(binary(operator.sub, stmt.start, n.Const(stop)))
                    return (replace(stmt, start=n.Const(0), stop=trips, step=n.Const(1)),)
            case n.Assign(target=n.Name(id=name), value=n.Call(fn=fn, args=(n.Name(id=first), term))):
                made = name not in context.user_names and name not in params
                wanted = made or stmt.info.span is None or stmt.info.span in context.augmented
                number = kinds.of(name).is_number
                if first == name and fn in (operator.add, operator.sub) and wanted and number and not stmt.annotation:
                    return (n.AugAssign(n.Name(name), fn, term, info=stmt.info, num=stmt.num),)
        return (stmt,)

    return replace(fn, body=map_body(fn.body, rewrite))
