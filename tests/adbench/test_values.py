"""ADBench's objectives have the reference values, compiled and plain, and their two forms agree."""

import math

import numpy as np
import pytest

from benchmarks import data
from benchmarks.compiled import compiled
from benchmarks.programs import ba, gmm, lstm
from tests.adbench.references import REFERENCES

SMALLEST = ("gmm_d2_K5", "lstm_l2_c1024")
with_files = pytest.mark.skipif(data.folder() is None, reason=f"{data.VARIABLE} names no folder of ADBench inputs")


def pairs():
    return [pytest.param(r, f, id=f"{r.file}-{f.__name__}") for r in REFERENCES for f in r.programs]


@with_files
@pytest.mark.parametrize("reference, f", pairs())
def test_compiled_value(reference, f):
    assert compiled(f)(*reference.arguments(data.folder())) == pytest.approx(reference.value, rel=1e-10)


@with_files
@pytest.mark.parametrize("reference, f", [p for p in pairs() if p.values[0].file in SMALLEST])
def test_plain_value(reference, f):
    assert f(*reference.arguments(data.folder())) == pytest.approx(reference.value, rel=1e-10)


@pytest.mark.parametrize("sizes", [(1, 1, 3), (2, 3, 8), (5, 4, 11)])
def test_mixture_forms_agree(sizes):
    arguments = data.synthetic_gmm(*sizes)
    assert gmm.gmm_loops(*arguments) == pytest.approx(gmm.gmm_arrays(*arguments), rel=1e-12)


@pytest.mark.parametrize("sizes", [(1, 2, 1), (2, 7, 4), (3, 5, 6)])
def test_lstm_forms_agree(sizes):
    arguments = data.synthetic_lstm(*sizes)
    assert lstm.lstm_loops(*arguments) == pytest.approx(lstm.lstm_arrays(*arguments), rel=1e-12)


def test_one_standard_gaussian_without_prior_terms():
    """One component with Q = identity: the likelihood part has a closed form."""
    x = np.array([[0.5, -1.0], [2.0, 0.25]])
    alpha, mu, icf = np.zeros(1), np.zeros((1, 2)), np.zeros((1, 3))
    gamma, m = 1.0, 0
    likelihood = -0.5 * np.sum(x * x) - 2 * math.log(2 * math.pi)
    # n' = 3: C = 2 * 3 * (-log(2) / 2) - log Gamma_2(3/2), Gamma_2(3/2) = sqrt(pi) Gamma(3/2) Gamma(1) = pi / 2
    constant = -3 * math.log(2.0) - math.log(math.pi / 2)
    expected = likelihood + 0.5 * 2 - constant
    assert gmm.gmm_loops(alpha, mu, icf, x, gamma, m) == pytest.approx(expected, rel=1e-13)


def test_residual_against_scipy_rotations():
    from scipy.spatial.transform import Rotation

    problem = data.synthetic_ba()
    for i in range(len(problem.weights)):
        camera, point, weight, feature = problem.arguments(i)
        x, y, z = Rotation.from_rotvec(camera[:3]).apply(point - camera[3:6])
        flat = np.array([x / z, y / z])
        square = flat @ flat
        projection = camera[6] * flat * (1 + camera[9] * square + camera[10] * square**2) + camera[7:9]
        expected = [*(weight * (projection - feature)), 1 - weight**2]
        np.testing.assert_allclose(ba.residual(camera, point, weight, feature), expected, rtol=1e-11)


def test_residual_without_rotation():
    camera = np.array([0.0, 0.0, 0.0, 0.1, 0.2, -4.0, 500.0, 3.0, -2.0, 0.0, 0.0])
    out = ba.residual(camera, np.array([0.5, -0.3, 1.0]), 1.0, np.zeros(2))
    np.testing.assert_allclose(out, [500 * 0.4 / 5 + 3, -500 * 0.5 / 5 - 2, 0.0], rtol=1e-14)


def test_observations_share_cameras_and_points():
    problem = data.synthetic_ba(3, 5, 7)
    camera, point, _, feature = problem.arguments(6)
    assert camera is not problem.cameras[6 % 5]
    np.testing.assert_array_equal(camera, problem.cameras[0])
    np.testing.assert_array_equal(point, problem.points[1])
    np.testing.assert_array_equal(feature, problem.features[6])
    assert len({tuple(row) for row in problem.features}) == 7


def test_a_truncated_file_is_refused(tmp_path):
    path = tmp_path / "gmm_d1_K1.txt"
    path.write_text("1 1 2\n0.0\n0.0\n0.0\n1.0\n")
    with pytest.raises(ValueError, match="expected 7 numbers"):
        data.read_gmm(path)
