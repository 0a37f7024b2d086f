"""Dense derivatives as readable loops: the Jacobian and the Hessian.

In: core functions of the inner derivative (`f_vjp`, `f_jvp`, `f_hvp`), what is known of kinds.  Out: the core function
that calls the inner one once for every basis vector.

The text is in the language, so a Jacobian can be differentiated and compiled like anything else.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym, call, node
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import Kind
from tangent_ad.core.names import Fresh

DTYPE: Any = np.ndarray.dtype


@record(frozen=True)
class Inner:
    """A derivative that the loop calls: its core, the function itself, and the parameter it is taken in."""

    core: n.Function
    function: Callable[..., Any]

    def __call__(self, given: dict[str, Any]) -> n.Call:
        """The call with a value for each added parameter, all others handed on."""
        args: list[n.Expr] = []
        keywords: list[tuple[str, n.Expr]] = []
        for p in self.core.params:
            value = node(given[p.name]) if p.name in given else n.Name(p.name)
            if p.form == "keyword":
                keywords.append((p.name, value))
            else:
                args.append(value)
        return n.Call(self.function, self.core.name, tuple(args), tuple(keywords))


def shape_of(x: Any, kind: Kind) -> Any:
    return x.shape if kind.is_array else call(np.shape, "np.shape", x)


def size_of(x: Any, kind: Kind) -> Any:
    return x.size if kind.is_array else call(np.size, "np.size", x)


def flat(x: Any, kind: Kind) -> Any:
    """`x` as one row, whatever its shape."""
    return call(np.ravel, ".ravel()" if kind.is_array else "np.ravel", x)


def dtype_of(x: Any, kind: Kind) -> Any:
    return Sym(n.Call(DTYPE, ".dtype", (node(x if kind.is_array else flat(x, kind)),)))


def plain(x: Any, *kinds: Kind) -> Any:
    """`x`, or the number in it where it may have no axes."""
    return x if any(k.is_array for k in kinds) else Sym(n.Index(node(x), n.Tuple(())))


def assign(target: Any, value: Any) -> n.Assign:
    return n.Assign(node(target), node(value))


def unit(row: Sym, like: Any, kind: Kind, k: Sym) -> list[n.Stmt]:
    """Statements that make `row` the k-th unit vector, as long as `like` and of its floating dtype."""
    if kind.is_array:
        zeros = call(np.zeros, "np.zeros", like.size, dtype_of(like, kind))
    else:
        zeros = call(np.zeros_like, "np.zeros_like", flat(like, kind))
    return [assign(row, zeros), n.Assign(n.Index(row.expr, k.expr), n.Const(1.0))]


def loop(k: Sym, count: Any, body: list[n.Stmt]) -> n.For:
    assert isinstance(k.expr, n.Name)
    return n.For(k.expr, n.Const(0), node(count), n.Const(1), tuple(body))


class Writer:
    """Writes one dense derivative of `base`, the function itself or its gradient."""

    def __init__(self, base: n.Function, taken: set[str]) -> None:
        self.base = base
        self.fresh = Fresh(taken | {p.name for p in base.params})
        self.body: list[n.Stmt] = []

    def name(self, wish: str) -> Sym:
        return Sym(n.Name(self.fresh.take(wish)))

    def function(self, name: str, result: Any, doc: str) -> n.Function:
        body = (*self.body, n.Return(node(result)))
        params = tuple(replace(p, annotation=None) for p in self.base.params)
        return replace(self.base, name=name, params=params, body=body, doc=doc, comments_end=(), externals=())


def by_reverse(
    writer: Writer, inner: Inner, seed: str, wrt: tuple[str, ...], kinds: dict[str, Kind], result: Kind
) -> list[Any]:
    """The Jacobians in `wrt`, one row for each element of the result; `inner` is `f_vjp` in all of them."""
    value = writer.name("value")
    bars = {name: writer.name(f"{name}_bar") for name in wrt}
    target = n.Tuple((value.expr, _grouped([bars[name] for name in wrt])))
    if result.is_number:
        writer.body.append(n.Assign(target, inner({seed: 1.0})))
        return list(bars.values())
    first = n.Assign(target, inner({seed: 0.0}), info=n.Info(comments=("for the shapes",)))
    writer.body.append(first)
    jacs = {name: writer.name(f"{name}_jac") for name in wrt}
    count = size_of(value, result)
    for name in wrt:
        like = dtype_of(value, result) if kinds[name].is_number else dtype_of(bars[name], kinds[name])
        shape = count if kinds[name].is_number else (count, size_of(bars[name], kinds[name]))
        writer.body.append(assign(jacs[name], call(np.empty, "np.empty", shape, like)))
    k, row = writer.name("k"), writer.name("row")
    body = unit(row, value, result, k)
    given = call(np.reshape, "np.reshape", row, shape_of(value, result))
    body.append(n.Assign(target, inner({seed: given})))
    for name in wrt:
        part = bars[name] if kinds[name].is_number else flat(bars[name], kinds[name])
        body.append(n.Assign(n.Index(jacs[name].expr, k.expr), node(part)))
    writer.body.append(loop(k, count, body))
    found = []
    for name in wrt:
        shape = shape_of(value, result)
        if not kinds[name].is_number:
            shape = joined(shape, shape_of(Sym(n.Name(name)), kinds[name]))
        found.append(plain(call(np.reshape, "np.reshape", jacs[name], shape), result, kinds[name]))
    return found


def by_forward(
    writer: Writer, inner: Inner, dot: str, name: str, kind: Kind, results: tuple[Kind, ...], carries_value: bool
) -> list[Any]:
    """The Jacobians of the results in the parameter `name`, one column for each of its elements.

    `inner` returns (value, tangent), or the tangent alone; several results are a tuple in both.
    """
    outs = [writer.name("value_dot" if len(results) == 1 else f"value_dot{k}") for k in range(len(results))]
    made = _grouped(outs)
    target = n.Tuple((writer.name("value").expr, made)) if carries_value else made
    if kind.is_number:
        writer.body.append(n.Assign(target, inner({dot: 1.0})))
        return list(outs)
    x = Sym(n.Name(name))
    zero = call(np.zeros_like, "np.zeros_like", x)
    writer.body.append(n.Assign(target, inner({dot: zero}), info=n.Info(comments=("for the shapes",))))
    jacs = [writer.name(f"{name}_jac") for _ in outs]
    count = size_of(x, kind)
    for jac, out, known in zip(jacs, outs, results, strict=True):
        if known.is_number:
            shape, like = count, dtype_of(x, kind) if kind.is_array else dtype_of(out, known)
        else:
            shape, like = (size_of(out, known), count), dtype_of(out, known)
        writer.body.append(assign(jac, call(np.empty, "np.empty", shape, like)))
    k, column = writer.name("k"), writer.name("column")
    body = unit(column, x, kind, k)
    given = call(np.reshape, "np.reshape", column, shape_of(x, kind))
    body.append(n.Assign(target, inner({dot: given})))
    for jac, out, known in zip(jacs, outs, results, strict=True):
        if known.is_number:
            body.append(n.Assign(n.Index(jac.expr, k.expr), out.expr))
        else:
            place = n.Index(jac.expr, n.Tuple((n.Slice(), k.expr)))
            body.append(n.Assign(place, node(flat(out, known))))
    writer.body.append(loop(k, count, body))
    found = []
    for jac, out, known in zip(jacs, outs, results, strict=True):
        shape = shape_of(x, kind)
        if not known.is_number:
            shape = joined(shape_of(out, known), shape)
        found.append(plain(call(np.reshape, "np.reshape", jac, shape), kind, known))
    return found


def joined(a: Any, b: Any) -> Sym:
    """One shape after the other."""
    return Sym(n.Call(operator.add, "+", (node(a), node(b))))


def _grouped(names: list[Sym]) -> n.Expr:
    return names[0].expr if len(names) == 1 else n.Tuple(tuple(s.expr for s in names))
