"""The laws of reverse mode, checked on every function that is generated.

In: the facts of the primal and the derived function, as the mode made it.  Out: nothing, or an InternalError.

*Version law*: a primal name that an adjoint reads holds the value it had at the statement the adjoint belongs to. Every
such read carries its version (`before` or `behind` a primal statement).  Here it is found out anew which definitions
reach the read in the derived text: they must be restores of that version, or those forward definitions that reach the
statement in the primal, none of which runs again in a loop around it.

*Ownership law*: an array adjoint is written in place only if every definition of it made new memory.

Both checks know nothing of how the storage policy decided; they look only at the text and at the primal's facts.
"""

from __future__ import annotations

from tangent_ad.analyses.defs import Definitions, find_definitions
from tangent_ad.analyses.effects import needed_content
from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.webs import PARAMETER, UNDEFINED, find_webs, read_expressions
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import expressions, subexpressions
from tangent_ad.errors import InternalError
from tangent_ad.rules.registry import lookup
from tangent_ad.runtime import helpers


def before(num: int) -> int:
    """The version of a value as statement `num` begins."""
    return 2 * num


def behind(num: int) -> int:
    """The version of what statement `num` defines."""
    return 2 * num + 1


def check_laws(facts: Facts, made: n.Function, bars: frozenset[str]) -> None:
    """Raise InternalError if `made` (numbered) breaks a law; `bars` are its adjoint variables."""
    defs, webs = find_definitions(made), find_webs(made)
    for stmt in defs.statements:
        for name, version in sorted(_versions(stmt)):
            content = any(name in needed_content(e) for e in expressions(stmt))
            _check_version(facts, defs, version, name, content, webs.reaching[(stmt.num, name)])
    _check_owned(made, defs, bars)


def _versions(stmt: n.Stmt) -> set[tuple[str, int]]:
    """The names with a version that `stmt` reads."""
    return {
        (e.id, e.version)
        for part in read_expressions(stmt)
        for e in subexpressions(part)
        if type(e) is n.Name and e.version is not None
    }


def _check_version(
    facts: Facts, defs: Definitions, version: int, name: str, content: bool, reaching: frozenset[int]
) -> None:
    """A read of `name`, of its content or of its shape only, that means `version`."""
    at = version // 2
    expected = frozenset((at,)) if version % 2 else _reaching(facts, at, name)
    for d in reaching:
        if d == UNDEFINED:  # on a path on which the statement did not run
            here = facts.aliases.mention(at, name) == at
            if UNDEFINED not in expected and facts.defs.unconditional(at) and here:
                raise _broken(facts, at, f"`{name}` may be undefined where the adjoint reads it")
            continue
        made = defs.statements[d] if d >= 0 else None
        restored = getattr(getattr(made, "target", None), "version", None)
        if restored is not None:
            same = expected <= _reaching(facts, restored // 2, name) and not restored % 2
            same = same and not _changed_between(facts, version, restored // 2, name, content)
            is_counter = restored // 2 in facts.defs.loops[at]
            if restored != version and not is_counter and not same:
                raise _broken(facts, at, f"`{name}` is restored for another statement")
            continue
        primal = PARAMETER if made is None or made.info.origin is None else made.info.origin
        if primal not in expected and primal >= 0 and facts.defs.after(primal, at):
            raise _broken(facts, at, f"`{name}` may hold another value where the adjoint reads it")
        if primal in expected and primal >= 0 and set(facts.defs.loops[primal]) & set(facts.defs.loops[at]):
            raise _broken(facts, at, f"`{name}` may hold the value of another iteration")


def _changed_between(facts: Facts, version: int, other: int, name: str, content: bool) -> bool:
    """May `name` be bound, or if its content matters its memory be written, between a version and the begin of a
    statement?  Loops that hold only one of them count as a whole."""
    at = version // 2
    first, last = sorted((at + version % 2, other))
    for loop in set(facts.defs.loops[at]) ^ set(facts.defs.loops[other]):
        first, last = min(first, loop), max(last, facts.defs.span[loop][1] + 1)
    events = list(facts.defs.defs.get(name, ()))
    if content:
        roots = facts.aliases.roots_of(facts.aliases.mention(other, name), name)
        events += [w for w, found in facts.aliases.writes if roots & found]
    return any(first <= e < last for e in events)


def _reaching(facts: Facts, at: int, name: str) -> frozenset[int]:
    """The primal definitions that `name` may hold at a primal statement."""
    return facts.webs.reaching.get((facts.aliases.mention(at, name), name), frozenset())


def _broken(facts: Facts, at: int, what: str) -> InternalError:
    span = facts.defs.statements[at].info.span
    line = f" (line {span.line} of {facts.fn.qualname})" if span else ""
    return InternalError(f"reverse mode broke the version law: {what}{line}")


def _check_owned(made: n.Function, defs: Definitions, bars: frozenset[str]) -> None:
    """Adjoints that are written in place own their memory."""
    written = {name for stmt in defs.statements if (name := _written_in_place(stmt)) in bars}
    for stmt in defs.statements:
        match stmt:
            case n.Assign(target=n.Name(id=name), value=value) if name in written and not _is_new(value, name):
                raise InternalError(f"reverse mode broke the ownership law: `{name}` may share memory")


def _written_in_place(stmt: n.Stmt) -> str | None:
    place: n.Expr | None = None
    if isinstance(stmt, n.Assign | n.AugAssign) and isinstance(stmt.target, n.Index):
        place = stmt.target
    elif isinstance(stmt, n.ExprStmt) and isinstance(stmt.value, n.Call) and stmt.value.fn is helpers.add_at:
        place = stmt.value.args[0]
    while isinstance(place, n.Index | n.Call):
        place = place.value if isinstance(place, n.Index) else place.args[0]
    return place.id if isinstance(place, n.Name) else None


def _is_new(value: n.Expr, name: str) -> bool:
    """Does the expression make new memory, or is it at most a view of what `name` held and holds no longer?"""
    while True:
        if isinstance(value, n.Const | n.List):
            return True
        if isinstance(value, n.Name):
            return value.id == name
        if isinstance(value, n.Index):
            value = value.value
            continue
        rule = lookup(value.fn) if isinstance(value, n.Call) else None
        if rule is None or rule.result == "fresh" or not isinstance(value, n.Call):
            return rule is not None
        value = value.args[0]
