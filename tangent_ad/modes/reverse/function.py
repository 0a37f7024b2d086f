"""The reverse-mode function: head, forward sweep, seeds, backward sweep, results.

In: the facts of a function in normal form and what is wanted ("grad", "value_and_grad", "vjp", "pullback").
Out: the function.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.webs import PARAMETER
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import FLOATING
from tangent_ad.core.names import Fresh
from tangent_ad.core.walk import changed, number
from tangent_ad.errors import UsageError, refuse
from tangent_ad.frontend.pure import all_names
from tangent_ad.modes import common
from tangent_ad.modes.reverse.adjoints import FUNCTION, Adjoints, plan_adjoints, zero_of
from tangent_ad.modes.reverse.laws import check_laws
from tangent_ad.modes.reverse.places import Places
from tangent_ad.modes.reverse.sweep import Sweep
from tangent_ad.modes.reverse.tapes import Tapes

BACKWARD = "backward"


def differentiate_reverse(
    facts: Facts, name: str, mode: str, tuple_result: bool = False, everything: bool = False, inner: bool = False
) -> n.Function:
    """The reverse-mode function of `facts.fn` in the parameters `facts.wrt`.

    mode: "grad" (adjoints of the parameters), "value_and_grad" (value and adjoints), "vjp" (the seed is the first
    parameter; value and adjoints), "pullback" (the same without the value).
    tuple_result: adjoints as a tuple even if there is one.
    everything: keep every value that an adjoint reads, whether or not it is still there.
    inner: only derived code calls it, with arguments that need no guard.
    """
    fn = facts.fn
    fresh = Fresh(all_names(fn) | {name})
    adjoints = plan_adjoints(facts)
    places = Places(facts, adjoints, fresh)
    for param in facts.wrt:
        places.bar(param)
    tapes = Tapes(facts, fresh, everything)
    sweep = Sweep(facts, adjoints, places, tapes, fresh)
    written = common.written_params(facts)
    head = [] if inner else common.rank_guards(facts, name, facts.wrt) + common.disjoint_guards(facts, name, written)
    for param in written:
        kind = facts.kinds.defined(PARAMETER, param)
        head.append(n.Assign(n.Name(param), common.copied(n.Name(param), kind)))
    originals, keeps = originals_of(facts, fresh)
    forward, backward = sweep.block(fn.body, FUNCTION)
    last = fn.body[-1]
    assert isinstance(last, n.Return) and last.value is not None
    seeded = mode in ("vjp", "pullback")
    seed = n.Name(fresh.take("out_bar")) if seeded else n.Const(1.0)
    seeds = seeding(facts, sweep, last, seed)
    value: n.Expr | None = None
    if not seeded:
        forward += common.result_guard(facts, name, last)
    if mode in ("value_and_grad", "vjp"):
        value = n.Name(fresh.take("value"))
        kept = common.protected_result(facts, last.value, last.num)
        forward.append(n.Assign(value, kept, info=replace(last.info, origin=last.num)))
    zeros = initial(facts, adjoints, places, inner)
    back = [*zeros, *seeds, *backward]
    if back:
        back[0] = changed(back[0], info=replace(back[0].info, comments=(BACKWARD,)))
    result = results(facts, adjoints, places, originals, tuple_result)
    body = [*head, *keeps, *tapes.creation(), *forward, *back]
    body.append(n.Return(result if value is None else n.Tuple((value, result)), info=n.Info(origin=last.num)))
    params = fn.params
    if seeded:
        assert isinstance(seed, n.Name)
        params = (n.Param(seed.id), *params)
    made = number(replace(fn, name=name, params=params, body=tuple(body)))
    check_laws(facts, made, frozenset(places.bars.values()))
    return made


def originals_of(facts: Facts, fresh: Fresh) -> tuple[dict[str, n.Name], list[n.Stmt]]:
    """Names under which the differentiated parameters' shapes are still known at the end."""
    names: dict[str, n.Name] = {}
    keeps: list[n.Stmt] = []
    for param in facts.wrt:
        names[param] = n.Name(param)
        if facts.defs.defs.get(param) and not facts.kinds.defined(PARAMETER, param).is_number:
            names[param] = n.Name(fresh.take(f"{param}_in"))
            keeps.append(n.Assign(names[param], n.Name(param)))
    return names, keeps


def seeding(facts: Facts, sweep: Sweep, last: n.Return, seed: n.Expr) -> list[n.Stmt]:
    """The statements that give the seed to the adjoint of the result."""

    def give(expr: n.Expr, g: n.Expr) -> list[n.Stmt]:
        if isinstance(expr, n.Tuple):
            return [s for k, e in enumerate(expr.elts) for s in give(e, n.Index(g, n.Const(k)))]
        if not sweep.places.is_active(last.num, expr):
            return []
        if not facts.kinds.at(last.num, expr).is_number and not isinstance(g, n.Const):
            g = common.spread(g, expr)
        return sweep.places.give(last.num, expr, g, "fresh")

    assert last.value is not None
    parts = last.value.elts if isinstance(last.value, n.Tuple) else (last.value,)
    if any(facts.kinds.at(last.num, part).form == "tape" for part in parts):
        raise refuse(
            "a list is returned, and what is appended to it has no adjoint",
            last.info.span,
            last.info.source or facts.fn,
            "an array that is made with its length and filled (`out[i] = ...`), or a tuple",
        )
    if isinstance(seed, n.Const) and isinstance(last.value, n.Tuple):
        raise UsageError("the result is a tuple: `grad` needs a number; use `vjp` or `jacobian`")
    if isinstance(seed, n.Const) and facts.kinds.at(last.num, last.value).is_array:
        raise UsageError("the result is an array: `grad` needs a number; use `vjp` or `jacobian`")
    made = [sweep.versioned(s, last.num) for s in give(last.value, seed)]
    kept = sweep.tapes.keep_operands(last.num, made, sweep.primal)
    assert not kept.forward or sweep.tapes.everything, "nothing runs between the result and its seed"
    return made


def initial(facts: Facts, adjoints: Adjoints, places: Places, inner: bool) -> list[n.Stmt]:
    """The adjoints that start at zero with the backward sweep; without a guard, an array may hold integers."""
    made: list[n.Stmt] = []
    for name in adjoints.starting_in(FUNCTION):
        if name in adjoints.steady:
            zero: n.Expr = n.Call(np.zeros_like, "np.zeros_like", (n.Name(name),))
            if inner and name in facts.wrt and facts.kinds.defined(PARAMETER, name).dtype not in FLOATING:
                zero = common.spread(n.Const(0.0), n.Name(name))
        else:
            zero = zero_of(places.kind_of_name(name))
        made.append(n.Assign(places.bar(name), zero))
    return made


def results(
    facts: Facts, adjoints: Adjoints, places: Places, originals: dict[str, n.Name], tuple_result: bool
) -> n.Expr:
    """The adjoints of the differentiated parameters, each in the shape of its parameter."""
    found: list[n.Expr] = []
    for param in facts.wrt:
        kind = facts.kinds.defined(PARAMETER, param)
        bar: n.Expr = places.bar(param)
        if not kind.is_number and param not in adjoints.steady:
            bar = common.spread(bar, originals[param])
        found.append(bar)
    return n.Tuple(tuple(found)) if tuple_result or len(found) > 1 else found[0]
