"""Forms of names and expressions: what holds of all values of a name, and of nothing else."""

from __future__ import annotations

import itertools
import operator

import numpy as np
import pytest

from tangent_ad.analyses.forms import NUMBER, UNKNOWN, Axis, Form, is_open
from tangent_ad.analyses.named import Forms, axes_of, join_axes, of_parameter, stable_names
from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import ANY, FLOAT, INT, Kind, array
from tests.analyses.program import program

U = ("of", "u", 0)
KINDS = {"u": array(1, "float"), "m": array(2, "float"), "s": FLOAT, "k": INT, "b": array(1, "bool"), "j": INT}


def forms(*stable: str, **more: Form) -> Forms:
    kinds = NameKinds({**KINDS, "tape": Kind("tape"), "x": ANY})
    table = {"u": Form((U,), frozenset(("u",))), "s": NUMBER, "k": NUMBER, "x": Form((("rest", "x", 0),), None)}
    table["m"] = Form(axes_of("m", KINDS["m"]), frozenset(("m",)))
    return Forms(kinds, frozenset(stable or ("u", "m", "s", "k", "b", "x")), table={**table, **more})


def name(text: str) -> n.Name:
    return n.Name(text)


def assign(target: str, value: n.Expr) -> n.Assign:
    return n.Assign(name(target), value)


def cut(lower: n.Expr | int | None = None, upper: n.Expr | int | None = None, step: int | None = None) -> n.Slice:
    ends = (e if e is None or isinstance(e, n.Expr) else n.Const(e) for e in (lower, upper, step))
    return n.Slice(*ends)


# stable names ---------------------------------------------------------------------------------------------------------


def test_a_name_is_stable_if_it_has_one_value_throughout() -> None:
    body = """
a = x * 2.0
b = a
for i in range(n):
    c = a + i
    w = c
if n > 2:
    d = a
b = d + b
y = b * w
return y
"""
    p = program("x, n, w, z", body)
    found = stable_names(p.fn, p.defs)
    assert {"x", "n", "z", "a", "d"} <= found, "parameters that stay, and what is bound once, if at all"
    assert found.isdisjoint({"b", "w", "c", "i"}), "bound twice, bound again, bound in a loop, counting one"


# parameters -----------------------------------------------------------------------------------------------------------


def test_forms_of_parameters() -> None:
    def made(kind: Kind, annotation: str | None = None, floating: bool = False, typed: bool = False) -> Form:
        return of_parameter(n.Param("x", annotation=annotation), kind, {"x"} if floating else set(), typed)

    assert made(FLOAT).shape == ()
    assert made(array(2, "float")) == Form((("of", "x", 0), ("of", "x", 1)), frozenset(("x",)))
    assert made(array(1, "int")).dtype is None, "of an integer array no dtype is said"
    assert made(array(1, "int"), floating=True).dtype == frozenset(("x",)), "the guard holds it to floats"
    assert made(array(1, "float"), "Float64[np.ndarray, 'n']").dtype == frozenset(("float64",))
    assert made(array(1, "float"), "MyFloat64[np.ndarray, 'n']").dtype == frozenset(("x",)), "another word"
    assert made(array(1, "float"), typed=True).dtype == frozenset(("float64",))
    assert made(array(1, "float32"), typed=True).dtype == frozenset(("float32",))
    unknown = made(ANY)
    assert unknown.shape is not None and is_open(unknown.shape)


def test_an_axis_that_turns_out_to_be_another() -> None:
    table = {"a": Form((U, None), None), "b": Form((("of", "w", 0),), frozenset(("b",))), "c": UNKNOWN}
    join_axes(table, U, ("of", "w", 0))
    assert table == {
        "a": Form((("of", "w", 0), None), None),
        "b": Form((("of", "w", 0),), frozenset(("b",))),
        "c": UNKNOWN,
    }


# definitions ----------------------------------------------------------------------------------------------------------


def test_what_two_definitions_agree_in() -> None:
    f = forms("u")
    f.define(assign("a", name("u")), True)
    assert f.of(name("a")) == f.of(name("u"))
    f.define(assign("a", n.Call(np.zeros_like, "np.zeros_like", (name("m"),))), True)
    assert f.of(name("a")).shape is None, "of one axis, or of two"
    f.define(assign("a", name("u")), True)
    assert f.of(name("a")).shape is None, "once unknown, it stays so"


def test_a_stable_name_of_unknown_shape_has_its_own() -> None:
    f = forms("a")
    f.kinds.table["a"] = array(2, "float")
    f.define(assign("a", n.Call(np.cumsum, "np.cumsum", (name("u"),))), True)
    assert f.of(name("a")) == Form((("of", "a", 0), ("of", "a", 1)), frozenset(("a",)))
    g = forms("u")
    g.kinds.table["a"] = array(2, "float")
    g.define(assign("a", n.Call(np.cumsum, "np.cumsum", (name("u"),))), True)
    assert g.of(name("a")) == UNKNOWN, "it may be bound again"


def test_augmented_assignment_to_an_array_keeps_its_form_and_to_a_number_widens_it() -> None:
    f = forms()
    before = f.of(name("u"))
    f.define(n.AugAssign(name("u"), operator.add, name("m")), True)
    assert f.of(name("u")) == before
    f.define(n.AugAssign(name("s"), operator.add, name("u")), True)
    assert f.of(name("s")).shape is None, "a number before, an array behind"


def test_lengths_that_names_hold() -> None:
    f = forms("u", "m", "rows", "columns", "l", "d")
    target = n.Tuple((name("rows"), name("columns")))
    f.define(n.Assign(target, n.Call(np.shape, ".shape", (name("m"),))), True)
    f.define(assign("l", n.Call(len, "len", (name("u"),))), True)
    assert [f.size(name(x)) for x in ("rows", "columns", "l")] == [("of", "m", 0), ("of", "m", 1), U]
    assert f.sizes_of(n.Tuple((name("l"), n.Const(3)))) == (U, 3)
    f.define(n.Assign(n.Tuple((name("d"),)), n.Call(np.shape, ".shape", (name("m"),))), True)
    assert f.size(name("d")) is None or isinstance(f.size(name("d")), n.Expr), "two axes are no single one"


def test_a_length_of_something_unknown_is_none() -> None:
    f = forms()
    assert f.size(n.Call(len, "len", (name("x"),))) is None
    assert f.size(n.Call(len, "len", (name("s"),))) is None
    assert f.size(n.Index(n.Call(np.shape, ".shape", (name("m"),)), n.Const(-1))) is None
    assert f.size(n.Index(n.Call(np.shape, ".shape", (name("m"),)), n.Const(2))) is None


def test_what_has_one_value_throughout() -> None:
    f = forms()
    plus = n.Call(operator.add, "+", (name("k"), n.Const(1)))
    assert f.is_fixed(plus) and f.size(plus) == plus
    for changing in (
        name("j"),  # not stable
        n.Call(operator.add, "+", (name("j"), n.Const(1))),
        n.Index(name("u"), n.Const(0)),  # an element, which may be written
        n.Call(len, "len", (name("tape"),)),  # a list grows
        name("u"),
    ):
        assert not f.is_fixed(changing)
    assert f.is_fixed(n.Call(len, "len", (name("u"),)))


# indices --------------------------------------------------------------------------------------------------------------

LENGTHS = range(7)
ENDS = (None, 0, 1, 2, -1, -2)


def axis(shape: tuple[Axis, ...] | None) -> Axis:
    assert shape is not None and len(shape) == 1
    return shape[0]


def test_slices_of_one_axis_key_have_one_length() -> None:
    """Whatever the length of `u`, slices that are said to be as long as each other are."""
    f = forms()
    found: dict[Axis, list[tuple[int | None, int | None]]] = {}
    for lower, upper in itertools.product(ENDS, repeat=2):
        key = axis(f.of(n.Index(name("u"), cut(lower, upper))).shape)
        if key is not None:
            found.setdefault(key, []).append((lower, upper))
    assert any(len(group) > 3 for group in found.values())
    for group in found.values():
        for length in LENGTHS:
            assert len({len(range(length)[a:b]) for a, b in group}) == 1, group


def test_slices_of_slices() -> None:
    f = forms()
    inner = n.Index(n.Index(name("u"), cut(1)), cut(2))
    assert f.same(inner, n.Index(name("u"), cut(3)))
    assert f.same(inner, n.Index(name("u"), cut(1, -2)))
    assert not f.same(inner, n.Index(name("u"), cut(2)))


def test_ends_that_may_change_say_nothing() -> None:
    f = forms()
    fixed, changing = n.Index(name("u"), cut(name("k"))), n.Index(name("u"), cut(name("j")))
    assert f.same(fixed, fixed)
    assert not f.same(changing, changing)
    assert not f.same(fixed, n.Index(name("u"), cut(None, name("k"))))


@pytest.mark.parametrize(
    ("index", "shape"),
    [
        (n.Const(0), (("of", "m", 1),)),
        (n.Tuple((n.Const(0), n.Const(1))), ()),
        (n.Tuple((cut(), n.Const(1))), (("of", "m", 0),)),
        (n.Tuple((n.Const(0), n.Const(1), n.Const(2))), None),  # too many
        (name("b"), None),  # a mask
        (n.Const(True), None),
        (n.Const(None), None),  # a new axis
        (n.Const(...), None),
        (name("u"), None),
    ],
    ids=str,
)
def test_indices_of_a_matrix(index: n.Expr, shape: tuple[Axis, ...] | None) -> None:
    assert forms().of(n.Index(name("m"), index)).shape == shape


def test_axes_that_nobody_counted() -> None:
    row = forms().of(n.Index(name("x"), n.Const(0))).shape
    assert row == (("rest", "x", 1),)
    cut_once = forms().of(n.Index(name("x"), cut(1))).shape
    assert cut_once is not None and cut_once[1:] == (("rest", "x", 1),) and is_open(cut_once)


def test_alike_asks_for_the_dtype_unless_loose() -> None:
    single = Form((U,), frozenset(("w",)))
    strict = forms(v=single)
    assert strict.same(name("u"), name("v")) and not strict.alike(name("u"), name("v"))
    strict.loose = True
    assert strict.alike(name("u"), name("v")) and not strict.equals(name("u"), name("v"))
    assert not forms(v=Form((U,), None)).equals(name("v"), name("v")), "nothing is known of it"
    assert not forms().same(name("s"), name("s")), "numbers are no arrays"
