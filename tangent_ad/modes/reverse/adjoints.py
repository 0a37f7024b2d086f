"""Where adjoints live.

In: the facts of a function.  Out: `Adjoints`: for every active name its adjoint variable, the block in which it starts
at zero, whether it is a full-shaped array throughout, and whether a definition must clear it.

An adjoint variable starts at zero at the head of its *home*: the backward sweep of the innermost block that holds every
mention of the name, unless the name is carried into that block.  The zero of an array whose shape is not known there
has size-1 axes (or is the number 0.0 where the rank is not known): it broadcasts, and `spread` gives it its shape where
an element is to be written.  A *steady* name has one definition that all of the function sees; its adjoint has the
full shape from the start.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import numpy as np

from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.webs import PARAMETER, UNDEFINED, reads_of
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import Kind
from tangent_ad.core.walk import bodies
from tangent_ad.rules.registry import lookup
from tangent_ad.storage.values import FUNCTION, Home

APART = "@"


@record(frozen=True)
class Adjoints:
    """`homes`: the blocks in which each adjoint variable starts at zero.  `variables`: the variable of a name's web,
    where unrelated values of the name, one around the other, need two; else it goes by the name.  `wide`: names whose
    adjoint may be wider than their value (see wide.py)."""

    facts: Facts
    homes: dict[str, tuple[Home, ...]]
    variables: dict[tuple[str, int], str]
    steady: frozenset[str]
    wide: frozenset[str]
    order: dict[str, int]
    block_of: dict[int, Home]
    position: dict[int, int]
    uses: dict[tuple[int, str], list[int]]

    def starting_in(self, home: Home) -> list[str]:
        """The variables that start at zero in that block, in the order of the text."""
        found = [variable for variable, homes in self.homes.items() if home in homes]
        return sorted(found, key=lambda variable: (self.order[name_of(variable)], variable))

    def read(self, num: int, name: str) -> str:
        """The adjoint variable of `name` as statement `num` reads it."""
        return self.variables.get((name, self.facts.webs.of_read.get((num, name), -1)), name)

    def defined(self, num: int, name: str) -> str:
        """The adjoint variable of `name` as statement `num` defines it."""
        return self.variables.get((name, self.facts.webs.of_def.get((num, name), -1)), name)

    def home_at(self, num: int, name: str) -> Home:
        """The block in which the adjoint of `name`, as statement `num` defines it, starts at zero."""
        homes = self.homes[self.defined(num, name)]
        span = self.facts.defs.span
        return next((h for h in homes if h[0] >= 0 and span[h[0]][0] <= num <= span[h[0]][1]), homes[0])

    def must_clear(self, num: int, name: str) -> bool:
        """After the adjoint of the definition `num` of `name`, is the adjoint of an earlier value still to come?"""
        reaching: Iterable[int] = self.facts.webs.reaching.get((num, name), frozenset())
        if any(held == name for held, _ in self.variables):
            # a value of another variable may stand between two of this one
            ours = self.defined(num, name)
            reaching = [d for d, held in self.facts.webs.of_def if held == name and self.defined(d, name) == ours]
        home = self.home_at(num, name)
        inside = self.facts.defs.loops[num]
        if home[0] >= 0 and home[0] in inside:
            inside = inside[inside.index(home[0]) + 1 :]
        in_inner_loop = bool(inside)
        return any((d < num and d != -2) or (in_inner_loop and d >= num) for d in reaching)

    def surely_full(self, num: int, name: str) -> bool:
        """Has the adjoint of what `num` defines its full shape when the backward sweep comes to `num`?  Yes if a later
        statement of the same block passes it a contribution of that shape."""
        if name in self.steady:
            return True
        for at in self.uses.get((num, name), ()):
            stmt = self.facts.defs.statements[at]
            same_block = self.block_of[at] == self.block_of[num] and self.position[at] > self.position[num]
            if same_block and isinstance(stmt, n.Assign) and self._passes_on(stmt, name):
                return True
        return False

    def _passes_on(self, stmt: n.Assign, name: str) -> bool:
        activity = self.facts.activity
        if not isinstance(stmt.target, n.Name) or not isinstance(stmt.value, n.Call):
            return False
        target = stmt.target.id
        if not (activity.defines(stmt.num, target) and activity.reads(stmt.num, name)):
            return False
        given = [k for k, a in enumerate(stmt.value.args) if isinstance(a, n.Name) and a.id == name]
        if not any(_gives(stmt.value, k) for k in given):
            return False
        return self.facts.kinds.defined(stmt.num, target).is_number or self.surely_full(stmt.num, target)


def _gives(call: n.Call, k: int) -> bool:
    """Does the adjoint of a call surely pass a contribution to its argument k?"""
    rule = lookup(call.fn)
    if rule is None or rule.diff == "joint":
        return True
    if rule.diff == "partials":
        return k == 0 or call.fn not in SIGN_OR_EXPONENT
    return k in rule.argnums


SIGN_OR_EXPONENT = frozenset((np.copysign, np.ldexp, math.copysign, math.ldexp))
"""Functions whose second argument has a derivative of zero."""


ZERO = n.Const(0.0)


def zero_of(kind: Kind) -> n.Expr:
    """The zero from which an adjoint of this kind is summed up when its shape is not at hand."""
    if kind.form == "tape":
        return n.List(())
    if not kind.is_array or not kind.has_rank or kind.rank is None:
        return ZERO
    shape = n.Tuple(tuple(n.Const(1) for _ in range(kind.rank)))
    keywords: tuple[tuple[str, n.Expr], ...] = ()
    if kind.dtype == "float32":
        keywords = (("dtype", n.Global("np.float32", np.float32)),)
    return n.Call(np.zeros, "np.zeros", (shape,), keywords)


def plan_adjoints(facts: Facts, wide: frozenset[str] = frozenset()) -> Adjoints:
    """Homes and steadiness of the adjoints of all active names; those of `wide` names are never steady."""
    block_of: dict[int, Home] = {}
    position: dict[int, int] = {}
    chain: dict[Home, tuple[Home, ...]] = {FUNCTION: (FUNCTION,)}

    def index(body: tuple[n.Stmt, ...], home: Home) -> None:
        for k, stmt in enumerate(body):
            block_of[stmt.num], position[stmt.num] = home, k
            for which, inner in enumerate(bodies(stmt)):
                chain[(stmt.num, which)] = (*chain[home], (stmt.num, which))
                index(inner, (stmt.num, which))

    index(facts.fn.body, FUNCTION)
    mentions: dict[str, list[int]] = {}
    for stmt in facts.defs.statements:
        for name in {*reads_of(stmt), *bound_by(stmt)}:
            mentions.setdefault(name, []).append(stmt.num)
    active = {name for (num, name), web in facts.webs.of_def.items() if web in facts.activity.active}
    params = [p.name for p in facts.fn.params]
    active |= set(facts.wrt)
    bases = {name: at for at, name in _bases(facts)}
    webs_of = Counter(name for name, _ in {(name, web) for (_, name), web in facts.webs.of_def.items()})
    homes: dict[str, tuple[Home, ...]] = {}
    of_web: dict[tuple[str, int], str] = {}

    def home_of(name: str, ats: list[int], whole: bool = True) -> tuple[Home, ...]:
        """The innermost block that holds the statements `ats` and finds no value of `name` at its entry."""
        around = [chain[block_of[at]] for at in ats]
        common: tuple[Home, ...] = (FUNCTION,) if (whole and name in params) or not around else around[0]
        for other in around:
            common = tuple(a for a, b in zip(common, other, strict=False) if a == b)
        while len(common) > 1 and not _starts_in(facts, common[-1], name, ats):
            common = common[:-1]
        return common

    steady = frozenset(name for name in active - wide if _is_steady(facts, name, params))
    for name in sorted(active):
        if name in steady:
            homes[name] = (FUNCTION,)
            continue
        if len(chain) == 1 and (name in bases or webs_of[name] < 2):
            homes[name] = (FUNCTION,)
            continue
        ats = [at for at in mentions.get(name, []) if _passes_adjoint(facts, at, name)]
        groups = _by_web(facts, name, ats) if name not in bases and webs_of[name] > 1 else []
        if len(groups) < 2:
            homes[name] = (home_of(name, [*ats, *bases.get(name, ())])[-1],)
            continue
        own = facts.webs.of_def.get((PARAMETER, name))  # unrelated values start each in a block of its own
        found = [(home_of(name, list(at), own in webs), webs) for webs, at in groups]
        found.sort(key=lambda one: (own not in one[1], len(one[0]), one[0]))
        variables: list[list[tuple[Home, ...]]] = []
        for around, webs in found:
            free = [k for k, held in enumerate(variables) if not any(_nested(around, other) for other in held)]
            if not free:
                variables.append([])
            k = free[0] if free else len(variables) - 1
            variables[k].append(around)
            of_web.update(((name, web), name if k == 0 else f"{name}{APART}{k}") for web in webs)
        for k, held in enumerate(variables):
            homes[name if k == 0 else f"{name}{APART}{k}"] = tuple(around[-1] for around in held)
    order = {name: k for k, name in enumerate(params)}
    for stmt in facts.defs.statements:
        for name in sorted(bound_by(stmt)):
            order.setdefault(name, len(order))
    uses: dict[tuple[int, str], list[int]] = {}
    for (at, name), reaching in facts.webs.reaching.items():
        for d in reaching if len(reaching) == 1 else ():
            uses.setdefault((d, name), []).append(at)
    return Adjoints(facts, homes, of_web, steady, wide, order, block_of, position, uses)


def _passes_adjoint(facts: Facts, at: int, name: str) -> bool:
    """Does the adjoint of statement `at` touch that of `name`, which it mentions?"""
    stmt, activity = facts.defs.statements[at], facts.activity
    match stmt:
        case n.If() | n.For() | n.While() | n.Assert() | n.Raise():
            return False
        case n.Assign(target=n.Name(id=target)):
            if not activity.defines(at, target):
                return False
            return target != name or any(activity.reads(at, read) for read in reads_of(stmt))
    return True


def name_of(variable: str) -> str:
    """The name whose adjoint a variable is."""
    return variable.split(APART)[0]


def _by_web(facts: Facts, name: str, ats: list[int]) -> list[tuple[set[int], set[int]]]:
    """The webs of `name` with the statements that mention them, apart unless one statement mentions two."""
    groups: list[tuple[set[int], set[int]]] = []
    for at in ats:
        keys = {facts.webs.of_read.get((at, name), -1), facts.webs.of_def.get((at, name), -1)} - {-1}
        if not keys:
            return []
        touching = [group for group in groups if group[0] & keys]
        groups = [group for group in groups if not group[0] & keys]
        webs = keys.union(*(group[0] for group in touching))
        groups.append((webs, {at}.union(*(group[1] for group in touching))))
    return groups


def _nested(a: tuple[Home, ...], b: tuple[Home, ...]) -> bool:
    """Does one of two blocks, each given with those around it, hold the other?"""
    shorter = min(len(a), len(b))
    return a[:shorter] == b[:shorter]


def _bases(facts: Facts) -> list[tuple[list[int], str]]:
    """For each name of which there are shadow views: the statements that use the views (they mention the base)."""
    used: dict[str, list[int]] = {}
    for (at, name), reaching in facts.webs.reaching.items():
        for d in reaching:
            seen = d
            while seen in facts.aliases.views and name in bound_by(facts.defs.statements[seen]):
                base = facts.aliases.views[seen]
                used.setdefault(base, []).append(at)
                inner = facts.webs.reaching.get((seen, base), frozenset())
                if len(inner) != 1:
                    break
                seen, name = next(iter(inner)), base
    return [(ats, name) for name, ats in used.items()]


def _starts_in(facts: Facts, home: Home, name: str, mentions: list[int]) -> bool:
    """Is the value of `name` dead at the entry of the block `home`, which holds all its mentions?"""
    owner = facts.defs.statements[home[0]]
    inner = bodies(owner)[home[1]]
    if not inner:
        return False
    first, last = facts.defs.span[inner[0].num][0], facts.defs.span[inner[-1].num][1]
    for at in mentions:
        if not first <= at <= last or name not in reads_of(facts.defs.statements[at]):
            continue
        reaching = facts.webs.reaching.get((at, name), frozenset())
        carried = [d for d in reaching if not first <= d < at]
        if any(d != UNDEFINED and not _same_pass(facts, d, at, home) for d in carried):
            return False
        if UNDEFINED in reaching and len(reaching) > 1:  # not bound in this pass, it holds what an earlier one bound
            return False
    return True


def _same_pass(facts: Facts, d: int, at: int, home: Home) -> bool:
    """Can the definition `d` reach `at` within one pass over the block `home` (through a loop inside it)?"""
    if d < 0:
        return False
    shared = [loop for loop in facts.defs.loops[d] if loop in facts.defs.loops[at]]
    return any(loop > home[0] for loop in shared) and d > home[0]


def _is_steady(facts: Facts, name: str, params: list[str]) -> bool:
    defs = facts.defs.defs.get(name, ())
    if name in params:
        return not defs and facts.kinds.defined(PARAMETER, name).is_array
    return len(defs) == 1 and facts.defs.unconditional(defs[0]) and facts.kinds.defined(defs[0], name).is_array
