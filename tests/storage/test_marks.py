"""Which value a read means."""

from __future__ import annotations

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import ANY, FLOAT, INT, VALUE, array
from tangent_ad.runtime import helpers
from tangent_ad.storage.marks import Read, all_reads, append, before, behind, copied, pop

U, X = n.Name("u", before(3)), n.Name("x", behind(3))


def test_versions() -> None:
    assert len({before(k) for k in range(5)} | {behind(k) for k in range(5)}) == 10
    for k in range(3):
        assert (Read("x", before(k), True).num, Read("x", before(k), True).is_behind) == (k, False)
        assert (Read("x", behind(k), True).num, Read("x", behind(k), True).is_behind) == (k, True)


def test_content_and_shape() -> None:
    shape = n.Call(np.shape, ".shape", (U,))
    bar = n.Name("x_bar")
    assert list(all_reads((n.Assign(bar, n.Index(shape, n.Const(0))),))) == [Read("u", 6, False)]
    both = n.Tuple((shape, n.Call(np.sin, "np.sin", (U,))))
    assert list(all_reads((n.Assign(bar, both),))) == [Read("u", 6, True)]
    assert list(all_reads((n.Assign(bar, n.Call(helpers.sum_to, "sum_to", (X, U))),))) == [
        Read("u", 6, False),
        Read("x", 7, True),
    ]
    assert list(all_reads((n.Assign(bar, n.Name("x")),))) == [], "not marked: no primal value"


def test_two_values_of_one_name() -> None:
    first, second = n.Name("x", before(1)), n.Name("x", behind(1))
    stmt = n.Assign(n.Name("x_bar"), n.Tuple((second, first)))
    assert list(all_reads((stmt,))) == [Read("x", 2, True), Read("x", 3, True)]


def test_what_stands_inside_is_not_read_here() -> None:
    inner = n.Assign(n.Name("x_bar"), X)
    assert list(all_reads((n.If(U, (inner,)),))) == [Read("u", 6, True)]
    assert list(all_reads((n.If(U, ()), inner))) == [Read("u", 6, True), Read("x", 7, True)]


def test_a_target_that_is_written_into() -> None:
    stmt = n.Assign(n.Index(n.Name("u_bar"), X), n.Const(0.0))
    assert list(all_reads((stmt,))) == [Read("x", 7, True)]


def test_copies_and_tapes() -> None:
    assert copied(U, FLOAT) is U and copied(U, INT) is U
    assert copied(U, array(1)) == n.Call(np.copy, ".copy()", (U,)) == copied(U, array())
    assert copied(U, ANY) == n.Call(helpers.copy_of, "copy_of", (U,)) == copied(U, VALUE)
    tape = n.Name("u_saved")
    assert append(tape, U) == n.ExprStmt(n.Call(list.append, ".append()", (tape, U)))
    assert pop(tape) == n.Call(list.pop, ".pop()", (tape,))
