"""Where contributions to adjoints are added."""

from __future__ import annotations

import operator

import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import FLOAT, Kind, array
from tangent_ad.modes.reverse.places import added, as_value
from tests.modes.reverse.sweeping import adjoints, lines, sweep_of


def place(body: str, at: str, name: str) -> str:
    """The text of the adjoint of `name` as that statement reads it, with what must run before."""
    p, sweep = sweep_of(body)
    before, found = sweep.places.place(p[at], n.Name(name))
    return lines((*before, n.ExprStmt(found)))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("b = u\nc = b * x\nreturn c", "u_bar"),
        ("b = u[1:]\nc = b * x\nreturn c", "u_bar[1:]"),
        ("a = u[1:]\nb = a[::2]\nc = b * x\nreturn c", "u_bar[1:][::2]"),
        ("b = m.T\nc = b * x\nreturn c", "m_bar.T"),
        ("a = m[k]\nb = a[1:]\nc = b * x\nreturn c", "m_bar[k][1:]"),
        ("a = m.T\nb = a[0]\nc = b * x\nreturn c", "m_bar.T[0]"),
        ("b = x * u\nif x > 0.0:\n    b = u * 2.0\nc = b * x\nreturn c", "b_bar = spread(b_bar, b); b_bar"),
        ("b = u.copy()\nc = b * x\nreturn c", "b_bar"),
        ("b = u[np.array([0, 1])]\nc = b * x\nreturn c", "b_bar"),
    ],
)
def test_views(body: str, text: str) -> None:
    assert place(body, "c = b * x", "b") == text


def test_owners() -> None:
    p, sweep = sweep_of("a = u[1:]\nb = a[::2]\nc = b * x\nd = c[0]\nreturn d")
    owner = sweep.places.owner
    assert [owner(p["c = b * x"], name) for name in "bx"] == ["u", "x"]
    assert owner(p["d = c[0]"], "c") == "c"


def test_a_view_of_an_array_that_is_made_here() -> None:
    assert place("a = u * 2.0\nb = a[1:]\nc = b * x\nreturn c", "c = b * x", "b") == "a_bar[1:]"


def test_kinds_of_names() -> None:
    p, sweep = sweep_of("a = x\nb = a * y\na = u\nc = a * b\na = 2\nd = k\nreturn c * a * d")
    assert sweep.places.kind_of_name("a") == Kind("value", "float", None), "of what is active"
    assert sweep.places.kind_of_name("b") == FLOAT
    assert sweep.places.kind_of_name("u") == array(1)
    assert sweep.places.is_active(p["b = a * y"], n.Name("a"))
    assert not sweep.places.is_active(p["d = k"], n.Name("k"))
    assert not sweep.places.is_active(p["d = k"], n.Const(2.0))


def test_no_two_adjoints_have_one_name() -> None:
    _, sweep = sweep_of("x_bar = x * y\nt_bar = x_bar * x\nreturn t_bar")
    names = [sweep.places.bar(name).id for name in ("x", "x_bar", "t_bar", "y", "x")]
    assert len(set(names[:4])) == 4 and names[4] == names[0]
    assert not {"x_bar", "t_bar"} & set(names)


def test_a_number_or_an_array() -> None:
    """What may be an array gets a fresh sum: `+=` would write memory that others hold."""
    found = adjoints("b = p * 2.0\nreturn b * p", "p", "p")
    assert found["b = p * 2.0"] == "p_bar = p_bar + b_bar * 2.0"
    assert adjoints("b = p * 2.0\nreturn b * p", "p", "p: float")["b = p * 2.0"] == "p_bar += b_bar * 2.0"


def test_added() -> None:
    a, b = n.Name("a"), n.Name("b")
    minus = n.Call(operator.neg, "-", (b,))
    assert added(a, b) == n.AugAssign(a, operator.add, b)
    assert added(a, minus) == n.AugAssign(a, operator.sub, b)


def test_indices_as_values() -> None:
    i, none = n.Name("i"), n.Const(None)
    assert as_value(i) is i
    found = as_value(n.Tuple((i, n.Slice(None, n.Const(-1), None), n.Const(Ellipsis))))
    assert found == n.Tuple((i, n.Call(slice, "slice", (none, n.Const(-1), none)), n.Const(Ellipsis)))
