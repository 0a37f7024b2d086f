"""The forms of the values of a function in normal form: how long their axes are, by the names of equal lengths.

In: the facts of a function.  Out: `Lengths`: the form of what a statement defines and of what it reads.

A definition has one form, a read that of all definitions that reach it.  What is stored later in the same block has
surely fitted into its place, or the function did not get to its end: that says more of how long it is, and of what it
was made of.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tangent_ad.analyses.annotations import named_axes
from tangent_ad.analyses.callforms import OPERATORS, UFUNCS
from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.forms import UNKNOWN, Axis, Form, Shape, fitted, meet
from tangent_ad.analyses.named import Forms, join_axes, of_parameter, stable_names
from tangent_ad.analyses.namekinds import name_kinds
from tangent_ad.analyses.webs import PARAMETER, UNDEFINED, reads_of
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import FLOATING
from tangent_ad.core.walk import bodies

ROUNDS = 8
Def = tuple[int, str]
PASSING = (*OPERATORS, *UFUNCS)
"""Operations whose arguments are broadcast to the shape of the result."""


@dataclass
class _AtOne(Forms):
    """The forms of what one statement reads; `made`: of what it binds."""

    made: dict[str, Form] = field(default_factory=dict)

    def add(self, name: str, form: Form) -> None:
        self.made[name] = form


@dataclass
class Lengths:
    """`of_def[(num, name)]`: the form of what statement `num` (-1: the parameter) gives to `name`."""

    facts: Facts
    forms: Forms
    of_def: dict[Def, Form] = field(default_factory=dict)
    narrowed: dict[Def, list[Shape]] = field(default_factory=dict)

    def at(self, num: int, expr: n.Expr) -> Form:
        """The form of an expression as statement `num` reads it."""
        return self.reading(num, frozenset((expr.id,)) if isinstance(expr, n.Name) else None).of(expr)

    def reading(self, num: int, names: frozenset[str] | None = None) -> _AtOne:
        """The forms of names as statement `num` reads them."""
        read = reads_of(self.facts.defs.statements[num]) if names is None else names
        table = {name: self.read(num, name) for name in read}
        return _AtOne(self.forms.kinds, self.forms.stable, self.forms.loose, table, self.forms.sizes)

    def read(self, num: int, name: str) -> Form:
        found: Form | None = None
        for d in self.facts.webs.reaching.get((num, name), ()):
            form = self.of_def.get((d, name)) if d != UNDEFINED else None
            if form is not None:
                found = form if found is None else meet(found, form)
        return UNKNOWN if found is None else found

    def defined(self, num: int, name: str) -> Form:
        return self.of_def.get((num, name), UNKNOWN)

    def same(self, num: int, a: Form, b: n.Expr) -> bool:
        """Is `a` surely the shape of the operand `b` of statement `num`?"""
        return a.is_sure and a.shape == self.at(num, b).shape

    # finding them -----------------------------------------------------------------------------------------------

    def define(self, stmt: n.Stmt, outside: bool) -> None:
        """Take note of the form of what a statement defines; a first look at what comes around a loop is not final."""
        local = self.reading(stmt.num)
        local.define(stmt, outside)
        for name in bound_by(stmt):
            form = local.made.get(name, local.table.get(name, UNKNOWN) if isinstance(stmt, n.AugAssign) else UNKNOWN)
            for place in self.narrowed.get((stmt.num, name), ()):
                if form.shape is not None:
                    form = Form(fitted(form.shape, place), form.dtype)
            self.of_def[(stmt.num, name)] = form

    def narrow(self, body: tuple[n.Stmt, ...]) -> None:
        """Note what the stores of a block say of the values that are made in it."""
        inside = {stmt.num: stmt for stmt in body}
        for stmt in body:
            for inner in bodies(stmt):
                self.narrow(inner)
            match stmt:
                case (
                    n.Assign(target=n.Index() as target, value=n.Name() as value)
                    | n.AugAssign(target=n.Index() as target, value=n.Name() as value)
                ):
                    place = self.reading(stmt.num).of(target)
                    if place.is_sure and place.shape:
                        self.fit(stmt.num, value, place.shape, inside)

    def fit(self, num: int, value: n.Name, place: Shape, inside: dict[int, n.Stmt]) -> None:
        """What statement `num` reads as `value` has been broadcast into `place`."""
        todo = [(num, value)]
        seen: set[Def] = set()
        while todo:
            at, name = todo.pop()
            reaching = self.facts.webs.reaching.get((at, name.id), frozenset())
            d = next(iter(reaching)) if len(reaching) == 1 else UNDEFINED
            stmt = inside.get(d)
            if not isinstance(stmt, n.Assign) or stmt.target != name or d >= at or (d, name.id) in seen:
                continue
            seen.add((d, name.id))
            self.narrowed.setdefault((d, name.id), []).append(place)
            if isinstance(stmt.value, n.Name):
                todo.append((d, stmt.value))
            elif isinstance(stmt.value, n.Call) and stmt.value.fn in PASSING and not stmt.value.keywords:
                todo += [(d, arg) for arg in stmt.value.args if isinstance(arg, n.Name)]


def find_lengths(facts: Facts, guarded: bool, typed: bool) -> Lengths:
    """The forms of the values of `facts.fn`; `guarded`: the axes that annotations name are held to that; `typed`: kinds
    come from compiled types."""
    fn, defs = facts.fn, facts.defs
    kinds = name_kinds(facts.kinds)
    loose = all(kind.dtype != "float32" for kind in kinds.table.values())
    lengths = Lengths(facts, Forms(kinds, stable_names(fn, defs), loose))
    if not any(kind.form == "value" and kind.rank != 0 for kind in kinds.table.values()):
        return lengths
    held = facts.wrt if guarded else ()  # the guards hold the arrays among them to floating-point numbers
    arrays = {name for name in held if facts.kinds.defined(PARAMETER, name).is_array}
    floating = {p.name for p in fn.params if facts.kinds.defined(PARAMETER, p.name).dtype in FLOATING} | arrays
    given = {p.name: of_parameter(p, facts.kinds.defined(PARAMETER, p.name), floating, typed) for p in fn.params}
    if guarded:
        _annotated(fn, given)
    lengths.of_def.update({(PARAMETER, name): form for name, form in given.items()})
    for again in (False, True):
        if again:
            lengths.narrow(fn.body)
            if not lengths.narrowed:
                return lengths
            lengths.of_def = {key: form for key, form in lengths.of_def.items() if key[0] == PARAMETER}
            lengths.forms.sizes.clear()
        for _ in range(ROUNDS):
            before = dict(lengths.of_def), dict(lengths.forms.sizes)
            for stmt in defs.statements:
                lengths.define(stmt, not defs.loops[stmt.num])
            if before == (lengths.of_def, lengths.forms.sizes):
                break
        else:
            return Lengths(facts, Forms(kinds))
    return lengths


def _annotated(fn: n.Function, given: dict[str, Form]) -> None:
    """Axes that annotations call by one name get one key; the guards at the head hold them to it."""
    first: dict[str, Axis] = {}
    for p in fn.params:
        for k, axis in enumerate(named_axes(p.annotation) if p.annotation is not None else ()):
            key: Axis = ("of", p.name, k)
            if axis.isidentifier() and axis != "_" and first.setdefault(axis, key) != key:
                join_axes(given, key, first[axis])
