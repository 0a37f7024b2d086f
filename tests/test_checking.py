"""The check itself: what its table says, what it finds, how the arguments are bound, and that it cannot be fooled."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.checking import Report, Row, _inner, _row, check
from tangent_ad.errors import CheckError, UsageError

X = np.array([0.3, 0.9, 1.4])


def named(x, k=2.0, *, p=3):
    return k * np.sum(x**p)


def in_both(x, y):
    return np.sum(x * y), x * np.sin(y)


def second_is_wrong(x):
    return slipping(x) * 2.0


def slipping(x) -> float:
    return x * x * x


def slipping_tangent(x, x_dot):
    return 3.0 * ad.stop_gradient(x) * x * x_dot


def slipping_adjoint(g, y, x):
    return 3.0 * ad.stop_gradient(x) * x * g


ad.custom(slipping, jvp=slipping_tangent, vjp=slipping_adjoint)


@ad.custom(jvp=lambda x, x_dot: 3.001 * x * x * x_dot, vjp=lambda g, y, x: 3.001 * g * x * x)
def a_little_off(x) -> float:
    return x * x * x


def writing(x):
    x[0] = x[1] * x[2]
    return np.sum(x * x)


def rows_of(report: Report) -> list[str]:
    return [row.what for row in report.rows]


def test_the_rows() -> None:
    first = [
        f"direction {k}: {what}"
        for k in (1, 2)
        for what in (
            "forward mode's value",
            "reverse mode's value",
            "forward mode, differences",
            "reverse mode, forward mode",
        )
    ]
    second = ["second order: product, differences", "second order: symmetry"]
    assert rows_of(check(named, X)) == first + second
    assert rows_of(check(named, X, order=1)) == first
    assert rows_of(check(in_both, X, X + 1.0, wrt=(0, 1))) == first, "a tuple has no Hessian"
    assert rows_of(check(lambda x: x * x, X)) == first, "nor has an array"


def test_numbers_are_those_of_the_function() -> None:
    report = check(named, X, k=0.5)
    values = [row for row in report.rows if "value" in row.what]
    for row in values:
        assert abs(row.found / row.expected - 1.0) < 1e-12
        assert not math.isclose(row.expected, 0.0)


def test_a_derivative_a_part_in_three_thousand_off_is_found() -> None:
    with pytest.raises(CheckError) as caught:
        check(a_little_off, 1.3)
    marked = [line for line in str(caught.value).splitlines() if line.endswith("<--")]
    assert marked and all("forward mode, differences" in line for line in marked)
    assert "DISAGREE" in str(caught.value) and "second order" not in str(caught.value), "it stops at the first order"


def test_a_wrong_second_derivative_of_a_right_first_one_is_found() -> None:
    assert check(second_is_wrong, 1.3, order=1).agrees
    with pytest.raises(CheckError) as caught:
        check(second_is_wrong, 1.3)
    (line,) = (line for line in str(caught.value).splitlines() if line.endswith("<--"))
    assert line.strip().startswith("second order: product, differences")


def test_the_functions_arguments_stay() -> None:
    x = X.copy()
    assert check(writing, x).agrees
    np.testing.assert_array_equal(x, X)
    frozen = X.copy()
    frozen.flags.writeable = False
    assert check(named, frozen).agrees


@pytest.mark.parametrize(
    ("args", "keywords", "said"),
    [
        ((), {}, "missing x"),
        ((X,), {"x": X}, "unknown x"),
        ((X,), {"q": 1.0}, "unknown q"),
        ((X, 2.0, 3), {}, "takes 2 positional arguments, not 3"),
        ((X,), {"order": 3}, "order=3: it must be 1 or 2"),
        ((X,), {"wrt": "q"}, "no parameter `q`"),
        ((X,), {"wrt": ()}, "must name different parameters"),
        ((np.arange(3),), {}, "`x` must be a number or a floating array, not ndarray"),
        ((np.array([True]),), {}, "`x` must be a number or a floating array, not ndarray"),
        (("abc",), {}, "`x` must be a number or a floating array, not str"),
        ((None,), {}, "`x` must be a number or a floating array, not NoneType"),
        (([1.0, 2.0],), {}, "not list: np.array"),
        ((X + 1j,), {}, "`x` must be a number or a floating array, not ndarray"),
        ((np.array([np.nan]),), {}, "is not finite at these arguments"),
        ((np.array([np.inf]),), {"p": 1}, "is not finite at these arguments"),
    ],
    ids=str,
)
def test_wrong_calls(args, keywords, said) -> None:
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        check(named, *args, **keywords)


def test_keywords_and_defaults_reach_the_derivatives() -> None:
    report = check(named, x=X, k=3.0, p=2, wrt=("k", "x"))
    assert report.agrees and report.name == "named"
    assert check(named, X, 4, wrt="k").agrees, "an integer stands for its float"


def test_float32_and_empty_arrays() -> None:
    assert check(named, X.astype(np.float32)).agrees
    assert all(row.found == 0.0 for row in check(named, X[:0]).rows)


# the table ------------------------------------------------------------------------------------------------------------


class Exact:
    coarse = False


class Coarse:
    coarse = True


def test_what_a_row_allows() -> None:
    """Differences may err by what they say of themselves, but never by more than a part in ten thousand."""
    assert _row("", 1.0, 1.0 + 0.9e-8, 0.0, Exact).agrees and not _row("", 1.0, 1.0 + 2e-8, 0.0, Exact).agrees
    assert _row("", 1.0, 1.0 + 0.9e-4, 1.0, Exact).agrees and not _row("", 1.0, 1.0 + 2e-4, 1.0, Exact).agrees
    assert _row("", 1.0, 1.00009, 0.0, Coarse).agrees and not _row("", 1.0, 1.04, 1.0, Coarse).agrees
    assert _row("", 0.0, 1e-13, 0.0, Exact).agrees and not _row("", 0.0, 1e-11, 0.0, Exact).agrees
    assert _row("", 0.0, 1e-6, 0.0, Exact, size=1e3).agrees, "small beside what was multiplied"


@pytest.mark.parametrize(("found", "expected"), [(math.nan, 1.0), (1.0, math.nan), (math.inf, 1.0), (1.0, math.inf)])
def test_what_is_not_finite_never_agrees(found, expected) -> None:
    assert not _row("", found, expected, math.inf, Exact).agrees
    assert not _row("", found, expected, 0.0, Exact, size=math.inf).agrees
    assert not Report("f", (Row("", math.nan, 1.0, math.inf, 1.0),)).agrees


def steep(x):
    return np.sum(np.arcsin(x))


def test_an_infinite_derivative_does_not_agree_with_anything() -> None:
    """Before, it agreed with whatever it was compared with."""
    with pytest.raises(CheckError):
        check(steep, np.array([0.5, 1.0]))


def test_forms_that_differ_are_told() -> None:
    assert _inner((X, 2.0), (X, 3.0)) == pytest.approx(float(X @ X) + 6.0)
    with pytest.raises(CheckError, match=r"different shapes, \(3,\) and \(2,\)"):
        _inner(X, X[:2])
    for a, b in ((X, (X,)), ((X, X), (X,))):
        with pytest.raises(CheckError, match="different forms"):
            _inner(a, b)


def test_a_report_prints_as_a_table() -> None:
    report = Report("f", (Row("one", 1.0, 1.0, 0.0, 1e-8), Row("another", 1.0, 2.0, 1.0, 1e-8)))
    lines = str(report).splitlines()
    assert lines[0] == "f: the derivatives DISAGREE"
    assert [line.endswith("<--") for line in lines] == [False, False, False, True]
    assert len({len(line.removesuffix("  <--")) for line in lines[1:]}) == 1, "columns stand below each other"
