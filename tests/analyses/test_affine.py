"""Integers as sums of loops' variables, names and a constant, and their bounds."""

from __future__ import annotations

from tangent_ad.analyses.affine import Affine, Sums, loop_term, step_of
from tangent_ad.core import nodes as n
from tests.analyses.program import Program


def program(x, n: int):
    s = 0.0
    for i in range(1, n):
        k = n - 1 - i
        for j in range(i + 1, n):
            s += x[j - 1] * x[k] * x[2 * i]
    return s


def opaque(x, n: int):
    s, m = 0.0, 0
    for i in range(n):
        s += x[m] * x[i * i] * x[i // 2]
        m = m + i
    return s


def _sums(f):
    facts = Program.of(f, ("x",)).facts
    loops = [s.num for s in facts.defs.statements if isinstance(s, n.For)]
    found = {}
    for stmt in facts.defs.statements:
        match stmt:
            case n.Assign(value=n.Index(value=n.Name(id="x"), index=index)):
                found[len(found)] = (index, stmt.num)
    return Sums(facts), loops, list(found.values())


def test_sums_and_bounds() -> None:
    sums, (outer, inner), places = _sums(program)
    (j, at), (k, at_k), (double, at_double) = places
    i_term, j_term = loop_term(outer), loop_term(inner)
    assert sums.affine(j, at) == Affine(-1, ((j_term, 1),))
    reversed_ = sums.affine(k, at_k)
    assert reversed_ is not None and reversed_.constant == -1 and reversed_.factor(i_term) == -1
    assert sums.affine(double, at_double) == Affine(0, ((i_term, 2),))
    least = sums.bound(Affine(-1, ((j_term, 1),)), upper=False, keep=[outer])
    assert least == Affine(0, ((i_term, 1),)), "j is i + 1 at least"
    assert sums.bound(Affine(-1, ((j_term, 1),)), upper=False) == Affine(1)
    assert sums.bound(reversed_, upper=False) == Affine(0), "i is n - 1 at most"
    most = sums.bound(reversed_, upper=True)
    assert most is not None and most.constant == -2 and len(most.terms) == 1


def test_what_is_no_sum() -> None:
    sums, _, places = _sums(opaque)
    (m, at), (square, at_square), (half, at_half) = places
    assert sums.affine(square, at_square) is None
    assert sums.affine(half, at_half) is None
    found = sums.affine(m, at)
    assert found is not None and found.terms[0][0][0] == "name", "bound in the loop, on several ways"


def test_arithmetic() -> None:
    i, j = loop_term(3), loop_term(5)
    a = Affine(1, ((i, 2), (j, -1)))
    assert a.plus(Affine(2, ((j, 1),))) == Affine(3, ((i, 2),))
    assert a.plus(a, -1) == Affine(0)
    assert (a.factor(j), a.factor(loop_term(9)), a.without(i)) == (-1, 0, Affine(1, ((j, -1),)))


def test_steps() -> None:
    def loop(step: n.Expr) -> n.For:
        return n.For(n.Name("i"), n.Const(0), n.Const(3), step, ())

    assert [step_of(loop(s)) for s in (n.Const(2), n.Const(-1), n.Const(0), n.Name("k"))] == [2, -1, None, None]
    assert step_of(n.Return(n.Const(1.0))) is None
