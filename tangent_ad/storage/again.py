"""What can be computed again in the backward sweep, and what keeping a value costs.

In: a definition.  Out: the reads that computing it again takes, or None; a cost.

Arithmetic on numbers, reads of elements and views are computed again: they cost less than a tape.  Elementary
functions, powers, reductions and products of matrices are kept; so is array arithmetic, where an array is kept by
reference.  Arithmetic on what may be an array, or a number, is computed again where it gives the same each time.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator

import numpy as np

from tangent_ad.analyses.effects import may_be_array, needed_content, relation
from tangent_ad.analyses.facts import Facts
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import FLOATING, Kind
from tangent_ad.core.walk import names_read, subexpressions
from tangent_ad.frontend.pure import COMPARISONS, INDEX_ARITHMETIC, SIZES
from tangent_ad.rules.registry import lookup
from tangent_ad.storage.marks import Read, before
from tangent_ad.storage.stored import reads_of_store, store_of
from tangent_ad.storage.values import Value, Values

TESTED_AGAIN = (*COMPARISONS, *INDEX_ARITHMETIC, *SIZES, np.shape)
"""Operations that give bit for bit the same when evaluated again, on values that are bit for bit the same."""
ALLOCATIONS = (np.empty, np.zeros, np.ones, np.empty_like, np.zeros_like, np.ones_like)
ARITHMETIC = (operator.add, operator.sub, operator.mul, operator.truediv, operator.neg)
OF_SHAPE = (*SIZES, np.shape)
CHEAP = (
    *TESTED_AGAIN,
    operator.truediv,
    operator.pos,
    operator.not_,
    np.square,
    abs,
    np.abs,
    np.sign,
    min,
    max,
    int,
    np.float64,
)


def operands_again(values: Values, value: Value, arrays: bool = False) -> list[Read] | None:
    """The reads of computing `value` again, if it is the result of one cheap operation; `arrays`: arithmetic on arrays
    is cheap too."""
    how, num = value.states[0]
    stmt = values.facts.defs.statements[num] if how == "def" else None
    if not isinstance(stmt, n.Assign) or not isinstance(stmt.target, n.Name) or stmt.target.id != value.name:
        return None
    facts = values.facts
    kind = facts.kinds.defined(num, value.name)
    store = store_of(values, value)
    if store is not None:
        return reads_of_store(store)
    if not value.content:
        shaped = shape_of(facts, num, stmt.value)
        if shaped is not None:
            return [Read(read.name, read.version, False) for read in reads_of_value(num, shaped)]
    if not may_be_array(kind):
        if kind.dtype == "bool":  # of numbers that come back as NumPy's it would be NumPy's, which adds differently
            return None
        if not _is_cheap(facts, num, stmt.value) or len(value.states) > 1:
            return None
        return list(reads_of_value(num, stmt.value))
    if value.content and len(value.states) == 1 and _is_arithmetic(facts, num, stmt.value):
        reads = list(reads_of_value(num, stmt.value))
        if arrays or (not kind.is_array and all(_stays(values, read) for read in reads)):
            return reads
    rel = relation(stmt, facts.kinds)
    if rel.how != "view" or rel.of is None or not _is_view(stmt.value):
        return None
    read = Read(rel.of, before(num), value.content)
    if values.at(read).states[1:] != value.states[1:]:  # written since
        return None
    return [r if r.name != rel.of else read for r in reads_of_value(num, stmt.value)]


def _stays(values: Values, read: Read) -> bool:
    """Is what is read the same in every iteration, as its name says or as it is made of what is?"""
    if not values.may_change(read):
        return True
    value = values.at(read)
    if value not in values.staying:
        again = operands_again(values, value)
        values.staying[value] = again is not None and all(_stays(values, operand) for operand in again)
    return values.staying[value]


def expression_again(values: Values, value: Value) -> n.Expr:
    """What is written to have the value (or if only its shape is meant, something of that shape) again."""
    num = value.states[0][1]
    stmt = values.facts.defs.statements[num]
    assert isinstance(stmt, n.Assign)
    shaped = None if value.content else shape_of(values.facts, num, stmt.value)
    return stmt.value if shaped is None else shaped


def shape_of(facts: Facts, num: int, value: n.Expr) -> n.Expr | None:
    """An expression of the shape of `value`: the one array that it is made of, element by element; an allocation."""
    if not isinstance(value, n.Call):
        return None
    if value.fn in ALLOCATIONS:
        return value
    rule = lookup(value.fn)
    if rule is None or rule.diff != "partials":
        return None
    arrays = [arg for arg in value.args if not facts.kinds.at(num, arg).is_number]
    if len(arrays) == 1 and isinstance(arrays[0], n.Name) and facts.kinds.at(num, arrays[0]).is_array:
        return arrays[0]
    return None


def reads_of_value(num: int, value: n.Expr) -> Iterator[Read]:
    content = needed_content(value)
    for name in sorted(names_read(value)):
        yield Read(name, before(num), name in content)


def _is_cheap(facts: Facts, num: int, value: n.Expr) -> bool:
    for part in subexpressions(value):
        if isinstance(part, n.Call):
            if part.fn is operator.pow:
                if not _is_small(part.args[1]):
                    return False
            elif part.fn not in CHEAP or (part.fn not in OF_SHAPE and _takes_array(facts, num, part)):
                return False
        elif isinstance(part, n.IfExp):
            return False
    return True


def _is_small(power: n.Expr) -> bool:
    return isinstance(power, n.Const) and power.value in (2, 3, 2.0, 3.0)


def _is_arithmetic(facts: Facts, num: int, value: n.Expr) -> bool:
    """Is it one arithmetic operation on numbers and what may be a floating array?"""
    if not isinstance(value, n.Call) or value.keywords:
        return False
    if value.fn not in ARITHMETIC and not (value.fn is operator.pow and _is_small(value.args[1])):
        return False
    kinds = [facts.kinds.at(num, arg) for arg in value.args]
    return all(kind.is_number or (may_be_array(kind) and kind.dtype in (*FLOATING, None)) for kind in kinds)


def _takes_array(facts: Facts, num: int, call: n.Call) -> bool:
    return any(may_be_array(facts.kinds.at(num, arg)) for arg in call.args)


def _is_view(value: n.Expr) -> bool:
    """Is it an index or a transposition, rather than another name for the same?"""
    if isinstance(value, (n.Index, n.Name)):
        return True
    rule = lookup(value.fn) if isinstance(value, n.Call) else None
    return rule is not None and rule.result == "view"


def is_exact(values: Values, value: Value) -> bool:
    """Is the value bit for bit the same however it is provided?"""
    how, num = value.states[0]
    stmt = values.facts.defs.statements[num] if how == "def" else None
    if not isinstance(stmt, n.Assign) or operands_again(values, value) is None:
        return True
    if store_of(values, value) is not None:  # in an array of a dtype whose width is not known
        return False
    return all(
        part.fn in (*COMPARISONS, *SIZES, np.shape) or values.facts.kinds.defined(num, value.name).dtype == "int"
        for part in subexpressions(stmt.value)
        if isinstance(part, n.Call)
    )


def may_test_again(test: n.Expr) -> bool:
    """Is the condition made of comparisons and integer arithmetic?"""
    parts = list(subexpressions(test))
    if any(isinstance(p, n.IfExp) for p in parts):
        return False
    return all(p.fn in TESTED_AGAIN for p in parts if isinstance(p, n.Call))


def cost_of(kind: Kind) -> int:
    """What it costs to keep a value: its bytes, each axis taken for eight long."""
    if not may_be_array(kind):
        return 8
    rank = kind.rank if kind.has_rank and kind.rank is not None else 2
    return 8 * 8 ** max(rank, 1)
