"""Joint calls: the derivative calls the derivatives of long functions, and agrees with the one written in place."""

from __future__ import annotations

import inspect
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.derived import build, derived_name
from tangent_ad.errors import RefusedError
from tangent_ad.frontend.read import read_function
from tangent_ad.pipeline import Request
from tangent_ad.saved import module_text
from tests import joint_elsewhere as elsewhere

RATE = 0.3
SCALE = np.array([1.0, -2.0, 0.5])
grow = elsewhere.maker(0.2)


def wave(x, n):
    s = 0.5
    for _ in range(n):
        s = s + np.sin(x * s + RATE)
    return s


def deep0(x, y):
    s = x
    for _ in range(2):
        s = s + 0.1 * np.sin(s * y)
    return s


def deep1(x, y):
    s = deep0(x, y) + deep0(y, x)
    for _ in range(2):
        s = np.cos(s) * x
    return s


def deep2(x, y):
    s = deep1(x, y) * deep1(y, x)
    for _ in range(2):
        s = np.cos(s) * y
    return s


def deep3(x, y):
    s = deep2(x, y) + deep2(y, x)
    for _ in range(2):
        s = np.sin(s) + x * y
    return s


def chain(x, y):
    return deep3(x, y) * deep3(y, x)


def changing(x, y):
    total = 0.0
    for i in range(4):
        x = wave(x, i)
        y = 0.5 * y + wave(x * y, 2)
        total += x * y
    return total


def inactive(x, y):
    c = wave(2.0, 3)
    return c * wave(x, 2) + wave(y, 2)


def defaults(x, y):
    return elsewhere.decay(x) * elsewhere.decay(steps=2, x=y) + elsewhere.decay(x * y, 1)


def closures(x, y):
    return grow(x) + wave(grow(x * y), 2) * elsewhere.decay(y)


def twice(x, y):
    return deep0(x, x) * deep0(y, 1.5)


def branches(x, y):
    if wave(x, 2) > 0.3:
        z = wave(y, 2) * x
    else:
        z = x
    return z * y


def repeated(x, y):
    while x < 2.0:
        x = x + abs(wave(x, 2)) * y
    return x


NUMBERS = (chain, changing, inactive, defaults, closures, twice, branches, repeated)
MAY_RETURN_THEIR_ARGUMENT = (defaults, twice)
"""What they call returns its argument if a loop does not run: of unknown kind it may be an array, and is written in
place."""


def relax(x, k):
    u = 1.0 * x
    for _ in range(3):
        u = u + k * (SCALE * u - np.sum(u) / 3.0)
    return u


def arrays(x, y):
    v = relax(x, 0.1)
    w = v
    for i in range(2):
        v = v * relax(w, y[i])
        w = relax(v + x, 0.2)
    return np.sum(v * w) + np.sum(relax(y, 0.3))


def written_later(x, y):
    u = x.copy()
    v = relax(u, y[0])
    u[1] = v[0] * y[1]
    v[2] = 3.0 * u[1]
    w = relax(u, 0.1)
    u[:] = w * v
    return np.sum(relax(u, v[1])) + np.sum(u)


def elements(x, y):
    total = 0.0
    for i in range(len(x)):
        total += deep0(x[i], y[i]) * wave(x[i], 2)
    return total


ARRAYS = (arrays, written_later, elements)


def in_place(f: Any, mode: str, wrt: tuple[str, ...]) -> Callable[..., Any]:
    """The derivative with every call written in place."""
    name = derived_name(read_function(f), mode, wrt)
    made: Callable[..., Any] = build(f, Request(mode, wrt, False, joint=False), name).load()
    return made


def close(a: Any, b: Any) -> None:
    for x, y in zip(a, b, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-10, atol=1e-12)


def functions_in(text: str) -> list[str]:
    return [line.split("(")[0].removeprefix("def ") for line in text.splitlines() if line.startswith("def ")]


@pytest.mark.parametrize("f", NUMBERS)
def test_numbers(f: Any) -> None:
    x, y, h = 0.4, 0.7, 1e-6
    gradient = ad.grad(f, ("x", "y"))
    assert "_pullback(" in gradient.source
    close(gradient(x, y), in_place(f, "grad", ("x", "y"))(x, y))
    differences = [(f(x + h, y) - f(x - h, y)) / (2 * h), (f(x, y + h) - f(x, y - h)) / (2 * h)]
    np.testing.assert_allclose(gradient(x, y), differences, rtol=1e-6, atol=1e-8)
    for k, name in enumerate(("x", "y")):
        forward = ad.jvp(f, name)
        assert "_jvp(" in forward.source or f in MAY_RETURN_THEIR_ARGUMENT
        args = (x, 1.0, y) if name == "x" else (x, y, 1.0)
        np.testing.assert_allclose(forward(*args), (f(x, y), gradient(x, y)[k]), rtol=1e-10)
        np.testing.assert_allclose(ad.grad(f, name)(x, y), gradient(x, y)[k], rtol=1e-10)


@pytest.mark.parametrize("f", ARRAYS)
def test_arrays(f: Any) -> None:
    x, y, h = np.array([0.4, -0.3, 0.9]), np.array([0.7, 0.2, -0.6]), 1e-6
    gradient = ad.value_and_grad(f, ("x", "y"))
    assert "_pullback(" in gradient.source
    value, found = gradient(x, y)
    assert value == f(x.copy(), y.copy())
    close(found, in_place(f, "grad", ("x", "y"))(x, y))
    for k, e in enumerate(np.eye(3)):
        difference = (f(x + h * e, y) - f(x - h * e, y)) / (2 * h)
        np.testing.assert_allclose(found[0][k], difference, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(ad.jvp(f)(x, e, y)[1], found[0][k], rtol=1e-10)
        np.testing.assert_allclose(ad.jvp(f, "y")(x, y, e)[1], found[1][k], rtol=1e-10)
    assert x.tolist() == [0.4, -0.3, 0.9]


@pytest.mark.parametrize("f", [changing, closures, defaults])
def test_second_derivatives(f: Any) -> None:
    x, y, h = 0.4, 0.7, 1e-6
    gradient = ad.grad(f, ("x", "y"))
    hessian = ad.hessian(f, ("x", "y"))(x, y)
    ahead, behind = gradient(x + h, y), gradient(x - h, y)
    differences = [(a - b) / (2 * h) for a, b in zip(ahead, behind, strict=True)]
    np.testing.assert_allclose([hessian[0][0], hessian[1][0]], differences, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(ad.grad(ad.grad(f))(x, y), hessian[0][0], rtol=1e-9)
    np.testing.assert_allclose(ad.hvp(f)(x, 1.0, y), hessian[0][0], rtol=1e-9)


def test_results_in_every_mode() -> None:
    x, y = np.array([0.4, -0.3, 0.9]), 0.2
    value, y_bar = ad.vjp(relaxed_twice, "y")(np.ones(3), x, y)
    np.testing.assert_allclose(value, relaxed_twice(x, y))
    by_forward = ad.jvp(relaxed_twice, "y")(x, y, 1.0)[1]
    np.testing.assert_allclose(y_bar, np.sum(by_forward))
    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(ad.jacobian(relaxed_twice, "y", mode=mode)(x, y), by_forward)
        both = ad.jacobian(relaxed_twice, ("x", "y"), mode=mode)(x, y)
        np.testing.assert_allclose(both[1], by_forward)


def relaxed_twice(x, y):
    return relax(relax(x, y) * x, 2.0 * y)


def test_text_grows_linearly() -> None:
    lengths = [len(ad.grad(f, ("x", "y")).source.splitlines()) for f in (deep1, deep2, deep3)]
    assert lengths[2] - lengths[1] < 1.5 * (lengths[1] - lengths[0])
    names = functions_in(ad.grad(chain, ("x", "y")).source)
    assert names == ["deep0_pullback", "deep1_pullback", "deep2_pullback", "deep3_pullback", "chain_grad_x_y"]


def test_small_functions_are_written_in_place() -> None:
    def spring(q, k):
        return -k * q - 0.1 * q * q * q

    def force(q, k):
        return spring(q, k) + spring(2.0 * q, k)

    assert functions_in(ad.grad(force).source) == ["force_grad"]


def test_effects_are_written_in_place() -> None:
    def bump(u, k):
        for i in range(3):
            u[i] = u[i] * k
        return k * k

    def f(x, k):
        u = x * 1.0
        return bump(u, k) + np.sum(u)

    def part(u, k):
        for _ in range(2):
            k = k * 2
        return u[k:]

    def g(x, k):
        v = part(x, 0)
        return np.sum(v * v) * k

    x = np.array([1.0, 2.0, 3.0])
    for made, expected in ((ad.grad(f), [2.0, 2.0, 2.0]), (ad.grad(g), 4.0 * x)):
        assert "_pullback" not in made.source
        np.testing.assert_allclose(made(x, 2.0), expected)


def test_few_elements_are_written_in_place() -> None:
    """A call that reads a few elements of an array must not make all of its adjoint."""

    def cell(u, i, w):
        s = 0.0
        for k in range(-1, 2):
            s = s + w * np.sin(u[i + k]) * u[i]
        return s

    def dot(X, w, i):
        s = 0.0
        for j in range(len(w)):
            s += X[i, j] * w[j]
        return s

    def f(u, w, X):
        total = 0.0
        for i in range(1, len(u) - 1):
            total += cell(u, i, w) * dot(X, u, i)
        return total

    assert "_pullback" not in ad.grad(f).source.replace("dot_pullback", "")
    assert "dot_pullback" in ad.grad(f).source
    assert "_pullback" not in ad.grad(f, "X").source
    assert "cell_pullback" in ad.grad(f, "w").source
    u, X = np.array([0.4, -0.3, 0.9, 0.2]), np.arange(12.0).reshape(3, 4) / 7.0
    close(ad.grad(f, (0, 1, 2))(u, 0.7, X), in_place(f, "grad", ("u", "w", "X"))(u, 0.7, X))


def test_recursion_is_refused() -> None:
    with pytest.raises(RefusedError, match="calls itself"):
        ad.grad(endless)
    with pytest.raises(RefusedError, match="calls itself"):
        ad.grad(ping)


def endless(x):
    for _ in range(2):
        x = endless(x)
    return x


def ping(x):
    for _ in range(2):
        x = pong(x)
    return x


def pong(x):
    for _ in range(2):
        x = ping(x)
    return x


def test_names_do_not_clash() -> None:
    def f(x, wave_pullback):
        g_pullback = wave(x, 2) * wave_pullback
        return g_pullback * wave(wave_pullback, 3)

    close(ad.grad(f, (0, 1))(0.4, 0.7), in_place(f, "grad", ("x", "wave_pullback"))(0.4, 0.7))


def test_globals_are_read_live(monkeypatch: pytest.MonkeyPatch) -> None:
    made = ad.grad(defaults)
    before = made(0.4, 0.7)
    monkeypatch.setattr(elsewhere, "RATE", 1.1)
    assert made(0.4, 0.7) != before
    assert math.isclose(made(0.4, 0.7), ad.grad(defaults)(0.4, 0.7))


def test_a_function_that_is_bound_anew_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = ad.grad(changing)
    monkeypatch.setitem(globals(), "wave", deep0)
    with pytest.raises(RuntimeError, match="bound to another object"):
        made(0.4, 0.7)


def test_written_module_runs_alone() -> None:
    for f in (closures, chain):
        scope: dict[str, Any] = {}
        exec(module_text(f, ("x", "y")), scope)
        close(scope[f"{f.__name__}_grad_x_y"](0.4, 0.7), ad.grad(f, ("x", "y"))(0.4, 0.7))


@pytest.mark.parametrize("f", [changing, inactive, closures, chain])
def test_compiled_numbers(f: Any) -> None:
    pytest.importorskip("numba")
    made = ad.grad(f, ("x", "y"), jit=True)
    close(made(0.4, 0.7), ad.grad(f, ("x", "y"))(0.4, 0.7))
    assert "_pullback(" in made.source


@pytest.mark.parametrize("f", ARRAYS)
def test_compiled_arrays(f: Any) -> None:
    pytest.importorskip("numba")
    x, y = np.array([0.4, -0.3, 0.9]), np.array([0.7, 0.2, -0.6])
    made = ad.grad(f, ("x", "y"), jit=True)
    expected = ad.grad(f, ("x", "y"))(x, y)
    close(made(x, y), expected)
    assert "_pullback(" in made.source
    single = made(x.astype(np.float32), y.astype(np.float32))
    assert [bar.dtype for bar in single] == [np.float32, np.float32]
    for bar, full in zip(single, expected, strict=True):
        np.testing.assert_allclose(bar, full, rtol=1e-4, atol=1e-5)


def test_compiled_second_derivative() -> None:
    pytest.importorskip("numba")
    assert math.isclose(ad.hvp(changing, jit=True)(0.4, 1.0, 0.7), ad.hvp(changing)(0.4, 1.0, 0.7), rel_tol=1e-12)


def test_written_compiled_module() -> None:
    pytest.importorskip("numba")
    scope: dict[str, Any] = {}
    exec(module_text(annotated, ("x", "y"), jit=True), scope)
    close(scope["annotated_grad_x_y"](0.4, 0.7), ad.grad(annotated, ("x", "y"))(0.4, 0.7))


def annotated(x: float, y: float) -> float:
    made: float = wave(x, 2) * y + wave(y, 3) * deep1(x, y)
    return made


def test_a_function_like_any_other() -> None:
    made = ad.grad(changing)
    assert inspect.getsource(made) in made.source  # type: ignore[attr-defined]
    assert pickle.loads(pickle.dumps(made))(0.4, 0.7) == made(0.4, 0.7)
    assert "wave_pullback(" in ad.explain(changing)
