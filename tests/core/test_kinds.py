"""The lattice of kinds."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tangent_ad.core.kinds import ANY, BOOL, FLOAT, INT, OTHER, VALUE, Kind, array, join, join_dtype, promote, tuple_of

SINGLE = Kind("value", "float32", 0)
SAMPLES = [
    ANY, OTHER, VALUE, FLOAT, INT, BOOL, SINGLE, array(1), array(2), array(), array(1, "float32"), array(1, "int"),
    array(None, None), Kind("value", "float", None), tuple_of(FLOAT, INT), tuple_of(FLOAT), tuple_of(array(1), INT),
    Kind("tape"), Kind("tape", elts=(FLOAT,)),
]  # fmt: skip


@pytest.mark.parametrize("a", SAMPLES, ids=str)
def test_join_covers_both(a: Kind) -> None:
    for b in SAMPLES:
        covers(a, b)


def covers(a: Kind, b: Kind) -> None:
    both = join(a, b)
    assert join(b, a) == both
    assert join(a, both) == join(b, both) == both
    assert join(a, a) == a
    for kind in (a, b):
        assert not both.has_rank or kind.rank == both.rank
        assert not both.is_number or kind.is_number
        assert not both.is_array or kind.is_array
        assert both.may_be_active or not kind.may_be_active, "what may carry a derivative still may"


def test_join_in_any_order() -> None:
    for a, b, c in itertools.product(SAMPLES, repeat=3):
        assert join(join(a, b), c) == join(a, join(b, c))


def test_what_may_be_active() -> None:
    assert not any(kind.may_be_active for kind in (INT, BOOL, OTHER, array(1, "int"), tuple_of(INT, BOOL)))
    assert all(kind.may_be_active for kind in (ANY, VALUE, FLOAT, array(), Kind("tuple"), tuple_of(INT, FLOAT)))


MADE = {"float": np.float64, "float32": np.float32, "int": np.int64, "bool": np.bool_}


@pytest.mark.parametrize(("a", "b"), list(itertools.product(MADE, MADE)))
def test_arithmetic_on_arrays_is_that_of_numpy(a: str, b: str) -> None:
    if {a, b} in ({"int", "float32"}, {"bool"}):
        return  # NumPy widens; what counts is that both carry a derivative, or none does
    wanted = np.result_type(MADE[a], MADE[b])
    found = promote(array(1, a), array(1, b))
    assert found is not None and np.dtype(MADE[found]) == wanted


def test_numbers_beside_single_precision() -> None:
    assert promote(array(1, "float32"), FLOAT) == promote(FLOAT, array(2, "float32")) == "float32", "a weak number"
    assert promote(SINGLE, FLOAT) == "float"
    assert promote(SINGLE, array(1)) == "float"
    assert promote(array(1, "float32"), array(1)) == "float"
    assert promote(FLOAT, VALUE) is None
    assert join_dtype("int", None) is None and join_dtype("bool", "float32") == "float32"
