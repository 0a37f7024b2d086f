"""Every derivative as functions of one module: which they are, their names, headers and docstrings, what they read."""

from __future__ import annotations

import inspect
import types
from dataclasses import replace

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.core import nodes as n
from tangent_ad.derived import Derived, build, derived_name, doc_of
from tangent_ad.errors import InternalError, RefusedError, UsageError
from tangent_ad.frontend.read import read_function
from tangent_ad.pipeline import Request

MODES = ("grad", "value_and_grad", "jvp", "vjp", "hvp", "jacobian", "hessian")
GAIN = 2.0


def f(x: float, w: float = 1.5):
    return np.sin(x * w) * GAIN


def long(y, n):
    s = 0.0
    for i in range(n):
        s = s + np.sin(y * i)
        s = s * 0.5
    return s * s


def calls_long(x: float, n: int):
    a = long(x, n)
    return a * long(a, n) * x


def array_of(x):
    y = x * x
    y[0] = x[1] * y[1]
    return y


def made(function, mode: str, wrt: tuple[str, ...] = ("x",), **options) -> Derived:
    fn = read_function(function)
    return build(function, Request(mode, wrt, len(wrt) == 1, **options), derived_name(fn, mode, wrt))


@pytest.mark.parametrize("mode", MODES)
def test_the_asked_function_is_the_last(mode: str) -> None:
    derived = made(f, mode)
    assert derived.name == f"f_{mode}" == derived.functions[-1].name
    assert derived.text().startswith(f"# {mode} of {__name__}.f in x\n")
    assert derived.text() == made(f, mode).text()
    assert isinstance(derived.load(), types.FunctionType) and derived.load().__name__ == derived.name


def test_values_of_all_modes() -> None:
    x, w = 0.4, 1.5
    slope, bend = GAIN * w * np.cos(x * w), -GAIN * w * w * np.sin(x * w)
    value = f(x)
    expected = {
        "grad": slope,
        "value_and_grad": (value, slope),
        "jvp": (value, slope),
        "vjp": (value, slope),
        "hvp": bend,
        "jacobian": slope,
        "hessian": bend,
    }
    for mode, exact in expected.items():
        args = {"jvp": (x, 1.0), "hvp": (x, 1.0), "vjp": (1.0, x)}.get(mode, (x,))
        np.testing.assert_allclose(made(f, mode).load()(*args), exact, rtol=1e-14)


def test_names() -> None:
    fn = read_function(f)
    assert derived_name(fn, "grad", ("x",)) == "f_grad"
    assert derived_name(fn, "grad", ("w",)) == "f_grad_w"
    assert derived_name(fn, "vjp", ("w", "x")) == "f_vjp_w_x"
    assert derived_name(fn, "jacobian-reverse", ("x",)) == "f_jacobian"
    table = {"square": lambda x: x * x}
    assert ad.grad(table["square"]).__name__ == "fn_grad", "a lambda has no name"


def test_names_that_the_program_uses_are_not_taken() -> None:
    def g(g_vjp, g_jvp):
        g_hvp = g_vjp * g_jvp
        return g_hvp * g_vjp

    assert ad.hessian(g)(2.0, 3.0) == 6.0
    rows = ad.hessian(g, wrt=(0, 1))(2.0, 3.0)
    assert rows == ((6.0, 4.0), (4.0, 0.0))
    assert ad.jacobian(g, wrt=(0, 1), mode="forward")(2.0, 3.0) == (12.0, 4.0)


def test_what_stays_a_call_is_in_the_same_module_ahead_of_it() -> None:
    derived = made(calls_long, "grad")
    names = [fn.name for fn in derived.functions]
    assert len(names) == len(set(names)) > 1 and names[-1] == "calls_long_grad"
    text = derived.text()
    assert all(text.index(f"def {name}(") < text.index("def calls_long_grad(") for name in names[:-1])
    joint, inlined = derived.load(), made(calls_long, "grad", joint=False)
    assert len(inlined.functions) == 1
    np.testing.assert_allclose(joint(0.4, 5), inlined.load()(0.4, 5), rtol=1e-13)


def test_names_are_read_live() -> None:
    global GAIN
    grad = made(f, "grad").load()
    before = grad(0.4)
    try:
        GAIN = 6.0
        assert grad(0.4) == pytest.approx(3.0 * before)
    finally:
        GAIN = 2.0
    assert grad(0.4) == before


def test_a_workspace_brings_its_allocator() -> None:
    derived = made(calls_long, "grad", workspace=True)
    loaded = derived.load()
    assert callable(loaded.workspace) and loaded.workspace.__name__ in [fn.name for fn in derived.functions]
    assert not hasattr(made(calls_long, "grad").load(), "workspace")


def test_docstrings() -> None:
    fn = read_function(f)

    def doc(mode: str, wrt: tuple[str, ...], bare: bool) -> str:
        return doc_of(fn, Request(mode, wrt, bare))

    assert doc("grad", ("x",), True) == "The gradient of `f` in `x`.\n\nReturns: the derivative in `x`, in its shape."
    assert doc("grad", ("x",), False).endswith("Returns: (the derivative in `x`, in its shape,).")
    assert doc("vjp", ("x", "w"), False).endswith(
        "Returns: (value, (the adjoint of `x`, in its shape; the adjoint of `w`, in its shape))."
    )
    assert doc("jacobian-reverse", ("w",), True).startswith("The Jacobian of `f` in `w`.")
    assert "x.shape + x.shape" in doc("hessian", ("x",), True)
    for mode in MODES:
        assert inspect.getdoc(made(f, mode).load()) == doc(mode, ("x",), True)


def test_what_no_mode_can_do() -> None:
    def several(x, *rest):
        return x

    def counting(x, n: int, m: bool):
        return x * n * m

    with pytest.raises(RefusedError, match=r"takes `\*rest`"):
        made(several, "jvp")
    for name, kind in (("n", "int"), ("m", "bool")):
        with pytest.raises(UsageError, match=f"`{name}` of `counting` is annotated as {kind}"):
            made(counting, "grad", (name,))

    def pair(x):
        return x, x * x

    for mode in ("jacobian", "jacobian-forward", "jacobian-reverse"):
        with pytest.raises(UsageError, match="returns a tuple: `jacobian` needs one number or array"):
            made(pair, mode)


def test_a_jacobian_goes_forward_in_numbers_and_in_reverse_in_arrays() -> None:
    assert "_jvp" in made(f, "jacobian").text()
    text = made(array_of, "jacobian").text()
    assert "_jvp" not in text and "# backward" in text
    assert "_jvp" in made(array_of, "jacobian-forward").text()


def test_one_spelling_means_one_thing() -> None:
    derived = made(f, "grad")
    other = types.FunctionType(f.__code__, {"np": np, "GAIN": 3.0}, "f")
    twice = [n.External("GAIN", owner, "GAIN") for owner in (f, other)]
    last = derived.functions[-1]
    with pytest.raises(InternalError, match="`GAIN` would mean two things"):
        _ = replace(derived, functions=(replace(last, externals=tuple(twice)),)).externals


def test_the_guards_of_a_second_derivative_name_it() -> None:
    def cube(x):
        return x * x * x

    with pytest.raises(TypeError, match=r"^cube_hvp: x must be a number"):
        ad.hvp(cube)(np.ones(2), 1.0)
