"""Written modules that Numba compiles: the numbers of the plain ones, guards kept, kinds asked for."""

import math
import subprocess
import sys

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import RefusedError
from tangent_ad.saved import module_text
from tests.test_saved import (
    HALF,
    PROGRAMS,
    SINGLE,
    imported,
    inplace,
    layers,
    leaves,
    loss,
    newton,
    weighted,
    with_extra,
)


def annotated(W: 'Float[np.ndarray, "i o"]', b: 'Float[np.ndarray, "o"]', x: 'Float[np.ndarray, "n i"]'):
    h = np.tanh(x @ W + b)
    return np.mean(h * h)


def gather(x: 'Float[np.ndarray, "n"]', at: 'Int[np.ndarray, "k"]', c: float = 2.0):
    y = x[at] * c
    return np.sum(y * y) + np.max(x)


def single_annotated(x: 'Float32[np.ndarray, "n"]'):
    return np.sum(x * SINGLE) * HALF


COMPILED = [
    (loss, ("x", "y"), PROGRAMS[0][2]),
    (weighted, "x", PROGRAMS[1][2]),
    (newton, "a", (2.0, 1e-12)),
    (inplace, ("u", "c"), PROGRAMS[3][2]),
    (annotated, ("W", "b"), PROGRAMS[4][2]),
    (gather, "x", (np.array([0.5, 1.5, 2.5]), np.array([2, 0, 2]))),
    (single_annotated, "x", (np.array([1.5, 2.5], np.float32),)),
]


def compiled_text(f, wrt, mode):
    text = module_text(f, wrt, mode, jit=True)
    lines = [line for line in text.splitlines() if line.startswith(("import", "from"))]
    assert all(line.split()[1].partition(".")[0] in ("numpy", "math", "sys", "numba") for line in lines)
    assert "tangent_ad" not in "".join(line for line in text.splitlines() if not line.startswith("#"))
    return text


@pytest.mark.parametrize("f, wrt, args", COMPILED, ids=[f.__name__ for f, _, _ in COMPILED])
def test_compiled_modules(f, wrt, args, tmp_path):
    text = compiled_text(f, wrt, "value_and_grad")
    module = imported(text, tmp_path)
    derived = ad.value_and_grad(f, wrt=wrt)
    assert '@numba.njit(cache=_cache, error_model="numpy")\ndef ' in text
    for a, b in zip(leaves(getattr(module, derived.__name__)(*args)), leaves(derived(*args)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6 if b.dtype == np.float32 else 1e-12)
        assert a.dtype == b.dtype or not a.shape
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "E,F,W,I",
        "--line-length",
        "120",
    ]
    done = subprocess.run([*command, str(tmp_path / "written.py")], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("mode", ["grad", "jvp", "vjp", "hvp", "jacobian", "hessian"])
def test_compiled_modes(mode, tmp_path):
    f, wrt, args = COMPILED[1]
    derived = getattr(ad, mode)(f, wrt=wrt)
    module = imported(compiled_text(f, wrt, mode), tmp_path)
    given = with_extra(mode, f, wrt, args)
    for a, b in zip(leaves(getattr(module, derived.__name__)(*given)), leaves(derived(*given)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-14)


def test_compiled_modules_refuse_other_ranks(tmp_path):
    module = imported(compiled_text(inplace, "u", "grad"), tmp_path)
    with pytest.raises(TypeError, match="u must be a 1-d floating array"):
        module.inplace_grad(np.ones((3, 3)), 0.1)


def test_compiled_modules_need_kinds():
    with pytest.raises(
        RefusedError, match=r"whether `W` of `layers` is a number or an array\n.*annotate it: `W: float`"
    ):
        module_text(layers, jit=True)
    with pytest.raises(RefusedError, match="keyword-only"):
        module_text(keyword, jit=True)


def keyword(x, *, y=1.0):
    return math.sin(x) * y


def test_compiled_modules_are_legal_input(tmp_path):
    f, _, args = COMPILED[5]
    module = imported(compiled_text(f, "x", "grad"), tmp_path, "compiled_again")
    second = ad.jvp(module.gather_grad, wrt="x", jit=False)
    given = (args[0], np.array([1.0, 2.0, 3.0]), args[1])
    expected = ad.hvp(f, wrt="x")(*given)
    np.testing.assert_allclose(second(*given)[1], expected, rtol=1e-12)


def coupled(u, v):
    for i in range(1, len(u)):
        u[i] += v[i] * u[i - 1]
    s = 0.0
    for i in range(len(u)):
        s += u[i] * u[i]
    return s


def test_compiled_modules_refuse_arguments_that_share_memory(tmp_path):
    module = imported(compiled_text(coupled, ("u", "v"), "grad"), tmp_path)
    u, v = np.array([1.0, 2.0, 3.0]), np.array([0.5, 0.2, 0.1])
    for a, b in zip(module.coupled_grad_u_v(u, v), ad.grad(coupled, wrt=("u", "v"))(u, v), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-13)
    with pytest.raises(ValueError, match="u and v must not share memory"):
        module.coupled_grad_u_v(u, u[::-1])


def test_shared_memory_under_numba():
    import numba

    from tangent_ad.backends import overloads as _overloads  # noqa: F401

    share = numba.njit(lambda a, b: np.may_share_memory(a, b))
    z = np.arange(24.0).reshape(4, 6)
    pairs = [(z, z), (z[0], z[1]), (z[::-1], z[3]), (z[0], z[0][::-1]), (z[:, 0], z[:, 1]), (z[:0], z), (z, np.ones(3))]
    for a, b in pairs:
        assert share(a, b) == np.may_share_memory(a, b)


def test_compiled_modules_are_found_again_on_disk(tmp_path):
    """By the next process that imports the module; a module that is only run writes nothing that could mislead it."""
    (tmp_path / "kept.py").write_text(compiled_text(newton_annotated, "a", "grad"))
    show = "print(f(2.0), sum(f.stats.cache_hits.values()))"
    run = f"import runpy; f = runpy.run_path('kept.py')['newton_annotated_grad']; {show}"
    use = f"import kept; f = kept.newton_annotated_grad; {show}"
    found = []
    for code in (run, use, use):
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
        found.append(done.stdout.split() or done.stderr)
    assert [hits for _, hits in found] == ["0", "0", "1"]
    assert len({value for value, _ in found}) == 1


def newton_annotated(a: float):
    x = a
    for _ in range(5):
        x = 0.5 * (x + a / x)
    return x
