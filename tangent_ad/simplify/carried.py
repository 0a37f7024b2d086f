"""What one iteration hands to the next is kept once.

In: derived code.  Out: the same without a tape of what a variable holds when an iteration ends, where another tape has
what it holds when the next one begins.  The backward sweep has that in the variable itself until it puts back what the
variable held before:

    for t in range(n):                              for t in range(n):
        h_saved.append(h)                               h_saved.append(h)
        h = np.tanh(W @ h)                              h = np.tanh(W @ h)
        h_saved2.append(h)
    # backward                          is          # backward
    for t in range(n - 1, -1, -1):                  for t in range(n - 1, -1, -1):
        h2 = h_saved.pop()                              t_bar = h_bar * (1.0 - h * h)
        h3 = h_saved2.pop()                             h = h_saved.pop()
        t_bar = h_bar * (1.0 - h3 * h3)                 W_bar += np.outer(t_bar, h)
        W_bar += np.outer(t_bar, h2)
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

from tangent_ad.analyses.defs import bound_by, bound_within, mentioned_within
from tangent_ad.analyses.live import Live, find_live
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import bodies, changed, commented, expressions, names_read, replace_bodies, statements
from tangent_ad.simplify.algebra import COPIES, integer
from tangent_ad.simplify.context import Context, binary, kinds_of
from tangent_ad.simplify.memory import Memory, find_memory
from tangent_ad.simplify.taped import OTHER_SIDE, Use, creation_of, is_push_or_pop, renamed, use_of

Stmts = tuple[n.Stmt, ...]
Loop = n.For | n.While


def carry_values(fn: n.Function, context: Context) -> n.Function:
    """`fn` (numbered) with one tape for each variable that a loop carries."""
    created = {name for stmt in statements(fn.body) if (name := creation_of(stmt)) is not None}
    if len(created) < 2:
        return fn
    mentions = Counter(name for stmt in statements(fn.body) for e in expressions(stmt) for name in names_read(e))
    tapes = frozenset(name for name in created if mentions[name] == 3)  # created, kept, taken
    if len(tapes) < 2:
        return fn
    work = _Work(tapes, find_memory(fn, kinds_of(fn, context)), find_live(fn))
    return replace(fn, body=work.block(fn.body))


@record(frozen=True)
class _Pair:
    """The tapes of what a variable holds when an iteration begins, and when it ends: where they are used in the bodies
    of the loops."""

    name: str
    kept: Use
    kept_last: Use
    taken: Use
    taken_last: Use


@record(frozen=True)
class _Work:
    tapes: frozenset[str]
    memory: Memory
    live: Live

    def block(self, body: Stmts) -> Stmts:
        found = [replace_bodies(s, tuple(map(self.block, bodies(s)))) if bodies(s) else s for s in body]
        loops = [k for k, stmt in enumerate(found) if isinstance(stmt, (n.For, n.While))]
        gone: set[str] = set()
        for k, m in combinations(loops, 2):
            while (pair := self.pair(found[k], found[m], found[k + 1 : m])) is not None:
                found[k] = _without(found[k], pair.kept_last.stmt)
                found[m] = _carried(found[m], pair)
                gone.add(pair.kept_last.tape)
        return tuple(s for s in found if creation_of(s) not in gone) if gone else tuple(found)

    def pair(self, first: n.Stmt, second: n.Stmt, between: list[n.Stmt]) -> _Pair | None:
        """Two tapes of one variable that both loops use, if one of them is enough."""
        if not isinstance(first, (n.For, n.While)) or not isinstance(second, n.For):
            return None
        kept = [use for stmt in first.body if (use := use_of(stmt, True)) is not None and use.tape in self.tapes]
        taken = {use.tape: use for stmt in second.body if (use := use_of(stmt, False)) is not None}
        for last in kept:
            for start in kept:
                both = start.tape in taken and last.tape in taken and start.tape != last.tape
                name = _kept_name(start)
                if not both or name is None or name != _kept_name(last):
                    continue
                pair = _Pair(name, start, last, taken[start.tape], taken[last.tape])
                if self.is_enough(pair, first, second, between):
                    return pair
        return None

    def is_enough(self, pair: _Pair, first: Loop, second: n.For, between: list[n.Stmt]) -> bool:
        """Has the variable, when an iteration is run back, what it held when that ended?"""
        at = [next(k for k, s in enumerate(first.body) if s is use.stmt) for use in (pair.kept, pair.kept_last)]
        if at[0] > at[1] or any(self.changes(s, pair.name) for s in (*first.body[: at[0]], *first.body[at[1] :])):
            return False
        shared = pair.kept.index is None and isinstance(pair.kept.value, n.Name)  # a list holds the array itself
        if shared and any(self.overwrites(s, pair.name) for s in first.body):
            return False
        if any(self.changes(s, pair.name) for s in between) or not _runs_back(pair, first, second, between):
            return False
        start, last = pair.taken.name, pair.taken_last.name
        count = Counter(name for s in statements(second.body) for name in bound_by(s))
        if start == last or count[start] != 1 or count[last] != 1 or last == pair.name:
            return False
        behind = self.live.after[second.num]
        if last in behind or (start != pair.name and (start in behind or pair.name in behind)):
            return False
        ahead = second.body[: next(k for k, s in enumerate(second.body) if s is pair.taken.stmt)]
        mentioned = mentioned_within(second) if start != pair.name else frozenset().union(*map(mentioned_within, ahead))
        if pair.name in mentioned:
            return False
        names = {pair.name, start, last} - self.memory.numbers
        classes = {self.memory.class_of.get(name, name) for name in names}
        return not any(self.writes(s) & classes for s in second.body)

    def changes(self, stmt: n.Stmt, name: str) -> bool:
        """Is the variable bound, or what it holds written?"""
        return name in bound_within(stmt) or self.overwrites(stmt, name)

    def overwrites(self, stmt: n.Stmt, name: str) -> bool:
        """Is what the variable holds written?"""
        place = self.memory.class_of.get(name, name)
        return name not in self.memory.numbers and place in self.writes(stmt)

    def writes(self, stmt: n.Stmt) -> frozenset[str]:
        """The classes of memory that are written; a list that grows and shrinks leaves alone what is on it."""
        leaves = [s for s in statements((stmt,)) if not bodies(s) and not is_push_or_pop(s)]
        return frozenset().union(*(self.memory.effects[s.num].writes for s in leaves))


def _kept_name(use: Use) -> str | None:
    """The variable whose value, or a copy of it, is kept."""
    value = use.value
    if isinstance(value, n.Call) and value.fn in COPIES and not value.keywords:
        value = value.args[0]
    return value.id if isinstance(value, n.Name) else None


def _runs_back(pair: _Pair, first: Loop, second: n.For, between: list[n.Stmt]) -> bool:
    """Does the second loop take what was kept in the opposite order?  Off a list it does."""
    indices = [use.index for use in (pair.kept, pair.kept_last, pair.taken, pair.taken_last)]
    if all(index is None for index in indices):
        return True
    if not isinstance(first, n.For) or any(index is None or index != indices[0] for index in indices):
        return False
    assert indices[0] is not None
    fixed = names_read(indices[0]) - {first.target.id}
    bounds = names_read(first.start) | names_read(first.stop) | fixed
    if first.target != second.target or first.target.id not in names_read(indices[0]):
        return False
    if any(bounds & bound_within(s) for s in (*first.body, *between, *second.body)):
        return False
    if not isinstance(first.step, n.Const) or first.step.value not in (1, -1):
        return False
    step, one = first.step.value, n.Const(1)
    ends = [integer(binary(OTHER_SIDE[step], e, one)) for e in (first.stop, first.start)]
    return [*map(integer, (second.start, second.stop)), second.step] == [*ends, n.Const(-step)]


def _without(loop: n.Stmt, stmt: n.Stmt) -> n.Stmt:
    assert isinstance(loop, (n.For, n.While))
    return changed(loop, body=tuple(s for s in loop.body if s is not stmt))


def _carried(loop: n.Stmt, pair: _Pair) -> n.Stmt:
    """The backward loop with the variable in the place of what was taken off either tape."""
    assert isinstance(loop, n.For)
    start, last, name = pair.taken, pair.taken_last, n.Name(pair.name)
    put_back = changed(start.stmt, target=name)
    rest = [s for s in loop.body if s is not start.stmt and s is not last.stmt]
    reads = [[k for k, s in enumerate(rest) if use.name in mentioned_within(s)] for use in (start, last)]
    lead = [*start.stmt.info.comments, *last.stmt.info.comments]
    if not reads[0] or not reads[1] or max(reads[1]) < min(reads[0]):
        at = min(reads[0], default=len(rest))
        found = [renamed(s, {start.name: name.id, last.name: name.id}) for s in rest]
        found.insert(at, put_back)
    else:
        held = n.Assign(n.Name(last.name), name, info=n.NO_INFO, num=last.stmt.num)
        found = [held, put_back, *(renamed(s, {start.name: name.id}) for s in rest)]
    if lead:
        put_back_at = next(k for k, s in enumerate(found) if s is put_back)
        found[put_back_at] = changed(put_back, info=replace(put_back.info, comments=()))
        found[0] = commented(found[0], tuple(lead))
    return changed(loop, body=tuple(found))
