"""Adjoints whose shape is settled: no helper needs to see to it.

In: derived code.  Out: `sum_to(g, x)`, `spread(g, x)` and `np.full(x.shape, c)` are left away, or become plain sums,
where the shapes are surely equal, or differ by leading axes; an array that nobody writes is not copied.

An adjoint on its way may thereby come to be of another precision than its value; what is returned keeps its dtype.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tangent_ad.analyses.forms import is_open
from tangent_ad.analyses.named import Forms
from tangent_ad.core import nodes as n
from tangent_ad.core.answers import kept
from tangent_ad.core.calling import called_in, calls_in
from tangent_ad.core.frozen import record
from tangent_ad.core.order import ordered
from tangent_ad.core.walk import expressions, map_body, map_expr, map_expressions, names_read, same_body, statements
from tangent_ad.runtime import helpers
from tangent_ad.simplify.context import Context, binary, is_fresh, is_shadow
from tangent_ad.simplify.forming import find_forms
from tangent_ad.simplify.memory import find_memory
from tangent_ad.simplify.reduced import stretched_product, stretched_term, zeros

COPIES = (helpers.copy_of, np.copy)
SEEN = frozenset((helpers.sum_to, helpers.spread, helpers.unreduce, helpers.copy_of, np.full, np.full_like))


def settle_shapes(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with fewer calls that only see to shapes."""
    if SEEN.isdisjoint(called_in(fn.body)):
        return fn
    forms = find_forms(fn, context)
    if not forms.table:
        return fn
    unshared = _never_shared(fn, forms)
    fills = _fills(fn, unshared & forms.stable, forms)
    folder, exact = _Folder(forms, fills), _Folder(forms, fills, True)
    given = context.user_names | {p.name for p in fn.params}  # a tangent that is given is the caller's memory

    def rewrite(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        if not _concerned(stmt) and not (fills and any(names_read(e) & fills.keys() for e in expressions(stmt))):
            return (stmt,)
        used = exact if isinstance(stmt, n.Return) else folder
        new = map_expressions(stmt, lambda e: map_expr(e, used.fold))
        match new:
            case n.AugAssign(target=target, fn=operator.add | operator.sub, value=value):
                filling = folder.filling(value)
                if filling is not None and (isinstance(target, n.Index) or forms.same(target, value)):
                    return (replace(new, value=filling),)
                term = stretched_term(target, value, forms)
                if term is not None:
                    return (replace(new, value=term),)
            case n.Assign(target=n.Name(id=name), value=value) if _of_itself(name, value):
                return () if is_shadow(name) and name not in given else (new,)
            case n.Assign(
                target=n.Name(id=name), value=n.Call(fn=helpers.copy_of | np.copy, args=(n.Name(id=source),))
            ):
                if {name, source} <= unshared and name not in context.user_names:
                    return (replace(new, value=n.Name(source)),)
        return (new,)

    return with_dtypes_kept(fn, replace(fn, body=map_body(fn.body, rewrite)), forms, context)


def _all(fn: n.Function) -> list[n.Stmt]:
    found: list[n.Stmt] = []
    map_body(fn.body, lambda _, stmt: found.append(stmt) or (stmt,))  # type: ignore[func-returns-value]
    return found


@kept
def _concerned(stmt: n.Stmt) -> bool:
    return any([call.fn in SEEN for e in expressions(stmt) for call in calls_in(e)])


def _fills(fn: n.Function, names: frozenset[str], forms: Forms) -> dict[str, n.Expr]:
    """The arrays among `names` of which all elements are one literal, or one number that has a name."""
    found: dict[str, n.Expr] = {}
    for stmt in statements(fn.body):
        match stmt:
            case n.Assign(
                target=n.Name(id=name), value=n.Call(fn=np.full | np.full_like, args=(_, value), keywords=())
            ) if name in names and is_shadow(name):
                literal = isinstance(value, n.Const) and type(value.value) is float
                named = isinstance(value, n.Name) and value.id in forms.stable and forms.kinds.at(value).is_number
                if literal or named:
                    found[name] = value
            case n.Assign(target=n.Name(id=name), value=n.Call(fn=helpers.copy_of | np.copy, args=(n.Name(id=of),))):
                if of in found and name in names and is_shadow(name):
                    found[name] = found[of]
    return found


def _of_itself(name: str, value: n.Expr) -> bool:
    if isinstance(value, n.Call) and value.fn in COPIES:
        value = value.args[0]
    return value == n.Name(name)


def _of_this(filled: n.Expr, y: n.Expr) -> bool:
    """Has `filled`, an array of one number throughout, the shape of y because it was made for it?"""
    match filled:
        case n.Call(fn=np.full, args=(n.Call(fn=np.shape, args=(x,)), _)) | n.Call(fn=np.full_like, args=(x, _)):
            return x == y
        case n.Call(fn=helpers.unreduce, args=(_, x), keywords=()):
            return x == y
        case n.Call(fn=operator.truediv, args=(a, _)):
            return _of_this(a, y)
        case n.Call(fn=operator.mul, args=(a, b)):
            return _of_this(a, y) or _of_this(b, y)
    return False


def _never_shared(fn: n.Function, forms: Forms) -> frozenset[str]:
    """The names whose memory is never written and not returned: to share it does no harm."""
    memory = find_memory(fn, forms.kinds)
    taken: set[str] = set()
    for stmt in _all(fn):
        taken |= memory.effects[stmt.num].writes
        if isinstance(stmt, n.Return) and stmt.value is not None:
            taken |= {memory.class_of.get(name, name) for name in names_read(stmt.value)}
    return frozenset(name for name in forms.table if memory.class_of.get(name, name) not in taken)


def with_dtypes_kept(before: n.Function, after: n.Function, forms: Forms, context: Context) -> n.Function:
    """`after`, whose results are cast to the dtypes that those of `before` surely have."""
    after = ordered(after)
    if same_body(before.body, after.body):
        return after
    old, new = before.body[-1], after.body[-1]
    if not isinstance(old, n.Return) or not isinstance(new, n.Return) or old.value is None or new.value is None:
        return after
    now = find_forms(after, context)
    made: list[n.Expr] = []
    for was, expr in zip(_parts(old.value), _parts(new.value), strict=True):
        dtype = forms.of(was).dtype
        if forms.of(was).shape == () or dtype is None or len(dtype) != 1 or now.of(expr).dtype == dtype:
            made.append(expr)
            continue
        (like,) = dtype  # "float64" is the name of no array
        if not isinstance(like, str) or now.of(n.Name(like)).dtype != dtype or not now.same(expr, n.Name(like)):
            return before
        made.append(n.Call(helpers.spread, "spread", (expr, n.Name(like))))
    if made == _parts(new.value):
        return after
    value = _with_parts(new.value, iter(made))
    return ordered(replace(after, body=(*after.body[:-1], replace(new, value=value))))


def _parts(value: n.Expr) -> list[n.Expr]:
    """What is returned, one by one; the adjoints of several arguments are a tuple in a tuple."""
    return [part for e in value.elts for part in _parts(e)] if isinstance(value, n.Tuple) else [value]


def _with_parts(value: n.Expr, parts: Iterator[n.Expr]) -> n.Expr:
    """`value` with these parts in the place of its own."""
    return n.Tuple(tuple(_with_parts(e, parts) for e in value.elts)) if isinstance(value, n.Tuple) else next(parts)


@record(frozen=True)
class _Folder:
    """The foldings; `exact`: dtypes count, too."""

    forms: Forms
    fills: dict[str, n.Expr]
    exact: bool = False

    def fold(self, expr: n.Expr) -> n.Expr:
        match expr:
            case n.Call(fn=helpers.sum_to, args=(g, x)):
                return g if self.alike(g, x) else self.plain_sum(g, x) or self.sum_of_all(g, x) or expr
            case n.Call(fn=helpers.spread, args=(g, x)) if self.alike(g, x):
                return g if is_fresh(g) else n.Call(helpers.copy_of, "copy_of", (g,))
            case n.Call(fn=helpers.spread, args=(g, x)):
                return zeros(g, x, self.forms) or expr
            case n.Call(fn=operator.mul, args=(a, b)):
                return self.unfilled(operator.mul, a, b) or stretched_product(a, b, self.forms) or expr
            case n.Call(fn=operator.truediv | operator.add | operator.sub as fn, args=(a, b)):
                return self.unfilled(fn, a, b) or expr
            case n.Call(fn=np.divide, args=(a, b), keywords=()) if _of_this(a, b) and not self.exact:
                value = self.filling(a) if self.forms.loose else None
                return expr if value is None else replace(expr, args=(value, b))
        return expr

    def alike(self, a: n.Expr, b: n.Expr) -> bool:
        return self.forms.alike(a, b) and (not self.exact or self.forms.equals(a, b))

    def plain_sum(self, g: n.Expr, x: n.Expr) -> n.Expr | None:
        """The sum over leading axes, if `g` has all axes of `x` behind them."""
        mine, its = self.forms.of(g), self.forms.of(x)
        if self.exact or not self.forms.loose or not mine.is_sure or not mine.shape or not its.shape:
            return None
        lead = len(mine.shape) - len(its.shape)
        if is_open(mine.shape) or lead < 1 or mine.shape[lead:] != its.shape:
            return None
        axis = n.Const(0) if lead == 1 else n.Tuple(tuple(map(n.Const, range(lead))))
        return n.Call(np.sum, "np.sum", (g,), (("axis", axis),))

    def sum_of_all(self, g: n.Expr, x: n.Expr) -> n.Expr | None:
        """The sum of an array, for a number, where all numbers are of one precision."""
        kinds = self.forms.kinds
        if self.exact or not self.forms.loose:
            return None
        return n.Call(np.sum, "np.sum", (g,)) if kinds.at(x).is_number and kinds.at(g).is_array else None

    def unfilled(self, fn: object, a: n.Expr, b: n.Expr) -> n.Expr | None:
        """`np.full(x.shape, c) * y` for a y of that shape is `c * y`; a division stays one of arrays, which gives inf
        where numbers would raise."""
        if self.exact or not self.forms.loose:
            return None
        for x, y in ((a, b), (b, a)) if fn is operator.mul else ():
            scale = self.scale(x)
            if scale is not None and (self.forms.same(x, y) or _of_this(x, y)):
                value, divisors = scale
                made = binary(operator.mul, value, y)
                for divisor in divisors:
                    made = binary(operator.truediv, made, divisor)
                return made
        if fn is operator.truediv and (filling := self.filling(a)) is not None and self.forms.kinds.at(b).is_array:
            return binary(operator.truediv, filling, b) if self.forms.same(a, b) else None
        if fn is operator.sub and (filling := self.filling(a)) is not None and self.forms.kinds.at(b).is_array:
            return binary(operator.sub, filling, b) if self.forms.same(a, b) else None
        if fn is operator.add:
            for x, y in ((a, b), (b, a)):
                filling = self.filling(x)
                if filling is not None and is_fresh(y) and self.forms.same(x, y):
                    return binary(operator.add, y, filling)
        return None

    def scale(self, expr: n.Expr) -> tuple[n.Expr, tuple[n.Expr, ...]] | None:
        """A number and divisors that make the elements of a new array, which are all the same."""
        filling = self.filling(expr)
        if filling is not None:
            return filling, ()
        match expr:
            case n.Call(fn=operator.truediv, args=(a, b)) if self.forms.of(b).shape == ():
                inner = self.scale(a)
                return None if inner is None else (inner[0], (*inner[1], b))
            case n.Call(fn=operator.mul, args=(a, b)):
                for x, y in ((a, b), (b, a)):
                    inner = self.scale(y) if self.forms.of(x).shape == () else None
                    if inner is not None:
                        return binary(operator.mul, x, inner[0]), inner[1]
        return None

    def filling(self, expr: n.Expr) -> n.Expr | None:
        """The number that all elements of a new array are."""
        match expr:
            case n.Name(id=name):
                return self.fills.get(name)
            case n.Call(fn=helpers.copy_of | np.copy, args=(n.Name(id=name),)):
                return self.fills.get(name)
            case n.Call(fn=np.full | np.full_like, args=(_, value), keywords=()) if self.forms.of(value).shape == ():
                return value
            case n.Call(fn=helpers.unreduce, args=(g, _), keywords=()) if self.forms.of(g).shape == ():
                return g
        return None
