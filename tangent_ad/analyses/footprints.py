"""Which elements of an array a statement reads or writes, and whether a later write may hit what was read.

In: facts; a statement that reads elements of a name's array, one that writes elements of the same array.  Out: is it
sure that the write, whenever it runs after the read, writes other elements?

A recurrence `y[i] = f(y[i - 1])` fills an array that keeps what it reads; so do the substitution that solves a
triangular system, and tables that are filled row by row.  The test is that of data dependence: the iterations in which
the write follows are those in which the first loop that differs has gone on, or none has and the write stands later in
the text; in each of these cases some axis must tell the elements apart, whose index is a sum (`analyses/affine.py`) and
surely not negative.
"""

from __future__ import annotations

from collections.abc import Iterator

from tangent_ad.analyses.affine import Affine, Indexed, Sums, Term, loop_term, step_of
from tangent_ad.analyses.indexed import index_parts
from tangent_ad.core import nodes as n
from tangent_ad.core.frozen import record
from tangent_ad.core.walk import children, contents, expressions
from tangent_ad.rules.registry import lookup


@record(frozen=True)
class Interval:
    """From `low` to `high`, both included; None: nothing is known of that end."""

    low: Affine | None
    high: Affine | None


Place = tuple[Interval, ...]
"""What an index takes of each axis, as far as that is known."""
ZERO = Affine(0)


class Footprints:
    """Answers for one function, each found once."""

    def __init__(self, facts: Indexed, asked: bool = True) -> None:
        """`asked`: False if every write is to count as one that hits."""
        self.facts, self.sums, self.asked = facts, Sums(facts), asked
        self.read: dict[tuple[int, str], tuple[Place, ...]] = {}
        self.written: dict[tuple[int, str], Place | None] = {}

    def missed(self, write: int, read: int, name: str) -> bool:
        """Does statement `write`, whenever it runs after statement `read` did, leave the elements of `name` alone that
        this reads?"""
        return write != read and self._missed(write, read, name, self._read_by(read, name))

    def leaves(self, write: int, store: int, name: str) -> bool:
        """Does statement `write`, whenever it runs after statement `store` did, leave the elements of `name` alone that
        this writes itself?"""
        place = self._written_by(store, name)
        return place is not None and self._missed(write, store, name, (place,))

    def spent(self, write: int, read: int, name: str) -> bool:
        """Does statement `read`, whenever it runs after statement `write` did, leave the elements of `name` alone that
        this writes?"""
        place, places = self._written_by(write, name), self._read_by(read, name)
        if place is None or not places or not self._is_one_array(write, read, name):
            return False
        return all(self._apart(p, read, place, write) for p in places)

    def _missed(self, write: int, read: int, name: str, places: tuple[Place, ...]) -> bool:
        if not self.asked or not places:
            return False
        written = self._written_by(write, name)
        if written is None or not self._is_one_array(write, read, name):
            return False
        return all(self._apart(written, write, place, read) for place in places)

    def _read_by(self, num: int, name: str) -> tuple[Place, ...]:
        """The places of a name's array that a statement reads; none if it may read all of it."""
        key = (num, name)
        if key not in self.read:
            indices = indices_of(self.facts.defs.statement(num), name)
            whole = None in indices
            self.read[key] = () if whole else tuple([self._place(i, num) for i in indices if i is not None])
        return self.read[key]

    def _written_by(self, num: int, name: str) -> Place | None:
        """The place of a name's array that a statement writes, if it writes nothing else."""
        key = (num, name)
        if key not in self.written:
            stmt, found = self.facts.defs.statement(num), None
            if isinstance(stmt, (n.Assign, n.AugAssign)) and all(_only_reads(c) for c in contents(stmt.value)[2]):
                target = stmt.target
                if isinstance(target, n.Index) and target.value == n.Name(name):
                    found = self._place(target.index, num)
            self.written[key] = found
        return self.written[key]

    def _is_one_array(self, write: int, read: int, name: str) -> bool:
        """Does the name hold one array, from before all loops around both statements?"""
        reaching = self.facts.webs.reaching
        found = reaching.get((read, name))
        if found is None or found != reaching.get((write, name)):
            return False
        return self._stays(found, write, read)

    def _stays(self, definitions: frozenset[int], write: int, read: int) -> bool:
        """Are the definitions outside all loops around the two statements?"""
        loops = self.facts.defs.loops
        if not any([d >= 0 and loops[d] for d in definitions]):
            return True
        around = {*loops[write], *loops[read]}
        return not any(around & set(loops[d]) for d in definitions if d >= 0)

    def _place(self, index: n.Expr, at: int) -> Place:
        found = []
        for axis, part in enumerate(index_parts(index)):
            interval = self._interval(part, at, axis)
            if interval is None:  # what follows may be of any axis
                break
            found.append(interval)
        return tuple(found)

    def _interval(self, part: n.Expr, at: int, axis: int) -> Interval | None:
        """What one part of an index takes of its axis; None if it is more, or less, than one axis."""
        if isinstance(part, n.Slice):
            step = part.step.value if isinstance(part.step, n.Const) else None
            if part.step is not None and not (type(step) is int and step > 0):
                return Interval(ZERO, None)
            low = None if part.lower is None else self._position(part.lower, at, axis)
            high = None if part.upper is None else self._position(part.upper, at, axis)
            return Interval(low or ZERO, None if high is None else high.plus(Affine(-1)))
        kind = self.facts.kinds.at(at, part)
        if not (kind.is_number and kind.dtype == "int"):
            return None
        position = self._position(part, at, axis)
        return Interval(position or ZERO, position)

    def _position(self, part: n.Expr, at: int, axis: int) -> Affine | None:
        """The position that an index means, counted from the beginning, or from the end if it is a negative literal;
        None if it might be either."""
        sum = self.sums.affine(part, at)
        if sum is None:
            return None
        if not sum.terms and sum.constant < 0:
            return Affine(sum.constant, ((("length", axis), 1),))
        least = self.sums.bound(sum, upper=False)
        return sum if least is not None and not least.terms and least.constant >= 0 else None

    def _apart(self, written: Place, write: int, place: Place, read: int) -> bool:
        """Does some axis tell the places apart, in each case in which the write runs after the read?"""
        if any(_are_other_literals(w, r) for w, r in zip(written, place, strict=False)):
            return True
        common = [a for a, b in zip(*(self.facts.defs.loops[at] for at in (write, read)), strict=False) if a == b]
        cases: list[int | None] = [*range(len(common))]
        if write > read:
            cases.append(None)
        return all(
            any(self._axis_apart(w, r, write, read, common, case) for w, r in zip(written, place, strict=False))
            for case in cases
        )

    def _axis_apart(
        self, written: Interval, read: Interval, write_at: int, read_at: int, common: list[int], case: int | None
    ) -> bool:
        """Are the positions in one axis different where `case` is the first of the common loops that has gone on since
        the read (None: none has)?"""
        at, equal = (write_at, read_at), common if case is None else common[: case + 1]
        moved = None if case is None else common[case]
        return any(
            self._is_beyond(written.low, read.high, equal[:kept], moved, 1, at)
            or self._is_beyond(read.low, written.high, equal[:kept], moved, -1, at)
            for kept in range(len(equal), -1, -1)  # variables that are not kept are bounded, each for itself
        )

    def _is_beyond(
        self,
        low: Affine | None,
        high: Affine | None,
        keep: list[int],
        moved: int | None,
        sign: int,
        at: tuple[int, int],
    ) -> bool:
        """Is `low` surely greater than `high`?  One is of the write and one of the read (`sign`: 1 if `low` is of the
        write); `moved`: the loop that has gone on by one step at least."""
        if low is None or high is None:
            return False
        least, most = self.sums.bound(low, False, keep), self.sums.bound(high, True, keep)
        if least is None or most is None or not all(self._is_fixed(t, at) for t, _ in (*least.terms, *most.terms)):
            return False
        gap = least.plus(most, -1)
        if gap.terms:
            return False
        factor = least.factor(loop_term(moved)) if moved is not None and moved in keep else 0
        if moved is None or not factor:
            return gap.constant > 0
        step = step_of(self.facts.defs.statement(moved))
        gained = -1 if step is None else factor * step * sign  # what one more iteration adds to the difference
        return gained >= 0 and gap.constant + gained > 0

    def _is_fixed(self, term: Term, at: tuple[int, int]) -> bool:
        """Is the term the variable of a loop, or the same at both statements?"""
        return term[0] in ("loop", "length") or self._stays(term[-1], *at)


def _are_other_literals(a: Interval, b: Interval) -> bool:
    """Are both one position, written down, and not the same?"""
    if a.low is None or b.low is None or a.low is not a.high or b.low is not b.high:
        return False
    return a.low.terms == b.low.terms and not _has_names(a.low) and a.low.constant != b.low.constant


def _has_names(sum: Affine) -> bool:
    return any(term[0] != "length" for term, _ in sum.terms)


def _only_reads(call: n.Call) -> bool:
    rule = lookup(call.fn)
    return rule is not None and rule.diff != "joint" and not rule.writes


def indices_of(stmt: n.Stmt, name: str) -> list[n.Expr | None]:
    """The indices under which a statement reads the array of a name; None: all of it."""
    return [index for expr in _reading(stmt, name) for index in indices_in(expr, name)]


def _reading(stmt: n.Stmt, name: str) -> tuple[n.Expr, ...]:
    """The expressions of a statement but for the place that it writes, of which the index is read."""
    if isinstance(stmt, n.Assign) and isinstance(stmt.target, n.Index) and stmt.target.value == n.Name(name):
        return stmt.target.index, stmt.value
    return expressions(stmt)


def indices_in(expr: n.Expr, name: str, version: int | None = None) -> Iterator[n.Expr | None]:
    """The indices under which an expression reads the array of a name (of that version, if one is given); None: all."""
    todo = [expr]
    while todo:
        e = todo.pop()
        if isinstance(e, n.Name):
            if e.id == name and version in (None, e.version):
                yield None
        elif isinstance(e, n.Index) and isinstance(e.value, n.Name):
            if e.value.id == name and version in (None, e.value.version):
                yield e.index
            todo.append(e.index)
        else:
            todo += children(e)
