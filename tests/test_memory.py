"""`ad.memory_report`: within a tenth of what is measured, by variable and line."""

import tracemalloc

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import UsageError


def simulate(x, r, n):
    for _ in range(n):
        x = r * x * (1.0 - x)
    return x


def until(a, tol):
    x = a
    step = 1.0
    while abs(step) > tol:
        step = (x * x - a) / (2.0 * x)
        x = x - step * 0.001
    return x


def diffuse(u, k, steps):
    for _ in range(steps):
        lap = np.zeros_like(u)
        lap[1:-1] = u[:-2] - 2.0 * u[1:-1] + u[2:]
        u = u + k * lap * u
    return np.sum(u * u)


def smooth(u, c, sweeps):
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] += c * (u[i - 1] - 2.0 * u[i] + u[i + 1])
    return np.sum(u * u)


def branches(x, n):
    s = 0.0
    for i in range(n):
        if np.sin(x * i) > 0.3:
            x = np.sin(x)
        s += x
    return s


def linear(w, X):
    s = 0.0
    for i in range(X.shape[0]):
        s += w[0] * X[i, 0]
    return s


def rolled(x, n):
    s = 0.0
    for i in range(n):
        x = np.sin(x) + 0.1
        s = s + x * x
        x = x - 0.001 * s
        s = s * 0.5 + np.cos(x)
        x = x * np.cos(0.001 * x)
        s = s - 0.5 * x
    return s * x


def outer(x, n):
    return rolled(x * x, n) + rolled(np.sin(x), 2 * n)


U = np.linspace(0.0, 1.0, 1000)
PROGRAMS = [
    (simulate, ("x", "r"), (0.3, 3.1, 20_000)),
    (until, "a", (2.0, 1e-4)),
    (diffuse, ("u", "k"), (U, 0.1, 200)),
    (smooth, ("u", "c"), (U, 0.1, 40)),
    (branches, "x", (0.3, 20_000)),
    (rolled, "x", (0.3, 10_000)),
    (outer, "x", (0.3, 10_000)),
]


def measured(g, args):
    """The most memory that a call had at once."""
    g(*args)
    tracemalloc.start()
    try:
        g(*args)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("f, wrt, args", PROGRAMS, ids=[f.__name__ for f, _, _ in PROGRAMS])
def test_within_a_tenth_of_what_is_measured(f, wrt, args):
    report = ad.memory_report(f, *args, wrt=wrt)
    found = measured(ad.grad(f, wrt), args)
    assert found > 100_000, "the program stores too little to tell it from all else"
    assert abs(report.total - found) <= 0.1 * found, f"{found}\n{report}"


def test_the_report_says_which_variable_and_line():
    report = ad.memory_report(simulate, 0.3, 3.1, 1000)
    [row] = report.stored
    assert (row.variable, row.line, row.place) == ("x", simulate.__code__.co_firstlineno + 2, "x_saved")
    assert row.form == "1000 float64" and 8000 <= row.size == report.total <= 8200
    assert str(report).splitlines()[0] == "stored by simulate_grad"
    assert str(report).splitlines()[-1].split() == ["total", f"{report.total:,}"]


def test_nothing_is_stored_where_nothing_needs_to_be():
    args = np.ones(3), np.ones((50, 3))
    assert ad.memory_report(linear, *args).total == 0
    assert ad.memory_report(linear, *args).stored == ()


def test_arguments_do_not_count_and_stay_as_they_are():
    u = U.copy()
    report = ad.memory_report(smooth, u, 0.1, sweeps=2)
    assert np.array_equal(u, U)
    assert all(row.size < 3 * u.nbytes for row in report.stored)

    def square(x):
        return np.sum(x * x)

    assert "x" not in [row.variable for row in ad.memory_report(square, np.ones(1000)).stored]


def test_single_precision_takes_half():
    full = ad.memory_report(diffuse, U, 0.1, 50).total
    half = ad.memory_report(diffuse, U.astype(np.float32), 0.1, 50).total
    assert 0.45 * full < half < 0.6 * full


def test_results_that_are_no_number():
    def spread(x, n):
        y = x
        for _ in range(n):
            y = np.sin(y) * y
        return y, 2.0 * y

    with pytest.raises(UsageError, match="vjp"):
        ad.memory_report(spread, U, 10)
    assert ad.memory_report(spread, U, 10, mode="vjp").total > 10 * U.nbytes
    with pytest.raises(UsageError, match="mode='jvp'"):
        ad.memory_report(spread, U, 10, mode="jvp")


def test_compiled_functions_are_reported_as_plain_ones():
    import numba

    assert ad.memory_report(numba.njit(simulate), 0.3, 3.1, 1000) == ad.memory_report(simulate, 0.3, 3.1, 1000)
