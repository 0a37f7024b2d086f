"""The reverse-mode function: head, forward sweep, seeds, backward sweep, results.

In: the facts of a function in normal form and what is wanted ("grad", "value_and_grad", "vjp", "pullback").
Out: the function.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.defs import find_definitions
from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.forms import is_floating
from tangent_ad.analyses.lengths import Lengths, find_lengths
from tangent_ad.analyses.webs import PARAMETER, find_webs, reads_of
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import FLOATING
from tangent_ad.core.names import Fresh
from tangent_ad.core.order import number
from tangent_ad.core.walk import (
    changed,
    children,
    expressions,
    map_body,
    map_expressions,
    map_names,
    statements,
    subexpressions,
)
from tangent_ad.errors import UsageError, refuse
from tangent_ad.frontend.pure import SIZES, all_names
from tangent_ad.modes import common
from tangent_ad.modes.integers import may_fill_with_ints
from tangent_ad.modes.reverse.adjoints import Adjoints, name_of, plan_adjoints, zero_of
from tangent_ad.modes.reverse.alike import read_alike
from tangent_ad.modes.reverse.intact import overwritten
from tangent_ad.modes.reverse.laws import check_laws
from tangent_ad.modes.reverse.places import Places, added
from tangent_ad.modes.reverse.rows import NotShared, Rows, plan_rows
from tangent_ad.modes.reverse.sweep import Sweep
from tangent_ad.modes.reverse.wide import find_wide
from tangent_ad.storage.fuse import Bars, fuse
from tangent_ad.storage.marks import Read, all_reads
from tangent_ad.storage.needed import find_needed
from tangent_ad.storage.place import BACKWARD, Sweeps, place
from tangent_ad.storage.plan import Policy
from tangent_ad.storage.steps import Step, all_steps
from tangent_ad.storage.values import FUNCTION

BEST = Policy()


def differentiate_reverse(
    facts: Facts,
    name: str,
    mode: str,
    tuple_result: bool = False,
    policy: Policy = BEST,
    inner: bool = False,
    told: Callable[[Sweeps, list[Read]], None] | None = None,
) -> n.Function:
    """The reverse-mode function of `facts.fn` in the parameters `facts.wrt`.

    mode: "grad" (adjoints of the parameters), "value_and_grad" (value and adjoints), "vjp" (the seed is the first
    parameter; value and adjoints), "pullback" (the same without the value), "jacobian" (adjoints of each element of
    the result; `NotShared` if the backward sweep cannot run more than once).
    tuple_result: adjoints as a tuple even if there is one.
    policy: what storage may do.
    inner: only derived code calls it, with arguments that need no guard.
    told: is given the sweeps and what the adjoints read.
    """
    fn = facts.fn
    refuse_list_lengths(facts)
    fresh = Fresh(all_names(fn) | {name})
    lengths = find_lengths(facts, not inner, policy.typed) if policy.reuse else None
    wide = find_wide(facts, lengths) if lengths is not None and policy.wide and not policy.typed else frozenset[str]()
    adjoints = plan_adjoints(facts, wide)
    places = Places(facts, adjoints, fresh)
    for param in facts.wrt:
        places.bar(param)
    sweep = Sweep(facts, adjoints, places, fresh, lengths)
    last = fn.body[-1]
    assert isinstance(last, n.Return) and last.value is not None
    originals, keeps = originals_of(facts, fresh)
    root = sweep.block(fn.body, FUNCTION)
    seeded = mode in ("vjp", "pullback")
    rows = None
    if mode == "jacobian" and not facts.kinds.at(last.num, last.value).is_number:
        rows = plan_rows(facts, last, originals, fresh)
        policy = replace(policy, fuse=False, repeated=True)
    seed = n.Name(fresh.take("out_bar")) if seeded else n.Const(1.0)
    given = seeding(facts, sweep, last, seed) if rows is None else unit_seeding(facts, sweep, last, rows)
    root = replace(root, steps=(*root.steps[:-1], Step(last, tuple(given))))
    guarded = [] if seeded or rows is not None else common.result_guard(facts, name, last)
    with_value = mode in ("value_and_grad", "vjp")
    steady = [name for name in adjoints.starting_in(FUNCTION) if name in adjoints.steady]
    alike = dict[str, str]()
    if lengths is not None and policy.wide:
        root, alike = read_alike(root, facts, lengths, steady)
    root = replace(root, zeros=tuple(initial(facts, adjoints, places, inner, alike)))
    if policy.fuse:
        root = fuse(root, facts, bars_of(adjoints, places))
    steady = [alike.get(name, name) for name in steady]
    reads = [r for _, step in all_steps(root) for r in all_reads(adjoint_parts(step))]
    reads += rows.reads() if rows is not None else ()
    fused = [step.stmt.num for _, step in all_steps(root) if step.fused]
    needed = find_needed(facts, reads, steady, fused, with_value or bool(guarded))
    runs = needed if policy.reuse else frozenset(range(len(facts.defs.statements)))
    if lengths is not None and not fused:
        unsteady = [name for name in adjoints.starting_in(FUNCTION) if name not in adjoints.steady | wide]
        shaped = {places.bar(name).id: name for name in unsteady if is_shaped(name, lengths, runs)}
        root = replace(root, zeros=tuple(like_values(root.zeros, shaped)))
    sweeps = place(root, facts, runs, policy, fresh, lengths)
    head, copies = beginning(facts, name, runs, inner, policy.typed)
    value: n.Expr | None = None
    forward = [*sweeps.forward, *guarded]
    if with_value:
        value = n.Name(fresh.take("value"))
        kept = common.protected_result(facts, last.value, last.num)
        forward.append(n.Assign(value, kept, info=replace(last.info, origin=last.num)))
    back = sweeps.backward
    if back:
        back[0] = changed(back[0], info=replace(back[0].info, comments=(BACKWARD,)))
    if rows is None:
        result = results(facts, adjoints, places, originals, tuple_result)
    else:
        if sweeps.creation:
            raise NotShared("the backward sweep takes values off lists")
        forward += rows.ahead
        back = rows.loops(back, [places.bar(param) for param in facts.wrt])
        result = grouped(rows.found, tuple_result)
    body = [*head, *copies, *keeps, *sweeps.creation, *forward, *back]
    body.append(n.Return(result if value is None else n.Tuple((value, result)), info=n.Info(origin=last.num)))
    params = fn.params
    if seeded:
        assert isinstance(seed, n.Name)
        params = (n.Param(seed.id), *params)
    made = number(replace(fn, name=name, params=params, body=tuple(body)))
    if fused and overwritten(facts.defs, find_definitions(made), find_webs(made)) is not None:
        apart = replace(policy, fuse=False)
        return differentiate_reverse(facts, name, mode, tuple_result, apart, inner, told)
    check_laws(facts, made, frozenset(places.bars.values()), sweeps)
    if told is not None:
        told(sweeps, reads)
    return _without_nameless(made, fresh)


NAMELESS = "_"


def _without_nameless(made: n.Function, fresh: Fresh) -> n.Function:
    """`made` with a name for the variable of a loop that the user did not care to name, if it is read now."""
    if not any([NAMELESS in reads_of(s) for s in statements(made.body)]):
        return made
    name = next((wish for wish in ("i", "j", "k") if wish not in fresh), None) or fresh.take("i")

    def named(e: n.Name) -> n.Name:
        return n.Name(name, e.version) if e.id == NAMELESS else e

    body = map_body(made.body, lambda _, s: (map_expressions(s, lambda e: map_names(e, named)),))
    return replace(made, body=body)


def adjoint_parts(step: Step) -> tuple[n.Stmt, ...]:
    """The statements of a step that read primal values."""
    header = () if step.header is None or step.fused else (step.header, *step.first)
    return (*step.ahead, *step.adjoint, *header)


def bars_of(adjoints: Adjoints, places: Places) -> Bars:
    """The adjoint variables, by their names in the text."""
    homes = {places.bars[variable]: found for variable, found in adjoints.homes.items() if variable in places.bars}
    numbers = frozenset(bar for one, bar in places.bars.items() if places.kind_of_name(name_of(one)).is_number)
    steady = frozenset(bar for name, bar in places.bars.items() if name in adjoints.steady)
    return Bars(frozenset(places.bars.values()), homes, numbers, steady)


def beginning(
    facts: Facts, name: str, runs: frozenset[int], inner: bool, typed: bool
) -> tuple[list[n.Stmt], list[n.Stmt]]:
    """The guards, and the copies of the arguments that the text writes."""
    written = common.written_params(facts)
    guards = (
        []
        if inner
        else common.rank_guards(facts, name, facts.wrt, typed) + common.disjoint_guards(facts, name, written)
    )
    copies: list[n.Stmt] = []
    for param in written:
        root = (PARAMETER, param)
        if any(root in roots for num, roots in facts.aliases.writes if num in runs):
            kind = facts.kinds.defined(PARAMETER, param)
            copies.append(n.Assign(n.Name(param), common.copied(n.Name(param), kind)))
    return guards, copies


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
    return [sweep.versioned(s, last.num) for s in give(last.value, seed)]


def refuse_list_lengths(facts: Facts) -> None:
    """Refuses what depends on how long a list is by now: the backward sweep finds it as the forward sweep left it."""

    def is_list(num: int, expr: n.Expr) -> bool:
        return type(expr) is n.Name and facts.kinds.at(num, expr).form == "tape"

    for stmt in facts.defs.statements:
        tested = [stmt.test] if isinstance(stmt, (n.If, n.While)) and is_list(stmt.num, stmt.test) else []
        for expr in expressions(stmt):
            for part in subexpressions(expr):
                asked = (*SIZES, bool, operator.not_)
                if isinstance(part, n.Call) and part.fn in asked and is_list(stmt.num, part.args[0]):
                    tested.append(part)
                elif isinstance(part, (n.BoolOp, n.IfExp)):
                    tested += [e for e in children(part) if is_list(stmt.num, e)]
        if tested:
            raise refuse(
                "this depends on how long a list is, which changes as the program runs",
                getattr(tested[0], "span", None) or stmt.info.span,
                stmt.info.source or facts.fn,
                "a counter: `k = 0`, and `k += 1` beside each `append`",
            )


def unit_seeding(facts: Facts, sweep: Sweep, last: n.Return, rows: Rows) -> list[n.Stmt]:
    """The statements that give 1.0 to the adjoint of one element of the result."""
    assert isinstance(last.value, n.Name)
    if not sweep.places.is_active(last.num, last.value):
        return []
    if rows.seed is not None:
        made = sweep.places.give(last.num, last.value, rows.seed, "fresh")
    else:
        before, whole = sweep.places.place(last.num, last.value)
        made = [*before, added(n.Index(whole, rows.index), n.Const(1.0))]
    return [sweep.versioned(s, last.num) for s in made]


def initial(facts: Facts, adjoints: Adjoints, places: Places, inner: bool, alike: Mapping[str, str]) -> list[n.Stmt]:
    """The adjoints that start at zero with the backward sweep, in the shape of a value or one that is alike; without a
    guard, an array may hold integers."""
    made: list[n.Stmt] = []
    params, ints = {p.name for p in facts.fn.params}, may_fill_with_ints(facts)
    for name in adjoints.starting_in(FUNCTION):
        if name in adjoints.steady:
            like = alike.get(name, name)
            zero: n.Expr = n.Call(np.zeros_like, "np.zeros_like", (n.Name(like),))
            if inner and like in facts.wrt and facts.kinds.defined(PARAMETER, like).dtype not in FLOATING:
                zero = common.spread(n.Const(0.0), n.Name(like))
            if ints and like not in params:
                zero = common.spread(n.Const(0.0), n.Name(like))
        else:
            zero = zero_of(places.kind_of_name(name_of(name)))
        made.append(n.Assign(places.bar(name), zero))
    return made


def is_shaped(name: str, lengths: Lengths, runs: frozenset[int]) -> bool:
    """Is the name bound at the end of the forward sweep, to a floating-point array of the one shape that all its values
    have?"""
    facts = lengths.facts
    given = [PARAMETER] if any(p.name == name for p in facts.fn.params) else []
    bound = [*given, *facts.defs.defs.get(name, ())]
    forms = {lengths.defined(d, name).shape for d in bound}
    if len(forms) != 1 or not all(lengths.defined(d, name).is_sure for d in bound):
        return False
    for d in bound:
        kind = facts.kinds.defined(d, name)
        if not kind.is_array or not (kind.dtype in FLOATING or is_floating(lengths.defined(d, name).dtype)):
            return False
    return bool(given) or any(d in runs and facts.defs.unconditional(d) for d in bound)


def like_values(zeros: Sequence[n.Stmt], shaped: Mapping[str, str]) -> list[n.Stmt]:
    """The adjoints that start at zero, those of `shaped` names in the likeness of their values."""
    made: list[n.Stmt] = []
    for stmt in zeros:
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name) and stmt.target.id in shaped:
            x = n.Name(shaped[stmt.target.id])
            stmt = changed(stmt, value=n.Call(np.zeros_like, "np.zeros_like", (x,)))
        made.append(stmt)
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
    return grouped(found, tuple_result)


def grouped(found: Sequence[n.Expr], tuple_result: bool) -> n.Expr:
    return n.Tuple(tuple(found)) if tuple_result or len(found) > 1 else found[0]
