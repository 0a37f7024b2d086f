"""ADBench gradients: reference norms and first entries, plain and compiled, called directly or from written files."""

import functools
import importlib.util
import os

import numpy as np
import pytest

import tangent_ad as ad
from benchmarks import data
from benchmarks.programs import ba, gmm, lstm
from tests.adbench.references import REFERENCES

PLAIN = ("gmm_d2_K5", "lstm_l2_c1024")
# compiling array code takes half a minute, and the largest sizes take gigabytes
FULL = os.environ.get("TANGENT_AD_ADBENCH_FULL", "") == "1"
FILES = tuple(r.file for r in REFERENCES) if FULL else (*PLAIN, "lstm_l4_c4096")
with_files = pytest.mark.skipif(data.folder() is None, reason=f"{data.VARIABLE} names no folder of ADBench inputs")
SYNTHETIC = [
    pytest.param(gmm.gmm_loops, data.synthetic_gmm(2, 3, 6), ("alpha", "mu", "icf"), id="gmm_loops"),
    pytest.param(gmm.gmm_arrays, data.synthetic_gmm(2, 3, 6), ("alpha", "mu", "icf"), id="gmm_arrays"),
    pytest.param(lstm.lstm_loops, data.synthetic_lstm(2, 5, 3), ("main", "extra"), id="lstm_loops"),
    pytest.param(lstm.lstm_arrays, data.synthetic_lstm(2, 5, 3), ("main", "extra"), id="lstm_arrays"),
]


def written(f, wrt, mode, folder, jit=False):
    """The derivative written to a file and imported from there."""
    from tangent_ad.saved import module_text

    path = folder / f"{f.__name__}_{mode}.py"
    path.write_text(module_text(f, wrt, mode, jit))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return next(v for k, v in vars(module).items() if k.startswith(f"{f.__name__}_{mode}"))


@functools.cache
def compiled(f, wrt):
    """Compiled once for all tests."""
    return ad.value_and_grad(f, wrt=wrt, jit=True)


def compare(reference, result):
    value, gradients = result
    assert value == pytest.approx(reference.value, rel=1e-10)
    for (norm, first), gradient in zip(reference.gradients.values(), gradients, strict=True):
        assert np.linalg.norm(gradient) == pytest.approx(norm, rel=1e-9)
        # one entry may be far smaller than the norm, so that its rounding is relative to the norm
        assert gradient.flat[0] == pytest.approx(first, rel=1e-8, abs=1e-12 * norm)


def pairs(files=tuple(r.file for r in REFERENCES)):
    return [pytest.param(r, f, id=f"{r.file}-{f.__name__}") for r in REFERENCES for f in r.programs if r.file in files]


@with_files
@pytest.mark.parametrize("reference, f", pairs(PLAIN))
def test_plain(reference, f):
    compare(reference, ad.value_and_grad(f, wrt=reference.wrt)(*reference.arguments(data.folder())))


@with_files
@pytest.mark.parametrize("reference, f", pairs(FILES))
def test_compiled(reference, f):
    compare(reference, compiled(f, reference.wrt)(*reference.arguments(data.folder())))


@with_files
@pytest.mark.parametrize("jit", [False, True], ids=["plain", "compiled"])
@pytest.mark.parametrize("reference, f", pairs(PLAIN))
def test_written(reference, f, jit, tmp_path):
    g = written(f, reference.wrt, "value_and_grad", tmp_path, jit)
    compare(reference, g(*reference.arguments(data.folder())))


@pytest.mark.parametrize("f, arguments, wrt", SYNTHETIC)
def test_against_central_differences(f, arguments, wrt):
    gradients = ad.grad(f, wrt=wrt)(*arguments)
    names = f.__code__.co_varnames
    rng = np.random.default_rng(1)
    for name, gradient in zip(wrt, gradients, strict=True):
        place = names.index(name)
        direction, h = rng.standard_normal(gradient.shape), 1e-6

        def along(s, place=place, direction=direction):
            moved = list(arguments)
            moved[place] = moved[place] + s * direction
            return f(*moved)

        assert np.sum(gradient * direction) == pytest.approx((along(h) - along(-h)) / (2 * h), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("f, arguments, wrt", SYNTHETIC)
def test_written_and_compiled_agree_with_plain(f, arguments, wrt, tmp_path):
    expected = ad.value_and_grad(f, wrt=wrt)(*arguments)
    for other in (written(f, wrt, "value_and_grad", tmp_path), compiled(f, wrt)):
        value, gradients = other(*arguments)
        assert value == pytest.approx(expected[0], rel=1e-12)
        for a, b in zip(gradients, expected[1], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-13)


def test_bundle_adjustment_block():
    """The 3 x 15 block of one observation; the last row is the weight's own residual."""
    arguments = data.synthetic_ba().arguments(1)
    blocks = ad.jacobian(ba.residual, wrt=("camera", "point", "weight"))(*arguments)
    assert [np.shape(b) for b in blocks] == [(3, 11), (3, 3), (3,)]
    block = np.concatenate([np.reshape(b, (3, -1)) for b in blocks], axis=1)
    flat = np.concatenate([arguments[0], arguments[1], [arguments[2]]])

    def residual(v):
        return ba.residual(v[:11], v[11:14], v[14], arguments[3])

    for j in range(15):
        step = np.zeros(15)
        step[j] = h = 1e-6 * max(1.0, abs(flat[j]))
        np.testing.assert_allclose(
            block[:, j], (residual(flat + step) - residual(flat - step)) / (2 * h), rtol=1e-5, atol=1e-4
        )
