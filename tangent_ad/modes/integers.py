"""Integers that stand for floats.

In: a function as it was read, its facts, its derivative.  Out: the function whose differentiated numbers are floats
from the start, where the derivative may else meet an array of integers.

A Python int stands for its float.  Arithmetic sees to that, but `np.full(3, x)` of an int is an array of integers, and
an adjoint made in its likeness would round.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.kinds import infer_kinds
from tangent_ad.analyses.webs import PARAMETER
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import INT, Kind
from tangent_ad.core.walk import expressions, names_read, statements, subexpressions
from tangent_ad.errors import RefusedError

LIKE = (np.zeros_like, np.ones_like, np.full_like, np.empty_like)


def rounded_numbers(facts: Facts, made: n.Function) -> tuple[str, ...]:
    """The differentiated numbers that, given as ints, may make arrays of integers in whose likeness `made` makes
    adjoints."""
    kinds = {p.name: facts.kinds.defined(PARAMETER, p.name) for p in facts.fn.params}
    numbers = tuple(name for name in kinds if name in facts.wrt and not kinds[name].is_array)
    params = {p.name for p in made.params}
    models = {
        e.args[0].id
        for stmt in statements(made.body)
        for expr in expressions(stmt)
        for e in subexpressions(expr)
        if isinstance(e, n.Call) and e.fn in LIKE and isinstance(e.args[0], n.Name) and e.args[0].id not in params
    }
    if not numbers or not models:
        return ()
    arrays = {name: kinds[name].with_dtype(kinds[name].dtype or "float") for name in facts.wrt if kinds[name].is_array}
    try:
        given = kinds | arrays | dict.fromkeys(numbers, INT)
        ints = infer_kinds(facts.fn, facts.webs, given, presume=False)
    except RefusedError:
        return numbers
    for (num, name), web in facts.webs.of_def.items():
        now, then = facts.kinds.defined(num, name), ints.web_kinds.get(web, Kind())
        if name in models and not now.is_number and then.dtype in ("int", None) and now.dtype != "int":
            return numbers
    return ()


def as_floats(fn: n.Function, names: Iterable[str]) -> n.Function:
    """`fn` with these parameters made floats at its beginning."""
    note = ("an int stands for its float",)
    made = tuple(
        n.Assign(
            n.Name(name),
            n.Call(operator.mul, "*", (n.Name(name), n.Const(1.0))),
            info=n.Info(comments=note if k == 0 else ()),
        )
        for k, name in enumerate(names)
    )
    return replace(fn, body=made + fn.body)


def may_fill_with_ints(facts: Facts) -> bool:
    """Is an array filled with a number that is an int on one path and a float on another?"""
    filling = {
        web
        for stmt in facts.defs.statements
        for expr in expressions(stmt)
        for e in subexpressions(expr)
        if isinstance(e, n.Call) and e.fn in (np.full, np.array)
        for name in names_read(e)
        if (web := facts.webs.of_read.get((stmt.num, name))) is not None
    }
    return bool(filling) and any(
        isinstance(stmt, n.Assign)
        and isinstance(stmt.target, n.Name)
        and facts.webs.of_def[(stmt.num, stmt.target.id)] in filling
        and facts.kinds.defined(stmt.num, stmt.target.id).dtype not in ("int", "bool")
        and facts.kinds.at(stmt.num, stmt.value).dtype in ("int", "bool")
        for stmt in facts.defs.statements
    )
