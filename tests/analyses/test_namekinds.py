"""One kind for all that a name holds."""

from __future__ import annotations

from tangent_ad.analyses.namekinds import name_kinds
from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym
from tangent_ad.core.kinds import ANY, FLOAT, INT, Kind, array
from tests.analyses.program import program


def test_definitions_of_several_kinds() -> None:
    p = program("x: float, u: 'Float[np.ndarray, \"n\"]'", "a = 1\nb = a\na = x\nc = a\na = u\nd = u[0]\nreturn a")
    names = name_kinds(p.kinds)
    assert names.of("a") == Kind("value", "float", None)
    assert (names.of("b"), names.of("c"), names.of("d"), names.of("u")) == (INT, FLOAT, FLOAT, array(1))
    assert names.of("nobody") == ANY


def test_expressions() -> None:
    names = name_kinds(program("x: float, m: 'Float[np.ndarray, \"n k\"]'", "return x * m").kinds)
    m, x = Sym(n.Name("m")), Sym(n.Name("x"))
    assert names.at((m * x).expr) == array(2)
    assert names.at(n.Index(n.Name("m"), n.Const(0))) == array(1)
    assert names.at(n.Index(n.Name("m"), n.Tuple((n.Const(0),) * 3))) == ANY, "what is refused has no kind"
    assert names.at(n.Name("nobody")) == ANY
