"""Demands: what the uses of a value say about its rank.

In: a function, its kinds so far, whether its result must be a number.  Out: for webs, a rank and the reason.

A demand goes backward through elementwise operations (a number comes only from numbers).  The element rule: an array
that is read or written with k integer indices only, the elements nowhere used as arrays, has rank k.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Collection

import numpy as np

from tangent_ad.analyses.indexed import index_parts
from tangent_ad.analyses.kinds import NUMBERS_ONLY, Kinds
from tangent_ad.analyses.webs import PARAMETER
from tangent_ad.core import nodes as n
from tangent_ad.core.calling import calls_in
from tangent_ad.core.walk import expressions, statements, subexpressions
from tangent_ad.rules.registry import Uses, lookup

Demand = tuple[int, str]


def find_demands(fn: n.Function, kinds: Kinds, scalar_result: bool) -> dict[int, Demand]:
    """Ranks that the program's uses imply, by web."""
    order = tuple(statements(fn.body))
    open_ones = tuple([stmt for stmt in order if not _is_plain(stmt)])
    params = {web for (num, _), web in kinds.webs.of_def.items() if num == PARAMETER}
    unpacked = _unpacked_shapes(open_ones, kinds)
    shapes = {w: (k, "index") for w, k in unpacked.items() if w in params and not _has_rank(kinds, w)}
    if shapes:
        return shapes  # what is certain first: it may show that an element is used as an array
    numbers: dict[int, str] = {}
    for stmt in open_ones:
        _collect(stmt, kinds, numbers, scalar_result)
    waiting, left = [*reversed(order)], len(order) + 1
    while len(waiting) < left:
        left = len(waiting)
        waiting = [stmt for stmt in waiting if not _backward(stmt, kinds, numbers)]
    found = {web: (0, reason) for web, reason in numbers.items()}
    for web, rank in _element_uses(order, kinds, numbers)[0].items():
        if web not in found:
            found[web] = (rank, "index")
    return found


def uses_of(call: n.Call, num: int, kinds: Kinds, number: bool = False) -> Uses | None:
    """What the text of a function that stays a call says of its arguments, if its result must be a `number`."""
    rule = lookup(call.fn)
    if rule is None or rule.uses is None:
        return None
    return rule.uses(tuple(kinds.at(num, a) for a in call.args), number)


def used_as_arrays(fn: n.Function, kinds: Kinds) -> frozenset[int]:
    """The webs of which elements or shapes are read, or that operations on arrays read."""
    order = tuple(statements(fn.body))
    return frozenset(_element_uses(order, kinds, {})[1])


def _web(kinds: Kinds, num: int, expr: n.Expr) -> int | None:
    return kinds.webs.of_read.get((num, expr.id)) if isinstance(expr, n.Name) else None


def _demand(kinds: Kinds, num: int, expr: n.Expr, numbers: dict[int, str], reason: str) -> None:
    """Say that the value of `expr` is a number."""
    of_read = kinds.webs.of_read
    todo = [expr]
    while todo:
        e = todo.pop()
        if type(e) is n.Name:
            web = of_read.get((num, e.id))
            if web is not None:
                numbers.setdefault(web, reason)
        elif type(e) is n.Call and _elementwise(e.fn):
            todo += e.args


def _elementwise(fn: object) -> bool:
    rule = lookup(fn)
    if rule is None:
        return False
    return rule.diff == "partials" or rule.fn in ELEMENTWISE_TESTS or (rule.diff == "zero" and isinstance(fn, np.ufunc))


def _is_plain(stmt: n.Stmt) -> bool:
    """Is it `x = a op b` with names and literals, where the operation works on each element and says nothing of them?
    Then `_backward` alone learns from it, unless it has to do with arrays."""
    if type(stmt) is not n.Assign or type(stmt.target) is not n.Name or type(stmt.value) is not n.Call:
        return False
    call = stmt.value
    rule = lookup(call.fn)
    if rule is None or rule.uses is not None or not _ATOMS.issuperset(map(type, call.args)) or call.keywords:
        return False
    return call.fn not in NUMBERS_ONLY and _elementwise(call.fn)


_ATOMS = frozenset((n.Name, n.Const))
ELEMENTWISE_TESTS = frozenset(
    {operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne, operator.floordiv, operator.mod}
)


OF_MATRICES = frozenset({operator.matmul, np.matmul, np.dot, np.transpose, np.inner, np.outer, np.trace, np.diag})
"""Operations that are seldom meant for an array of which elements are read by one index."""

NOTHING_YET: frozenset[int | None] = frozenset()
UNKNOWN: frozenset[int | None] = frozenset((None,))

MATRIX = -2
"""Among the ranks that uses imply: one of `OF_MATRICES`, which goes with two indices but not with one."""

PRODUCTS = frozenset({operator.matmul, np.matmul, np.dot})

COMPARING = frozenset({max, min})
"""Functions that look at the truth value of a comparison."""

SAME_RANK = frozenset({np.copy, np.zeros_like, np.ones_like, np.empty_like, np.full_like})
"""Functions whose result has the axes of their first argument."""

REDUCING = frozenset({np.sum, np.mean, np.prod, np.max, np.min, np.var, np.std, np.linalg.norm, np.dot, np.vdot}) | {
    operator.matmul,
    np.matmul,
}
"""Operations that nobody applies to a single number, or that refuse one."""


def _collect(stmt: n.Stmt, kinds: Kinds, numbers: dict[int, str], scalar_result: bool) -> None:
    match stmt:
        case n.If(test=test) | n.While(test=test) | n.Assert(test=test):
            _condition(test, stmt.num, kinds, numbers)
        case n.For(start=start, stop=stop, step=step):
            for bound in (start, stop, step):
                _demand(kinds, stmt.num, bound, numbers, "use")
        case n.Return(value=value) if scalar_result and value is not None:
            _demand(kinds, stmt.num, value, numbers, "result")
        case n.Assign(target=n.Index() as target, value=value) | n.AugAssign(target=n.Index() as target, value=value):
            held = kinds.at(stmt.num, target.value)
            if held.is_array and held.has_rank and _integers(target, stmt.num, kinds) == held.rank:
                _demand(kinds, stmt.num, value, numbers, "result")  # what an element holds
    for expr in expressions(stmt):
        for call in calls_in(expr):
            if (uses := uses_of(call, stmt.num, kinds)) is not None:
                for k, (rank, reason) in uses.ranks.items():
                    if rank == 0:
                        _demand(kinds, stmt.num, call.args[k], numbers, reason)
            if call.fn in NUMBERS_ONLY and call.fn is not math.prod:
                for arg in call.args:
                    _demand(kinds, stmt.num, arg, numbers, "test" if call.fn in COMPARING else "use")


def _condition(test: n.Expr, num: int, kinds: Kinds, numbers: dict[int, str]) -> None:
    """A value used as a truth value is a number (an array has none, but for one of a single element: `rank_guards`)."""
    if isinstance(test, n.BoolOp):
        for value in test.values:
            _condition(value, num, kinds, numbers)
    elif isinstance(test, n.Call) and test.fn is operator.not_:
        _condition(test.args[0], num, kinds, numbers)
    else:
        _demand(kinds, num, test, numbers, "test")


def _backward(stmt: n.Stmt, kinds: Kinds, numbers: dict[int, str]) -> bool:
    """Pass a demand on what `stmt` defines to its operands; and across copies, forward too.  True if there is one."""
    if not isinstance(stmt, (n.Assign, n.AugAssign)) or type(stmt.target) is not n.Name:
        return False
    reason = numbers.get(kinds.webs.of_def[(stmt.num, stmt.target.id)])
    if reason is None:
        return False
    value = stmt.value
    uses = uses_of(value, stmt.num, kinds, True) if type(value) is n.Call and type(stmt) is n.Assign else None
    if uses is not None and type(value) is n.Call:
        for k, (rank, _) in uses.ranks.items():
            if rank == 0:
                _demand(kinds, stmt.num, value.args[k], numbers, reason)
    elif type(stmt) is n.AugAssign or isinstance(value, (n.Name, n.Call)):
        _demand(kinds, stmt.num, value, numbers, reason)
    return True


def _element_uses(order: tuple[n.Stmt, ...], kinds: Kinds, numbers: dict[int, str]) -> tuple[dict[int, int], set[int]]:
    """Ranks of webs that are indexed by integers alone; the webs that are used as arrays."""
    params = {web for (num, _), web in kinds.webs.of_def.items() if num == PARAMETER}
    ranks: dict[int, set[int | None]] = {}
    arrays: set[int] = set()
    elements: list[tuple[int, int | None, int, str]] = []  # of what, how many indices, under which name; what it is
    reduced: set[int] = set()
    products: set[int] = set()  # numbers or arrays
    no_arrays = not any([kind.is_array for kind in kinds.web_kinds.values()])
    stores = False
    for stmt in order:
        if no_arrays and _is_plain(stmt):
            continue
        if _may_be_product(stmt, kinds, products):
            products.add(kinds.webs.of_def[(stmt.num, stmt.target.id)])  # type: ignore[attr-defined]
        for expr in expressions(stmt):
            for part in subexpressions(expr):
                if type(part) is n.Name or type(part) is n.Const:
                    continue
                if isinstance(part, n.Index):
                    web = _web(kinds, stmt.num, part.value)
                    if web is None:
                        continue
                    arrays.add(web)
                    reduced.add(web)
                    if isinstance(stmt, n.Assign) and part is stmt.value and isinstance(stmt.target, n.Name):
                        element = kinds.webs.of_def[(stmt.num, stmt.target.id)]
                        elements.append((web, _integers(part, stmt.num, kinds), element, "element"))
                    else:
                        ranks.setdefault(web, set()).add(_integers(part, stmt.num, kinds))
                elif isinstance(part, n.Call) and (uses := uses_of(part, stmt.num, kinds)) is not None:
                    for k, a in enumerate(part.args):
                        web = _web(kinds, stmt.num, a)
                        if web is not None and k in uses.arrays:
                            arrays.add(web)
                        if web is not None and (k in uses.arrays or k in uses.ranks):
                            ranks.setdefault(web, set()).add(uses.ranks.get(k, (None, ""))[0])
                elif isinstance(part, n.Call) and not _elementwise(part.fn) and part.fn not in NUMBERS_ONLY:
                    used = {w for a in part.args if (w := _web(kinds, stmt.num, a)) is not None}
                    arrays |= used
                    reduced |= used if part.fn in REDUCING else set()
                    by_axes = any(key == "axis" for key, _ in part.keywords)
                    if part.fn in OF_MATRICES or by_axes:
                        for web in used:  # what is used by its axes is no list of numbers
                            ranks.setdefault(web, set()).add(None if by_axes else MATRIX)
                elif isinstance(part, n.Call):
                    args = {w for a in part.args if (w := _web(kinds, stmt.num, a)) is not None}
                    if any(kinds.at(stmt.num, a).is_array for a in part.args):
                        arrays |= args  # `x - mu[k]` with an array x: mu[k] may be a number, or a row
                    elif args & products:
                        arrays |= args - numbers.keys()  # `A @ x + b[k]`, too
        match stmt:
            case n.Assign(target=n.Name(id=name), value=n.Call(fn=np.copy, args=(copied, *_))):
                if (web := _web(kinds, stmt.num, copied)) is not None:
                    elements.append((web, 0, kinds.webs.of_def[(stmt.num, name)], "copy"))
            case n.Assign(target=n.Name(id=name), value=n.Name() as given):
                if (web := _web(kinds, stmt.num, given)) is not None:
                    elements.append((web, 0, kinds.webs.of_def[(stmt.num, name)], "whole"))
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Index):
            stores = True
            base, stored = _web(kinds, stmt.num, stmt.target.value), _web(kinds, stmt.num, stmt.value)
            is_param = stored is not None and stored in params and stored not in numbers
            if base is not None and (kinds.at(stmt.num, stmt.value).is_array or stored in arrays or is_param):
                ranks.setdefault(base, set()).add(None)
    while (reduced or stores) and any([_spread_back(stmt, kinds, numbers, reduced) for stmt in reversed(order)]):
        pass
    arrays |= reduced
    known: dict[int, int] = {}
    for nothing in NOTHING_YET, UNKNOWN:
        while _pass_on(elements, ranks, arrays, nothing):
            pass
    for web, found in ranks.items():
        rank = _agreed(found)
        if rank is not None:
            known[web] = rank
    return known, arrays


def _pass_on(
    elements: list[tuple[int, int | None, int, str]],
    ranks: dict[int, set[int | None]],
    arrays: set[int],
    nothing: frozenset[int | None],
) -> bool:
    """Add what is said of elements, copies and other names to what is said of the arrays they come from, the last in
    the text first; True if that is news.  `nothing`: what is said of an array by a row of which nothing is said."""
    news = False
    for base, taken, element, what in reversed(elements):
        if what == "whole" and element not in arrays:
            continue
        if what == "whole":
            arrays.add(base)
        found = ranks.get(element)
        told: Collection[int | None]
        if what != "element":
            told = found or ()
        elif element not in arrays:
            told = (taken,)
        elif not found:
            told = nothing
        else:
            inner = _agreed(found)
            told = (None if taken is None or inner is None else taken + inner,)
        held = ranks.setdefault(base, set())
        news |= not held.issuperset(told)
        held.update(told)
    return news


def _may_be_product(stmt: n.Stmt, kinds: Kinds, products: set[int]) -> bool:
    """Does `stmt` define a product of matrices of unknown rank, or what is elementwise of one of `products`?"""
    match stmt:
        case n.Assign(target=n.Name(id=name), value=n.Call(fn=fn, args=args)):
            if _has_rank(kinds, kinds.webs.of_def[(stmt.num, name)]):
                return False
            return fn in PRODUCTS or (_elementwise(fn) and any(_web(kinds, stmt.num, a) in products for a in args))
    return False


def _spread_back(stmt: n.Stmt, kinds: Kinds, numbers: dict[int, str], arrays: set[int]) -> bool:
    """If `stmt` defines an array elementwise of operands none of which is known to be one, take each for a possible one
    (`d = x[i] - w`: nothing says which of the two has axes); True if that is news."""
    args: tuple[n.Expr, ...]
    match stmt:
        case n.Assign(target=n.Name(id=name), value=n.Call(fn=fn, args=args)) if _elementwise(fn):
            made = kinds.webs.of_def[(stmt.num, name)] in arrays
        case n.AugAssign(target=n.Name(id=name), fn=fn, value=value) if _elementwise(fn):
            made, args = kinds.webs.of_def[(stmt.num, name)] in arrays, (stmt.target, value)
        case n.Assign(target=n.Name(id=name), value=n.Name() as value):
            made, args = kinds.webs.of_def[(stmt.num, name)] in arrays, (value,)
        case n.Assign(target=n.Index(value=n.Name()) as target, value=n.Name() as value):
            place = kinds.at(stmt.num, target)
            made, args = place.is_array, (value,)  # a row, or a number for each of its elements
        case _:
            return False
    if not made or any(kinds.at(stmt.num, a).is_array and _web(kinds, stmt.num, a) not in arrays for a in args):
        return False
    found = {w for a in args if (w := _web(kinds, stmt.num, a)) is not None and w not in numbers} - arrays
    arrays |= found
    return bool(found)


def _unpacked_shapes(order: tuple[n.Stmt, ...], kinds: Kinds) -> dict[int, int]:
    """Ranks that `n, d = x.shape` tells, of what `x` is a copy of, too."""
    known: dict[int, int] = {}
    for stmt in reversed(order):
        match stmt:
            case n.Assign(target=n.Tuple(elts=elts), value=n.Call(fn=np.shape, args=(x,))):
                if (web := _web(kinds, stmt.num, x)) is not None:
                    known[web] = len(elts)
            case n.Assign(target=n.Name(id=name), value=n.Call(fn=fn, args=(x, *_))) if fn in SAME_RANK:
                made, web = kinds.webs.of_def[(stmt.num, name)], _web(kinds, stmt.num, x)
                if made in known and web is not None:
                    known.setdefault(web, known[made])
    return known


def _has_rank(kinds: Kinds, web: int) -> bool:
    kind = kinds.web_kinds.get(web)
    return kind is not None and kind.has_rank


def _agreed(found: set[int | None]) -> int | None:
    told = found - {MATRIX}
    rank = next(iter(told)) if len(told) == 1 else None
    return None if rank is not None and MATRIX in found and rank < 2 else rank


def _integers(index: n.Index, num: int, kinds: Kinds) -> int | None:
    """How many integer indices there are, or None if anything else stands among them."""
    parts = index_parts(index.index)
    for part in parts:
        kind = kinds.at(num, part)
        if isinstance(part, n.Slice) or not (kind.is_number and kind.dtype == "int"):
            return None
    return len(parts)
