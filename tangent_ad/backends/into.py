"""Jacobians that are written into arrays which the caller gives.

In: the function of a Jacobian in its last form, the kinds of its parameters.  Out: the function with one more parameter
for each array that it returned; it returns nothing.

    x_jac = np.zeros((2,) + x.shape)         if x_jac.shape != (2,) + x.shape: raise TypeError(...)
                                             x_jac[:] = 0.0

An array that is read behind the first write into a result must not share its memory: a guard says so.  The results must
not share memory with each other; of parts of one array, which lie between each other, no quick test could tell.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.effects import may_be_array
from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.backends.taken import PLAIN, Reader
from tangent_ad.backends.workspace import guard, leading, overlap, place_of, surely_arrays
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import Kind
from tangent_ad.core.order import number
from tangent_ad.core.verify import verify
from tangent_ad.core.walk import expressions, globals_read, statements
from tangent_ad.errors import UsageError
from tangent_ad.runtime import helpers
from tangent_ad.simplify.context import Context, kinds_of
from tangent_ad.simplify.memory import Memory, find_memory

SUFFIX = "jac"


@record(frozen=True)
class Result:
    """A result and the statement that makes its array.

    shape, dtype: the arguments of `np.empty` or `np.zeros`; rank: of the array; single: it is known to be of float32.
    """

    name: str
    at: int
    shape: n.Expr
    dtype: n.Expr | None
    zeros: bool
    rank: int
    single: bool


def with_results(
    fn: n.Function, given: Mapping[str, Kind], reader: Reader = PLAIN, types: Sequence[Kind] = ()
) -> n.Function:
    """`fn`, which fills the arrays that it is given.

    Parameters: the function of a Jacobian; the kinds of its parameters; for whom its text is; the kinds of the arrays,
        where types are known.
    Raises: UsageError if a result is not an array that is made once, or an array of another kind is given.
    """
    fn = number(fn)
    kinds = kinds_of(fn, Context(kinds=given))
    last = fn.body[-1]
    assert isinstance(last, n.Return) and last.value is not None
    parts = last.value.elts if isinstance(last.value, n.Tuple) else (last.value,)
    found = [_result(fn, part, kinds) for part in parts]
    for result, own in zip(found, types, strict=False):
        wanted = "float32" if result.single else "float64"
        if own.rank != result.rank or own.dtype != ("float32" if result.single else "float"):
            raise UsageError(f"{fn.name}: {result.name} must be a {result.rank}-d {wanted} array")
    made = {result.at: _begun(fn.name, result, reader) for result in found}
    apart = _apart(fn, found, find_memory(fn, kinds), given, reader)
    head = len(leading(fn.body))
    rest = [t for k, s in enumerate(fn.body[:-1]) if k >= head for t in made.get(k, (s,))]
    body = (*fn.body[:head], *apart, *rest, n.Return(None, info=last.info))
    where = place_of(fn.params)
    params = (*fn.params[:where], *(n.Param(r.name) for r in found), *fn.params[where:])
    doc = (fn.doc or "").partition("\n\nReturns: ")
    return verify(number(replace(fn, params=params, body=body, doc=f"{doc[0]}\n\nFills: {doc[2]}")), "into")


def _result(fn: n.Function, part: n.Expr, kinds: NameKinds) -> Result:
    """A result of `fn` and where its array is made."""
    bound = [s for s in statements(fn.body) if isinstance(s, (n.Assign, n.AugAssign, n.For)) and s.target == part]
    at = next((k for k, s in enumerate(fn.body) if len(bound) == 1 and s is bound[0]), None)
    if isinstance(part, n.Name) and at is not None:
        match bound[0]:
            case n.Assign(value=n.Call(fn=make, args=(shape, *dtype), keywords=())) if make in (np.empty, np.zeros):
                like, rank = dtype[0] if dtype else None, _rank(shape, kinds)
                if rank:
                    return Result(part.id, at, shape, like, make is np.zeros, rank, _is_single(like, kinds))
    text = "it fills arrays whose rank is known, of a function whose result is an array"
    raise UsageError(f"`{fn.name}` cannot fill given arrays: {text}; leave into=True out, or annotate the parameters")


def _rank(shape: n.Expr, kinds: NameKinds) -> int | None:
    """How many axes an array of that shape has; None if that is not known."""
    match shape:
        case n.Tuple(elts=elts):
            return len(elts)
        case n.Call(fn=operator.add, args=(a, b)) if not kinds.at(shape).is_number:
            ranks = _rank(a, kinds), _rank(b, kinds)
            return None if ranks[0] is None or ranks[1] is None else ranks[0] + ranks[1]
        case n.Call(fn=np.shape, args=(n.Name() as x,)):
            return kinds.at(x).rank if kinds.at(x).is_array and kinds.at(x).has_rank else None
    return 1 if kinds.at(shape).is_number else None


def _is_extent(shape: n.Expr) -> bool:
    """Is a shape of one axis spelled as its length?"""
    return not isinstance(shape, n.Tuple) and not (isinstance(shape, n.Call) and shape.fn is np.shape)


def _is_single(dtype: n.Expr | None, kinds: NameKinds) -> bool:
    match dtype:
        case n.Call(fn=np.ndarray.dtype, args=(n.Name() as x,)):
            return kinds.at(x).dtype == "float32"
    return dtype == n.Global("np.float32", np.float32)


def _begun(name: str, result: Result, reader: Reader) -> list[n.Stmt]:
    """What stands where the array was made."""
    x = n.Name(result.name)
    shape = result.shape if result.rank != 1 or not _is_extent(result.shape) else n.Tuple((result.shape,))
    wrong: n.Expr = n.Call(operator.ne, "!=", (n.Call(np.shape, ".shape", (x,)), shape))
    text = f"{name}: {result.name} must have the shape of the Jacobian"
    if not reader.typed:
        dtype = result.dtype if result.dtype is not None else n.Global("np.float64", np.float64)
        other = n.Call(operator.ne, "!=", (n.Call(np.ndarray.dtype, ".dtype", (x,)), dtype))
        wrong, text = n.BoolOp("or", (wrong, other)), f"{text}, and its dtype"
    made = [guard(wrong, TypeError, n.Const(text))]
    return [*made, n.Assign(n.Index(x, n.Slice()), n.Const(0.0))] if result.zeros else made


def _apart(
    fn: n.Function, results: Sequence[Result], memory: Memory, given: Mapping[str, Kind], reader: Reader
) -> list[n.Stmt]:
    """One line for each array of the caller's that is read when results may have been written."""
    making = {result.at for result in results}  # these ask for shapes and dtypes alone
    later = [s for k, s in enumerate(fn.body) if k > min(making) and k not in making]
    behind = [e for s in statements(tuple(later)) for e in expressions(s)]
    read = {one for e in behind for one in memory.reads(e)}
    arrays: list[tuple[n.Expr, str, bool]] = []
    sure = surely_arrays(fn)
    for p in fn.params:
        kind = given.get(p.name, Kind())
        if memory.class_of.get(p.name, p.name) in read and (may_be_array(kind) or kind.form == "tuple"):
            if kind.form == "tuple" and reader.typed:
                raise UsageError(f"`{fn.name}` cannot fill given arrays: it reads `{p.name}`, a tuple, behind them")
            arrays.append((n.Name(p.name), p.name, reader.typed or p.name in sure))
    if not reader.typed:
        captured = dict.fromkeys(g for e in behind for g in globals_read(e) if isinstance(g.value, np.ndarray))
        arrays += [(g, g.spelling, True) for g in captured]
    made = []
    for result in results:
        for array, word, plainly in arrays:
            x = n.Name(result.name)
            test = overlap(x, array)
            if not plainly:
                test = n.Call(helpers.shares_memory, "shares_memory", (x, array))
            made.append(guard(test, ValueError, n.Const(f"{fn.name}: {x.id} and {word} must not share memory")))
    return made
