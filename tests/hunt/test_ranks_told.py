"""What a program says of its parameters' ranks in passing: shapes of copies, products of matrices, rows that are
stored; and numbers that are tested, which NumPy lets an array of one element be."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tangent_ad as ad
from tests.hunt.compare import agree

rng = np.random.default_rng(11)


def rotated(A):
    R = A.copy()
    m, n = R.shape
    for j in range(n):
        for i in range(m - 1, j, -1):
            a = R[i - 1, j]
            b = R[i, j]
            r = math.hypot(a, b)
            for k in range(j, n):
                t = R[i - 1, k]
                u = R[i, k]
                R[i - 1, k] = (a * t + b * u) / r
                R[i, k] = (a * u - b * t) / r
    return R


def filtered(ys, A, Q):
    x = np.zeros(2)
    P = np.eye(2)
    loss = 0.0
    for t in range(len(ys)):
        x = A @ x
        P = A @ P @ A.T + Q
        v = ys[t] - x
        S = np.linalg.inv(P)
        x = x + P @ S @ v * 0.5
        loss += v @ S @ v
    return loss


def turned(w):
    total = np.zeros(3)
    for t in range(w.shape[0]):
        q = np.zeros(4)
        q[1:] = w[t]
        total += np.sin(q[1:]) * q[3]
    return total


def step(x, A, b):
    g = A @ x - b
    x -= 0.1 * g
    return g


def descended(x0, A, b):
    x = x0.copy()
    total = 0.0
    for _ in range(3):
        g = step(x, A, b)
        total += g @ g
    return total + x.sum()


def averaged(s0, z):
    total = 0.0
    for i in range(z.shape[0]):
        s = s0
        mean = 0.0
        for j in range(z.shape[1]):
            s *= math.exp(0.1 * z[i, j])
            mean += s
        total += max(mean - 1.0, 0.0)
    return total


def warped(a, b):
    n, m = len(a), len(b)
    D = np.full((n + 1, m + 1), 1e10)
    D[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            D[i, j] = (a[i - 1] - b[j - 1]) ** 2 + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return D[n, m]


def gated(xs, h0, W, U, b):
    h = h0.copy()
    for t in range(xs.shape[0]):
        z = 1.0 / (1.0 + np.exp(-(W[0] @ xs[t] + U[0] @ h + b[0])))
        h = (1.0 - z) * np.tanh(W[1] @ xs[t] + b[1]) + z * h
    return np.sum(h * h)


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_rows_beside_a_product(steps):
    """`A @ x + b[0]`: b[0] may be a row."""
    shapes = (steps, 3), (2,), (2, 2, 3), (2, 2, 2), (2, 2)
    agree(gated, *(rng.standard_normal(shape) for shape in shapes))


@pytest.mark.parametrize("m, n", [(4, 3), (2, 2), (1, 1)])
def test_the_shape_of_a_copy(m, n):
    agree(rotated, rng.standard_normal((m, n)))


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_rows_that_meet_a_product(steps):
    agree(filtered, rng.standard_normal((steps, 2)), np.eye(2) + 0.1, 2.0 * np.eye(2))


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_rows_that_are_stored(rows):
    agree(turned, rng.standard_normal((rows, 3)))


def test_numbers_that_are_stored_in_a_part():
    agree(turned, rng.standard_normal(3))


def test_a_product_tells_an_array_from_a_number():
    agree(descended, rng.standard_normal(3), np.eye(3) + 0.2, rng.standard_normal(3))


def test_max_tells_a_number():
    agree(averaged, 1.1, rng.standard_normal((2, 3)))


@pytest.mark.parametrize("n, m", [(1, 1), (4, 3)])
@pytest.mark.parametrize("jit", [False, True])
def test_the_least_of_three(n, m, jit):
    agree(warped, rng.standard_normal(n), rng.standard_normal(m), jit=jit)


def test_ties_of_three_are_shared_two_at_a_time():
    def least(x, y, z):
        return min(x, y, z)

    assert ad.grad(least, ("x", "y", "z"))(1.0, 1.0, 1.0) == (0.25, 0.25, 0.5)


def doubled_if(x, w):
    s = w
    if w > 0:
        s *= 2.0
    return np.sum(s * w * x)


def doubled_winner(x, w):
    s = max(w, 0.0)
    s *= 2.0
    return np.sum(s * w * x)


def own(v):
    v *= 2.0
    return v


def doubled_by_callee(x, w):
    t = w
    if w > 0:
        t = own(w)
    return np.sum(t * w * x)


def doubled_choice(x, w):
    s = w if w > 0 else -w
    s *= 2.0
    return np.sum(s * w * x)


def doubled_while(x, w):
    while w < 10.0:
        w *= 2.0
    return np.sum(w * x)


@pytest.mark.parametrize("f", [doubled_if, doubled_winner, doubled_by_callee, doubled_choice, doubled_while])
def test_an_array_of_one_element_is_no_number(f):
    """`s *= 2.0` would write into it: the derivative says so, in every mode and for every `wrt`."""
    x, w = np.array([1.0, 2.0]), np.array([3.0])
    agree(f, x, 3.0)
    for wrt in (0, 1):
        for mode in (ad.jvp, ad.vjp, ad.grad):
            given = {ad.jvp: (x, x, w) if wrt == 0 else (x, w, w), ad.vjp: (1.0, x, w), ad.grad: (x, w)}[mode]
            with pytest.raises(TypeError, match=r"w(_dot)? must be a number"):
                mode(f, wrt)(*given)
    assert w.tolist() == [3.0]


def test_float32_numbers_that_numba_widens():
    """`2 / v` of a float32 v is float64 to Numba; an array that it multiplies stays float32."""

    def reflected(A, k):
        R = A.copy()
        for _ in range(k):
            v = R[:, 0].copy()
            nv = v @ v
            if nv > 0:
                R -= 2 / nv * np.outer(v, v @ R) * 0.3
        return R

    A = rng.standard_normal((3, 3)).astype(np.float32)
    seed = np.ones_like(A)
    value, bar = ad.vjp(reflected)(seed, A, 2)
    compiled, compiled_bar = ad.vjp(reflected, jit=True)(seed, A, 2)
    assert bar.dtype == compiled_bar.dtype == np.float32
    np.testing.assert_allclose(compiled, value, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(compiled_bar, bar, rtol=1e-4, atol=1e-4)


def clustered(X, C, trips):
    C = C.copy()
    total = 0.0
    for i in range(trips):
        d = X[i] - C[i % 2]
        total += np.sum(d * d)
        C[i % 2] = 0.5 * (X[i] + C[i % 2])
    return total


@pytest.mark.parametrize("axes", [(3,), (3, 2), (3, 2, 2)])
def test_rows_of_a_copy(axes):
    """Nothing tells whether an element of the copy is a number: the original is no list of numbers for being copied."""
    agree(clustered, rng.standard_normal(axes), rng.standard_normal((2, *axes[1:])), 3)


def mixed_columns(A):
    B = A.copy()
    for k in range(2):
        a, b = B[k, 0], B[k, 1]
        B[k, 0] = 0.6 * a - 0.8 * b
        B[k, 1] = 0.8 * a + 0.6 * b * a
    return np.sum(np.diag(B) ** 3)


def test_elements_of_a_matrix():
    agree(mixed_columns, rng.standard_normal((2, 2)))


def along_labels(emit, labels):
    T, _K = emit.shape
    score = emit[0, labels[0]]
    for t in range(1, T):
        score += np.sin(emit[t, labels[t]]) * score
    return score


def test_an_element_by_labels_is_no_view():
    """Nothing tells that the labels are integers, but an index for each axis takes an element or makes a copy."""
    emit = rng.standard_normal((4, 3))
    agree(along_labels, emit, np.array([0, 2, 1, 1]))
    agree(along_labels, emit[:1], np.array([2]))
    assert ad.grad(along_labels)(emit, np.array([0, 2, 1, 1])).shape == (4, 3)
