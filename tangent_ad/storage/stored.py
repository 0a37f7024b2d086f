"""Values that lie in an array where the program has put them.

In: values; a definition `t = ...` that a statement `y[i] = t` of its block stores.  Out: that statement, if nothing
writes the place afterwards: then `y[i]` is `t`, and the backward sweep needs no tape for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tangent_ad.analyses.forms import is_floating
from tangent_ad.analyses.indexed import index_parts
from tangent_ad.analyses.webs import PARAMETER
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import FLOATING, Kind
from tangent_ad.core.walk import names_read
from tangent_ad.storage.marks import Read, before

NEW = (np.empty, np.zeros, np.ones)

if TYPE_CHECKING:
    from tangent_ad.storage.values import Value, Values


def store_of(values: Values, value: Value) -> n.Assign | None:
    """The statement that has put the value where it still lies when the backward sweep comes to it."""
    how, num = value.states[0]
    if how != "def" or len(value.states) > 1 or not value.content:
        return None
    if num not in values.stores:
        found = _stores(values, value.name, num)
        values.stores[num] = next((s for s in found if is_left_alone(values, s)), None)
    return values.stores[num]


def reads_of_store(store: n.Assign) -> list[Read]:
    """What reading the element again takes: the array's name, and what it is indexed with."""
    assert isinstance(store.target, n.Index)
    indices = sorted(names_read(store.target.index))
    return [Read(array_of(store), before(store.num), False), *(Read(i, before(store.num), True) for i in indices)]


def _stores(values: Values, name: str, num: int) -> list[n.Assign]:
    """The statements of the block that put what `num` defines, unchanged, into a place of its shape and precision."""
    found = []
    for stmt in values.puts.get(name, ()):
        if stmt.num > num and stmt.num in values.runs and values.block_of.get(stmt.num) == values.block_of[num]:
            same = values.at(Read(name, before(stmt.num), True)).states == (("def", num),)
            reaching = values.facts.webs.reaching.get((stmt.num, name))
            if same and reaching == {num} and _is_exact(values, stmt, num):
                found.append(stmt)
    return found


def _is_exact(values: Values, store: n.Assign, num: int) -> bool:
    """Has the place the shape of the value, and a dtype that holds just what it is?  Where the width is not known, the
    value is active, so that it is no integer, and the array floating."""
    facts, target = values.facts, store.target
    assert isinstance(target, n.Index) and isinstance(store.value, n.Name)
    put, held = facts.kinds.defined(num, store.value.id), facts.kinds.at(store.num, target)
    parts = index_parts(target.index)
    kinds = [facts.kinds.at(store.num, part) for part in parts if not isinstance(part, n.Slice)]
    if not all(kind.is_number and kind.dtype == "int" for kind in kinds):
        return False
    if not (put.is_number and held.is_number and len(kinds) == len(parts)) and not _is_row(values, store, put, held):
        return False
    if put.dtype is not None:
        return put.dtype == held.dtype and put.dtype in FLOATING
    if facts.webs.of_def[(num, store.value.id)] not in facts.activity.active:
        return False
    return held.dtype in FLOATING or (held.dtype is None and _is_floating_array(values, store))


def _is_row(values: Values, store: n.Assign, put: Kind, held: Kind) -> bool:
    """Are the value and the place arrays of one shape?  Compiled, the place must be laid out as a new array is: a row
    of one that the function has made."""
    lengths, target = values.lengths, store.target
    if lengths is None or not (put.is_array and held.is_array) or not isinstance(target, n.Index):
        return False
    if values.typed:
        name, statements = array_of(store), values.facts.defs.statements
        made = [statements[d] if d >= 0 else None for d in values.facts.webs.reaching[(store.num, name)]]
        new = all(isinstance(s, n.Assign) and isinstance(s.value, n.Call) and s.value.fn in NEW for s in made)
        if not new or any(isinstance(part, n.Slice) for part in index_parts(target.index)):
            return False
    return lengths.same(store.num, lengths.at(store.num, target), store.value)


def _is_floating_array(values: Values, store: n.Assign) -> bool:
    name = array_of(store)
    reaching = values.facts.webs.reaching.get((store.num, name), frozenset())
    lengths = values.lengths
    return lengths is not None and all(d >= PARAMETER and is_floating(lengths.defined(d, name).dtype) for d in reaching)


def array_of(store: n.Assign) -> str:
    """The name of the array in which a store puts its value."""
    assert isinstance(store.target, n.Index) and isinstance(store.target.value, n.Name)
    return store.target.value.id


def is_left_alone(values: Values, store: n.Assign) -> bool:
    """Does the array keep its name, and the element what was put there?"""
    name = array_of(store)
    if values.may_change(Read(name, before(store.num), False)):
        return False
    roots = values.facts.aliases.roots_of(store.num, name)
    later = [w for w, found in values.writes if roots & found and (w == store.num or values.after(w, store.num))]
    return bool(roots) and all(values.feet.leaves(w, store.num, name) for w in later)
