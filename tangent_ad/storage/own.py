"""Memory of which each iteration of a loop uses a part of its own.

In: facts.  Out: `OwnElements`: may a write be seen by a read, if iterations keep to `x[i]`, `i` the loop's variable?
"""

from __future__ import annotations

from tangent_ad.analyses.facts import Facts
from tangent_ad.analyses.indexed import never_negative
from tangent_ad.analyses.webs import reads_of
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import expressions, statements
from tangent_ad.storage.touched import AXES, loose_names

Root = tuple[int, str]


class OwnElements:
    """Answers for one function, each found once."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.known: dict[tuple[int, Root], bool] = {}

    def may_reach(self, write: int, read: int, root: Root) -> bool:
        """May what statement `write` writes to `root` be what statement `read` reads?"""
        if write < read:
            return True
        loops = self.facts.defs.loops
        around = [loop for loop in loops[write] if loop in loops[read]]
        return any(not self.keeps_apart(loop, root) for loop in around)

    def keeps_apart(self, loop: int, root: Root) -> bool:
        """Does each iteration of the loop use a part of `root` that no other uses?"""
        key = (loop, root)
        if key not in self.known:
            self.known[key] = self._find(loop, root)
        return self.known[key]

    def _find(self, loop: int, root: Root) -> bool:
        stmt = self.facts.defs.statements[loop]
        return (
            isinstance(stmt, n.For) and never_negative(stmt) and any(self._apart_in(stmt, root, axis) for axis in AXES)
        )

    def _apart_in(self, loop: n.For, root: Root, axis: int) -> bool:
        """Do all uses of `root` in the loop, by one and the same name, have its variable in that axis?"""
        facts, names = self.facts, set[str]()
        for inner in statements(loop.body):
            held = [name for name in reads_of(inner) if root in facts.aliases.roots_of(inner.num, name)]
            if not held:
                continue
            loose = set().union(*(loose_names(e, loop.target.id, axis) for e in expressions(inner)))
            for name in held:
                found = facts.webs.reaching.get((inner.num, name), frozenset())
                made_here = all(loop.num < d < inner.num for d in found)
                if not made_here:
                    names.add(name)
                if (name in loose and not made_here) or len(names) > 1:
                    return False
                if not made_here and any(loop.num in facts.defs.loops[d] for d in found if d >= 0):
                    return False
        return True
