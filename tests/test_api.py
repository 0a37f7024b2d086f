"""The public functions: signatures, `wrt`, what is refused, what the results look like."""

from __future__ import annotations

import inspect
import traceback

import numpy as np
import pytest

import tangent_ad as ad

X = np.array([0.3, 0.9, 1.4])


def poly(x, y=2.0, *, k=3.0):
    """The user's own words."""
    return x * x * y * k


def total(x, n=2):
    return np.sum(x**n)


def scaled(x, a=2.0):
    return np.sin(x) * a


def squeezed(x):
    return np.squeeze(x) * 2.0


def chosen(x):
    return np.where(x > 0.0, x, -x)


def two_results(x):
    return x, x * x


def with_varargs(x, *xs):
    return x * xs[0]


def annotated(x: float, n: int):
    return x * n


def written(u):
    u[0] = u[0] * u[1]
    return np.sum(u * u)


def first_row(x):
    for i in range(x.shape[0]):
        row = x[i]
        row[0] = row[0] * row[1]
    return np.sum(x)


def test_wrt_is_a_position_a_name_or_a_tuple():
    assert ad.grad(poly)(1.5) == 18.0
    assert ad.grad(poly, wrt="y")(1.5) == 6.75
    assert ad.grad(poly, wrt=-1)(1.5) == 4.5
    assert ad.grad(poly, wrt=("x",))(1.5) == (18.0,)
    assert ad.grad(poly, wrt=("k", 0))(1.5) == (4.5, 18.0)
    assert ad.value_and_grad(poly, wrt=("x", "y"))(1.5, k=1.0) == (4.5, (6.0, 2.25))
    assert ad.vjp(poly, wrt=("x",))(2.0, 1.5) == (13.5, (36.0,))


@pytest.mark.parametrize("wrt", ["z", 3, -4, True, 1.5, (), ("x", "x"), ("x", 0), None])
def test_a_wrong_wrt(wrt):
    with pytest.raises(ad.UsageError):
        ad.grad(poly, wrt=wrt)


@pytest.mark.parametrize(
    ("wrt", "said"),
    [
        (3, "wrt=3: `poly` has 3 parameters: x, y, k"),
        (["x"], "wrt=['x']: it must be the position or the name of a parameter, or a tuple of them"),
        (None, "wrt=None: it must be the position or the name of a parameter, or a tuple of them"),
    ],
)
def test_what_a_wrong_wrt_is_told(wrt, said):
    with pytest.raises(ad.UsageError) as caught:
        ad.grad(poly, wrt=wrt)
    assert str(caught.value) == said


def test_a_numpy_integer_is_a_position():
    assert [ad.grad(poly, wrt=k)(1.5) for k in np.arange(2)] == [18.0, 6.75]


def test_a_function_without_parameters():
    def constant():
        return 1.0

    with pytest.raises(ad.UsageError, match=r"^wrt=0: `constant` has no parameters$"):
        ad.grad(constant)


def test_signatures():
    assert str(inspect.signature(ad.grad(poly))) == "(x, y=2.0, *, k=3.0)"
    assert str(inspect.signature(ad.vjp(poly))) == "(out_bar, x, y=2.0, *, k=3.0)"
    everything = ad.jvp(poly, wrt=("x", "y", "k"))
    assert str(inspect.signature(everything)) == "(x, x_dot, y=2.0, y_dot=0.0, *, k=3.0, k_dot=0.0)"
    assert everything(1.5, 1.0) == (13.5, 18.0)
    assert everything(1.5, 1.0, k=1.0, k_dot=2.0) == (4.5, 6.0 + 9.0)
    assert str(inspect.signature(ad.hvp(total))) == "(x, x_dot, n=2)"


def test_the_result_is_a_function():
    made = ad.grad(poly, wrt="y")
    assert inspect.isfunction(made)
    assert made.__name__ == "poly_grad_y"
    assert made.__doc__.startswith("The gradient of `poly` in `y`.")
    assert inspect.getsource(made) in made.source
    assert made.__module__ == f"tangent_ad.generated.{__name__}.poly.grad_y"
    assert not hasattr(made, "__wrapped__")
    assert ad.grad(poly, wrt="y") is made
    with pytest.raises(TypeError) as caught:
        made("text")
    assert "poly_grad_y" in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("mode", ["grad", "value_and_grad", "jvp", "vjp", "jacobian", "hessian", "hvp"])
def test_every_derivative_says_what_it_is(mode):
    made = getattr(ad, mode)(total)
    assert "`total` in `x`" in made.__doc__.replace("tangent, given tangents of", "in") or "`total`" in made.__doc__
    assert "Returns: " in made.__doc__
    assert made.source.startswith(f"# {mode} of {__name__}.total in x")
    assert getattr(ad, mode).__doc__.count(">>>") > 1


def test_a_python_int_stands_for_its_float():
    assert ad.grad(poly)(2) == 24.0
    assert isinstance(ad.grad(poly)(2), float)
    assert ad.hessian(total)(3) == pytest.approx(2.0)


@pytest.mark.parametrize("mode", [ad.grad, ad.value_and_grad, ad.jacobian, ad.hessian])
def test_an_integer_array_is_an_error(mode):
    with pytest.raises(TypeError, match="x must be"):
        mode(total)(np.arange(3))


def test_an_integer_array_is_an_error_in_jvp_and_vjp():
    with pytest.raises(TypeError, match="scaled_jvp: x must be a number or a floating array"):
        ad.jvp(scaled)(np.arange(3), np.ones(3))
    with pytest.raises(TypeError, match="scaled_vjp: x must be a number or a floating array"):
        ad.vjp(scaled)(1.0, np.arange(3))


def test_an_integer_parameter_has_no_derivative():
    with pytest.raises(ad.UsageError, match="annotated as int"):
        ad.grad(annotated, wrt="n")
    assert ad.grad(annotated)(2.0, 3) == 3.0


@pytest.mark.parametrize("mode", [ad.grad, ad.value_and_grad])
@pytest.mark.parametrize("f", [scaled, squeezed, chosen])
def test_the_gradient_of_an_array_names_vjp_and_jacobian(mode, f):
    """Refused at the call where the kind is not known before."""
    with pytest.raises(TypeError, match="`vjp` or `jacobian`"):
        mode(f)(X)
    assert mode(f)(0.5) is not None


def test_the_gradient_of_a_tuple():
    with pytest.raises(ad.UsageError, match="`vjp` or `jacobian`"):
        ad.grad(two_results)
    with pytest.raises(ad.UsageError, match="tuple"):
        ad.jacobian(two_results)


def test_a_tangent_has_the_shape_of_its_value():
    with pytest.raises(TypeError, match="x_dot must have the shape of x"):
        ad.jvp(total)(X, 1.0)
    with pytest.raises(TypeError, match="x_dot must be a floating array"):
        ad.jvp(first_row)(np.ones((2, 2)), np.eye(2, dtype=int))


def test_varargs_are_refused():
    with pytest.raises(ad.RefusedError, match=r"`\*xs`"):
        ad.grad(with_varargs)


def test_arguments_are_not_changed():
    for mode, args in ((ad.grad, ()), (ad.hessian, ()), (ad.jacobian, ()), (ad.hvp, (np.ones(3),))):
        x = X.copy()
        mode(written)(x, *args)
        np.testing.assert_array_equal(x, X)


def test_jacobian():
    expected = np.diag(2.0 * np.cos(X))
    for mode in (None, "forward", "reverse"):
        np.testing.assert_allclose(ad.jacobian(scaled, mode=mode)(X), expected)
    in_x, in_a = ad.jacobian(scaled, wrt=("x", "a"))(X)
    np.testing.assert_allclose(in_x, expected)
    np.testing.assert_allclose(in_a, np.sin(X))
    np.testing.assert_allclose(ad.jacobian(scaled, wrt="a", mode="forward")(X), np.sin(X))
    assert ad.jacobian(scaled)(0.5) == pytest.approx(2.0 * np.cos(0.5))
    np.testing.assert_allclose(ad.jacobian(total)(X), 2.0 * X)
    with pytest.raises(ad.UsageError):
        ad.jacobian(scaled, mode="both")


def matrix_times(A, x):
    return A @ x


def test_shapes_of_jacobians():
    A, B = np.arange(6.0).reshape(2, 3), np.ones((3, 4))
    in_a, in_b = ad.jacobian(matrix_times, wrt=("A", "x"))(A, B)
    assert in_a.shape == (2, 4, 2, 3)
    assert in_b.shape == (2, 4, 3, 4)
    np.testing.assert_allclose(np.einsum("ijkl,kl->ij", in_b, B), A @ B)


def energy(x, y):
    return np.sum(x**3) * y + np.sum(x) * y**2


def test_hessian_and_product():
    np.testing.assert_allclose(ad.hessian(total)(X, n=3), np.diag(6.0 * X))
    (xx, xy), (yx, yy) = ad.hessian(energy, wrt=("x", "y"))(X, 2.0)
    np.testing.assert_allclose(xx, np.diag(12.0 * X))
    np.testing.assert_allclose(xy, 3.0 * X**2 + 4.0)
    np.testing.assert_allclose(yx, xy)
    assert yy == pytest.approx(2.0 * np.sum(X))
    v = np.array([1.0, -1.0, 2.0])
    np.testing.assert_allclose(ad.hvp(energy)(X, v, 2.0), xx @ v)
    px, py = ad.hvp(energy, wrt=("x", "y"))(X, v, 2.0, 1.0)
    np.testing.assert_allclose(px, xx @ v + xy)
    assert py == pytest.approx(yx @ v + yy)


def test_float32_stays():
    x = X.astype(np.float32)
    for made in (ad.grad(total), ad.hessian(total), ad.jacobian(scaled), ad.jacobian(scaled, mode="forward")):
        assert made(x).dtype == np.float32


def test_scipy_takes_the_product():
    optimize = pytest.importorskip("scipy.optimize")

    def bowl(x):
        return np.sum((x - 1.0) ** 4 + (x - 1.0) ** 2)

    found = optimize.minimize(bowl, X, jac=ad.grad(bowl), hessp=ad.hvp(bowl), method="trust-ncg")
    np.testing.assert_allclose(found.x, 1.0, atol=1e-6)


def test_explain():
    text = ad.explain(poly, "hvp")
    assert text.startswith("# 1. read: ")
    assert text.count("\n# ") + 1 == 11 and text.count("storage: ") == 2
    for mode in ("grad", "value_and_grad", "jvp", "vjp", "jacobian", "hessian"):
        assert f"def total_{mode}(" in ad.explain(total, mode)
    with pytest.raises(ad.UsageError):
        ad.explain(poly, "gradient")
