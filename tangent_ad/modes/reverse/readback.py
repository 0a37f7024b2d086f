"""Numbers that the backward sweep reads where the primal has put them, for the laws.

In: facts of the primal, the sweeps, a statement of the derived text.  Out: the store of the primal that it reads back.
"""

from __future__ import annotations

from tangent_ad.analyses.facts import Facts
from tangent_ad.core import nodes as n
from tangent_ad.core.walk import children
from tangent_ad.storage.marks import Read, before
from tangent_ad.storage.place import Sweeps


def read_back(facts: Facts, sweeps: Sweeps, stmt: n.Stmt) -> n.Assign | None:
    """The store `y[i] = t` of the primal, if `stmt` is `t = y[i]` with the versions of that: then it must be what gives
    this very `t` away, in the block where it is defined."""
    match stmt:
        case n.Assign(
            target=n.Name(id=held, version=int() as meant),
            value=n.Index(value=n.Name(id=array, version=int() as at), index=index),
        ) if meant % 2 == 1 and at % 2 == 0:
            num, store = meant // 2, facts.defs.statements[at // 2]
            if not (isinstance(store, n.Assign) and isinstance(store.target, n.Index)):
                return None
            put = sweeps.names.get(held, held)
            same = store.target.value == n.Name(array) and is_same(facts, sweeps, index, store.target.index, store.num)
            gives = store.value == n.Name(put) and facts.webs.reaching.get((store.num, put)) == {num}
            blocks = sweeps.values.block_of
            unchanged = sweeps.values.at(Read(put, before(store.num), True)).states == (("def", num),)
            return store if same and gives and unchanged and blocks.get(store.num) == blocks.get(num) else None
    return None


def is_same(facts: Facts, sweeps: Sweeps, ours: n.Expr, theirs: n.Expr, num: int) -> bool:
    """Are two expressions the same, where names with versions mean what the primal's mean at statement `num`?"""
    if isinstance(ours, n.Name) and isinstance(theirs, n.Name):
        name = sweeps.names.get(ours.id, ours.id)
        if ours.version is None or (ours == theirs and ours.version == before(num)):
            return ours.version is not None
        at = sweeps.values.at
        return at(Read(name, ours.version, False)) == at(Read(theirs.id, before(num), False))
    parts = children(ours), children(theirs)
    if not parts[0] or len(parts[0]) != len(parts[1]):
        return ours == theirs
    same = type(ours) is type(theirs) and getattr(ours, "fn", None) is getattr(theirs, "fn", None)
    return same and all(is_same(facts, sweeps, a, b, num) for a, b in zip(*parts, strict=True))
