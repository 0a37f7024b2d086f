"""The forms of names and expressions in derived code.

In: derived code and its kinds.  Out: `Forms`: for each name what holds of all its values, for an expression its form.
"""

from __future__ import annotations

import operator
import re

import numpy as np

from tangent_ad.analyses.defs import find_definitions
from tangent_ad.analyses.forms import Form
from tangent_ad.analyses.named import Forms, join_axes, of_parameter, stable_names
from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import Kind
from tangent_ad.core.walk import is_guard
from tangent_ad.simplify.context import Context, kinds_of
from tangent_ad.simplify.shapes import floating_names

ROUNDS = 8
DOT = re.compile(r"_dot\d*$")


def find_forms(fn: n.Function, context: Context) -> Forms:
    """The forms of the names of `fn` (numbered)."""
    known = context.forms.get(id(fn))
    if known is None:
        known = context.forms[id(fn)] = fn, _found(fn, context)
    forms: Forms = known[1]
    return forms


def _found(fn: n.Function, context: Context) -> Forms:
    kinds = kinds_of(fn, context)
    if not any(kind.form == "value" and kind.rank != 0 for kind in kinds.table.values()):
        return Forms(kinds)
    defs = find_definitions(fn)
    forms = Forms(kinds, stable_names(fn, defs), _is_loose(kinds, context), typed=context.typed)
    floating = floating_names(fn, kinds)
    for p in fn.params:
        forms.table[p.name] = of_parameter(p, context.kinds.get(p.name, Kind()), floating, context.typed)
    _guarded(fn, forms.table)
    at_once = all(len(ds) == 1 and name not in forms.table and not defs.loops[ds[0]] for name, ds in defs.defs.items())
    for _ in range(ROUNDS):
        before = dict(forms.table), dict(forms.sizes)
        for stmt in defs.statements:
            forms.define(stmt, not defs.loops[stmt.num])
        if at_once or before == (forms.table, forms.sizes):
            return forms
    return Forms(kinds)


def _is_loose(kinds: NameKinds, context: Context) -> bool:
    tangents = any(DOT.search(name) and name not in context.user_names for name in kinds.table)
    return not tangents and all(kind.dtype != "float32" for kind in kinds.table.values())


def _guarded(fn: n.Function, table: dict[str, Form]) -> None:
    """Axes that the guards at the head hold to each other get one key."""
    for stmt in fn.body:
        if not is_guard(stmt):
            return
        either = isinstance(stmt.test, n.BoolOp) and stmt.test.op == "or"
        for test in stmt.test.values if either and isinstance(stmt.test, n.BoolOp) else (stmt.test,):
            match test:
                case n.Call(
                    fn=operator.ne,
                    args=(
                        n.Index(value=n.Call(fn=np.shape, args=(n.Name(id=a),)), index=n.Const(value=int() as j)),
                        n.Index(value=n.Call(fn=np.shape, args=(n.Name(id=b),)), index=n.Const(value=int() as k)),
                    ),
                ):
                    join_axes(table, ("of", a, j), ("of", b, k))
