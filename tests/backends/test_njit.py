"""Compiled derivatives are the plain ones, are dispatchers, and refuse what plain ones refuse."""

from __future__ import annotations

import inspect
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import RefusedError, UsageError
from tests.backends import compiled_programs as programs
from tests.frontend.defining import define

numba = pytest.importorskip("numba")


@pytest.fixture(autouse=True)
def cache(monkeypatch):
    monkeypatch.setenv("TANGENT_AD_CACHE", "off")


def copied(args):
    return [a.copy() if isinstance(a, np.ndarray) else a for a in args]


def same(a, b, tolerance=1e-10):
    if isinstance(a, tuple):
        return isinstance(b, tuple) and all(same(x, y, tolerance) for x, y in zip(a, b, strict=True))
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=tolerance, atol=tolerance)


def full_arguments(f, args, wrt, mode):
    """The arguments of a derivative: tangents beside the parameters, or a seed first."""
    wrt = wrt if isinstance(wrt, tuple) else (wrt,)
    if mode == "jvp":
        found = []
        for k, a in enumerate(args):
            found.append(a)
            if k in wrt:
                found.append(np.cos(np.arange(a.size)).reshape(a.shape) if isinstance(a, np.ndarray) else 0.3)
        return found
    if mode == "vjp":
        value = f(*copied(args))
        parts = value if isinstance(value, tuple) else (value,)
        bars = tuple(np.sin(1.0 + np.arange(np.size(p))).reshape(np.shape(p)) if np.ndim(p) else 0.4 for p in parts)
        return [bars if isinstance(value, tuple) else bars[0], *args]
    return list(args)


@pytest.mark.parametrize(("f", "args", "wrt", "mode"), programs.CASES, ids=lambda c: getattr(c, "__name__", ""))
def test_compiled_equals_plain(f, args, wrt, mode):
    plain, compiled = getattr(ad, mode)(f, wrt), getattr(ad, mode)(f, wrt, jit=True)
    given = full_arguments(f, args, wrt, mode)
    before = copied(given)
    found = compiled(*given)
    assert same(found, plain(*copied(given)))
    assert all(np.array_equal(a, b) for a, b in zip(given, before, strict=True))
    assert f"def {plain.__name__}(" in compiled.source


def square(x):
    return np.sum(x * x)


def test_one_text_for_each_signature():
    grad = ad.grad(square, jit=True)
    assert grad(3.0) == 6.0
    assert np.allclose(grad(np.array([1.0, 2.0])), [2.0, 4.0])
    assert len(grad.sources) == 2
    assert "np.full" in grad.source or "unreduce" in grad.source or "2.0 * x" in grad.source
    assert "square_grad" in inspect.getsource(grad)


def test_a_dispatcher_gives_a_dispatcher_with_its_options():
    f = numba.njit(square, nogil=True, fastmath=True, boundscheck=True)
    grad = ad.grad(f)
    assert isinstance(grad, type(f))
    assert grad.targetoptions["nogil"] and grad.targetoptions["fastmath"] and grad.targetoptions["boundscheck"]
    assert grad.targetoptions["error_model"] == "numpy"
    assert np.allclose(grad(np.array([1.0, 2.0])), [2.0, 4.0])
    assert ad.grad(numba.njit(square, error_model="python")).targetoptions["error_model"] == "python"


def test_compiled_code_calls_it():
    grad = ad.grad(square, jit=True)

    @numba.njit
    def descend(x, n):
        for _ in range(n):
            x = x - 0.25 * grad(x)
        return x

    assert np.allclose(descend(np.array([1.0, 2.0]), 2), [0.25, 0.5])


def test_nested():
    def cube(x):
        return x * x * x

    second = ad.grad(ad.grad(cube, jit=True))
    assert isinstance(second, type(numba.njit(cube)))
    assert abs(second(2.0) - 12.0) < 1e-12


def test_dense_and_products():
    def f(x):
        return np.sum(x * x * x)

    x, v = np.array([1.0, 2.0]), np.array([1.0, -1.0])
    assert np.allclose(ad.hvp(f, jit=True)(x, v), 6.0 * x * v)
    assert np.allclose(ad.hessian(f, jit=True)(x), np.diag(6.0 * x))


def test_closure_values_are_frozen():
    scale = 3.0

    def f(x):
        return scale * x * x

    grad = ad.grad(f, jit=True)
    assert grad(2.0) == 12.0
    scale = 5.0
    assert grad(2.0) == 12.0


def test_defaults():
    def f(x, n=3, c=2.0):
        return c * x**n

    assert same(ad.grad(f, jit=True)(2.0), 24.0)
    assert same(ad.grad(f, "c", jit=True)(2.0, c=1.0), 8.0)
    assert same(ad.jvp(f, ("x", "c"), jit=True)(2.0, 1.0), (16.0, 24.0))


def test_a_tuple_argument():
    assert same(ad.grad(programs.tuple_argument, "x", jit=True)((0.3, 0.4), 0.7), 0.3 + 0.8 * 0.7)


@pytest.mark.parametrize("mode", ["grad", "jvp"])
def test_float32_stays(mode):
    def f(w, x, k):
        h = np.tanh(x @ w) * 2.0
        for _ in range(2):
            h = h + k * np.sin(h) / 2
        return np.sum(h * h) / h.size

    w, x = np.full((3, 2), 0.25, np.float32), np.full((4, 3), 0.5, np.float32)
    plain, compiled = getattr(ad, mode)(f), getattr(ad, mode)(f, jit=True)
    args = (w, np.ones_like(w), x, 0.1) if mode == "jvp" else (w, x, 0.1)
    found, expected = compiled(*args), plain(*args)
    assert same(found, expected, 1e-4)
    if mode == "grad":
        assert found.dtype == np.float32


def test_float32_array_results():
    def f(x):
        y = x * 0.5
        for _ in range(2):
            y = y * 1.5 + x
        return y

    x = np.full(3, 0.5, np.float32)
    value, dot = ad.jvp(f, jit=True)(x, np.ones_like(x))
    assert value.dtype == dot.dtype == np.float32
    value, bar = ad.vjp(f, jit=True)(np.ones_like(x), x)
    assert value.dtype == bar.dtype == np.float32


def test_layouts():
    def f(x):
        return np.sum(x * x)

    grad = ad.grad(f, jit=True)
    x = np.arange(12.0).reshape(3, 4)
    assert np.allclose(grad(x.T), 2.0 * x.T)
    assert np.allclose(grad(x[:, ::2]), 2.0 * x[:, ::2])
    assert len(grad.sources) == 2


def test_a_refusal_at_once_where_the_language_ends():
    f = define("def f(x):\n    return [y for y in x][0]\n", "f", {})
    with pytest.raises(RefusedError, match="\\^"):
        ad.grad(f, jit=True)


def test_a_refusal_at_the_first_call_shows_the_line():
    f = define(
        "def f(x, n):\n    y = x[: n[0]].reshape((2, 2))\n    y[0] = 1.0\n    return np.sum(y * x[0])\n",
        "f",
        {"np": np},
    )
    grad = ad.grad(f, jit=True)
    with pytest.raises(RefusedError, match="\\^"):
        grad(np.ones(8), np.array([4]))


def test_types_that_have_no_derivative():
    grad = ad.grad(square, jit=True)
    with pytest.raises(UsageError, match="x must be a 1-d floating array"):
        grad(np.array([1, 2]))
    with pytest.raises(RefusedError, match="complex128"):
        grad(1j)
    with pytest.raises(RefusedError, match="0-dimensional"):
        grad(np.array(1.0))
    with pytest.raises(UsageError, match="vjp"):
        ad.grad(programs.weigh_rows, jit=True)(np.ones((2, 2)), np.ones(2))


def test_a_dropped_stub_hook_changes_nothing(monkeypatch):
    from numba.core import dispatcher

    monkeypatch.delattr(dispatcher._FunctionCompiler, "_get_implementation", raising=False)
    from tangent_ad.backends import njit

    seen = []
    monkeypatch.setattr(njit, "_shorten", lambda *args: seen.append(args))
    grad = ad.grad(programs.branch, jit=True)
    monkeypatch.undo()
    assert seen and same(grad(0.7, 1.3), ad.grad(programs.branch)(0.7, 1.3))


def run(code, **environment):
    import os

    made = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return made.stdout.split()


def test_numba_is_imported_when_asked_for():
    code = "import sys, tangent_ad as ad; import tests.backends.compiled_programs as p; ad.grad(p.branch)(1.0, 2.0)"
    assert run(code + "; print('numba' in sys.modules)") == ["False"]


def test_without_numba(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(UsageError, match="pip install numba"):
        ad.grad(square, jit=True)


def test_the_disk_cache(tmp_path):
    code = """
    import numba, tangent_ad as ad
    from tests.backends import compiled_programs as p
    grad = ad.grad(numba.njit(p.simulate, cache=True))
    print(grad(0.3, 2.5, 3), sum(grad.stats.cache_hits.values()))
    """
    first, second = (run(code, TANGENT_AD_CACHE=str(tmp_path / "cache")) for _ in range(2))
    assert first[0] == second[0]
    assert (first[1], second[1]) == ("0", "1")


def test_a_disk_cache_needs_a_directory():
    with pytest.raises(UsageError, match="TANGENT_AD_CACHE"):
        ad.grad(numba.njit(square, cache=True))
