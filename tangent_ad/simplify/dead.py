"""Dead code.

In: derived code.  Out: the function without assignments that nobody reads.

Roots are results, guards, asserts, raises, loops' conditions, and writes to memory.  An assignment whose value has no
effect but its result is removed when its target is dead; a tape that is only appended to is removed with its appends.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import replace

from tangent_ad.analyses.defs import base_name, bound_by
from tangent_ad.analyses.live import Names, find_live
from tangent_ad.analyses.webs import reads_of
from tangent_ad.core import nodes as n
from tangent_ad.core import walk
from tangent_ad.core.answers import kept
from tangent_ad.core.order import ordered
from tangent_ad.core.walk import COMPOUND, bodies, expressions, map_body, names_read, statements
from tangent_ad.rules.registry import lookup
from tangent_ad.simplify.context import is_pure, is_shadow


def remove_dead(fn: n.Function) -> n.Function:
    """`fn` (numbered) without dead statements, to a fixed point."""
    while True:
        smaller = _once(fn)
        if smaller is fn:
            return fn
        fn = ordered(smaller)


def _once(fn: n.Function) -> n.Function:
    unread = _unread(fn)
    gone: set[int] = set()

    def dead(stmt: n.Stmt, behind: Names | Set[str]) -> bool:
        found = _is_dead(stmt, behind, unread)
        if found:
            gone.add(stmt.num)
        return found

    live = find_live(fn, (lambda stmt: _useful_reads(stmt, unread)) if unread else reads_of, dead)
    if not gone and not any([type(stmt) in COMPOUND for stmt in fn.body]):
        return fn
    changed = False

    def is_dead(stmt: n.Stmt) -> bool:
        return stmt.num in gone or (type(stmt) in COMPOUND and _is_dead(stmt, live.after[stmt.num], unread))

    left = _left_comments(fn.body, is_dead) if any(s.info.comments and is_dead(s) for s in statements(fn.body)) else {}

    def keep(_: int, stmt: n.Stmt) -> tuple[n.Stmt, ...]:
        nonlocal changed
        if is_dead(stmt):
            changed = True
            return ()
        if stmt.num in left:
            stmt = walk.commented(stmt, left[stmt.num])
        if isinstance(stmt, n.If) and not stmt.body and stmt.orelse:
            changed = True
            return (replace(stmt, body=(n.Pass(),)),)
        return (stmt,)

    body = map_body(fn.body, keep)
    return replace(fn, body=body) if changed else fn


def _left_comments(body: tuple[n.Stmt, ...], is_dead: Callable[[n.Stmt], bool]) -> dict[int, tuple[str, ...]]:
    """What stood above dead adjoints stands above the next statement; above dead statements of the user's it goes with
    them."""
    found: dict[int, tuple[str, ...]] = {}
    waiting: tuple[str, ...] = ()
    for stmt in body:
        for inner in bodies(stmt):
            found |= _left_comments(inner, is_dead)
        if not is_dead(stmt):
            if waiting:
                found[stmt.num], waiting = waiting, ()
        elif any(map(is_shadow, bound_by(stmt))):
            waiting += stmt.info.comments
    return found


def _unread(fn: n.Function) -> frozenset[str]:
    """Arrays and tapes of the function's own that are written but never read: their writes are dead."""
    written = {base for stmt in statements(fn.body) if (base := _written_base(stmt)) is not None}
    if not written:
        return frozenset()
    own: set[str] = set()
    others: set[str] = {p.name for p in fn.params}
    for stmt in statements(fn.body):
        if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name) and _is_fresh(stmt.value):
            own.add(stmt.target.id)
        else:
            others |= set(bound_by(stmt)) if not isinstance(stmt, n.AugAssign) else set()
        others |= _useful_reads(stmt, None)
    return frozenset((own & written) - others)


def _is_fresh(value: n.Expr) -> bool:
    if isinstance(value, n.List):
        return True
    rule = lookup(value.fn) if isinstance(value, n.Call) else None
    return rule is not None and rule.result == "fresh"


def _useful_reads(stmt: n.Stmt, unread: frozenset[str] | None) -> frozenset[str]:
    """The names that `stmt` reads, a place it writes to not counting when nobody reads that place."""
    base = None if unread is not None and not unread else _written_base(stmt)
    if base is None:
        return reads_of(stmt)
    if unread is not None and base in unread:
        return frozenset()
    if unread is not None:
        return reads_of(stmt)
    parts = list(expressions(stmt))
    if isinstance(stmt, n.ExprStmt) and isinstance(stmt.value, n.Call):
        return frozenset(name for a in stmt.value.args[1:] for name in names_read(a))
    found: set[str] = set()
    for k, expr in enumerate(parts):
        if k == 0 and isinstance(expr, n.Index):
            found |= _place_indices(expr)
        else:
            found |= names_read(expr)
    return frozenset(found)


def _place_indices(place: n.Expr) -> set[str]:
    found: set[str] = set()
    while isinstance(place, n.Index):
        found |= names_read(place.index)
        place = place.value
    return found if isinstance(place, n.Name) else found | names_read(place)


@kept
def _written_base(stmt: n.Stmt) -> str | None:
    """The local name into whose memory `stmt` writes, if that is all it does."""
    place: n.Expr | None = None
    if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Name):
        return None
    if isinstance(stmt, (n.Assign, n.AugAssign)) and isinstance(stmt.target, n.Index):
        place = stmt.target
    elif isinstance(stmt, n.ExprStmt) and isinstance(stmt.value, n.Call) and _writes_first(stmt.value):
        place = stmt.value.args[0]
    return None if place is None else base_name(place)


def _writes_first(call: n.Call) -> bool:
    rule = lookup(call.fn)
    return rule is not None and rule.writes == (0,)


def _is_dead(stmt: n.Stmt, live: Names | Set[str], unread: frozenset[str]) -> bool:
    if type(stmt) is n.Assign and type(stmt.target) is n.Name:  # nearly all are
        return stmt.target.id not in live and is_pure(stmt.value)
    match stmt:
        case n.Assign(target=target) if not isinstance(target, n.Index):
            return not any([name in live for name in bound_by(stmt)]) and is_pure(stmt.value)
        case n.Pass():
            return False
        case n.AugAssign(target=n.Name(id=name)):
            return name not in live
        case n.If(body=body, orelse=orelse):
            return not _does_something(body) and not _does_something(orelse)
        case n.For(body=body, target=target):
            return not _does_something(body) and target.id not in live
    base = _written_base(stmt) if unread else None
    return base is not None and base in unread


def _does_something(body: tuple[n.Stmt, ...]) -> bool:
    return any(not isinstance(s, n.Pass) for s in body)
