"""Elements of array expressions: at every position the element that is written is the one that NumPy computes; where
truth values, integers or single precision would make another one, none is written."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from tangent_ad.analyses.forms import NUMBER, Form
from tangent_ad.analyses.named import Forms, axes_of
from tangent_ad.analyses.namekinds import NameKinds
from tangent_ad.backends.loops.elements import Elements, NoElement, Pos, Writer
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import ANY, BOOL, FLOAT, INT, Kind, array
from tangent_ad.emit.text import body_text
from tangent_ad.frontend.read import read_function
from tests.frontend.defining import define

R, C = ("of", "m", 0), ("of", "m", 1)
KINDS: dict[str, Kind] = {
    "m": array(2, "float"),
    "m2": array(2, "float"),
    "row": array(1, "float"),
    "column": array(2, "float"),
    "single": array(1, "float32"),
    "mask": array(2, "bool"),
    "ints": array(2, "int"),
    "s": FLOAT,
    "k": INT,
    "t": BOOL,
    "x": ANY,
}
SHAPES: dict[str, Any] = {
    "m": (R, C),
    "m2": (R, C),
    "row": (C,),
    "column": (R, 1),
    "single": (C,),
    "mask": (R, C),
    "ints": (R, C),
}
VALUES: dict[str, Any] = {
    "m": np.arange(12.0).reshape(3, 4) - 4.5,
    "m2": np.cos(np.arange(12.0)).reshape(3, 4),
    "row": np.array([1.0, -2.0, 0.0, 4.0]),
    "column": np.array([[2.0], [0.5], [-1.0]]),
    "mask": np.arange(12).reshape(3, 4) % 3 == 0,
    "ints": np.arange(12).reshape(3, 4),
    "s": 0.75,
    "k": 1,
    "t": True,
}


def elements(**made: Any) -> Elements:
    table = {name: Form(shape, frozenset((name,))) for name, shape in SHAPES.items()}
    table |= {name: NUMBER for name in ("s", "k", "t")}
    table["x"] = Form(axes_of("x", ANY))
    return Elements(Forms(NameKinds(dict(KINDS)), frozenset(KINDS), table=table), made)


def expression(text: str) -> n.Expr:
    names = ", ".join(KINDS)
    last = read_function(define(f"def f({names}):\n    return {text}\n", "f", {"np": np})).body[-1]
    assert isinstance(last, n.Return) and last.value is not None
    return last.value


def index(pos: Pos, at: tuple[int, ...]) -> n.Expr:
    parts = tuple(n.Const(at[p[0]] + p[1]) if isinstance(p, tuple) else p for p in pos)
    return parts[0] if len(parts) == 1 else n.Tuple(parts)


def value(expr: n.Expr) -> Any:
    scope: dict[str, Any] = {**VALUES, "np": np}
    exec(f"def f():\n    {body_text((n.Return(expr),)).strip()}\n", scope)
    with np.errstate(all="ignore"):
        return scope["f"]()


def written(found: Elements, expr: n.Expr, at: tuple[int, ...]) -> n.Expr:
    """The element at `at`, positions counted by as many loops as there are axes."""
    pos: Pos = tuple((k, 0) for k in range(len(at)))
    return found.element(expr, pos, Writer(lambda x, where: n.Index(x, index(where, at)), lambda e: e))


def meant(shape: Any) -> tuple[int | None, ...]:
    lengths = {R: 3, C: 4, None: None}
    return tuple(axis if isinstance(axis, int) else lengths.get(axis, -1) for axis in shape)


SAME = [
    "m + row",
    "m * column - row / s",
    "row + column",
    "-m ** 2 + abs(m2)",
    "(m * s) ** 1.5 + m2 ** s",
    "np.sin(m) * np.maximum(row, column)",
    "np.sqrt(m * m) + np.arctan2(m, row)",
    "m[:, 1:] + row[1:]",
    "m[1:] * m2[:-1]",
    "m[0] * row",
    "m[k] - m[-1]",
    "m[1:, 2:][1:, 1:] * s",
    "row[None, :] * m",
    "row[:, None] * row",
    "row[1:][None] + m[:, 1:]",
    "m[:, 2] + column[:, 0]",
    "m.T * column.T[:, 0][0]",
    "m.T + row[:, None]",
    "m.T[1:] * m2[:, 1:].T",
    "np.where(m > 0.0, m2, 0.0)",
    "np.where(mask, m, row)",
    "np.where(row > column, s, m)",
    "(m > 0.0) * m2 + (row == 0.0) * s",
    "mask * m + ints * s",
    "k * m + t * row",
    "np.zeros_like(m) + row",
    "m.copy() * row",
    "column[:, 0]",
    "+m",
    "m[2, 1:] * s",
    "s * k",
    "m[1, 2] * s",
]


@pytest.mark.parametrize("text", SAME)
def test_every_element_is_numpys(text: str) -> None:
    found, expr = elements(), expression(text)
    exact = np.asarray(value(expr))
    shape = found.shape(expr)
    assert shape is not None and len(shape) == exact.ndim
    known = meant(shape)
    assert all(a in (b, -1) for a, b in zip(known, exact.shape, strict=True)), known
    for at in itertools.product(*map(range, exact.shape)):
        got = value(written(found, expr, at))
        assert np.ndim(got) == 0
        np.testing.assert_array_equal(got, exact[at])


NONE = [
    "single * 2.0",  # single precision
    "single + row",
    "ints + ints",  # integers wrap around in arrays
    "ints * k",
    "mask * mask",
    "mask + t",
    "ints / ints",
    "np.where(mask, ints, k)",
    "np.where(mask, mask, mask)",
    "np.where(m, m, m2)",  # what is not true or false
    "np.where(ints, m, m2)",
    "m ** row",  # an exponent for each
    "m ** -1",  # divides by zero where arrays give inf
    "m ** k",
    "ints ** 2",
    "2.0 ** m",
    "s ** m",
    "np.power(m, 2)",
    "np.zeros_like(ints)",
    "ints.copy()",
    "m @ m2",
    "np.cumsum(m)",
    "np.sum(m, axis=0)",
    "m.reshape(12)",
    "m[::2] * 1.0",
    "m[::-1]",
    "m[-2:] * 1.0",  # begins where is not known
    "m[k:] * 1.0",
    "m[mask]",
    "m[ints[0]]",
    "m[..., 0]",
    "m[s] * 1.0",
    "x * 2.0",
    "x[0] * m",
    "m + x",
    "np.transpose(m, (1, 0))",
]


@pytest.mark.parametrize("text", NONE)
def test_where_an_element_may_mean_another_thing_there_is_none(text: str) -> None:
    found, expr = elements(), expression(text)
    for rank in (1, 2):
        with pytest.raises(NoElement):
            written(found, expr, (0,) * rank)


def test_shapes_that_may_differ_are_none() -> None:
    found = elements()
    for text in ("m + m.T", "m + m2[:, 1:]", "m[:1] + m[1:]", "row[1:] + row[:-2]"):
        assert found.shape(expression(text)) is None, text
    assert found.shape(expression("row[1:] + row[:-1]")) is not None


def test_arrays_of_length_one_are_read_at_their_only_place() -> None:
    got = written(elements(), expression("m * column"), (2, 3))
    assert body_text((n.Return(got),)).strip() == "return m[2, 3] * column[2, 0]"
    got = written(elements(), expression("row[None] + column"), (1, 2))
    assert body_text((n.Return(got),)).strip() == "return row[2] + column[1, 0]"


def test_what_a_nest_makes_has_the_shape_of_the_nest() -> None:
    found = elements(x=(R, C))
    found.forms.kinds.table["x"] = array(2, "float")
    assert found.shape(expression("x * row")) == (R, C)
    assert (
        body_text((n.Return(written(found, expression("x[1:] * row"), (1, 3))),)).strip() == "return x[2, 3] * row[3]"
    )


def test_numbers_are_written_by_the_writer() -> None:
    seen: list[n.Expr] = []

    def number(expr: n.Expr) -> n.Expr:
        seen.append(expr)
        return n.Const(7.0)

    pos: Pos = ((0, 0), (1, 0))
    made = elements().element(expression("m * (s * k)"), pos, Writer(lambda x, where: n.Const(3.0), number))
    assert seen == [expression("s * k")] and body_text((n.Return(made),)).strip() == "return 3.0 * 7.0"


def test_a_position_has_as_many_parts_as_the_shape() -> None:
    for at in ((), (0,), (0, 0, 0)):
        with pytest.raises(NoElement):
            written(elements(), expression("m * row"), at)
