"""The laws of reverse mode, checked on every function that is generated.

In: the facts of the primal and the derived function, as the mode made it.  Out: nothing, or an InternalError.

*Version law*: a primal name that an adjoint reads holds the value it had at the statement the adjoint belongs to. Every
such read carries its version (`storage/marks.py`).  Here it is found out anew which definitions reach the read in the
derived text: they must restore that very value, or compute it again as the primal does, in the same iteration, or be
those forward definitions that reach the statement in the primal, none of which runs again in a loop around it, and
whose memory nothing writes.

*Ownership law*: an array adjoint is written in place only if every definition of it made new memory, and an argument
only once it has been copied.  The laws of tapes, of counters that are taken back and of the forward sweep stand in
`kept.py`, `inverted.py` and `intact.py`.

The checks know nothing of how the storage policy decided; they look only at the text and at the primal's facts.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tangent_ad.analyses.defs import Definitions, find_definitions
from tangent_ad.analyses.effects import needed_content
from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.footprints import indices_in, indices_of
from tangent_ad.analyses.webs import PARAMETER, UNDEFINED, find_webs, read_expressions
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import expressions, is_guard, names_read, statements
from tangent_ad.errors import InternalError
from tangent_ad.modes.common import unaugmented
from tangent_ad.modes.reverse.intact import overwritten
from tangent_ad.modes.reverse.inverted import check_inverted, undone_in
from tangent_ad.modes.reverse.kept import TapeLaw
from tangent_ad.modes.reverse.readback import is_same, read_back
from tangent_ad.rules.registry import lookup
from tangent_ad.runtime import helpers
from tangent_ad.storage.marks import Read, marked_reads
from tangent_ad.storage.place import Sweeps
from tangent_ad.storage.stored import array_of
from tangent_ad.storage.values import Value

LOOPS = (n.For, n.While)


def check_laws(facts: Facts, made: n.Function, bars: frozenset[str], sweeps: Sweeps) -> None:
    """Raise InternalError if `made` (numbered) breaks a law; `bars` are its adjoint variables."""
    defs, webs, tapes = find_definitions(made), find_webs(made), TapeLaw(facts, made, sweeps)
    name = overwritten(facts.defs, defs, webs)
    if name is not None:
        raise InternalError(f"reverse mode broke the forward law: `{name}` is bound by the backward sweep")
    for stmt in defs.statements:
        back = read_back(facts, sweeps, stmt)
        if back is None:
            _check_again(facts, sweeps, stmt)
        else:
            _check_stored(facts, sweeps, tapes, back)
        versions = _versions(stmt)
        for held, version in sorted(versions) if len(versions) > 1 else versions:
            reaching = webs.reaching[(stmt.num, held)]
            content = _marked(stmt) not in sweeps.shapes and any([held in needed_content(e) for e in expressions(stmt)])
            content = content and not (back is not None and held == array_of(back))
            read = Read(sweeps.names.get(held, held), version, content)
            if _tape(stmt) in sweeps.tapes:
                _check_kept(facts, defs, read, reaching)
            else:
                _check_read(facts, sweeps, defs, stmt.num, read, reaching)
                if not any(d >= 0 and _marked(defs.statements[d]) for d in reaching):
                    _check_memory(facts, sweeps, defs, tapes, stmt.num, read)
    _check_owned(made, defs, bars)
    _check_arguments(facts, made, tapes)
    tapes.check()
    check_inverted(facts, defs, webs, sweeps, tapes)


def _versions(stmt: n.Stmt) -> set[tuple[str, int]]:
    """The names with a version that `stmt` reads."""
    return {(read.name, read.version) for part in read_expressions(stmt) for read in marked_reads(part)}


def _tape(stmt: n.Stmt) -> str | None:
    """The tape that `stmt` fills."""
    match stmt:
        case n.Assign(target=n.Index(value=n.Name(id=name))) | n.Assign(target=n.Name(id=name)):
            return name
        case n.ExprStmt(value=n.Call(fn=list.append, args=(n.Name(id=name), _))):
            return name
    return None


def _check_kept(facts: Facts, defs: Definitions, read: Read, reaching: frozenset[int]) -> None:
    """A value is kept where its name holds it: what reaches the tape is what reaches the reads it is kept for."""
    expected = _expected(facts, read)
    for d in reaching:
        if d != UNDEFINED and _primal(defs, d) not in expected:
            raise _broken(facts, read.num, f"`{read.name}` is kept where it holds another value")


def _marked(stmt: n.Stmt) -> tuple[str, int] | None:
    """The name and the version that `stmt` restores or computes again."""
    target = stmt.target if type(stmt) is n.Assign else None
    return (target.id, target.version) if type(target) is n.Name and target.version is not None else None


def _check_again(facts: Facts, sweeps: Sweeps, stmt: n.Stmt) -> None:
    """What is computed again is what the primal's statement computes; for its shape only, it may be less."""
    marked = _marked(stmt)
    if marked is None or marked in sweeps.shapes or undone_in(stmt) is not None:
        return
    if marked[0] in sweeps.tapes or _reads_tape(stmt, sweeps):
        return
    assert isinstance(stmt, n.Assign)
    num = marked[1] // 2
    meant = unaugmented(facts.defs.statements[num])
    same = isinstance(meant, n.Assign) and is_same(facts, sweeps, stmt.value, meant.value, num)
    if marked[1] % 2 == 0 or not same:
        raise _broken(facts, num, f"`{marked[0]}` is computed again from something else")


def _reads_tape(stmt: n.Stmt, sweeps: Sweeps) -> bool:
    """Does it take a value off an array or a list of kept ones?"""
    value = stmt.value if isinstance(stmt, n.Assign) else None
    while isinstance(value, (n.Call, n.Index)):
        value = value.value if isinstance(value, n.Index) else value.args[0] if value.args else None
    return isinstance(value, n.Name) and value.id in sweeps.tapes


def _primal(defs: Definitions, d: int) -> int:
    """The primal definition that the definition `d` of the forward sweep is."""
    made = defs.statements[d] if d >= 0 else None
    return PARAMETER if made is None or made.info.origin is None else made.info.origin


def _check_read(
    facts: Facts, sweeps: Sweeps, defs: Definitions, num: int, read: Read, reaching: frozenset[int]
) -> None:
    """An adjoint's read of a primal value, of its content or of its shape only."""
    at, name = read.num, read.name
    expected = _expected(facts, read)
    if reaching == {UNDEFINED} and expected != {UNDEFINED}:
        raise _broken(facts, at, f"`{name}` is undefined where the adjoint reads it")
    for d in reaching:
        if d == UNDEFINED:  # on a path on which the statement did not run
            here = facts.aliases.mention(at, name) == at
            if UNDEFINED not in expected and facts.defs.unconditional(at) and here:
                raise _broken(facts, at, f"`{name}` may be undefined where the adjoint reads it")
            continue
        marked = _marked(defs.statements[d]) if d >= 0 else None
        if marked is not None:  # kept, or computed again
            meant = sweeps.values.at(read)
            if not read.content and marked[1] // 2 >= at and not sweeps.values.may_change(read):
                continue  # restored for a later statement, but never bound again: the shape is the same
            if sweeps.values.at(replace(read, version=marked[1])) != meant or (
                read.content and marked in sweeps.shapes
            ):
                raise _broken(facts, at, f"`{name}` is restored for another statement")
            if not _same_iteration(facts, sweeps, defs, d, num, meant):
                raise _broken(facts, at, f"`{name}` is restored in another iteration")
            continue
        if _counts(defs, d) and sweeps.values.at(read).states[0][0] != "count":
            raise _broken(facts, at, f"`{name}` counts a loop of the backward sweep where the adjoint reads it")
        is_counter = all(e >= 0 and isinstance(facts.defs.statements[e], n.For) for e in expected)
        if d >= 0 and not is_counter and _is_nobodys(defs.statements[d], name):
            raise _broken(facts, at, f"`{name}` is bound by a statement that is not the user's")
        primal = _primal(defs, d)
        inner = _loops_run_back(facts, defs, num, at)
        if primal not in expected and primal >= 0 and _after(facts, inner, primal, at):
            raise _broken(facts, at, f"`{name}` may hold another value where the adjoint reads it")
        if primal in expected and primal >= 0 and _in_another_iteration(facts, inner, primal, read):
            raise _broken(facts, at, f"`{name}` may hold the value of another iteration")


def _check_stored(facts: Facts, sweeps: Sweeps, tapes: TapeLaw, store: n.Assign) -> None:
    """What is read where the primal has put it, nothing has written since."""
    name, num = array_of(store), store.num
    roots = facts.aliases.roots_of(num, name)
    if num not in tapes.running:
        raise _broken(facts, num, f"an element of `{name}` is read that nothing has put there")
    for w, found in facts.aliases.writes:
        later = w == num or facts.defs.after(w, num)
        if w in tapes.running and found & roots and later and not sweeps.values.feet.leaves(w, num, name):
            raise _broken(facts, num, f"an element of `{name}` may have been written before it is read again")


def _is_nobodys(made: n.Stmt, name: str) -> bool:
    """Is it an assignment that comes from no statement of the primal, and not the copy of an argument either?"""
    return isinstance(made, (n.Assign, n.AugAssign)) and made.info.origin is None and not _is_copy(made, name)


def _is_copy(stmt: n.Stmt, name: str) -> bool:
    """Is it `x = x.copy()`?"""
    match stmt:
        case n.Assign(target=n.Name(id=copy), value=n.Call(fn=fn, args=(n.Name(id=given),))):
            return copy == given == name and fn in (np.copy, helpers.copy_of)
    return False


def _counts(defs: Definitions, d: int) -> bool:
    """Is the definition `d` that of the variable of a loop in the backward sweep?"""
    made = defs.statements[d] if d >= 0 else None
    return isinstance(made, n.For) and made.info.origin is None


def _check_memory(facts: Facts, sweeps: Sweeps, defs: Definitions, tapes: TapeLaw, num: int, read: Read) -> None:
    """What the forward sweep left in memory that an adjoint reads, it does not write again before."""
    roots = tapes.roots(read) if read.content else frozenset()
    inner = _loops_run_back(facts, defs, num, read.num)
    for w, found in facts.aliases.writes if roots else ():
        if w not in tapes.running or not found & roots or not (w == read.num or _after(facts, inner, w, read.num)):
            continue
        if _reads_places(facts, sweeps, defs.statements[num], read) and sweeps.values.feet.missed(
            w, read.num, read.name
        ):
            continue
        shared = [loop for loop in facts.defs.loops[w] if loop in inner]
        own = sweeps.values.own
        if w >= read.num or not all(own.keeps_apart(loop, root) for loop in shared for root in roots & found):
            raise _broken(facts, read.num, f"`{read.name}` may have been written where the adjoint reads it")


def _reads_places(facts: Facts, sweeps: Sweeps, made: n.Stmt, read: Read) -> bool:
    """Does a statement of the derived text read of an array only elements that the primal's statement reads?"""
    theirs = [index for index in indices_of(facts.defs.statements[read.num], read.name) if index is not None]
    for part in read_expressions(made):
        for index in indices_in(part, read.name, read.version):
            if index is None or not any(is_same(facts, sweeps, index, other, read.num) for other in theirs):
                return False
    return not read.is_behind


def _loops_run_back(facts: Facts, defs: Definitions, num: int, at: int) -> tuple[int, ...]:
    """The loops around the primal statement `at` that the derived text has run through when it comes to its statement
    `num`, the adjoint of that: not those around both."""
    if not facts.defs.loops[at]:
        return ()
    around = {defs.statements[loop].info.origin for loop in defs.loops[num]}
    return tuple(loop for loop in facts.defs.loops[at] if loop not in around)


def _after(facts: Facts, inner: tuple[int, ...], event: int, at: int) -> bool:
    """May the primal statement `event` run after the statement `at` did, and before the adjoint of that, which does not
    stand in the loops `inner`?"""
    fused = facts.defs.loops[at][: len(facts.defs.loops[at]) - len(inner)]
    if fused and fused[-1] not in facts.defs.loops[event]:
        return False
    return event > at or (bool(inner) and event >= facts.defs.span[inner[0]][0])


def _in_another_iteration(facts: Facts, inner: tuple[int, ...], primal: int, read: Read) -> bool:
    """May what the forward sweep defined at `primal` be of another iteration than the read means?  In a fused loop it
    is of the same one if it stands before the statement."""
    if {primal, *facts.defs.loops[primal]} & set(inner):  # the variable of a loop is bound in each of its iterations
        return True
    fused = set(facts.defs.loops[primal]) & set(facts.defs.loops[read.num])
    return bool(fused) and not (primal < read.num or (primal == read.num and read.is_behind))


def _same_iteration(facts: Facts, sweeps: Sweeps, defs: Definitions, d: int, num: int, value: Value) -> bool:
    """Does what the statement `d` of the derived text provides belong to the iteration in which `num` reads it?"""
    theirs, ours = defs.loops[d], defs.loops[num]
    if d < num and theirs == ours[: len(theirs)]:
        return True
    shared = sum(1 for a, b in zip(theirs, ours, strict=False) if a == b)
    home = sweeps.values.home_of(value.states[0])
    mine = [at for at, _ in sweeps.values.chains[home] if at >= 0 and isinstance(facts.defs.statements[at], LOOPS)]
    return not value.content and len(mine) <= shared  # of the same array another copy, which has the same shape


def _expected(facts: Facts, read: Read) -> frozenset[int]:
    return frozenset((read.num,)) if read.is_behind else _reaching(facts, read.num, read.name)


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
    for stmt in defs.statements if written else ():
        match stmt:
            case n.Assign(target=n.Name(id=name), value=value) if name in written and not _is_new(value, name):
                raise InternalError(f"reverse mode broke the ownership law: `{name}` may share memory")


def _check_arguments(facts: Facts, made: n.Function, tapes: TapeLaw) -> None:
    """An argument is copied before anything but a guard mentions it, if the text writes its memory."""
    written = [root for w, found in facts.aliases.writes if w in tapes.running for root in found]
    for name in sorted({name for at, name in written if at == PARAMETER}):
        mentions = (s for s in made.body if not is_guard(s) and _mentions(s, name))
        if not _is_copy(next(mentions), name):
            raise InternalError(f"reverse mode broke the ownership law: `{name}` is the caller's")


def _mentions(stmt: n.Stmt, name: str) -> bool:
    return any(name in names_read(e) for inner in statements((stmt,)) for e in expressions(inner))


def _written_in_place(stmt: n.Stmt) -> str | None:
    place: n.Expr | None = None
    if isinstance(stmt, (n.Assign, n.AugAssign)) and type(stmt.target) is n.Name:
        return None
    if isinstance(stmt, (n.Assign, n.AugAssign)) and isinstance(stmt.target, n.Index):
        place = stmt.target
    elif isinstance(stmt, n.ExprStmt) and isinstance(stmt.value, n.Call) and stmt.value.fn is helpers.add_at:
        place = stmt.value.args[0]
    while isinstance(place, (n.Index, n.Call)):
        place = place.value if isinstance(place, n.Index) else place.args[0]
    return place.id if isinstance(place, n.Name) else None


def _is_new(value: n.Expr, name: str) -> bool:
    """Does the expression make new memory, or is it at most a view of what `name` held and holds no longer?"""
    while True:
        if isinstance(value, (n.Const, n.List)):
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
