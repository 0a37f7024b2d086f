"""Which names may hold an argument itself.

In: a function and its webs.  Out: `Lent`: of an expression, the parameters whose very object, or a part, it may be.

A number is not always one that nobody can change: a NumPy array without axes stands for a number, but `x += e` writes
into it.  What arithmetic gives is never such an array, so only what is handed on from the caller has to be asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from tangent_ad.analyses.webs import PARAMETER, Webs
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import statements
from tangent_ad.rules.registry import lookup

CHOOSING = frozenset({max, min})
"""Functions that return one of their arguments."""

Part = tuple[int, str]


class Lent:
    """Where names may hold an argument; `is_tuple` says whether an expression at a statement is surely a tuple."""

    def __init__(self, fn: n.Function, webs: Webs, is_tuple: Callable[[int, n.Expr], bool]) -> None:
        self.webs, self.is_tuple = webs, is_tuple
        self.by_number = {stmt.num: stmt for stmt in statements(fn.body)}
        self.put: dict[str, list[tuple[int, n.Expr]]] = defaultdict(list)  # what is put on a list
        for stmt in self.by_number.values():
            match stmt:
                case n.ExprStmt(value=n.Call(fn=list.append, args=(n.Name(id=tape), value))):
                    self.put[tape].append((stmt.num, value))

    def parameters(self, num: int, expr: n.Expr) -> frozenset[str]:
        """The parameters that `expr` may be when statement `num` begins."""
        todo, seen, found = [*self._names(num, expr)], set[Part](), set[str]()
        while todo:
            key = todo.pop()
            if key in seen:
                continue
            seen.add(key)
            for at in self.webs.reaching.get(key, ()):
                stmt = self.by_number.get(at)
                if at == PARAMETER:
                    found.add(key[1])
                elif isinstance(stmt, n.Assign):
                    todo += self._names(at, _part(stmt, key[1]))
        return frozenset(found)

    def _names(self, num: int, expr: n.Expr) -> Iterator[Part]:
        """The names, each with a statement, that may hold what the value of `expr` at `num` is."""
        match expr:
            case n.Name(id=name):
                yield num, name
            case n.IfExp(body=body, orelse=orelse):
                yield from self._names(num, body)
                yield from self._names(num, orelse)
            case n.BoolOp(values=parts) | n.Tuple(elts=parts):
                for part in parts:
                    yield from self._names(num, part)
            case n.Index(value=whole) if self.is_tuple(num, whole):
                yield from self._names(num, whole)
            case n.Call(fn=list.pop, args=(n.Name(id=tape),)):
                for at, value in self.put[tape]:
                    yield from self._names(at, value)
            case n.Call(fn=fn, args=args):
                rule = lookup(fn)
                if rule is None or rule.result != "fresh" or fn in CHOOSING:
                    for arg in args:
                        yield from self._names(num, arg)


def _part(stmt: n.Assign, name: str) -> n.Expr:
    """What of the value of `stmt` it gives to `name`."""
    if isinstance(stmt.target, n.Tuple) and isinstance(stmt.value, n.Tuple):
        for target, value in zip(stmt.target.elts, stmt.value.elts, strict=True):
            if target == n.Name(name):
                return value
    return stmt.value
