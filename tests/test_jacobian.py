"""The Jacobian by reverse mode: one forward sweep, a backward sweep for each element of the result.

What the backward sweep binds (restored names, variables of loops) it must find as the forward sweep left it, each time.
Every program here is compared with forward mode, with the rows that `vjp` gives, and with the form in which each row
runs both sweeps.
"""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.derived import build
from tangent_ad.errors import RefusedError, UsageError
from tangent_ad.pipeline import Request

RNG = np.random.default_rng(5)
SCALE = np.array([0.5, -1.5, 2.0])


def counter_after_loops(x: "Float[np.ndarray, 'n']", n):
    out = np.zeros(3)
    for i in range(n):
        out[i % 3] += x[0] * np.sin(x[1] + i)
    j = i * x[2]
    for i in range(2):
        j = j * x[i] + i
    out[1] = j * i * x[1] * x[1]
    return out


def names_rebound(x: "Float[np.ndarray, 'n']"):
    t = x[0] * x[1]
    a = np.sin(t)
    t = t * a
    a = a * t * x[2]
    t = np.exp(0.1 * a) * t
    out = np.empty(3)
    out[0] = t * a
    t = out[0] * t
    out[1] = t * t
    out[-1] = a
    return out


def carried(x: "Float[np.ndarray, 'n']", n):
    s = x[0]
    p = x[1]
    for i in range(n):
        s, p = s * p + x[i % 3], np.cos(s) * p
        if s > 1.0:
            s = s - p * p
        p = p * (i + 1) * 0.3
    out = np.zeros(2)
    out[0] = s * p
    out[1] = p * p + s
    return out


def overwritten(u: "Float[np.ndarray, 'n']", c, sweeps):
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] += c * u[i] * (u[i - 1] - 2.0 * u[i] + u[i + 1])
    return u


def triangle(x: "Float[np.ndarray, 'n']"):
    n = len(x)
    out = np.zeros((n, n))
    for i in range(n):
        t = x[i]
        for j in range(i + 1):
            t = t * x[j] + np.sin(t)
            out[i, j] = t * x[i]
    return out


def swapped(x: "Float[np.ndarray, 'n']", n):
    a = np.sin(x)
    b = x * x
    for _ in range(n):
        a, b = b * 0.5, a + b[0] * a
    return a * b


def matrix_product(A: "Float[np.ndarray, 'n d']", x: "Float[np.ndarray, 'd']"):
    y = np.tanh(A @ x)
    return y * y[0]


def outer_product(x: "Float[np.ndarray, 'n']", y: "Float[np.ndarray, 'd']"):
    return x[:, None] * np.sin(y)[None, :] * x[0]


def itself(x: "Float[np.ndarray, 'n']"):
    return x


def view_of_it(x: "Float[np.ndarray, 'n d']"):
    return x[1:, 0]


def turned(x: "Float[np.ndarray, 'n d']"):
    return x.T * 1.0


def no_dependence(x: "Float[np.ndarray, 'n']", k: float):
    out = np.zeros(2)
    out[0] = 3.0 * k
    return out


def of_a_number(x: "Float[np.ndarray, 'n']"):
    return np.sum(x * x) * x[0]


def number_and_array(a: float, x: "Float[np.ndarray, 'n']"):
    out = np.empty_like(x)
    for i in range(len(x)):
        t = a * x[i]
        out[i] = t * t * a
        a = a + 0.1 * t
    return out


def unknown(x):
    y = np.sin(x)
    if np.sum(y) > 0.5:
        y = y * y * x
    return y + x


def until(x: "Float[np.ndarray, 'n']"):
    s = x[0]
    while s < 5.0:
        s = s * s * 0.5 + 1.5 + x[1] * x[1]
    out = np.zeros(2)
    out[0] = s
    out[1] = s * s
    return out


def lists(x: "Float[np.ndarray, 'n']"):
    kept = []
    for i in range(len(x)):
        kept.append(x[i] * x[0])
    out = np.zeros(len(x))
    for i in range(len(x)):
        t = kept.pop()
        out[i] = t * t
    return out


def branches(x: "Float[np.ndarray, 'n']", n):
    out = np.zeros(3)
    t = x[0]
    for i in range(n):
        if t * x[1] > 0.2:
            t = np.sin(t) * x[i % 3]
        else:
            u = t * t
            t = u - x[2] * t
            if u > 3.0:
                t = 0.1 * t
        out[i % 3] = t * t
    return out


def scaled(x: "Float[np.ndarray, 'n']"):
    return SCALE * x[0] * x


def _cube(t, x):
    return t * t * t * x[0]


def calling(x: "Float[np.ndarray, 'n']"):
    out = np.zeros(2)
    t = _cube(x[1], x)
    out[0] = t * x[0]
    t = _cube(t, x)
    out[1] = t
    return out


V = RNG.normal(size=3)
M = RNG.normal(size=(3, 2))
PROGRAMS = [
    (counter_after_loops, ("x",), (V, 4)),
    (names_rebound, ("x",), (V,)),
    (carried, ("x",), (V, 5)),
    (carried, ("x",), (V, 0)),
    (overwritten, ("u", "c"), (RNG.normal(size=6), 0.1, 3)),
    (overwritten, ("u", "c"), (np.ones(0), 0.1, 3)),
    (triangle, ("x",), (V,)),
    (triangle, ("x",), (np.ones(0),)),
    (swapped, ("x",), (V, 3)),
    (swapped, ("x",), (V, 0)),
    (matrix_product, ("A", "x"), (M, V[:2])),
    (matrix_product, ("A", "x"), (M[:, :0], V[:0])),
    (outer_product, ("x", "y"), (V, V[:2])),
    (itself, ("x",), (V,)),
    (view_of_it, ("x",), (M,)),
    (turned, ("x",), (M,)),
    (no_dependence, ("x", "k"), (V, 0.5)),
    (of_a_number, ("x",), (V,)),
    (number_and_array, ("a", "x"), (0.7, V)),
    (number_and_array, ("x",), (0.7, V)),
    (unknown, ("x",), (V,)),
    (unknown, ("x",), (M,)),
    (unknown, ("x",), (0.3,)),
    (unknown, ("x",), (np.ones((0, 2)),)),
    (until, ("x",), (V,)),
    (lists, ("x",), (V,)),
    (branches, ("x",), (V, 7)),
    (scaled, ("x",), (V,)),
    (calling, ("x",), (V,)),
]
IDS = [f"{f.__name__}-{k}" for k, (f, _, _) in enumerate(PROGRAMS)]


def copies(args):
    return [a.copy() if isinstance(a, np.ndarray) else a for a in args]


def by_vjp(f, wrt, args):
    """The Jacobians, a row for each call of `vjp`."""
    value = np.asarray(f(*copies(args)))
    pull = ad.vjp(f, wrt)
    rows = []
    for k in range(value.size):
        seed = np.zeros(value.size)
        seed[k] = 1.0
        seed = seed.reshape(value.shape) if value.ndim else 1.0
        rows.append(pull(seed, *copies(args))[1])
    given = inspect.signature(f).bind(*args).arguments
    shapes = [value.shape + np.shape(given[p]) for p in wrt]
    return [np.array([row[k] for row in rows]).reshape(shape) for k, shape in enumerate(shapes)]


def reverse_of(f, wrt, without=(), optimise=True):
    request = Request("jacobian-reverse", wrt, False, optimise, without=frozenset(without))
    return build(f, request, "jac").load()


@pytest.mark.parametrize(("f", "wrt", "args"), PROGRAMS, ids=IDS)
def test_rows_are_right(f, wrt, args):
    found = ad.jacobian(f, wrt, mode="reverse")(*copies(args))
    apart = reverse_of(f, wrt, ("shared",))(*copies(args))
    kept = reverse_of(f, wrt, optimise=False)(*copies(args))
    plain = reverse_of(f, wrt, ("rows", "first"))(*copies(args))
    again = reverse_of(f, wrt, ("recompute",))(*copies(args))
    forward = ad.jacobian(f, wrt, mode="forward")(*copies(args))
    for k, row in enumerate(by_vjp(f, wrt, args)):
        for other in (apart[k], kept[k], plain[k], again[k], forward[k], row):
            np.testing.assert_allclose(found[k], other, rtol=1e-12, atol=1e-12)
            assert np.shape(found[k]) == np.shape(other)
        assert np.result_type(found[k]) == np.result_type(apart[k])


@pytest.mark.parametrize("name", ["counter_after_loops", "carried", "overwritten", "triangle", "branches", "calling"])
def test_compiled_rows_are_right(name):
    f, wrt, args = next(p for p in PROGRAMS if p[0].__name__ == name)
    found = ad.jacobian(f, wrt, jit=True)(*copies(args))
    for got, expected in zip(found, ad.jacobian(f, wrt, mode="forward")(*copies(args)), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)


def test_one_forward_sweep():
    for f in (carried, overwritten, triangle, branches, unknown, matrix_product):
        assert "_vjp" not in ad.jacobian(f, mode="reverse").source
    for f in (until,):  # their values lie on lists
        assert "_vjp" in ad.jacobian(f, mode="reverse").source


def test_dtypes_are_kept():
    x = np.array([0.5, 1.5, -0.5], np.float32)
    assert ad.jacobian(names_rebound)(x).dtype == np.float32
    assert ad.jacobian(unknown)(x).dtype == np.float32
    in_a, in_x = ad.jacobian(number_and_array, (0, 1))(0.5, x)
    assert in_a.dtype == in_x.dtype == np.float32
    assert ad.jacobian(unknown, mode="reverse")(2) == pytest.approx(ad.jacobian(unknown, mode="reverse")(2.0))


def test_arguments_stay_and_results_are_apart():
    x = V.copy()
    made = ad.jacobian(overwritten)
    first = made(x, 0.1, 2)
    np.testing.assert_array_equal(x, V)
    before = first.copy()
    first[...] = np.nan
    np.testing.assert_array_equal(made(x, 0.1, 2), before)
    for f in (itself, view_of_it):
        arg = V.copy() if f is itself else M.copy()
        ad.jacobian(f)(arg)[...] = np.nan
        assert np.all(np.isfinite(arg))


def test_what_is_refused_stays_refused():
    def two(x):
        return x, x

    with pytest.raises(UsageError, match="returns a tuple"):
        ad.jacobian(two)

    def pairs(x):
        out = np.zeros(2)
        out[0] = x[0] * x[1]
        return out

    with pytest.raises(TypeError, match="x must be a 1-d floating array"):
        ad.jacobian(pairs)(np.array([1, 2, 3]))
    with pytest.raises(RefusedError):
        ad.jacobian(lambda x: __import__("os"))


JACOBIAN = ad.jacobian(carried)
GRADIENT = ad.grad(of_a_number)
TWICE = ad.jacobian(names_rebound)


def norm_of_rows(x: "Float[np.ndarray, 'n']"):
    J = JACOBIAN(x * x, 3)
    return np.sum(J * J) * x[0]


def test_nested():
    for mode in (ad.grad, ad.jvp):
        assert callable(mode(norm_of_rows))
    ad.check(norm_of_rows, V)
    of_gradient = ad.jacobian(GRADIENT)(V)
    np.testing.assert_allclose(of_gradient, ad.hessian(of_a_number)(V), rtol=1e-12)
    second = ad.jacobian(TWICE)(V)
    np.testing.assert_allclose(second, ad.jacobian(TWICE, mode="forward")(V), rtol=1e-10)
    assert second.shape == (3, 3, 3)
    np.testing.assert_allclose(second, np.swapaxes(second, 1, 2), rtol=1e-10)
