"""Joint calls: a function of the user's that stays a call, its derivative a function of its own.

In: functions that the differentiated function calls.  Out: `Session.offer`, which gives `desugar` what stands in a call
for a function that is not written in its place; `Callee.derivative`, which gives the modes what stands for its
derivative; `check_calls`, which finds calls that must be written in place after all.

A call stays if the function, read by itself with the kinds that it is given, is certain to do what it would do written
in place: it writes no memory but its own, not even by `x += e` where its caller was given x (an array without axes
stands for a number), and its result is new memory.  Nothing is presumed of its arguments: what its text says of them is
asked of the caller (`Callee.uses`).
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tangent_ad.analyses.demands import used_as_arrays
from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.kinds import infer_kinds
from tangent_ad.analyses.lent import Lent
from tangent_ad.analyses.webs import PARAMETER, find_webs
from tangent_ad.analyses.wholes import read_whole
from tangent_ad.core import nodes as n
from tangent_ad.core.calling import all_calls
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import Kind, tuple_of
from tangent_ad.core.order import number
from tangent_ad.core.walk import expressions, map_body, map_expr, map_expressions, statements, subexpressions
from tangent_ad.errors import RefusedError
from tangent_ad.frontend.desugar import desugar
from tangent_ad.frontend.read import read_function
from tangent_ad.modes.normal import normal_facts
from tangent_ad.rules.registry import Carried, Rule, Uses

Kinds = tuple[Kind, ...]
STATEMENTS, OPERATIONS = 6, 20
"""A function without loops that is no longer, as written and in normal form, is written in place of its calls."""


class MustInline(Exception):
    """Calls of these functions must be written in place."""

    def __init__(self, functions: frozenset[Any]) -> None:
        super().__init__()
        self.functions = functions


@dataclass(eq=False)
class Callee(Carried):
    """A function that stays a call; it stands for itself in the normal form of its callers."""

    session: Session
    value: Any
    core: n.Function
    normal: n.Function
    rule: Rule = field(init=False)
    whole: frozenset[int] = field(init=False)
    added_to: frozenset[int] = field(init=False)
    results: dict[Kinds, Kind] = field(default_factory=dict)
    presumed: dict[tuple[Kinds, bool], Uses] = field(default_factory=dict)
    fits: dict[Kinds, frozenset[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rule = Rule(self, self.core.name, _positional(len(self.core.params)), self.kind, "joint", uses=self.uses)
        names = read_whole(self.normal)
        self.whole = frozenset(k for k, p in enumerate(self.core.params) if p.name in names)
        self.added_to = _added_to(self.normal)

    def given(self, kinds: Kinds) -> dict[str, Kind]:
        return {p.name: kind for p, kind in zip(self.core.params, kinds, strict=True)}

    def kind(self, *args: Any) -> Kind:
        """The kind of the result, with nothing presumed."""
        kinds = tuple(a.kind for a in args)
        if kinds not in self.results:
            found = infer_kinds(self.normal, find_webs(self.normal), self.given(kinds), presume=False)
            last = self.normal.body[-1]
            assert isinstance(last, n.Return) and last.value is not None
            self.results[kinds] = found.at(last.num, last.value)
        return self.results[kinds]

    def uses(self, kinds: Kinds, number: bool) -> Uses:
        """What the text says of the arguments."""
        key = (kinds, number)
        if key not in self.presumed:
            webs = find_webs(self.normal)
            found = infer_kinds(self.normal, webs, self.given(kinds), number)
            position = {p.name: k for k, p in enumerate(self.core.params)}
            arrays = used_as_arrays(self.normal, found)
            self.presumed[key] = Uses(
                {position[p.name]: (p.rank, p.reason) for p in found.presumed},
                frozenset(k for name, k in position.items() if webs.of_def[(PARAMETER, name)] in arrays),
            )
        return self.presumed[key]

    def facts(self, kinds: Kinds, wrt: tuple[str, ...] = (), check: str = "all") -> Facts:
        """The facts, with nothing presumed: no guard stands before a call."""
        return normal_facts(self.normal, wrt, self.given(kinds), False, check, presume=False)

    def unfit(self, kinds: Kinds) -> frozenset[Any]:
        """The functions to be written in place: this one, or some that it calls; none if the call may stay."""
        if kinds not in self.fits:
            self.fits[kinds] = self._unfit(kinds)
        return self.fits[kinds]

    def _unfit(self, kinds: Kinds) -> frozenset[Any]:
        this: frozenset[Any] = frozenset((_function(self.value),))
        try:
            facts = self.facts(kinds)
        except RefusedError:
            return this
        inner = _unfit_in(facts)
        if inner:
            return inner
        last = facts.fn.body[-1]
        assert isinstance(last, n.Return) and isinstance(last.value, n.Name)
        written = {root for _, roots in facts.aliases.writes for root in roots}
        shared = written | facts.aliases.roots_of(last.num, last.value.id)
        certain = facts.kinds.at(last.num, last.value).form == "value"
        return frozenset() if certain and all(at >= 0 for at, _ in shared) else this

    def derivative(self, mode: str, active: tuple[int, ...], kinds: Kinds) -> Companion:
        """What stands for the derivative in these arguments: "jvp" or "pullback"; or for the value: "value"."""
        if mode == "pullback" and any(not kinds[k].is_number and k not in self.whole for k in active):
            raise MustInline(frozenset((_function(self.value),)))  # it would make all of an adjoint for a few elements
        key = (self.value, mode, active, kinds)
        if key not in self.session.companions:
            self.session.companions[key] = Companion(self, mode, active, kinds)
        return self.session.companions[key]


@dataclass(eq=False)
class Companion(Carried):
    """The derivative of a callee, a function of the same module, not yet written.

    jvp: each active argument is followed by its tangent; gives the result and its tangent.
    value: the callee itself, for a module that does not reach for the user's functions.
    pullback: the adjoint of the result comes first; gives the adjoints of the active arguments (bare if there is one).
    """

    callee: Callee
    mode: str
    active: tuple[int, ...]
    kinds: Kinds
    rule: Rule = field(init=False)
    value: None = None

    def __post_init__(self) -> None:
        parts = {"jvp": (self.result, self.result), "value": (self.result,)}.get(self.mode)
        parts = parts or tuple(self.kinds[k] for k in self.active)
        kind = parts[0] if len(parts) == 1 else tuple_of(*parts)
        name = self.callee.core.name + ("" if self.mode == "value" else f"_{self.mode}")
        self.rule = Rule(self, name, _positional(len(self.given)), lambda *args: kind, "zero")

    @property
    def result(self) -> Kind:
        """The kind of the callee's result."""
        return self.callee.kind(*(_Of(k) for k in self.kinds))

    @property
    def given(self) -> Kinds:
        """The kinds of its parameters."""
        if self.mode == "jvp":
            return tuple(kind for k, own in enumerate(self.kinds) for kind in (own,) * (1 + (k in self.active)))
        return self.kinds if self.mode == "value" else (self.result, *self.kinds)

    @property
    def wrt(self) -> tuple[str, ...]:
        return tuple(self.callee.core.params[k].name for k in self.active)


@record(frozen=True)
class _Of:
    """An argument of which only the kind is known."""

    kind: Kind


def _positional(count: int) -> inspect.Signature:
    form = inspect.Parameter.POSITIONAL_ONLY
    return inspect.Signature([inspect.Parameter(f"a{k}", form) for k in range(count)])


class Session:
    """What one derivation knows of the functions that are called; `inlined` are written in place in any case."""

    def __init__(self, inlined: frozenset[Any] = frozenset()) -> None:
        self.inlined = inlined
        self.callees: dict[Any, Callee | None] = {}
        self.companions: dict[Any, Companion] = {}
        self.open: tuple[Any, ...] = ()

    def offer(self, fn: Any) -> Callee | None:
        """What stands for `fn` where it is called, if its calls may stay; the kinds decide later."""
        pyfunc = _function(fn)
        if pyfunc in self.inlined or pyfunc in self.open or not isinstance(pyfunc, types.FunctionType):
            return None
        if fn not in self.callees:
            self.callees[fn] = self._read(fn, pyfunc)
        return self.callees[fn]

    def _read(self, fn: Any, pyfunc: types.FunctionType) -> Callee | None:
        before = self.open
        try:
            core = read_function(pyfunc)
            if any(p.form != "positional" for p in core.params):
                return None
            self.open = (*before, pyfunc)
            normal = desugar(core, self.offer, self.open)
        except RefusedError:
            return None
        finally:
            self.open = before
        last = normal.body[-1]
        if _is_small(core, normal) or not isinstance(last, n.Return) or not isinstance(last.value, n.Name):
            return None
        if any(isinstance(s, (n.Assert, n.Raise)) for s in statements(normal.body)):
            return None  # what is checked is checked also where nobody needs the result
        bare = tuple(replace(p, annotation=None, default=None) for p in normal.params)
        return Callee(self, fn, core, replace(normal, params=bare))


def _function(fn: Any) -> Any:
    return getattr(fn, "py_func", fn)


def _is_small(core: n.Function, normal: n.Function) -> bool:
    written, operations = tuple(statements(core.body)), tuple(statements(normal.body))
    if any(isinstance(s, (n.For, n.While)) for s in operations):
        return False
    return len(written) <= STATEMENTS and len(operations) <= OPERATIONS


def check_calls(facts: Facts) -> None:
    """Raise MustInline if a call in a function cannot stay."""
    found = _unfit_in(facts)
    if found:
        raise MustInline(found)


def _unfit_in(facts: Facts) -> frozenset[Any]:
    found: frozenset[Any] = frozenset()
    lent = functools.cache(lambda: Lent(facts.fn, facts.webs, lambda num, e: facts.kinds.at(num, e).form == "tuple"))
    for stmt in facts.defs.statements:
        for expr in expressions(stmt):
            for part in subexpressions(expr):
                if isinstance(part, n.Call) and isinstance(part.fn, Callee):
                    found |= part.fn.unfit(tuple(facts.kinds.at(stmt.num, a) for a in part.args))
                    if any(lent().parameters(stmt.num, part.args[k]) for k in part.fn.added_to):
                        found |= {_function(part.fn.value)}
    return found


def _added_to(fn: n.Function) -> frozenset[int]:
    """The positions of the parameters of `fn` that augmented assignments of names may write into."""
    sums = [s for s in statements(fn.body) if isinstance(s, n.AugAssign) and isinstance(s.target, n.Name)]
    if not sums:
        return frozenset()
    lent = Lent(fn, find_webs(fn), lambda _num, _expr: False)
    names = frozenset[str]().union(*[lent.parameters(stmt.num, stmt.target) for stmt in sums])
    return frozenset(k for k, p in enumerate(fn.params) if p.name in names)


def called_within(fn: n.Function, given: dict[str, Kind]) -> n.Function:
    """`fn` with calls of functions of its own module for the calls that stay; `given` are kinds of its parameters."""
    fn = number(fn)
    kinds = infer_kinds(fn, find_webs(fn), given, presume=False)

    def new_stmt(_: int, stmt: n.Stmt) -> tuple[n.Stmt]:
        def new_expr(expr: n.Expr) -> n.Expr:
            if not isinstance(expr, n.Call) or not isinstance(expr.fn, Callee):
                return expr
            one = expr.fn.derivative("value", (), tuple(kinds.at(stmt.num, a) for a in expr.args))
            return replace(expr, fn=one, spelling=one.rule.spelling)

        return (map_expressions(stmt, lambda expr: map_expr(expr, new_expr)),)

    return replace(fn, body=map_body(fn.body, new_stmt))


def parameters_of(functions: Sequence[n.Function]) -> dict[str, dict[str, Kind]]:
    """Of the functions of a module that stand for companions, by name: the kinds of the parameters."""
    means = {
        part.spelling: part.fn
        for fn in functions
        for stmt in statements(fn.body)
        for expr in expressions(stmt)
        for part in subexpressions(expr)
        if isinstance(part, n.Call) and isinstance(part.fn, Companion)
    }
    return {
        fn.name: dict(zip((p.name for p in fn.params), means[fn.name].given, strict=True))
        for fn in functions
        if fn.name in means
    }


def companions_in(fn: n.Function) -> tuple[Companion, ...]:
    """The derivatives that `fn` calls, in the order of the text."""
    return tuple(dict.fromkeys([call.fn for call in all_calls(fn) if isinstance(call.fn, Companion)]))
