"""What becomes of each variable: active or not, kept, computed again, inverted, left in its name or dropped, and why.

In: the facts of a function in normal form, its sweeps.  Out: `Choice`s, by line of the user's function; that function
with them as comments beside its lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from tangent_ad.analyses.defs import bound_by
from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.webs import PARAMETER
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import changed, expressions, map_body, map_expr, names_read, statements
from tangent_ad.emit.exprs import expression_text
from tangent_ad.storage.marks import Read
from tangent_ad.storage.place import Sweeps
from tangent_ad.storage.stored import store_of
from tangent_ad.storage.values import Value, Values


@record(frozen=True)
class Choice:
    """What becomes of one value.

    line: of the user's function; None for a parameter.  name: the variable, or the expression that has no name.
    fate: in words; `activity`: its beginning, if one definition is meant.  tape: the variable of the derivative in
    which it is kept (unless the simplifier finds that nothing is to be kept).
    """

    line: int | None
    name: str
    fate: str
    activity: str = ""
    tape: str | None = None


LOOP = "the loop"
NOT_READ = "no adjoint reads it"
CARRIED = "in its name until the backward sweep puts back what it held before"


def find_choices(fn: n.Function, facts: Facts, sweeps: Sweeps, reads: Iterable[Read]) -> tuple[Choice, ...]:
    """The choices of reverse mode, in the order of the user's function `fn`; `reads`: what the adjoints read."""
    return tuple(_Chooser(fn, facts, sweeps, tuple(reads)).all())


def activities(facts: Facts) -> tuple[Choice, ...]:
    """What forward mode makes of each variable: it has a tangent, or none."""
    found = []
    for num, name in _definitions(facts):
        active = facts.webs.of_def[(num, name)] in facts.activity.active
        fate = "active, its tangent beside it" if active else "not active"
        found.append(Choice(_line(facts, num), name, fate))
    return tuple(found)


def renamed(before: n.Function, after: n.Function) -> dict[str, str]:
    """The names of a derivative before its temporaries were counted again, and what they are called then."""
    pairs = zip(statements(before.body), statements(after.body), strict=True)
    return {a: b for old, new in pairs for a, b in zip(bound_by(old), bound_by(new), strict=True)}


def annotated(
    fn: n.Function, choices: Iterable[Choice], present: Mapping[str, str], carried: frozenset[str] = frozenset()
) -> n.Function:
    """The user's function `fn` with a comment for each choice beside its line.

    present: the names of the variables that the finished derivative has, and what they are called there.  carried: the
    tapes that it has not, because the next iteration keeps the same (`simplify/carried.py`).
    """
    known = _names(fn)
    notes: dict[int | None, dict[str, None]] = {}
    for choice in choices:
        gone = choice.tape is not None and choice.tape not in present
        named = choice.name == LOOP or choice.name.partition(" ")[0] in known
        if not named and (choice.tape is None or gone):
            continue  # what the user gave no name, and is not kept
        fate = f"{choice.activity}, {NOT_READ}" if gone and choice.activity else choice.fate
        if choice.tape in carried and gone:
            fate = f"{choice.activity}, {CARRIED}"
        if choice.tape is not None and not gone:
            fate = fate.replace(f"kept in {choice.tape}", f"kept in {present[choice.tape]}", 1)
        if not (gone and not choice.activity):
            notes.setdefault(choice.line, {})[f"{choice.name}: {fate}"] = None
    lines = {stmt.info.span.line for stmt in statements(fn.body) if stmt.info.span is not None}

    def beside(_: int, stmt: n.Stmt) -> tuple[n.Stmt]:
        line = stmt.info.span.line if stmt.info.span is not None else None
        found = list(notes.pop(line, ())) if line is not None and line in lines else []
        if not found:
            return (stmt,)
        own = [stmt.info.trailing] if stmt.info.trailing else []
        return (changed(stmt, info=replace(stmt.info, trailing="; ".join([*own, *found]))),)

    ahead, elsewhere = (
        tuple(notes.pop(None, ())),
        tuple(f"in a function written in place: {x}" for x in notes.pop(0, ())),
    )
    body = map_body(fn.body, beside)
    first = body[0]
    body = (changed(first, info=replace(first.info, comments=(*ahead, *first.info.comments))), *body[1:])
    return replace(fn, body=body, comments_end=(*fn.comments_end, *elsewhere))


def _names(fn: n.Function) -> set[str]:
    return {p.name for p in fn.params} | {name for stmt in statements(fn.body) for name in bound_by(stmt)}


def _definitions(facts: Facts) -> list[tuple[int, str]]:
    """Parameters first, then in the order of the text."""
    order = {p.name: k for k, p in enumerate(facts.fn.params)}
    known = [d for d in facts.webs.of_def if d[0] != PARAMETER or d[1] in order]
    return sorted(known, key=lambda d: (d[0] != PARAMETER, order.get(d[1], 0) if d[0] == PARAMETER else d[0], d[1]))


def _line(facts: Facts, num: int) -> int | None:
    """The line of the user's function that a statement comes from; 0 if it is a callee's, written in place."""
    if num < 0:
        return None
    info = facts.defs.statement(num).info
    return info.span.line if info.span is not None and info.source is None else 0


class _Chooser:
    def __init__(self, fn: n.Function, facts: Facts, sweeps: Sweeps, reads: tuple[Read, ...]) -> None:
        self.user = _names(fn)
        self.facts, self.sweeps, self.values = facts, sweeps, sweeps.values
        self.plan = sweeps.plan
        self.again = {value for found in self.plan.again.values() for value in found}
        self.by_def: dict[tuple[int, str], Value] = {}
        for value in self.decided():
            if _is_of_definition(value):
                self.by_def.setdefault((value.states[0][1], value.name), value)
        self.free = {(v.states[0], v.name) for r in reads if not self.values.may_change(r) for v in [self.values.at(r)]}
        sources = [self.facts.defs.statement(v.states[0][1]) for v in self.again if v.states[0][0] == "def"]
        self.read_again = {name for stmt in sources for expr in expressions(stmt) for name in names_read(expr)}
        self.carried = {value.name for value in self.decided() if not _is_of_definition(value)}

    def decided(self) -> list[Value]:
        tables = (self.plan.kept, self.plan.again, self.plan.undone)
        return [v for table in tables for found in table.values() for v in found]

    def all(self) -> list[Choice]:
        found: list[tuple[int, Choice]] = []
        for num, name in _definitions(self.facts):
            if not isinstance(self._stmt(num), n.For):
                found.append((num, self.definition(num, name)))
        found += [(num, self.write(num)) for num, _ in self.facts.aliases.writes if self.written(num)]
        for value in self.decided():
            if not _is_of_definition(value):
                home, at = self.values.place(value)
                num = at if at >= 0 else home[0]
                found.append((num, self.value(num, value, self.moment(value, at))))
        for num in self.values.fused:
            found.append((num, Choice(_line(self.facts, num), LOOP, "its reverse runs within each iteration")))
        for num, flag in self.plan.flags.items():
            tape = self.sweeps.flags.get(num, flag)
            found.append((num, Choice(_line(self.facts, num), "the condition", f"kept in {tape}", tape=tape)))
        return [choice for _, choice in sorted(found, key=lambda pair: pair[0])]

    def definition(self, num: int, name: str) -> Choice:
        """What becomes of the value that one definition gives a variable."""
        activity = "active" if self.facts.webs.of_def[(num, name)] in self.facts.activity.active else "not active"
        value = self.by_def.get((num, name))
        if value is not None:
            choice = self.value(num, value, "")
            return replace(choice, activity=activity, fate=f"{activity}, {choice.fate}")
        state = ("param", -1) if num == PARAMETER else ("def", num)
        if (state, name) in self.free or (name in self.read_again and name not in self.carried):
            fate = f"{activity}, left in its name"
        elif name in self.carried:
            fate = activity
        elif num >= 0 and num not in self.values.runs:
            fate = f"{activity}, dropped: nothing needs its value"
        else:
            fate = f"{activity}, {NOT_READ}"
        return Choice(_line(self.facts, num), name, fate, activity)

    def written(self, num: int) -> str:
        """The array that a statement writes into, by its name; "" if it says none."""
        target = getattr(self._stmt(num), "target", None)
        return target.value.id if isinstance(target, n.Index) and isinstance(target.value, n.Name) else ""

    def write(self, num: int) -> Choice:
        name = self.written(num)
        web = self.facts.webs.of_read.get((num, name), -1)
        fate = "active, written in place" if web in self.facts.activity.active else "not active, written in place"
        if num not in self.values.runs:
            fate = fate.replace("written in place", "the write is dropped: nothing needs it")
        return Choice(_line(self.facts, num), name, fate)

    def _stmt(self, num: int) -> n.Stmt | None:
        return self.facts.defs.statement(num) if num >= 0 else None

    def value(self, num: int, value: Value, when: str) -> Choice:
        """What becomes of a value that an adjoint reads when its name may hold something else."""
        how = self.sweeps.kept_as.get(value)
        tape = None if how is None else how[1]
        store = store_of(self.values, value) if value in self.again else None
        again = "computed again" if store is None else f"read again in `{expression_text(store.target)}`"
        what = f"kept in {tape}" if tape is not None else again if value in self.again else "inverted"
        name = self.named(num, value.name)
        return Choice(_line(self.facts, num), f"{name}{when}", f"{what}{self.reason(value)}", tape=tape)

    def moment(self, value: Value, at: int) -> str:
        """When a value stood in its variable, if no single definition says so."""
        how = value.states[-1][0]
        if at >= 0:
            return " after this" if how in ("exit", "def") else ""
        return " as an iteration begins" if how == "carried" else ""

    def reason(self, value: Value) -> str:
        read = self.plan.sample.get(value)
        if read is None:
            return ""
        line, by = _line(self.facts, read.num), overwriter(self.values, read)
        reader = f" for the adjoint of line {line}" if line else " for an adjoint"
        if not value.content:
            reader += ", which reads its shape"
        if by is None:
            return reader
        at = _line(self.facts, by)
        writer = f"line {at}" if at else "a function written in place"
        next_pass = by < read.num or (by == read.num and read.is_behind)
        return f"{reader}: {writer} overwrites it" + (" in the next iteration" if next_pass else "")

    def named(self, num: int, name: str) -> str:
        """The variable; of a temporary, the expression that it stands for."""
        stmt = self._stmt(num)
        if name not in self.user and isinstance(stmt, n.Assign) and stmt.target == n.Name(name):
            whole, short = (expression_text(e) for e in (self.expanded(stmt.value, 8), stmt.value))
            return f"`{whole if len(whole) <= 60 else short}`"
        return name

    def expanded(self, expr: n.Expr, depth: int) -> n.Expr:
        """An expression with those in it that the user gave no name either."""

        def whole(e: n.Expr) -> n.Expr:
            if not isinstance(e, n.Name) or e.id in self.user or not depth:
                return e
            num = self.facts.defs.sole_definition(e.id)
            stmt = None if num is None else self._stmt(num)
            return self.expanded(stmt.value, depth - 1) if isinstance(stmt, n.Assign) else e

        return map_expr(expr, whole)


def _is_of_definition(value: Value) -> bool:
    """Does one definition say where the value comes from, and nothing else?"""
    return value.states[0][0] == "def" and len(value.states) == 1


def overwriter(values: Values, read: Read) -> int | None:
    """The first statement behind which the name may mean something else than the read."""
    facts, num = values.facts, read.num
    at = num if read.is_behind else facts.aliases.mention(num, read.name)
    roots = values.roots(read, at) if read.content else frozenset()
    events = [*values.events.get(read.name, ()), *(w for w, found in values.writes if roots & found)]
    later = [e for e in events if values.after(e, num) or (e == num and not read.is_behind)]
    return min(later, key=lambda e: (e < num or (e == num and read.is_behind), e), default=None)
