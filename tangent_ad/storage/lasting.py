"""Whether the memory of a value that is kept by reference is written while it is kept.

In: values, the read that a value is kept for, where it is kept.  Out: must it be copied?
"""

from __future__ import annotations

from tangent_ad.analyses.effects import written
from tangent_ad.analyses.facts import Facts
from tangent_ad.core import nodes as n
from tangent_ad.storage.marks import Read
from tangent_ad.storage.values import Home, Values


def is_written_later(values: Values, read: Read, home: Home, at: int) -> bool:
    """May the memory of what is read be written after it is kept, behind statement `at` of the block `home`, and before
    its name is given new memory?"""
    facts = values.facts
    roots = values.roots(read, read.num if read.is_behind else facts.aliases.mention(read.num, read.name))
    around = [num for num, _ in values.chains[home] if num in facts.defs.span and _is_loop(facts, num)]
    for w, found in values.writes:
        for root in roots & found:
            same_pass = root[0] >= 0 and list(facts.defs.loops[root[0]]) == around
            same_pass = same_pass and _writes_new_memory(facts, w, root[0])
            if w > at if same_pass else values.after(w, max(at, home[0], 0)):
                return True
    return False


def _writes_new_memory(facts: Facts, write: int, allocation: int) -> bool:
    """Does the write go through the name, or a view of the name, that the allocation has just defined?  Another name
    may still hold the memory of the pass before."""
    at, names = write, written(facts.defs.statements[write], facts.kinds)
    while len(names) == 1 and len(found := facts.webs.reaching.get((at, names[0]), frozenset())) == 1:
        (d,) = found
        if d == allocation:
            return d < at
        if d not in facts.aliases.views or d > at:
            return False
        at, names = d, (facts.aliases.views[d],)
    return False


def _is_loop(facts: Facts, num: int) -> bool:
    return num >= 0 and isinstance(facts.defs.statements[num], (n.For, n.While))
