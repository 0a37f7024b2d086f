"""The demo: its data, its model, its optimiser, and that what it writes runs alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der
from scipy.stats import multivariate_normal

import tangent_ad as ad
from tangent_ad.demo import mixture
from tangent_ad.demo.alone import run_alone
from tangent_ad.demo.mixture import WRT, eruptions, negative_log_likelihood, start
from tangent_ad.demo.optimise import bfgs
from tangent_ad.errors import TangentError


def test_the_data_are_the_classical_ones():
    x = eruptions()
    assert x.shape == (272, 2)
    np.testing.assert_allclose(x.mean(axis=0), [3.487783, 70.897059], rtol=0, atol=5e-7)
    np.testing.assert_allclose(x.std(axis=0, ddof=1), [1.141371, 13.594974], rtol=0, atol=5e-7)
    np.testing.assert_allclose(np.corrcoef(x.T)[0, 1], 0.9008112, rtol=0, atol=5e-8)


def test_the_model_is_the_mixture_density():
    """Against scipy's normal densities."""
    x = eruptions()[:9]
    alpha = np.array([0.3, -0.5])
    mu = np.array([[2.0, 55.0], [4.0, 80.0]])
    factor = np.array([[-1.0, 1.7, 0.6], [-0.8, 1.5, 0.9]])
    density = np.zeros(9)
    for a, m, (p, q, c) in zip(alpha, mu, factor, strict=True):
        L = np.array([[np.exp(p), 0.0], [c, np.exp(q)]])
        density += np.exp(a) / np.exp(alpha).sum() * multivariate_normal(m, L @ L.T).pdf(x)
    value = mixture.negative_log_likelihood(alpha, mu, factor, x)
    assert value == pytest.approx(-np.log(density).sum(), rel=1e-12)


def test_the_written_module_runs_alone(tmp_path):
    path = tmp_path / "written.py"
    path.write_text("def f(x, y):\n    return x + y, 2 * x\n")
    a, b = run_alone(path, "f", (np.ones(2), np.ones(2)))
    assert a.tolist() == [2.0, 2.0] and b.tolist() == [2.0, 2.0]
    path.write_text("import tangent_ad\n")
    with pytest.raises(TangentError, match="tangent_ad is blocked"):
        run_alone(path, "f", (np.ones(2),))


def test_the_optimiser_on_a_curved_valley():
    point, evaluations = bfgs(lambda v: (float(rosen(v)), rosen_der(v)), np.array([-1.2, 1.0, 0.8]))
    np.testing.assert_allclose(point, 1.0, atol=1e-5)
    assert evaluations < 200


def test_the_gradient_of_the_model():
    x = eruptions()[::30]
    args = (np.array([0.3, -0.5]), np.array([[2.0, 55.0], [4.0, 80.0]]), np.array([[-1.0, 1.7, 0.6], [-0.8, 1.5, 0.9]]))
    assert ad.check(negative_log_likelihood, *args, x, wrt=WRT).agrees
    shares, _, _ = ad.grad(negative_log_likelihood, wrt=WRT)(*args, x)
    assert abs(shares.sum()) < 1e-12, "only the differences of the logits count"


def test_the_start_is_symmetric():
    x = eruptions()
    alpha, mu, factor = start(x)
    assert alpha.tolist() == [0.0, 0.0] and np.array_equal(factor[0], factor[1])
    np.testing.assert_allclose(mu.mean(axis=0), x.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(np.exp(factor[0, :2]), mu[1] - mu[0], rtol=1e-13)


def test_the_optimiser_stops():
    calls = []

    def flat(v):
        calls.append(v.copy())
        return 1.0, np.zeros_like(v)

    point, evaluations = bfgs(flat, np.array([2.0, 3.0]))
    assert point.tolist() == [2.0, 3.0] and evaluations == len(calls) == 1

    def steep(v):
        calls.append(v.copy())
        return float(v @ v), 2.0 * v

    calls.clear()
    _, evaluations = bfgs(steep, np.array([3.0, -4.0]), iterations=1)
    assert evaluations == len(calls) > 1
    point, _ = bfgs(lambda v: (float(v @ v), -2.0 * v), np.array([3.0, -4.0]))
    assert point.tolist() == [3.0, -4.0], "a wrong gradient leads nowhere"
