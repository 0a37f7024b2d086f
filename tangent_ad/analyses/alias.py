"""Aliasing: which names share memory, which views stand for a part of an owner, which writes cannot be followed.

In: a numbered function in normal form, its webs, kinds and definitions.  Out: `Aliases`, or a refusal.

Two questions are answered.  *Roots* (flow-insensitive): may this write change memory that a name held earlier?
*Views* (flow-sensitive): a definition `row = x[i]` is a *shadow view* if wherever `row` is used it is that view of that
`x`; then `row` has no adjoint of its own, its adjoint is the same view of `x_bar`, and writes through it are right by
construction.  Any other alias is treated as a copy, which is right as long as nobody writes the shared memory while
both names are in use; a write that breaks this is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tangent_ad.analyses.defs import Definitions, bound_by, surely_runs
from tangent_ad.analyses.effects import Relation, content_reads, may_be_array, relation, written
from tangent_ad.analyses.kinds import Kinds
from tangent_ad.analyses.live import find_live
from tangent_ad.analyses.webs import PARAMETER, UNDEFINED, Webs, reads_of
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import globals_read, names_read, statements
from tangent_ad.errors import refuse
from tangent_ad.rules.registry import lookup

Root = tuple[int, str]
CAPTURED = PARAMETER - 1
"""Stands for the statement that allocates a captured array."""


@record(frozen=True)
class Aliases:
    """`views[num]`: the shadow views, by the number of the statement that defines them, with their base's name.
    `roots[web]`: allocations that a web may hold.  `writes`: (statement, roots it may write)."""

    views: dict[int, str]
    roots: dict[int, frozenset[Root]]
    writes: tuple[tuple[int, frozenset[Root]], ...]
    webs: Webs
    defs: Definitions

    def roots_of(self, num: int, name: str) -> frozenset[Root]:
        web = self.webs.of_read.get((num, name))
        return frozenset() if web is None else self.roots.get(web, frozenset())

    def written_after(self, name: str, num: int) -> bool:
        """May the memory that `name` holds at statement `num` be written on a path that leaves the statement?"""
        mine = self.roots_of(num, name)
        return any(mine & roots and self.defs.after(at, num) for at, roots in self.writes)

    def ever_written(self, roots: frozenset[Root]) -> bool:
        return any(roots & found for _, found in self.writes)

    def mention(self, num: int, name: str) -> int:
        """A statement that mentions `name` and finds in it what it holds at statement `num`: the statement itself, or
        the definition of a shadow view that it uses (the base and indices of a view stay while it is in use)."""
        if (num, name) in self.webs.reaching:
            return num
        for read in sorted(reads_of(self.defs.statements[num])):
            view = self.view_at(num, read)
            if view is not None:
                found = self.mention(view.num, name)
                if (found, name) in self.webs.reaching:
                    return found
        return num

    def view_at(self, num: int, name: str) -> n.Assign | None:
        """The shadow view that `name` is at statement `num`, or None if it owns its memory (or is a copy)."""
        if not self.views:
            return None
        reaching = self.webs.reaching.get((num, name), frozenset()) - {UNDEFINED}
        if not reaching or not reaching <= self.views.keys():
            return None
        stmt = self.defs.statements[min(reaching)]  # several are the same view of the same array
        assert isinstance(stmt, n.Assign)
        return stmt


def find_aliases(fn: n.Function, webs: Webs, kinds: Kinds, defs: Definitions, check: str = "all") -> Aliases:
    """Roots and shadow views of `fn`; raises RefusedError at a write that cannot be followed.

    check: "all" for a reverse mode; "maybe" for a forward mode, whose tangents are aliased exactly as the primal is, so
    that only what is a view of the one and perhaps not of the other (`reshape`) is refused.
    """
    relations = {
        s.num: relation(s, kinds) for s in defs.statements if isinstance(s, n.Assign) and isinstance(s.target, n.Name)
    }
    roots = _roots(fn, webs, kinds, defs, relations)
    writes = tuple(
        (s.num, frozenset().union(*(roots.get(webs.of_read.get((s.num, name), -1), frozenset()) for name in names)))
        for s in defs.statements
        if (names := written(s, kinds))
    )
    views = _views(fn, webs, kinds, defs, relations)
    aliases = Aliases(views, roots, writes, webs, defs)
    for num, found in writes:
        captured = sorted(name for at, name in found if at == CAPTURED)
        if captured:
            stmt = defs.statements[num]
            raise refuse(
                f"this writes to the captured array `{captured[0]}`",
                stmt.info.span,
                stmt.info.source or fn,
                "pass it as an argument, or copy it first (`.copy()`)",
            )
    if writes:
        _check_writes(fn, aliases, kinds, relations, check)
    return aliases


def _roots(
    fn: n.Function, webs: Webs, kinds: Kinds, defs: Definitions, relations: dict[int, Relation]
) -> dict[int, frozenset[Root]]:
    """Allocation sites that each web may hold, by a fixed point over the definitions."""
    roots: dict[int, frozenset[Root]] = {}
    edges: list[tuple[int, int]] = []
    for p in fn.params:
        if may_be_array(kinds.defined(PARAMETER, p.name)):
            roots[webs.of_def[(PARAMETER, p.name)]] = frozenset(((PARAMETER, p.name),))
    for stmt in defs.statements:
        if isinstance(stmt, n.ExprStmt) and isinstance(stmt.value, n.Call) and stmt.value.fn is list.append:
            tape, value = stmt.value.args
            if isinstance(tape, n.Name) and isinstance(value, n.Name):
                edges.append((webs.of_read[(stmt.num, value.id)], webs.of_read[(stmt.num, tape.id)]))
        if not isinstance(stmt, (n.Assign, n.AugAssign)):
            continue
        for name in bound_by(stmt):
            web = webs.of_def[(stmt.num, name)]
            rel = relations.get(stmt.num, Relation("fresh"))
            if not may_be_array(kinds.defined(stmt.num, name)):
                continue
            if rel.how == "fresh":
                roots[web] = roots.get(web, frozenset()) | {(stmt.num, name)}
            elif rel.of is None:
                spelled = next((g.spelling for g in globals_read(stmt.value)), name)
                roots[web] = roots.get(web, frozenset()) | {(CAPTURED, spelled)}
            elif (stmt.num, rel.of) in webs.of_read:
                edges.append((webs.of_read[(stmt.num, rel.of)], web))
    changed = True
    while changed:
        changed = False
        for source, target in edges:
            new = roots.get(target, frozenset()) | roots.get(source, frozenset())
            if new != roots.get(target, frozenset()):
                roots[target], changed = new, True
    return roots


def _views(
    fn: n.Function, webs: Webs, kinds: Kinds, defs: Definitions, relations: dict[int, Relation]
) -> dict[int, str]:
    """The definitions that are shadow views, with the name of their base."""
    candidates = {num: rel.of for num, rel in relations.items() if rel.how == "view" and rel.of is not None}
    if not candidates:
        return {}
    reads: dict[int, frozenset[str]] = {}
    for num in candidates:
        stmt = defs.statements[num]
        assert isinstance(stmt, n.Assign)
        reads[num] = names_read(stmt.value)
    killed_by: dict[str, set[int]] = {}
    for num, names in reads.items():
        for name in names:
            killed_by.setdefault(name, set()).add(num)
    good = set(candidates)

    def use(stmt: n.Stmt, stale: frozenset[int]) -> None:
        for name in reads_of(stmt):
            reaching = webs.reaching.get((stmt.num, name), frozenset()) - {UNDEFINED}
            if not reaching <= good or reaching & stale or not _same_view(reaching, defs, webs):
                good.difference_update(reaching)

    def kill(names: set[str], stale: frozenset[int], at: int) -> frozenset[int]:
        dead = {num for name in names for num in killed_by.get(name, ()) if defs.after(at, num)}
        return stale | dead if dead else stale

    def flow(body: tuple[n.Stmt, ...], stale: frozenset[int]) -> frozenset[int]:
        """`stale`: the views of which, since they were made, the base or an index may have been bound again."""
        for stmt in body:
            if isinstance(stmt, (n.For, n.While)):
                inside = {name for inner in statements((stmt,)) for name in bound_by(inner)}
                if isinstance(stmt, n.For):
                    use(stmt, stale)
                head = kill(inside, stale, stmt.num)
                if isinstance(stmt, n.While):
                    use(stmt, head)
                stale = stale | flow(stmt.body, head)
                continue
            use(stmt, stale)
            if isinstance(stmt, n.If):
                stale = flow(stmt.body, stale) | flow(stmt.orelse, stale)
                continue
            stale = kill(set(bound_by(stmt)), stale, stmt.num)
            if stmt.num in candidates:  # `x = x.T`: the base is gone as soon as the view is made
                lost = bool(set(bound_by(stmt)) & reads[stmt.num])
                stale = stale | {stmt.num} if lost else stale - {stmt.num}
        return stale

    before = -1
    while before != len(good):
        before = len(good)
        flow(fn.body, frozenset())
        for num in sorted(good):  # a view of a view needs the inner one wherever it is used itself
            base = candidates[num]
            inner = webs.reaching.get((num, base), frozenset()) - {UNDEFINED}
            if inner & good and not (inner <= good and _same_view(inner, defs, webs)):
                good.discard(num)
                continue
            for d in inner & good:
                for name in reads[d]:
                    if num not in killed_by.setdefault(name, set()):
                        killed_by[name].add(num)
                        before = -1
                reads[num] = reads[num] | reads[d]
    return {num: candidates[num] for num in sorted(good) if candidates[num] is not None}


def _same_view(found: frozenset[int], defs: Definitions, webs: Webs) -> bool:
    """Do all these definitions make the same view: the same expression, of names that hold the same?"""
    if len(found) < 2:
        return True
    made = [_origin(d, defs, webs) for d in sorted(found)]
    held = [{name: webs.reaching.get((at, name)) for name in names_read(value)} for at, value in made]
    return all(value == made[0][1] for _, value in made) and all(h == held[0] for h in held)


def _origin(at: int, defs: Definitions, webs: Webs) -> tuple[int, n.Expr]:
    """The statement and the expression that a chain of plain copies, `a = b`, comes from."""
    stmt = defs.statements[at]
    assert isinstance(stmt, n.Assign)
    while isinstance(stmt.value, n.Name):
        before = webs.reaching.get((stmt.num, stmt.value.id), frozenset()) - {UNDEFINED}
        source = defs.statements[min(before)] if len(before) == 1 and min(before) >= 0 else None
        if not (isinstance(source, n.Assign) and isinstance(source.target, n.Name) and source.num < stmt.num):
            break
        if not isinstance(source.value, n.Name):
            break
        stmt = source
    return stmt.num, stmt.value


@dataclass
class _State:
    """At one point: with which names each name may share memory, and which definitions it may hold."""

    shares: dict[str, frozenset[str]]
    holds: dict[str, frozenset[int]]

    def copy(self) -> _State:
        return _State(dict(self.shares), dict(self.holds))

    def join(self, other: _State) -> _State:
        return _State(_union(self.shares, other.shares), _union(self.holds, other.holds))

    def unlink(self, name: str) -> None:
        for other in self.shares.pop(name, NOBODY):
            self.shares[other] = self.shares[other] - {name}

    def link(self, name: str, others: frozenset[str]) -> None:
        for other in others - {name}:
            self.shares[name] = self.shares.get(name, NOBODY) | {other}
            self.shares[other] = self.shares.get(other, NOBODY) | {name}


NOBODY: frozenset[str] = frozenset()


def _union(a: dict[str, frozenset[Any]], b: dict[str, frozenset[Any]]) -> dict[str, frozenset[Any]]:
    return {k: a.get(k, frozenset()) | b.get(k, frozenset()) for k in {**a, **b}}


def _check_writes(fn: n.Function, aliases: Aliases, kinds: Kinds, relations: dict[int, Relation], check: str) -> None:
    """Refuse a write to memory that another name, used later, sees in a way the adjoint cannot follow."""
    live = find_live(fn, content_reads)

    def step(stmt: n.Stmt, state: _State) -> None:
        for name in written(stmt, kinds):
            for other in sorted(state.shares.get(name, NOBODY) & live.after[stmt.num]):
                unsure = isinstance(stmt, n.AugAssign) and isinstance(stmt.target, n.Name)
                if check == "all" or unsure or _perhaps(aliases, name, state) or _perhaps(aliases, other, state):
                    _check_pair(fn, stmt, name, other, aliases, kinds, state)
        if isinstance(stmt, n.ExprStmt) and isinstance(stmt.value, n.Call) and stmt.value.fn is list.append:
            tape, value = stmt.value.args
            if isinstance(tape, n.Name) and isinstance(value, n.Name) and may_be_array(kinds.at(stmt.num, value)):
                state.link(tape.id, state.shares.get(value.id, NOBODY) | {value.id})
        if isinstance(stmt, n.Assign):
            rel = relations.get(stmt.num)
            group = NOBODY
            if rel is not None and rel.of is not None and rel.how != "fresh":
                group = state.shares.get(rel.of, NOBODY) | {rel.of}
            for name in bound_by(stmt):
                state.unlink(name)
                state.holds[name] = frozenset((stmt.num,))
                state.link(name, group)

    def flow(body: tuple[n.Stmt, ...], state: _State) -> _State:
        for stmt in body:
            match stmt:
                case n.If():
                    state = flow(stmt.body, state.copy()).join(flow(stmt.orelse, state.copy()))
                case n.For() | n.While():
                    while True:
                        end = flow(stmt.body, state.copy())
                        after = state.join(end)
                        if after == state:
                            break
                        state = after
                    state = end if surely_runs(stmt) else state
                case _:
                    step(stmt, state)
        return state

    flow(fn.body, _State({}, {p.name: frozenset((PARAMETER,)) for p in fn.params}))


def _perhaps(aliases: Aliases, name: str, state: _State) -> bool:
    """Does `name` come from an operation that gives a view of some arrays and a copy of others?"""
    for at in state.holds.get(name, frozenset()):
        stmt = aliases.defs.statements[at] if at >= 0 else None
        if isinstance(stmt, n.Assign) and isinstance(stmt.value, n.Call):
            rule = lookup(stmt.value.fn)
            if rule is not None and rule.result == "maybe":
                return True
    return False


def _check_pair(
    fn: n.Function, stmt: n.Stmt, name: str, other: str, aliases: Aliases, kinds: Kinds, state: _State
) -> None:
    """`stmt` writes through `name` while `other`, which may share its memory, is used later."""
    if isinstance(stmt, n.AugAssign) and isinstance(stmt.target, n.Name):
        raise refuse(
            f"`{name}` and `{other}` are the same array, or two numbers: the derivative differs, and nothing tells",
            stmt.info.span,
            stmt.info.source or fn,
            f"annotate the parameter they come from (`: float`, `: \"Float[np.ndarray, 'n d']\"`), or write "
            f"`{name} = {name} + ...`",
        )
    if _owner(aliases, name, state) == _owner(aliases, other, state):
        return
    hint = "copy one of the two first (`.copy()`)"
    if any(_is_open(aliases, kinds, held, state) for held in (name, other)):
        hint += ", or annotate the parameters with their rank (`: \"Float[np.ndarray, 'n d']\"`)"
    raise refuse(
        f"this writes to memory that `{other}` may share, and `{other}` is used later",
        stmt.info.span,
        stmt.info.source or fn,
        hint,
    )


def _is_open(aliases: Aliases, kinds: Kinds, name: str, state: _State) -> bool:
    """Is it not known whether `name` is a number or an array, of which rank?"""
    return any(
        kinds.defined(at, name).form in ("any", "value") and not kinds.defined(at, name).has_rank
        for at in state.holds.get(name, frozenset())
    )


def _owner(aliases: Aliases, name: str, state: _State) -> str:
    """The name of which `name` is a shadow view; itself if it is nobody's view.

    A view in use is never stale: its owner's name still means the array of which it is a view.
    """
    reaching = state.holds.get(name, frozenset())
    while reaching and reaching <= aliases.views.keys() and _same_view(reaching, aliases.defs, aliases.webs):
        at = min(reaching)
        name = aliases.views[at]
        reaching = aliases.webs.reaching[(at, name)] - {UNDEFINED}
    return name
