"""The table of what is known of each callable: kind, memory, derivative.

In: declarations (`partials`, `linear`, `custom`, `zero`, `refused`).  Out: `lookup(fn) -> Rule | None`.

A call is first brought into the rule's own form: `args, kw = rule.bind(args, keywords)` fills in defaults and refuses
what the rule does not know (`out=`, `dtype=`, ...).  Everything else is then called with that form:

    rule.kind(args, kw)                    the kind of the result
    rule.partials(y, *args, **kw)          diff "partials": one partial per argument, elementwise with broadcasting
    rule.transposes[k](g, *args, **kw)     diff "linear": the adjoint contribution of argument k, in its own shape
    rule.jvp(y, dots, *args, **kw)         diff "custom": the tangent; dots has one entry per argument, None if inactive
    rule.vjp(g, y, *args, **kw)            diff "custom": per argument a contribution, in its own shape: a value, a
                                           function of no arguments that builds it, or None
    diff "write"                           the call is a statement that writes argument 0: jvp(None, dots, ...) is the
                                           tangent statement (or None), vjp(bar of argument 0, None, ...) what the
                                           other arguments get; the adjoint of argument 0 itself is unchanged
    diff "joint"                           a function of the user's that stays a call; the modes call its derivatives
    diff "zero"                            the result carries no derivative
    diff "refused"                         known, but has no derivative here; `note` says what to write instead

An argument of a "linear" rule that is not in `transposes` carries no derivative (a shape, an axis, a shift).
A contribution or a tangent may be its argument g itself or a view of it: whoever writes into it copies it first.
For an argument that is a tuple of values (`np.concatenate`) its dot and its contribution are tuples as well.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tangent_ad.core import nodes
from tangent_ad.core.build import Sym, sym
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import FLOATING, Kind
from tangent_ad.errors import RefusedError

KindRule = Callable[..., Kind]
Bound = tuple[tuple[Any, ...], dict[str, Any]]


@record(frozen=True)
class Uses:
    """What a function does with its arguments: the rank it presumes of some, with the reason; those that it uses as
    arrays, by position."""

    ranks: Mapping[int, tuple[int, str]]
    arrays: frozenset[int]


@dataclass(frozen=True, eq=False)
class Rule:
    """What is known of one callable; see the module's docstring.

    result: the memory of the result relative to the first argument: "fresh", "view" or "maybe".
    writes: the positions of the arguments it writes into.
    argnums: for "linear", the arguments it is linear in, each separately.
    uses: for "joint", what the function's own text says of its arguments.
    """

    fn: Callable[..., Any]
    spelling: str
    signature: inspect.Signature
    kind_rule: KindRule
    diff: str
    result: str = "fresh"
    writes: tuple[int, ...] = ()
    partials: Callable[..., tuple[Any, ...]] | None = None
    transposes: Mapping[int, Callable[..., Any]] = field(default_factory=dict)
    jvp: Callable[..., Any] | None = None
    vjp: Callable[..., tuple[Any, ...]] | None = None
    note: str = ""
    uses: Callable[[tuple[Kind, ...], bool], Uses] | None = None
    plain: int = field(init=False, default=-1)

    def __post_init__(self) -> None:
        """Count the parameters if all are given by position, so that most calls need no binding."""
        forms = {p.kind for p in self.signature.parameters.values()}
        if forms <= {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}:
            object.__setattr__(self, "plain", len(self.signature.parameters))

    @property
    def argnums(self) -> tuple[int, ...]:
        return tuple(self.transposes)

    @property
    def form(self) -> str:
        """The call with the arguments that are supported."""
        params = (p.replace(annotation=p.empty) for p in self.signature.parameters.values())
        return self.spelling.removesuffix("()") + str(inspect.Signature(list(params)))

    def bind(self, args: tuple[Any, ...], kw: Mapping[str, Any] | None = None) -> Bound:
        """The call in the rule's own form: arguments by position, keyword-only ones by name, defaults filled in.

        Raises RefusedError for an argument that the rule does not know.
        """
        if not kw and len(args) == self.plain:
            return args, {}
        try:
            bound = self.signature.bind(*args, **(kw or {}))
        except TypeError as error:
            what = f"{self.spelling}: {error}, or the argument is not supported here"
            raise RefusedError(what, hint=f"no more than `{self.form}`") from None
        bound.apply_defaults()
        return bound.args, bound.kwargs

    def kind(self, args: tuple[Any, ...], kw: Mapping[str, Any] | None = None) -> Kind:
        """The kind of the result; arguments are `Sym`s (of which the kind is read) or constants.

        Raises RefusedError where the call is not supported or can only fail.
        """
        bound, keywords = self.bind(args, kw)
        self._check_displays(bound)
        return self.kind_rule(*(_as_sym(a) for a in bound), **{k: _as_sym(v) for k, v in keywords.items()})

    def _check_displays(self, bound: tuple[Any, ...]) -> None:
        """Refuses a list or tuple of values where the rule differentiates an array or a number."""
        if self.fn in OF_DISPLAYS or self.diff == "zero":
            return
        if not self.writes and any(isinstance(a, Sym) and a.kind.form == "tape" for a in bound):
            raise RefusedError(f"{self.spelling} of a list", hint="an array, or only `append` and `pop` of the list")
        if any(isinstance(a, Sym) and a.kind.form == "tuple" and not is_display(a.expr) for a in bound):
            return  # `x.shape + (n,)`
        for k, a in enumerate(bound):
            if isinstance(a, Sym) and is_display(a.expr):
                floats = any(e.dtype in FLOATING for e in a.kind.elts or ())
                if self.diff == "partials" or (self.diff == "linear" and k in self.argnums) or floats:
                    form = "tuple" if isinstance(a.expr, nodes.Tuple) else "list"
                    raise RefusedError(
                        f"{self.spelling}: a {form} where a number or an array is needed", hint="np.array([...])"
                    )


OF_DISPLAYS = frozenset(
    (np.array, np.asarray, np.ascontiguousarray, np.concatenate, np.stack, np.hstack, np.vstack, np.column_stack)
)
"""The functions whose first argument may be a list or tuple of what is differentiated."""


def is_display(expr: nodes.Expr) -> bool:
    return isinstance(expr, (nodes.Tuple, nodes.List))


def _as_sym(x: Any) -> Any:
    return x if isinstance(x, (Sym, tuple, list)) else sym(x)


class Carried:
    """A callable of derived code that brings its rule with it.

    value: the function it stands for, None if that is not written yet.
    whole: the positions of the arrays that it goes over (None: all; see `analyses/wholes.py`).
    """

    rule: Rule
    value: Any
    whole: frozenset[int] | None = None

    def __call__(self, *args: Any) -> Any:
        raise TypeError(f"`{self.rule.spelling}` stands for a function and is not one")


_RULES: dict[Any, Rule] = {}


def lookup(fn: Any) -> Rule | None:
    """The rule of a callable object, or None if nothing is known of it.

    >>> import numpy, tangent_ad.rules
    >>> lookup(numpy.sin).diff
    'partials'
    >>> lookup(print) is None
    True
    """
    try:
        return _RULES[fn]
    except KeyError:
        return fn.rule if isinstance(fn, Carried) else None
    except TypeError:  # an unhashable callable is nobody's
        return None


def all_rules() -> tuple[Rule, ...]:
    """Every rule, in the order of declaration."""
    return tuple(_RULES.values())


def names() -> tuple[str, ...]:
    """The spellings of all known callables, sorted."""
    return tuple(sorted({rule.spelling for rule in _RULES.values()}))


def register(rule: Rule) -> Rule:
    """Enter a rule; a second one for the same callable replaces the first."""
    global _version
    _RULES[rule.fn] = rule
    _version += 1
    return rule


_version = 0


def version() -> int:
    """A number that changes whenever a rule is entered."""
    return _version


def signature_of(fn: Callable[..., Any], skip: int) -> inspect.Signature:
    """The signature of a rule function without its first `skip` parameters (the result, the adjoint)."""
    parameters = list(inspect.signature(fn).parameters.values())[skip:]
    return inspect.Signature([p.replace(annotation=inspect.Parameter.empty) for p in parameters])


def spelling_of(fn: Callable[..., Any]) -> str:
    """How a callable is written in text."""
    module = getattr(fn, "__module__", None) or ""
    name = getattr(fn, "__name__", str(fn))
    for prefix, short in (("numpy.linalg", "np.linalg."), ("numpy", "np."), ("math", "math.")):
        if module == prefix:
            return short + name
    owner = getattr(fn, "__objclass__", None)
    if owner is not None:
        return f".{name}()"
    return name


def partials(fn: Callable[..., Any], rule: Callable[..., Any], kind: KindRule, spelling: str = "") -> Rule:
    """Declare an elementwise function: `rule(result, *arguments)` gives the tuple of partial derivatives."""
    text = spelling or spelling_of(fn)
    return register(Rule(fn, text, signature_of(rule, 1), kind, "partials", partials=rule))


def linear(
    fn: Callable[..., Any],
    *transposes: Callable[..., Any],
    kind: KindRule,
    argnums: tuple[int, ...] = (0,),
    result: str = "fresh",
    spelling: str = "",
) -> Rule:
    """Declare a function that is linear in each argument of `argnums` separately.

    `transposes[k](g, *arguments)` is the adjoint contribution of argument `argnums[k]`; the tangent is the function
    itself with that argument replaced by its tangent.
    """
    text = spelling or spelling_of(fn)
    table = dict(zip(argnums, transposes, strict=True))
    signature = signature_of(transposes[0], 1)
    return register(Rule(fn, text, signature, kind, "linear", result=result, transposes=table))


def custom(
    fn: Callable[..., Any],
    *,
    jvp: Callable[..., Any],
    vjp: Callable[..., Any],
    kind: KindRule,
    result: str = "fresh",
    writes: tuple[int, ...] = (),
    spelling: str = "",
    note: str = "",
) -> Rule:
    """Declare a derivative by two functions, `jvp(y, dots, *arguments)` and `vjp(g, y, *arguments)`."""
    text = spelling or spelling_of(fn)
    diff = "write" if writes else "custom"
    signature = signature_of(vjp, 2)
    return register(Rule(fn, text, signature, kind, diff, result, writes, jvp=jvp, vjp=vjp, note=note))


def zero(
    fn: Callable[..., Any],
    signature: Callable[..., Any],
    kind: KindRule,
    result: str = "fresh",
    spelling: str = "",
    writes: tuple[int, ...] = (),
) -> Rule:
    """Declare a function whose result carries no derivative; `signature` is any function with its parameters."""
    text = spelling or spelling_of(fn)
    return register(Rule(fn, text, signature_of(signature, 0), kind, "zero", result, writes))


def refused(fn: Callable[..., Any], signature: Callable[..., Any], kind: KindRule, note: str) -> Rule:
    """Declare a function that may be called on what carries no derivative, and is refused on what does."""
    return register(Rule(fn, spelling_of(fn), signature_of(signature, 0), kind, "refused", note=note))
