"""Elementary functions that the primal computes are read by adjoints where they are at hand, and only there."""

import math

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree


def turned(x: float, y: float):
    c = math.cos(x)
    s = math.sin(x)
    return c * y - s * y * y


def within_an_expression(x: float):
    return np.sin(x) * np.cos(x)


def in_a_branch(x: float):
    if x > 0.0:
        c = math.cos(x)
        s = math.sin(x) / x
        y = c * s
    else:
        y = x
    return y * y


def in_the_other_branch(x: float, k: float):
    if k > 0.0:
        c = math.cos(x)
        y = c * c
    else:
        y = math.sin(x) * x
    return y * y


def overwritten(x: float, k: float):
    c = math.cos(x)
    y = c * c
    c = y * k
    return math.sin(x) * c


def of_an_old_value(x: float):
    c = math.cos(x)
    y = c * x
    x = x * y
    s = math.sin(x)
    return s * c * y * x


def the_array_is_written(x: "Float[np.ndarray, 'n']"):
    c = np.cos(x)
    y = c * x
    x[0] = 2.0
    s = np.sin(x)
    return np.sum(s * c * y)


def the_result_is_written(x: "Float[np.ndarray, 'n']"):
    c = np.cos(x)
    s = np.sin(x)
    c[0] = 3.0 * c[1]
    return np.sum(c * s)


def before_the_loop(x: float, n: int):
    c = math.cos(x)
    y = c
    for i in range(n):
        y = y * math.sin(x) + c * i
    return y


def behind_the_loop(x: float, n: int):
    y = x
    for i in range(n):
        y = y * math.sin(x) + i
    c = math.cos(x)
    return y * c


def bound_in_the_loop_too(x: float, n: int):
    c = x
    y = x
    for i in range(n):
        c = c * y
        y = y * math.sin(x) + c
    c = math.cos(x)
    return y * c * c


def in_each_iteration(x: float, n: int):
    p = 1.0
    q = 0.0
    for _ in range(n):
        c = np.cos(x * p)
        s = np.sin(x * p)
        p, q = p * c - q * s, p * s + q * c
    return p + q


def neither_is_kept(x: float, n: int):
    q = x
    e = 0.0
    for _ in range(n):
        e += np.cos(q)
        q = q + 0.1 * np.sin(q)
    return e


def independent(x: "Float[np.ndarray, 'n']"):
    e = 0.0
    for i in range(len(x)):
        c = math.cos(x[i])
        s = math.sin(x[i])
        e += c * s * x[i]
    return e


def behind_the_independent(x: "Float[np.ndarray, 'n']", y: float):
    e = 0.0
    for i in range(len(x)):
        e += math.sin(y) * x[i]
    c = math.cos(y)
    return e * c


def put_back_in_between(x: "Float[np.ndarray, 'n']", y: "Float[np.ndarray, 'n']", n: int):
    """When the backward sweep comes to the sine, `s` holds what the loop had in it."""
    b = np.sin(x)
    for _ in range(n):
        s = np.sin(b) * y
        s[1:] *= 0.1 * np.cos(x[0])
    y = np.cos(s * y)
    s = np.cos(x)
    return np.sum(s + b * x + y)


def hyperbolic(x: float):
    return np.sinh(x) / np.cosh(x) + np.log(x) * x**x


X = np.array([0.3, 0.7, -0.4, 1.1])
CASES = (
    (turned, (0.4, 0.8)),
    (within_an_expression, (0.4,)),
    (in_a_branch, (0.7,)),
    (in_a_branch, (-0.7,)),
    (in_the_other_branch, (0.7, 1.0)),
    (in_the_other_branch, (0.7, -1.0)),
    (overwritten, (0.4, 0.8)),
    (of_an_old_value, (0.4,)),
    (the_array_is_written, (X,)),
    (the_result_is_written, (X,)),
    (before_the_loop, (0.4, 3)),
    (behind_the_loop, (0.4, 3)),
    (bound_in_the_loop_too, (0.4, 3)),
    (in_each_iteration, (0.4, 4)),
    (neither_is_kept, (0.4, 4)),
    (independent, (X,)),
    (behind_the_independent, (X, 0.6)),
    (put_back_in_between, (X, 0.5 * X, 2)),
    (hyperbolic, (0.8,)),
)


@pytest.mark.parametrize(("f", "arguments"), CASES, ids=lambda x: x.__name__ if callable(x) else "")
def test_right(f, arguments) -> None:
    agree(f, *arguments)


def test_a_jacobian_reads_them_in_each_row() -> None:
    def turn(p: "Float[np.ndarray, 'n']"):
        out = np.empty(2)
        c, s = math.cos(p[0]), math.sin(p[0])
        out[0] = c * p[1] - s * p[2]
        out[1] = s * p[1] + c * p[2]
        return out

    df = ad.jacobian(turn)
    x, y, z = 0.4, 0.8, 0.3
    c, s = math.cos(x), math.sin(x)
    np.testing.assert_allclose(df(np.array([x, y, z])), [[-s * y - c * z, c, -s], [c * y - s * z, s, c]], rtol=1e-14)
    assert _calls(df.source) == 2


@pytest.mark.parametrize(
    ("f", "calls"),
    [(turned, 2), (within_an_expression, 2), (in_a_branch, 2), (in_each_iteration, 2), (independent, 2)],
    ids=lambda x: x.__name__ if callable(x) else "",
)
def test_computed_once(f, calls) -> None:
    assert _calls(ad.grad(f).source) == calls


def test_nothing_is_kept_for_it() -> None:
    """Two tapes of sines and cosines would be more than one of angles."""
    assert ad.grad(neither_is_kept).source.count("np.empty(") == 1


def _calls(source: str) -> int:
    return source.count("sin(") + source.count("cos(")
