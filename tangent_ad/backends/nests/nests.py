"""Nests of loops over elements, in the form that compiles to vector instructions.

In: derived code for Numba, and the kinds of its parameters, which come from compiled types.  Out: the same, where a
nest whose iterations are free in their order runs forwards, and the adjoint of a stencil goes by rows:

    for i in range(n - 2, 0, -1):                  k_bar_row = np.zeros(m - 1)
        for j in range(m - 2, 0, -1):              t_row = np.empty(m - 1)
            t = k * v_bar[i, j]                    for i in range(1, n - 1):
            k_bar += v_bar[i, j] * a[i, j]             for j in range(1, m - 1):
            u_bar[i, j - 1] += t                           t_row[j] = k * v_bar[i, j]
            u_bar[i, j + 1] += t                           k_bar_row[j] += v_bar[i, j] * a[i, j]
                                                           u_bar[i, j - 1] += t_row[j]
                                                       for j in range(1, m - 1):
                                                           u_bar[i, j + 1] += t_row[j]
                                                   k_bar += np.sum(k_bar_row)

A loop that adds to one number, or to two elements of a row, takes one step after the other.  These have but one place
of each array and no sum; and LLVM tells arrays apart only along loops that count upwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tangent_ad.analyses.apart import Relations, find_apart
from tangent_ad.analyses.kinds import infer_kinds
from tangent_ad.analyses.live import find_live
from tangent_ad.analyses.namekinds import name_kinds
from tangent_ad.analyses.webs import find_webs
from tangent_ad.backends.nests.reading import Nest, array_names, loops_of, read_nest
from tangent_ad.backends.nests.write import Writing, merged
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import Kind
from tangent_ad.core.names import Fresh
from tangent_ad.core.order import number
from tangent_ad.core.verify import verify
from tangent_ad.core.walk import bodies, replace_bodies, statements
from tangent_ad.frontend.pure import all_names

Stmts = tuple[n.Stmt, ...]
NEEDED = {"range", "max", "np"}
"""What nests are written with; a variable of that name would hide it."""


def as_rows(fn: n.Function, given: Mapping[str, Kind]) -> n.Function:
    """`fn` (numbered) with its nests in the form that compiles best."""
    found = [stmt for stmt in statements(fn.body) if isinstance(stmt, n.For) and loops_of(stmt)]
    if not found:
        return fn
    kinds = infer_kinds(fn, find_webs(fn), {p.name: given[p.name] for p in fn.params if p.name in given}, presume=False)
    names = name_kinds(kinds)
    if NEEDED & names.table.keys():
        return fn
    arrays = {name for name, kind in names.table.items() if kind.is_array}
    mentioned = set[str]().union(*(array_names(stmt) for stmt in found))
    known = find_apart(fn, mentioned, arrays, {stmt.num for stmt in found})
    live = find_live(fn)
    writing = Writing(Fresh(all_names(fn)))

    def read(stmt: n.Stmt) -> Nest | None:
        loops = loops_of(stmt)
        if not loops:
            return None
        return read_nest(loops, names, known.get(stmt.num, Relations()), live.after[stmt.num])

    def rewrite(body: Stmts) -> Stmts:
        made: list[n.Stmt] = []
        last: Nest | None = None
        for stmt in body:
            nest = read(stmt)
            if nest is None:
                made.append(replace_bodies(stmt, tuple(map(rewrite, bodies(stmt)))) if bodies(stmt) else stmt)
            elif last is not None and (both := merged(made[-1], last, stmt, nest)) is not None:
                made[-1] = both
            else:
                made += writing.nest(nest)
            last = nest
        return tuple(made)

    return number(verify(replace(fn, body=rewrite(fn.body)), "rows"))
