"""Kinds of every web: what is a number, what is an array, of which rank and dtype class.

In: a numbered function in normal form, its webs, kinds known from outside (annotations, Numba's types), and whether
the result must be a number.  Out: `Kinds`: the kind of every web, and what was presumed of the parameters.

Kinds flow forward through the rules' kind tables to a fixed point; demands (a condition, `math.sin`, a loop bound, the
scalar result that `grad` needs) flow backward to parameters; the element rule gives the rank of a parameter that is
only read or written with integer indices.  What stays unknown is `ANY`, never a guess.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from tangent_ad.analyses.indexed import index_parts, indexed_webs
from tangent_ad.analyses.webs import PARAMETER, Webs
from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym
from tangent_ad.core.frozen import record
from tangent_ad.core.kinds import ANY, BOOL, FLOAT, INT, OTHER, Kind, array, join, the_one, tuple_of
from tangent_ad.core.walk import bound_names, expressions, statements, subexpressions
from tangent_ad.errors import RefusedError, refuse
from tangent_ad.rules.registry import Rule, lookup

MAX_ROUNDS = 12


@record(frozen=True)
class Presumption:
    """Of parameter `name` it was presumed: a number (rank 0) or an array of `rank`, for this reason."""

    name: str
    rank: int
    reason: str


@record(frozen=True)
class Kinds:
    """`webs[w]` is the kind of web w; unknown webs are ANY."""

    web_kinds: dict[int, Kind]
    webs: Webs
    presumed: tuple[Presumption, ...] = ()

    def at(self, num: int, expr: n.Expr) -> Kind:
        """The kind of an operand as statement `num` reads it."""
        return operand_kind(expr, lambda name: self.web_kinds.get(self.webs.of_read.get((num, name), -1)) or ANY)

    def defined(self, num: int, name: str) -> Kind:
        """The kind of `name` as statement `num` (-1: as the parameter) defines it."""
        return self.web_kinds.get(self.webs.of_def.get((num, name), -1)) or ANY

    def sym(self, num: int, expr: n.Expr) -> Sym:
        return Sym(expr, self.at(num, expr))


def literal_kind(value: Any) -> Kind:
    """The kind of a constant or of a captured value."""
    if isinstance(value, bool | np.bool_):
        return BOOL
    if isinstance(value, int | np.integer):
        return INT
    if isinstance(value, float | np.floating):
        return replace(FLOAT, dtype="float32") if isinstance(value, np.float32) else FLOAT
    if isinstance(value, np.ndarray):
        classes = {"f": "float32" if value.dtype.itemsize == 4 else "float", "b": "bool", "i": "int", "u": "int"}
        dtype = classes.get(value.dtype.kind)
        return OTHER if dtype is None else array(value.ndim, dtype)
    if isinstance(value, tuple):
        return tuple_of(*(literal_kind(v) for v in value))
    return OTHER


def operand_kind(expr: n.Expr, of_name: Any) -> Kind:
    """The kind of a pure expression in normal form; `of_name` gives that of a name."""
    if type(expr) is n.Name:
        kind: Kind = of_name(expr.id)
        return kind
    if type(expr) is n.Call:
        rule = lookup(expr.fn)
        if rule is None:
            return ANY
        if not expr.keywords:
            return _call_kind(rule, expr.args, of_name)
        given = tuple(Sym(a, operand_kind(a, of_name)) for a in expr.args)
        named = {k: Sym(v, operand_kind(v, of_name)) for k, v in expr.keywords}
        return rule.kind(given, named)
    match expr:
        case n.Const(value=value) | n.Global(value=value):
            return literal_kind(value)
        case n.Tuple(elts=elts) | n.List(elts=elts):
            return tuple_of(*(operand_kind(e, of_name) for e in elts))
        case n.BoolOp():
            kinds = [operand_kind(v, of_name) for v in expr.values]
            return BOOL if all(k == BOOL for k in kinds) else ANY
        case n.IfExp():
            return join(operand_kind(expr.body, of_name), operand_kind(expr.orelse, of_name))
        case n.Index():
            return index_kind(operand_kind(expr.value, of_name), expr.index, of_name)
    return OTHER


def _call_kind(rule: Rule, args: tuple[n.Expr, ...], of_name: Any) -> Kind:
    """The kind of a call without keywords.  Of literals a rule sees only the values, of names and of what is computed
    only the kinds: what it says of them is remembered."""
    key: list[Any] = [id(rule)]
    held: list[Any] = [rule]
    for arg in args:
        form = type(arg)
        if form is n.Name:
            kind = of_name(arg.id)  # type: ignore[attr-defined]
            key.append(id(kind))
        elif form is n.Const:
            key.append(arg.key)  # type: ignore[attr-defined]
            continue
        elif form is n.Call or form is n.Index:
            kind = operand_kind(arg, of_name)
            key.append((id(kind),))
        else:
            return rule.kind(tuple(Sym(a, operand_kind(a, of_name)) for a in args))
        held.append(kind)
    known = _CALL_KINDS.get(tuple(key))
    if known is None:
        if len(_CALL_KINDS) >= _MOST_CALLS:
            _CALL_KINDS.clear()
        found = the_one(rule.kind(tuple(Sym(a, operand_kind(a, of_name)) for a in args)))
        known = _CALL_KINDS[tuple(key)] = (found, held)
    return known[0]


_CALL_KINDS: dict[tuple[Any, ...], tuple[Kind, list[Any]]] = {}
"""With the rule and the kinds, so that their identities stay their own: they are quicker to find than equals."""
_MOST_CALLS = 5_000


def _remembered(call: n.Call, num: int, kinds: Kinds) -> Kind | None:
    """What `_call_kind` remembers of a call of names and literals in statement `num`, if it does."""
    rule = lookup(call.fn)
    key: list[Any] = [id(rule)]
    web_of, known = kinds.webs.of_read, kinds.web_kinds
    for arg in call.args:
        if type(arg) is n.Name:
            web = web_of.get((num, arg.id))
            kind = known.get(web) if web is not None else ANY
            if kind is None:
                return None
            key.append(id(kind))
        elif type(arg) is n.Const:
            key.append(arg.key)
        else:
            return None
    found = None if call.keywords else _CALL_KINDS.get(tuple(key))
    return None if found is None else found[0]


def index_kind(base: Kind, index: n.Expr, of_name: Any) -> Kind:
    """The kind of `base[index]`."""
    if base.form == "tuple":
        if isinstance(index, n.Const) and isinstance(index.value, int) and base.elts is not None:
            return base.elts[index.value] if -len(base.elts) <= index.value < len(base.elts) else ANY
        if base.elts is not None and base.elts and all(e == base.elts[0] for e in base.elts):
            return base.elts[0]
        return ANY
    if base.form == "tape":
        raise RefusedError("an element of a list is not supported", hint="an array, or only `append` and `pop`")
    if base.form == "other" or base.is_number:
        return ANY
    used, kept, fancy, open_rank = 0, 0, -1, False
    for part in index_parts(index):
        if isinstance(part, n.Slice):
            used, kept = used + 1, kept + 1
        elif isinstance(part, n.Const) and part.value is None:
            kept += 1
        elif isinstance(part, n.Const) and part.value is Ellipsis:
            continue
        else:
            kind = operand_kind(part, of_name)
            if kind.dtype == "bool" and kind.has_rank and kind.rank:
                used, fancy = used + kind.rank, max(fancy, 1)
            elif kind.dtype == "int" and kind.has_rank:
                used, fancy = used + 1, max(fancy, kind.rank or -1)
            else:
                open_rank, fancy = True, max(fancy, 1 if kind.is_array else -1)
    dtype = base.dtype if base.form == "value" else None
    if open_rank or not base.has_rank or base.rank is None:
        whole = base.is_array and used == kept and fancy < 0 and not open_rank
        return Kind("value", dtype, -1 if kept or fancy > 0 or whole else None)
    rank = base.rank - used + kept + max(fancy, 0)
    if base.rank < used:
        raise RefusedError(f"{used} indices for an array of {base.rank} axes")
    dotted = any(isinstance(p, n.Const) and p.value is Ellipsis for p in index_parts(index))
    return Kind("value", dtype, None if rank == 0 and (dotted or fancy >= 0) else rank)


def infer_kinds(
    fn: n.Function, webs: Webs, given: dict[str, Kind] | None = None, scalar_result: bool = False, presume: bool = True
) -> Kinds:
    """The kinds of the webs of `fn`.  `given` names kinds of parameters that are known from outside."""
    table: dict[int, Kind] = {}
    for name, kind in (given or {}).items():
        table[webs.of_def[(PARAMETER, name)]] = kind
    unknown = {w for w in webs.params(fn).values() if table.get(w, ANY).rank in (None, -1) and _is_value(table.get(w))}
    unknown -= {webs.of_def[(PARAMETER, p.name)] for p in fn.params if p.default == n.Const(None)}  # it may be left out
    program = _program(fn, webs)
    kinds = _forward(program, table)
    if not presume:
        return kinds
    presumed: list[Presumption] = []
    for _ in range(3):
        if not unknown:
            break
        found = [p for p in _demands(fn, kinds, unknown, scalar_result) if p.name not in {q.name for q in presumed}]
        arrays = {w for w in unknown if w in program.indexed or table.get(w, ANY).is_array}
        found = [p for p in found if p.rank or webs.of_def[(PARAMETER, p.name)] not in arrays]
        if not found:
            break
        unknown -= {webs.of_def[(PARAMETER, p.name)] for p in found}
        for group in (found, *([p] for p in found if len(found) > 1)):
            ranks = {webs.of_def[(PARAMETER, p.name)]: p.rank for p in group}
            tried = table | {w: Kind("value", table.get(w, ANY).dtype, rank) for w, rank in ranks.items()}
            try:
                kinds = _forward(program, tried)
            except RefusedError:  # what was presumed contradicts another use: it stays unknown
                continue
            table, presumed = tried, presumed + group
            if group is found:
                break
    return replace(kinds, presumed=tuple(presumed))


def _as_array(kind: Kind) -> Kind:
    """What is known of a value once it is known to be indexed."""
    return Kind("value", kind.dtype, -1) if _is_value(kind) and kind.rank is None else kind


def _is_value(kind: Kind | None) -> bool:
    return kind is None or kind.form in ("any", "value")


@record(frozen=True)
class _Program:
    """What does not change while kinds are sought: the statements, the webs that are indexed (so they are arrays), and
    for each web the positions of the statements that read it."""

    fn: n.Function
    webs: Webs
    order: tuple[n.Stmt, ...]
    indexed: frozenset[int]
    readers: dict[int, list[int]]


def _program(fn: n.Function, webs: Webs) -> _Program:
    order = tuple(statements(fn.body))
    position = {stmt.num: k for k, stmt in enumerate(order)}
    readers: dict[int, list[int]] = defaultdict(list)
    for (num, _), web in webs.of_read.items():
        readers[web].append(position[num])
    return _Program(fn, webs, order, indexed_webs(webs, order), readers)


def _forward(program: _Program, given: dict[int, Kind]) -> Kinds:
    """Kinds to a fixed point, from the bottom; parameters nobody knows are ANY.  What is indexed is an array.

    A statement is looked at in the first round, in the order of the text, and again when a web that it reads has
    changed since.
    """
    fn, webs, indexed = program.fn, program.webs, program.indexed
    table: dict[int, Kind] = {web: ANY for web in webs.params(fn).values()}
    table.update((web, the_one(kind)) for web, kind in given.items())
    kinds = Kinds(table, webs)
    for web in indexed & table.keys():
        table[web] = _as_array(table[web])
    order, readers = program.order, program.readers
    now, later = bytearray(len(order)), set[int]()  # a byte for each statement: is it to be looked at again?
    for round_ in range(MAX_ROUNDS):
        for at in _marked(now) if round_ else range(len(order)):
            stmt = order[at]
            made = None
            if type(stmt) is n.Assign and type(stmt.target) is n.Name and type(stmt.value) is n.Call:  # nearly all are
                made = _remembered(stmt.value, stmt.num, kinds)
            for name, kind in ((stmt.target.id, made),) if made else _defined_kinds(stmt, kinds, fn):  # type: ignore[attr-defined]
                old: Kind | None
                if type(stmt) is n.ExprStmt:
                    web = webs.of_read[(stmt.num, name)]
                    old = table.get(web)
                    new = Kind("tape", elts=(join(old.elts[0], kind) if old and old.elts else kind,))
                else:
                    web = webs.of_def[(stmt.num, name)]
                    old = table.get(web)
                    new = kind if old is None or old is kind else join(old, kind)
                    if web in indexed:
                        new = _as_array(new)
                    if round_ > MAX_ROUNDS - 3 and new != old:
                        new = ANY
                if new is old or (old is not None and new == old):
                    continue
                table[web] = new
                for reader in readers.get(web, ()):
                    if reader <= at:
                        later.add(reader)
                    elif round_:
                        now[reader] = 1
        if not later:
            break
        for at in later:
            now[at] = 1
        later.clear()
    return kinds


def _marked(now: bytearray) -> Iterator[int]:
    """The positions that are marked, in their order, also those that are marked meanwhile; none is when all is done."""
    at = now.find(1)
    while at >= 0:
        now[at] = 0
        yield at
        at = now.find(1, at)


def _defined_kinds(stmt: n.Stmt, kinds: Kinds, fn: n.Function) -> list[tuple[str, Kind]]:
    """What `stmt` defines, or puts on a tape, with the kinds known so far; nothing if an operand is not known yet."""

    num, web_of, known = stmt.num, kinds.webs.of_read, kinds.web_kinds

    def of_name(name: str) -> Kind:
        web = web_of.get((num, name))
        found = known.get(web) if web is not None else ANY
        if found is None:
            raise _NotYet
        return found

    try:
        match stmt:
            case n.For(target=target):
                return [(target.id, INT)]
            case n.Assign(target=n.Name(id=name), value=value):
                if isinstance(value, n.List):
                    return [(name, Kind("tape"))] if not value.elts else [(name, OTHER)]
                kind = operand_kind(value, of_name)
                if isinstance(value, n.Name) and kind.form == "tape":
                    raise RefusedError("a second name for a list is not supported", hint="one name for it")
                return [(name, kind)]
            case n.Assign(target=n.Tuple() as target, value=value) if not _is_shape(value):
                names, kind = tuple(bound_names(target)), operand_kind(value, of_name)
                if kind.form != "tuple" or kind.elts is None or len(kind.elts) != len(names):
                    return [(name, ANY) for name in names]
                return list(zip(names, kind.elts, strict=True))
            case n.Assign(target=n.Tuple(elts=elts)):
                return [(e.id, INT) for e in elts if isinstance(e, n.Name)]
            case n.AugAssign(target=n.Name(id=name), fn=op, value=value):
                old, rule = of_name(name), lookup(op)
                new = ANY if rule is None else _call_kind(rule, (stmt.target, value), of_name)
                return [(name, old if old.is_array else new)]
            case n.ExprStmt(value=n.Call(fn=list.append, args=(n.Name(id=name), value))):
                return [(name, operand_kind(value, of_name))]
    except _NotYet:
        return []
    except RefusedError as error:
        if error.file is None:
            raise refuse(error.message, _span(stmt), stmt.info.source or fn, error.hint) from None
        raise
    return []


def _is_shape(value: n.Expr) -> bool:
    return isinstance(value, n.Call) and value.fn is np.shape


class _NotYet(Exception):
    """An operand's web has no kind yet (the body of a loop that is met for the first time)."""


def _span(stmt: n.Stmt) -> n.Span | None:
    for expr in expressions(stmt):
        for part in subexpressions(expr):
            if isinstance(part, (n.Call, n.Index)) and part.span is not None:
                return part.span
    return stmt.info.span


def _demands(fn: n.Function, kinds: Kinds, unknown: set[int], scalar_result: bool) -> list[Presumption]:
    """Parameters of unknown kind that can only be numbers, or only arrays of one rank."""
    from tangent_ad.analyses.demands import find_demands

    found = find_demands(fn, kinds, scalar_result)
    names = {web: name for name, web in kinds.webs.params(fn).items() if web in unknown}
    return [Presumption(names[web], rank, reason) for web, (rank, reason) in sorted(found.items()) if web in names]


NUMBERS_ONLY = frozenset(v for v in vars(math).values() if callable(v)) | {float, int, bool, round, max, min}
