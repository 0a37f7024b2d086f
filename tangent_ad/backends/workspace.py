"""Derivatives whose arrays lie in memory that the caller gives, so that it is used again from call to call.

In: a derived function in its last form, the kinds of its parameters.  Out: the function with one more parameter,
`workspace`, and the function that allocates a workspace for given arguments:

    x_saved = np.empty(max(n, 0))            end = max(n, 0)
                                             if workspace.size < end:
                                                 raise ValueError(...)
                                             x_saved = workspace[0:end]

Which arrays are taken from it says `taken`; what else the function makes stays as it is.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tangent_ad.backends.taken import PLAIN, Block, Reader, Search
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import Kind
from tangent_ad.core.names import Fresh
from tangent_ad.core.order import number
from tangent_ad.core.verify import verify
from tangent_ad.core.walk import changed, expressions, globals_read, is_guard, names_read, statements, subexpressions
from tangent_ad.frontend.pure import all_names
from tangent_ad.runtime import helpers
from tangent_ad.simplify.dead import remove_dead

NAME = "workspace"
FLAGS = type(np.empty(0).flags)


def allocator_name(name: str) -> str:
    """The name of the function that allocates a workspace for the derivative `name`."""
    return f"{name}_{NAME}"


def place_of(params: Sequence[n.Param]) -> int:
    """Where the parameter stands: behind those that have no default."""
    for k, p in enumerate(params):
        if p.default is not None or p.form != "positional":
            return k
    return len(params)


def with_workspace(fn: n.Function, given: Mapping[str, Kind], reader: Reader = PLAIN) -> tuple[n.Function, n.Function]:
    """The function that allocates a workspace, and the function that uses it.

    Parameters: the derivative; the kinds of its parameters; for whom its text is.
    """
    fn = number(fn)
    fresh = Fresh(all_names(fn) | {fn.name, allocator_name(fn.name)})
    space = n.Name(fresh.take(NAME))
    found = Search(fn, given, reader).search()
    head, at = len(leading(fn.body)), found.at
    sums: list[n.Stmt] = []
    parts: dict[int, n.Expr] = {}
    end: n.Expr = n.Const(0)
    for num, block in found.blocks.items():
        begin, end = end, n.Name(fresh.take("end"))
        sums.append(n.Assign(end, n.Call(operator.add, "+", (begin, block.size)) if sums else block.size))
        part: n.Expr = n.Index(space, n.Slice(begin, end))
        parts[num] = part if block.is_row else n.Call(np.reshape, ".reshape()", (part, block.shape))
    guards: list[n.Stmt] = []
    checks: list[n.Stmt] = []
    if parts:
        guards = [*_form_guard(fn.name, space, reader), *_apart(fn, space, given, reader)]
        checks = [*sums, _size_guard(fn.name, space, end, reader)]
    else:
        at = head
    rest = [t for s in fn.body[at:] if s.num not in found.moved for t in _placed(s, parts, found.blocks)]
    body = (*fn.body[:head], *guards, *fn.body[head:at], *found.moved.values(), *checks, *rest)
    where = place_of(fn.params)
    params = (*fn.params[:where], n.Param(space.id), *fn.params[where:])
    what = f"what `{allocator_name(fn.name)}` allocates, for these arguments or for larger ones"
    user = replace(fn, params=params, body=body, doc=f"{fn.doc}\n`{space.id}` is {what}.")
    allocator = _allocator(fn, (*fn.body[:at], *found.moved.values(), *sums), end)
    return allocator, verify(number(user), NAME)


def _placed(stmt: n.Stmt, parts: Mapping[int, n.Expr], blocks: Mapping[int, Block]) -> list[n.Stmt]:
    """A statement as it stands in the function that uses the workspace."""
    if stmt.num not in parts:
        return [stmt]
    assert isinstance(stmt, n.Assign)
    first = changed(stmt, value=parts[stmt.num])
    return [first, n.Assign(n.Index(stmt.target, n.Slice()), n.Const(0.0))] if blocks[stmt.num].zeros else [first]


def _allocator(fn: n.Function, before: Sequence[n.Stmt], needed: n.Expr) -> n.Function:
    """The function that allocates as many elements as are needed."""
    name = allocator_name(fn.name)
    body = (*before, n.Return(n.Call(np.empty, "np.empty", (needed,))))
    doc = f"A workspace for `{fn.name}` with these arguments."
    return remove_dead(number(replace(fn, name=name, body=body, doc=doc, comments_end=())))


def leading(body: Sequence[n.Stmt]) -> tuple[n.Stmt, ...]:
    """The guards at the head."""
    for k, stmt in enumerate(body):
        if not is_guard(stmt):
            return tuple(body[:k])
    return tuple(body)


def guard(test: n.Expr, error: type[Exception], *args: n.Expr) -> n.Stmt:
    return n.If(test, (n.Raise(n.Global(error.__name__, error), args),))


def _form_guard(name: str, space: n.Name, reader: Reader) -> list[n.Stmt]:
    """One line: an array of another form has no memory for float64 numbers, or the same memory twice."""
    if reader.typed:
        return []
    wrong = (
        n.Call(operator.ne, "!=", (n.Call(np.ndim, ".ndim", (space,)), n.Const(1))),
        n.Call(operator.ne, "!=", (_of(np.dtype.kind, ".kind", _of(np.ndarray.dtype, ".dtype", space)), n.Const("f"))),
        n.Call(operator.ne, "!=", (_of(np.ndarray.itemsize, ".itemsize", space), n.Const(8))),
        n.Call(
            operator.not_, "not", (_of(FLAGS.c_contiguous, ".c_contiguous", _of(np.ndarray.flags, ".flags", space)),)
        ),
    )
    text = f"{name}: {space.id} must be a 1-d contiguous float64 array"
    return [guard(n.BoolOp("or", wrong), TypeError, n.Const(text))]


def _of(attribute: Any, spelling: str, x: n.Expr) -> n.Expr:
    return n.Call(attribute, spelling, (x,))


def _size_guard(name: str, space: n.Name, needed: n.Expr, reader: Reader) -> n.Stmt:
    size = n.Call(np.size, ".size", (space,))
    test = n.Call(operator.lt, "<", (size, needed))
    if reader.compiled:
        text = f"{name}: {space.id} has too few elements (given, needed)"
        return guard(test, ValueError, n.Const(text), size, needed)
    text = f"{name}: {space.id} has {{}} elements and needs {{}}"
    return guard(test, ValueError, n.Call(str.format, ".format()", (n.Const(text), size, needed)))


def _apart(fn: n.Function, space: n.Name, given: Mapping[str, Kind], reader: Reader) -> list[n.Stmt]:
    """One line for each array that the workspace must not share memory with: it would be overwritten."""
    used = {name for s in statements(fn.body) for e in expressions(s) for name in names_read(e)}
    sure = surely_arrays(fn)
    tests: list[tuple[n.Expr, str]] = []
    for p in fn.params:
        kind, x = given.get(p.name, Kind()), n.Name(p.name)
        if p.name not in used or kind.is_number or kind.form == "other":
            continue
        if reader.typed or reader.compiled:
            tests += [(overlap(space, array), p.name) for array in _arrays(x, kind)]
        elif p.name in sure:
            tests.append((overlap(space, x), p.name))
        else:
            tests.append((n.Call(helpers.shares_memory, "shares_memory", (space, x)), p.name))
    if not reader.typed:
        found = [g for s in statements(fn.body) for e in expressions(s) for g in globals_read(e)]
        tests += [(overlap(space, g), g.spelling) for g in dict.fromkeys(found) if isinstance(g.value, np.ndarray)]
    return [
        guard(test, ValueError, n.Const(f"{fn.name}: {space.id} and {word} must not share memory"))
        for test, word in tests
    ]


def overlap(space: n.Name, array: n.Expr) -> n.Expr:
    return n.Call(np.may_share_memory, "np.may_share_memory", (space, array))


def surely_arrays(fn: n.Function) -> set[str]:
    """The parameters of which a guard asks `x.ndim`, which only an array has."""
    asked = (e for stmt in leading(fn.body) for part in expressions(stmt) for e in subexpressions(part))
    return {
        e.args[0].id
        for e in asked
        if isinstance(e, n.Call) and e.fn is np.ndim and e.spelling == ".ndim" and isinstance(e.args[0], n.Name)
    }


def _arrays(x: n.Expr, kind: Kind) -> list[n.Expr]:
    """The arrays in an argument of which Numba knows the type."""
    if kind.form == "tuple":
        return [one for k, e in enumerate(kind.elts or ()) for one in _arrays(n.Index(x, n.Const(k)), e)]
    return [x] if kind.is_array else []
