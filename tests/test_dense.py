"""Dense derivatives as loops: one call of the inner derivative for each unit vector, in shapes that hold for empty
arrays and numbers, in names that nobody has."""

from __future__ import annotations

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.core import nodes as n
from tangent_ad.core.build import Sym
from tangent_ad.core.kinds import ANY, FLOAT, array
from tangent_ad.dense import Inner, Writer, by_forward, by_reverse, flat, joined, plain, shape_of, size_of
from tangent_ad.derived import build
from tangent_ad.emit.text import function_text
from tangent_ad.frontend.read import read_function
from tangent_ad.pipeline import Request
from tests.frontend.defining import define

X = np.array([[0.3, -0.2, 0.8], [1.1, 0.4, -0.7]])


def mixed(x, w):
    return np.sin(x) * w


def total(x, w=2.0):
    return np.sum(x * x * x) * w


def named_like_us(x, k, row, x_jac, value):
    return x * k + row * x_jac * value * x


def apart(x, w):
    """A Jacobian of which each row runs both sweeps."""
    made = build(mixed, Request("jacobian-reverse", ("x", "w"), False, without=frozenset(("shared",))), "made")
    return made.load()(x, w)


# against each other ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [X, X[0], X[:1], X[:, :0], X[:0], np.array(0.4), 0.4], ids=lambda x: str(np.shape(x)))
@pytest.mark.parametrize("w", [1.5, np.array([1.5])], ids=["number", "array"])
def test_shapes_and_values(x, w) -> None:
    value = mixed(x, w)
    exact = np.zeros(np.shape(value) + np.shape(x))
    for k, entry in enumerate(np.ravel(np.cos(x) * w)):
        exact.reshape(-1)[k * np.size(x) + k] = entry
    in_w = np.reshape(np.sin(x), np.shape(value) + np.shape(w))
    ways = [ad.jacobian(mixed, (0, 1), mode=mode)(x, w) for mode in (None, "forward", "reverse")]
    for in_x, other in (*ways, apart(x, w)):
        assert np.shape(in_x) == exact.shape and np.shape(other) == in_w.shape
        np.testing.assert_allclose(in_x, exact, rtol=1e-14)
        np.testing.assert_allclose(other, in_w, rtol=1e-14)


def test_float32_stays() -> None:
    x = X.astype(np.float32)
    for mode in ("forward", "reverse"):
        assert ad.jacobian(mixed, mode=mode)(x, 2.0).dtype == np.float32
    assert ad.hessian(total)(x).dtype == np.float32
    assert apart(x, 2.0)[0].dtype == np.float32


def test_hessians() -> None:
    x = X[0]
    np.testing.assert_allclose(ad.hessian(total)(x), np.diag(12.0 * x), rtol=1e-14)
    rows = ad.hessian(total, wrt=("x", "w"))(x, 2.0)
    assert [[np.shape(block) for block in row] for row in rows] == [[(3, 3), (3,)], [(3,), ()]]
    np.testing.assert_allclose(rows[0][1], 3.0 * x * x, rtol=1e-14)
    np.testing.assert_allclose(rows[1][0], 3.0 * x * x, rtol=1e-14)
    assert rows[1][1] == 0.0
    assert ad.hessian(total)(X).shape == X.shape + X.shape
    assert ad.hessian(total)(X[:0]).shape == X[:0].shape * 2


def test_names_that_the_function_has_are_left_alone() -> None:
    args = (np.array([0.3, 0.5]), 2.0, 3.0, 0.5, 4.0)
    exact = np.diag(np.full(2, 2.0 + 6.0))
    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(ad.jacobian(named_like_us, mode=mode)(*args), exact, rtol=1e-14)


def test_arguments_stay_and_rows_are_not_shared() -> None:
    def overwriting(x):
        x[0] = x[1] * x[1]
        return x

    x = np.array([0.3, 0.5])
    for mode in ("forward", "reverse"):
        jac = ad.jacobian(overwriting, mode=mode)
        first = jac(x)
        assert first.tolist() == [[0.0, 1.0], [0.0, 1.0]] and x.tolist() == [0.3, 0.5]
        first[:] = np.nan
        assert jac(x).tolist() == [[0.0, 1.0], [0.0, 1.0]]


def test_a_jacobian_can_be_differentiated() -> None:
    jac = ad.jacobian(mixed, mode="forward")
    x, w = X[0], 2.0

    np.testing.assert_allclose(ad.jvp(jac)(x, np.ones(3), w)[1], np.diag(-np.sin(x) * w), rtol=1e-13)


# the writer -----------------------------------------------------------------------------------------------------------


def head(text: str = "x, w=2.0") -> n.Function:
    names: dict[str, object] = {}
    return read_function(define(f"def f({text}):\n    return x\n", "f", names))


def test_the_inner_call_hands_everything_on() -> None:
    core = n.Function("f_jvp", (n.Param("x"), n.Param("x_dot"), n.Param("w"), n.Param("p", "keyword")), ())
    made = Inner(core, total)({"x_dot": 1.0})
    assert made.args == (n.Name("x"), n.Const(1.0), n.Name("w")) and made.keywords == (("p", n.Name("p")),)
    assert made.fn is total and made.spelling == "f_jvp"


def written(kind, result, forward: bool) -> str:
    base = head()
    writer = Writer(base, {"f_inner"})
    name = "f_inner"
    params = (n.Param("x"), n.Param("x_dot"), n.Param("w")) if forward else (n.Param("out_bar"), *base.params)
    inner = Inner(n.Function(name, params, ()), total)
    if forward:
        (found,) = by_forward(writer, inner, "x_dot", "x", kind, (result,), True)
    else:
        (found,) = by_reverse(writer, inner, "out_bar", ("x",), {"x": kind}, result)
    return function_text(writer.function("f_jacobian", found, ""))


def test_numbers_need_no_loop() -> None:
    assert "for" not in written(FLOAT, array(1, "float"), True)
    assert "f_inner(x, 1.0, w)" in written(FLOAT, array(1, "float"), True)
    assert "for" not in written(array(1, "float"), FLOAT, False)
    assert "f_inner(1.0, x, w)" in written(array(1, "float"), FLOAT, False)


def test_where_nobody_knows_of_an_array_it_may_be_a_number() -> None:
    known, unknown = (written(kind, kind, True) for kind in (array(1, "float"), ANY))
    assert ".ravel()" in known and "np.ravel" not in known and "[()]" not in known
    assert ".ravel()" not in unknown and "np.ravel" in unknown and "[()]" in unknown


def test_spellings() -> None:
    x = Sym(n.Name("x"))
    known, unknown = array(2, "float"), ANY
    assert flat(x, known).expr.spelling == ".ravel()" and flat(x, unknown).expr.spelling == "np.ravel"
    assert shape_of(x, unknown).expr.spelling == "np.shape" and size_of(x, unknown).expr.spelling == "np.size"
    assert plain(x, known, unknown) is x and plain(x, unknown).expr == n.Index(n.Name("x"), n.Tuple(()))
    assert joined(x, x).expr.spelling == "+"
