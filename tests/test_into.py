"""`jacobian(into=True)`: the Jacobian is written into arrays that the caller gives."""

import pickle

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import UsageError

X = np.array([0.5, 1.2, 0.3])
A = np.arange(6.0).reshape(2, 3)
SCALES = np.array([0.3, 0.7, 1.1])


def polar(x: "Float[np.ndarray, 'n']", w: float):
    out = np.empty(2)
    out[0] = w * x[0] * np.sin(x[1])
    out[1] = w * x[0] * np.cos(x[1])
    return out


def squares(x: "Float[np.ndarray, 'n']", A: "Float[np.ndarray, 'm n']"):
    return A @ (x * x)


def neighbours(x: "Float[np.ndarray, 'n']"):
    """The backward sweep reads x itself, behind the first write into the Jacobian."""
    y = np.empty(len(x))
    for i in range(len(x)):
        y[i] = x[i] * x[i] * x[i - 1] * SCALES[i % 3]
    return y


def overwritten(x: "Float[np.ndarray, 'n']"):
    for i in range(1, len(x)):
        x[i] = x[i] * x[i - 1]
    return 2.0 * x


CASES = [
    (polar, (X, 2.0), ("x", "w"), [(2, 3), (2,)]),
    (polar, (X, 2.0), "w", [(2,)]),
    (squares, (X, A), ("A", "x"), [(2, 2, 3), (2, 3)]),
    (squares, (X[:0], A[:, :0]), "x", [(2, 0)]),
    (squares, (X, A[:0]), "x", [(0, 3)]),
    (neighbours, (X,), "x", [(3, 3)]),
    (neighbours, (X[:1],), "x", [(1, 1)]),
    (overwritten, (X,), "x", [(3, 3)]),
]


def between(shape):
    """Memory of that shape that lies in steps in a larger array."""
    whole = np.full(tuple(2 * k + 1 for k in shape), np.nan)
    return whole, whole[tuple(slice(1, None, 2) for _ in shape)]


@pytest.mark.parametrize("jit", [False, True])
@pytest.mark.parametrize("f, args, wrt, shapes", CASES)
def test_values_are_what_they_were(f, args, wrt, shapes, jit):
    df, plain = ad.jacobian(f, wrt, jit=jit, into=True), ad.jacobian(f, wrt, jit=jit)
    before = [np.copy(a) for a in args]
    wanted = plain(*args)
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    places = [between(shape) for shape in shapes]
    for dirt in (np.nan, np.inf):
        for given in ([np.full(shape, dirt) for shape in shapes], [part for _, part in places]):
            assert df(*args, *given) is None
            assert all(map(np.array_equal, given, wanted))
    assert all(np.isnan(whole).sum() == whole.size - part.size for whole, part in places)
    assert all(map(np.array_equal, args, before))


@pytest.mark.parametrize("jit", [False, True])
def test_parts_of_one_block(jit):
    """They lie between each other and have no element in common."""
    df = ad.jacobian(polar, ("x", "w"), jit=jit, into=True)
    block = np.full((2, 4), np.nan)
    df(X, 2.0, block[:, :3], block[:, 3])
    in_x, in_w = ad.jacobian(polar, ("x", "w"))(X, 2.0)
    assert np.allclose(block, np.column_stack((in_x, in_w)), rtol=1e-14, atol=0.0)


WRONG = [np.empty((3, 2)), np.empty((2, 4)), np.empty(6), np.empty((2, 3), np.float32), np.zeros((2, 3), int)]


@pytest.mark.parametrize("wrong", WRONG)
def test_another_form_is_refused(wrong):
    other = np.empty(2)
    with pytest.raises(TypeError, match="x_jac must have the shape of the Jacobian, and its dtype"):
        ad.jacobian(polar, ("x", "w"), into=True)(X, 2.0, wrong, other)
    with pytest.raises((TypeError, UsageError), match="x_jac must "):
        ad.jacobian(polar, ("x", "w"), into=True, jit=True)(X, 2.0, wrong, other)


def test_what_cannot_be_written_is_refused():
    fixed = np.empty((2, 3))
    fixed.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        ad.jacobian(polar, "x", into=True)(X, 2.0, fixed)
    with pytest.raises(UsageError, match="x_jac must be a floating array that can be written"):
        ad.jacobian(polar, "x", into=True, jit=True)(X, 2.0, fixed)


@pytest.mark.parametrize("jit", [False, True])
def test_memory_that_is_read_behind_the_first_write_is_refused(jit):
    df = ad.jacobian(neighbours, into=True, jit=jit)
    memory = np.ones((4, 3))
    with pytest.raises(ValueError, match="neighbours_jacobian: x_jac and x must not share memory"):
        df(memory[1], memory[:3])
    df(memory[3], memory[:3])
    assert np.allclose(memory[:3], ad.jacobian(neighbours)(np.ones(3)), rtol=1e-14, atol=0.0)


def test_memory_of_a_captured_array_is_refused():
    with pytest.raises(ValueError, match="x_jac and SCALES must not share memory"):
        ad.jacobian(neighbours, into=True)(X, np.lib.stride_tricks.as_strided(SCALES, (3, 3), (8, 0)))


def test_memory_that_is_read_before_may_be_written():
    """All of x is read when the first result is written: no guard, and the Jacobian of what x was."""
    df = ad.jacobian(polar, "x", into=True)
    assert "must not share memory" not in df.source
    memory = np.array([[0.5, 1.2, 0.3], [0.0, 0.0, 0.0]])
    df(memory[0], 2.0, memory)
    assert np.array_equal(memory, ad.jacobian(polar, "x")(X, 2.0))


def test_single_precision():
    single = X.astype(np.float32)
    for jit in (False, True):
        df = ad.jacobian(neighbours, into=True, jit=jit)
        found = np.full((3, 3), np.nan, np.float32)
        df(single, found)
        assert np.array_equal(found, ad.jacobian(neighbours, jit=jit)(single))
        with pytest.raises((TypeError, UsageError), match="x_jac must "):
            df(single, np.empty((3, 3)))


def test_compiled_code_calls_it():
    import numba

    df = ad.jacobian(polar, ("x", "w"), jit=True, into=True)

    @numba.njit
    def run(points):
        out = np.empty((len(points), 2, 4))
        for k in range(len(points)):
            df(points[k], 2.0, out[k, :, :3], out[k, :, 3])
        return out

    in_x, in_w = ad.jacobian(polar, ("x", "w"), jit=True)(A[1], 2.0)
    assert np.array_equal(run(A)[1], np.column_stack((in_x, in_w)))


def test_what_fills_nothing_says_so():
    def number(x: float):
        return x * x

    def unknown(x, k):
        return x * k

    for f in (number, unknown):
        with pytest.raises(UsageError, match="cannot fill given arrays"):
            ad.jacobian(f, mode="reverse", into=True)
    for options in ({"workspace": True}, {"mode": "forward"}):
        with pytest.raises(UsageError, match="into=True is for reverse mode without a workspace"):
            ad.jacobian(polar, into=True, **options)
    with pytest.raises(UsageError, match="is a compiled derivative that fills arrays"):
        ad.jacobian(ad.jacobian(polar, jit=True, into=True), jit=True)


def test_the_same_function_again_and_by_pickle():
    df = ad.jacobian(squares, ("x", "A"), into=True)
    assert ad.jacobian(squares, ("x", "A"), into=True) is df and ad.jacobian(squares, ("x", "A")) is not df
    again = pickle.loads(pickle.dumps(ad.jacobian(squares, into=True, jit=True)))
    found = np.empty((2, 3))
    again(X, A, found)
    assert np.allclose(found, 2.0 * A * X, rtol=1e-14, atol=0.0)
