"""Integers as sums: of the variables of loops, of names that stay what they are, and of a constant.

In: the facts of a function, an integer expression, the statement it stands in.  Out: an `Affine`; bounds of it, from
which the variables of loops are gone.

`i - 1`, `n - 1 - k` and what is bound to such are sums; the bounds of `range(i + 1, n)` are.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection
from typing import Any, Protocol

from tangent_ad.analyses.defs import Definitions
from tangent_ad.analyses.webs import UNDEFINED, Webs
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import Kind
from tangent_ad.frontend.pure import SIZES

DEPTH = 20
"""How many definitions of names are followed."""

Term = tuple[Any, ...]
"""("loop", number): the variable of that loop.  ("name", id, definitions): what a name holds.  ("size", function, id,
definitions): a size of what it holds.  Others as the caller likes."""


class KindsAt(Protocol):
    """What tells the kind of an expression as a statement finds it."""

    def at(self, num: int, expr: n.Expr) -> Kind: ...


class Indexed(Protocol):
    """What has to be known of a function to tell elements apart (`Facts` are more)."""

    @property
    def defs(self) -> Definitions: ...
    @property
    def webs(self) -> Webs: ...
    @property
    def kinds(self) -> KindsAt: ...


@record(frozen=True)
class Affine:
    """`constant` and, for each term, how often it is added."""

    constant: int
    terms: tuple[tuple[Term, int], ...] = ()

    def plus(self, other: Affine, times: int = 1) -> Affine:
        found = dict(self.terms)
        for term, factor in other.terms:
            found[term] = found.get(term, 0) + factor * times
        kept = sorted(((t, f) for t, f in found.items() if f), key=repr)
        return Affine(self.constant + other.constant * times, tuple(kept))

    def factor(self, term: Term) -> int:
        return dict(self.terms).get(term, 0)

    def without(self, term: Term) -> Affine:
        return Affine(self.constant, tuple((t, f) for t, f in self.terms if t != term))


def loop_term(num: int) -> Term:
    return ("loop", num)


class Sums:
    """Answers for one function."""

    def __init__(self, facts: Indexed) -> None:
        self.facts = facts

    def affine(self, expr: n.Expr, at: int, depth: int = DEPTH) -> Affine | None:
        """`expr` as statement `at` finds it."""
        match expr:
            case n.Const(value=int() as k) if type(k) is int:
                return Affine(k)
            case n.Name(id=name):
                return self._name(name, at, depth)
            case n.Call(fn=fn, args=(n.Name(id=name) as sized,), keywords=()) if fn in SIZES:
                reaching = self._reaching(name, at)
                kept = self.facts.kinds.at(at, sized).is_array  # a list grows
                return None if reaching is None or not kept else Affine(0, ((("size", fn, name, reaching), 1),))
            case n.Call(fn=operator.neg, args=(x,)):
                a = self.affine(x, at, depth)
                return None if a is None else Affine(0).plus(a, -1)
            case n.Call(fn=operator.add | operator.sub as fn, args=(x, y)):
                return _both(self.affine(x, at, depth), self.affine(y, at, depth), fn)
            case n.Call(fn=operator.mul, args=(x, n.Const(value=int() as k)) | (n.Const(value=int() as k), x)):
                a = self.affine(x, at, depth)
                return None if a is None or type(k) is not int else Affine(0).plus(a, k)
        return None

    def _reaching(self, name: str, at: int) -> frozenset[int] | None:
        reaching = self.facts.webs.reaching.get((at, name))
        return None if reaching is None or UNDEFINED in reaching else reaching

    def _name(self, name: str, at: int, depth: int) -> Affine | None:
        reaching = self._reaching(name, at)
        if reaching is None:
            return None
        loops = self.facts.defs.loops
        if len(reaching) == 1 and (d := next(iter(reaching))) >= 0:
            stmt = self.facts.defs.statement(d)
            if isinstance(stmt, n.For) and d in loops[at]:
                return Affine(0, ((loop_term(d), 1),))
            same = d < at and loops[at][: len(loops[d])] == loops[d]  # in the same iteration of the loops around it
            if same and depth and isinstance(stmt, n.Assign) and stmt.target == n.Name(name):
                found = self.affine(stmt.value, d, depth - 1)
                if found is not None:
                    return found
        kind = self.facts.kinds.at(at, n.Name(name))
        return Affine(0, ((("name", name, reaching), 1),)) if kind.is_number and kind.dtype == "int" else None

    def bound(self, sum: Affine, upper: bool, keep: Collection[int] = ()) -> Affine | None:
        """The greatest (or least) that a sum can be in any iteration of the loops whose variables are in it, but for
        those of `keep`."""
        while True:
            inner = [t[1] for t, _ in sum.terms if t[0] == "loop" and t[1] not in keep]
            if not inner:
                return sum
            num = max(inner)
            factor = sum.factor(loop_term(num))
            end = self._end(num, upper == (factor > 0))
            if end is None:
                return None
            sum = sum.without(loop_term(num)).plus(end, factor)

    def _end(self, num: int, upper: bool) -> Affine | None:
        """The greatest or the least value of a loop's variable."""
        loop = self.facts.defs.statement(num)
        step = step_of(loop)
        if not isinstance(loop, n.For) or step is None:
            return None
        start, stop = self.affine(loop.start, num), self.affine(loop.stop, num)
        length = None if start is None or stop is None else stop.plus(start, -1)
        if length is not None and not length.terms and length.constant * step <= 0:
            return None  # of a loop that never runs everything is true
        if upper == (step > 0):
            return None if stop is None else stop.plus(Affine(-1 if step > 0 else 1))
        return start


def _both(a: Affine | None, b: Affine | None, fn: Callable[..., Any]) -> Affine | None:
    return None if a is None or b is None else a.plus(b, 1 if fn is operator.add else -1)


def step_of(loop: n.Stmt) -> int | None:
    """The step of a loop if it is written down."""
    step = loop.step if isinstance(loop, n.For) else None
    value = step.value if isinstance(step, n.Const) else None
    return value if type(value) is int and value != 0 else None
