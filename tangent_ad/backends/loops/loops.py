"""Array expressions as loops over their elements.

In: derived code for Numba, and the kinds of its parameters, which come from compiled types.  Out: the same, where
consecutive statements over one shape are a nest of loops, and what only they need is a number:

    c = u[1:-1]                                    for i in range(1, n - 1):
    around = u[:-2] + u[2:]                            around = u[i - 1] + u[i + 1]
    v[1:-1] = c + k * (around - 2.0 * c)               v[i] = u[i] + k * (around - 2.0 * u[i])

Numba makes a loop of each array expression, with an array for its result, and walks parts of arrays with strides that
it does not know.  A nest is made only where it saves one of these.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from tangent_ad.analyses.apart import Relations, find_apart
from tangent_ad.analyses.defs import bound_by, find_definitions
from tangent_ad.analyses.kinds import infer_kinds
from tangent_ad.analyses.live import Live, find_live
from tangent_ad.analyses.namekinds import NameKinds, name_kinds
from tangent_ad.analyses.webs import find_webs
from tangent_ad.backends.loops.elements import Elements
from tangent_ad.backends.loops.groups import Group, Grouper
from tangent_ad.backends.loops.objects import Objects, classes_of
from tangent_ad.backends.loops.rowsums import sum_rows
from tangent_ad.backends.loops.write import Writing, length_of, lengths_in
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import Kind
from tangent_ad.core.names import Fresh
from tangent_ad.core.order import number
from tangent_ad.core.verify import verify
from tangent_ad.core.walk import COMPOUND, bodies, expressions, names_read, replace_bodies, statements
from tangent_ad.frontend.pure import all_names
from tangent_ad.simplify.context import Context
from tangent_ad.simplify.forming import find_forms
from tangent_ad.simplify.memory import find_memory

Stmts = tuple[n.Stmt, ...]
NEEDED = {"range", "max", "np"}
"""What loops are written with; a variable of that name would hide it."""


def as_loops(fn: n.Function, given: Mapping[str, Kind]) -> n.Function:
    """`fn` (numbered) with nests of loops."""
    kinds = infer_kinds(fn, find_webs(fn), {p.name: given[p.name] for p in fn.params if p.name in given}, presume=False)
    names = name_kinds(kinds)
    if not any(kind.is_array for kind in names.table.values()) or any(map(_is_single, names.table.values())):
        return fn
    if NEEDED & names.table.keys():
        return fn
    forms = find_forms(fn, Context(kinds=dict(given), typed=True, names=names))
    elements, fresh = Elements(forms), Fresh(all_names(fn))
    lengths = lengths_in(fn, find_definitions(fn), forms)
    apart = sum_rows(fn, elements, fresh, lambda axis, array, d, num: length_of(lengths, axis, array, d, num))
    if apart is not fn:
        return as_loops(number(verify(apart, "loops")), given)
    classes, live = classes_of(fn, find_memory(fn, names)), find_live(fn)
    writing = Writing(elements, live, fresh, lengths)
    groups: dict[int, Group] = {}
    for whole in _groups(fn.body, elements, classes, _relations(fn, names)):
        for group in (whole,) if writing.is_worth(whole) else whole.fills():
            if writing.is_worth(group):
                groups[group.stmts[0].num] = group
    if not groups:
        return fn
    writing.numbers = _numbers(fn, groups, live)

    def rewrite(body: Stmts) -> Stmts:
        made: list[n.Stmt] = []
        left = list(reversed(body))
        while left:
            stmt = left.pop()
            group = groups.get(stmt.num)
            if group is not None:
                made += writing.nest(group)
                del left[len(left) - (group.length - 1) :]
            else:
                made.append(replace_bodies(stmt, tuple(map(rewrite, bodies(stmt)))) if bodies(stmt) else stmt)
        return tuple(made)

    return number(verify(replace(fn, body=rewrite(fn.body)), "loops"))


def _is_single(kind: Kind) -> bool:
    return kind.dtype == "float32" or any(map(_is_single, kind.elts or ()))


def _relations(fn: n.Function, names: NameKinds) -> Callable[[int], Relations]:
    """What is known of arrays ahead of a statement that stores one in a part of another; found when it is asked for."""

    @functools.cache
    def found() -> dict[int, Relations]:
        stores = [s for s in statements(fn.body) if isinstance(s, n.Assign) and isinstance(s.target, n.Index)]
        fills = [s for s in stores if names.at(s.value).is_array]
        arrays = {name for name, kind in names.table.items() if kind.is_array}
        return find_apart(
            fn, [x for s in fills for e in expressions(s) for x in names_read(e)], arrays, {s.num for s in fills}
        )

    return lambda num: found().get(num, Relations())


def _groups(
    body: Stmts, elements: Elements, classes: dict[str, str], apart: Callable[[int], Relations]
) -> Iterator[Group]:
    """The groups of statements in a body and in those that it holds."""
    objects = Objects(elements, classes)
    grouper, group = Grouper(elements, objects, apart), Group()
    for stmt in body:
        if type(stmt) in COMPOUND:
            for inner in bodies(stmt):
                yield from _groups(inner, elements, classes, apart)
        if not grouper.grown(group, stmt):
            if group.items:
                yield group
            left, group = group.stmts[group.length :], Group()
            if not all(grouper.grown(group, other) for other in (*left, stmt)):
                group = Group()
        objects.step(stmt)
    if group.items:
        yield group


def _numbers(fn: n.Function, groups: Mapping[int, Group], live: Live) -> frozenset[str]:
    """The names that are nothing but numbers of nests from now on."""
    bound = Counter(name for stmt in statements(fn.body) for name in bound_by(stmt))
    bound.update(p.name for p in fn.params)
    inside = Counter[str]()
    for group in groups.values():
        behind = live.after[group.items[-1].stmt.num]
        for item in group.items:
            inside.update(name for name in bound_by(item.stmt) if name in group.made and name not in behind)
    return frozenset(name for name, count in inside.items() if bound[name] == count)
