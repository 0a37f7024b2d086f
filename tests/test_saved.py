"""Written modules: complete, exact, the same everywhere, and legal input."""

import importlib.util
import math
import os
import subprocess
import sys
from math import cos
from pathlib import Path

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.emit.constants import constant_lines
from tangent_ad.errors import RefusedError, UsageError
from tangent_ad.saved import module_text

ROOT = Path(__file__).parent.parent

SCALE = 2.0
n = 3
WEIGHTS = np.array([0.5, 1.5, 2.5])
TABLE = np.linspace(0.0, 1.0, 60).reshape(6, 10) / 3.0
SINGLE = np.array([0.1, 0.2], np.float32)
HALF = np.float32(0.1)
BIG = np.zeros(2000)
PAIR = (2, 0.5)


class settings:
    rate = 0.25


def square(x):
    # of one number
    return SCALE * x * x


def swap(x, y=1.5):
    return square(x) * y + cos(x)


def loss(x, y):
    """A loss."""
    # the first term
    t = swap(x) * y  # trailing
    return t + settings.rate * x * PAIR[1] + math.pi


def weighted(x):
    s = 0.0
    for i in range(n):
        s += WEIGHTS[i] * square(x[i])
    return s + np.sum(TABLE)


def newton(a, tol=1e-12):
    x = a
    step = 1.0
    while abs(step) > tol:
        step = (x * x - a) / (2.0 * x)
        x = x - step
    return x


def inplace(u, c):
    for i in range(1, len(u) - 1):
        u[i] += c * (u[i - 1] - 2.0 * u[i] + u[i + 1])
    return np.sum(u * u)


def layers(W, b, x):
    h = np.tanh(x @ W + b)
    return np.mean(h * h)


def single(x):
    return np.sum(x * SINGLE) * HALF


def large(x):
    return np.sum(x * BIG)


RNG = np.random.default_rng(0)
PROGRAMS = [
    (loss, ("x", "y"), (0.3, 1.2)),
    (weighted, "x", (np.array([0.1, 0.2, 0.3]),)),
    (newton, "a", (2.0,)),
    (inplace, ("u", "c"), (RNG.normal(size=5), 0.1)),
    (layers, ("W", "b"), (RNG.normal(size=(3, 2)), RNG.normal(size=2), RNG.normal(size=(4, 3)))),
]
IDS = [f.__name__ for f, _, _ in PROGRAMS]


def imported(text, folder, name="written"):
    """The module, from a file."""
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def leaves(value):
    return [leaf for part in value for leaf in leaves(part)] if isinstance(value, tuple) else [np.asarray(value)]


def with_extra(mode, f, wrt, args):
    """The arguments of a derivative: seeds and tangents of one between them."""
    if mode == "vjp":
        return (0.7, *args)
    if mode not in ("jvp", "hvp"):
        return args
    names = f.__code__.co_varnames
    given = []
    for name, arg in zip(names, args, strict=False):
        given.append(arg)
        if name in (wrt if isinstance(wrt, tuple) else (wrt,)):
            given.append(0.5 * arg)
    return tuple(given)


@pytest.mark.parametrize("mode", ["grad", "value_and_grad", "jvp", "vjp", "hvp", "jacobian", "hessian"])
@pytest.mark.parametrize("f, wrt, args", PROGRAMS, ids=IDS)
def test_same_numbers_as_in_memory(f, wrt, args, mode, tmp_path):
    derived = getattr(ad, mode)(f, wrt=wrt)
    module = imported(module_text(f, wrt, mode), tmp_path)
    given = with_extra(mode, f, wrt, args)
    found, expected = getattr(module, derived.__name__)(*given), derived(*given)
    for a, b in zip(leaves(found), leaves(expected), strict=True):
        assert a.dtype == b.dtype and np.array_equal(a, b)
    copies = [np.copy(a) if isinstance(a, np.ndarray) else a for a in args]
    assert getattr(module, f.__name__)(*copies) == f(*(np.copy(a) if isinstance(a, np.ndarray) else a for a in args))


@pytest.mark.parametrize("f, wrt, args", PROGRAMS, ids=IDS)
def test_imports_only_numpy_and_math(f, wrt, args):
    text = module_text(f, wrt)
    lines = [line for line in text.splitlines() if line.startswith(("import", "from"))]
    assert set(lines) <= {"import math", "import numpy as np"}
    assert "tangent_ad" not in "".join(line for line in text.splitlines() if not line.startswith("#"))
    assert str(ROOT) not in text


def test_the_whole_text():
    def scaled(x, k=2):
        # a closure
        return k * x * rate

    rate = 0.5
    assert module_text(scaled) == (
        f"# grad of {__name__}.test_the_whole_text.<locals>.scaled in x\n"
        "\n"
        "import numpy as np\n"
        "\n"
        "rate = 0.5\n"
        "\n"
        "\n"
        "def scaled(x, k=2):\n"
        "    # a closure\n"
        "    return k * x * rate\n"
        "\n"
        "\n" + "".join(ad.grad(scaled).source.partition("def ")[1:])
    )


def test_ruff_finds_nothing(tmp_path):
    path = tmp_path / "written.py"
    for f, wrt, _ in PROGRAMS:
        path.write_text(module_text(f, wrt, "value_and_grad"))
        command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F,W,I", "--line-length", "120"]
        done = subprocess.run([*command, str(path)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_runs_where_the_package_is_not_installed(tmp_path):
    from tangent_ad.demo.alone import run_alone

    path = tmp_path / "written.py"
    f, wrt, args = PROGRAMS[-1]
    path.write_text(module_text(f, wrt))
    derived = ad.grad(f, wrt=wrt)
    for a, b in zip(run_alone(path, derived.__name__, args), derived(*args), strict=True):
        assert np.array_equal(a, b)


def test_the_same_bytes_for_every_hash_seed():
    code = "import sys; from tests.test_saved import *; sys.stdout.write(module_text(loss, ('x', 'y')))"
    texts = set()
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=env)
        assert done.returncode == 0, done.stderr
        texts.add(done.stdout)
    assert len(texts) == 1


@pytest.mark.parametrize("f, wrt, args", PROGRAMS, ids=IDS)
def test_written_modules_are_legal_input(f, wrt, args, tmp_path):
    """Helpers that stand in the text are known by what they do; the derivative of the derivative is the Hessian's."""
    wrt = wrt if isinstance(wrt, str) else wrt[0]
    module = imported(module_text(f, wrt), tmp_path, "again")
    name = ad.grad(f, wrt=wrt).__name__
    second = ad.jvp(getattr(module, name), wrt=wrt)
    given = with_extra("jvp", f, wrt, args)
    expected = ad.hvp(f, wrt=wrt)(*given)
    np.testing.assert_allclose(second(*given)[1], expected, rtol=1e-12, atol=1e-13)
    third = imported(module_text(getattr(module, name), wrt, "jvp"), tmp_path, "third")
    np.testing.assert_allclose(getattr(third, f"{name}_jvp")(*given)[1], expected, rtol=1e-12, atol=1e-13)


def test_functions_and_constants_of_one_name(tmp_path):
    """Callees from two places that share names, and a constant that is called like a local variable."""

    def outer(k):
        def inner(x):
            n = 2.0 * x
            return n * k

        return inner

    inner = outer(3.0)

    def other(x):
        return inner(x) + n * x + first(x)

    first = outer(5.0)
    text = module_text(other)
    module = imported(text, tmp_path)
    assert module.other(2.0) == other(2.0) == 38.0
    assert module.other_grad(2.0) == ad.grad(other)(2.0) == 19.0
    assert "def inner(" in text and "def inner2(" in text and "\nk = " in text and "\nk2 = " in text


def test_values_are_frozen(tmp_path, monkeypatch):
    module = imported(module_text(square), tmp_path)
    monkeypatch.setattr(sys.modules[__name__], "SCALE", 7.0)
    assert module.square_grad(1.5) == 6.0


def test_single_precision_stays(tmp_path):
    x = np.array([1.5, 2.5], np.float32)
    found = imported(module_text(single), tmp_path).single_grad(x)
    assert found.dtype == np.float32 and np.array_equal(found, ad.grad(single)(x))


def test_stop_gradient_is_its_argument(tmp_path):
    def f(x):
        return x * ad.stop_gradient(x)

    text = module_text(f)
    assert "stop_gradient" not in text.replace("test_stop_gradient", "")
    assert imported(text, tmp_path).f_grad(3.0) == 3.0


def test_derivatives_inside_a_function(tmp_path):
    def inner(y, x):
        return x * y * y

    def f(x):
        return x * ad.grad(inner)(2.0, x)

    module = imported(module_text(f), tmp_path)
    assert module.f(1.5) == f(1.5) == 9.0
    assert module.f_grad(1.5) == ad.grad(f)(1.5) == 12.0


@pytest.mark.parametrize(
    "value",
    [
        0.1,
        -0.0,
        1e300,
        7,
        True,
        None,
        "it's",
        (1, (2.5, "a")),
        (3,),
        math.inf,
        np.float32(0.1),
        np.float64("nan"),
        np.bool_(True),
        np.dtype("float32"),
        np.array(2.5),
        np.array([]),
        np.zeros((0, 3), np.int32),
        np.array([True, False]),
        np.array([[1, 2], [3, 4]], np.uint8),
        np.array([math.nan, -math.inf, -0.0]),
        np.float32([0.1, 1e-30]),
        TABLE,
        TABLE.T,
        TABLE.astype(">f8"),
    ],
    ids=lambda v: f"{type(v).__name__}",
)
def test_constants_are_exact(value):
    text = "\n".join(constant_lines("value", value))
    scope = {"np": np}
    exec(text, scope)
    found = scope["value"]
    assert type(found) is type(value)
    assert max(map(len, text.splitlines())) <= 120
    if isinstance(value, np.ndarray):
        assert found.dtype == value.dtype.newbyteorder("=") and found.shape == value.shape
        assert found.tobytes() == np.ascontiguousarray(value).astype(found.dtype).tobytes() or np.isnan(value).any()
    else:
        assert repr(found) == repr(value)


@pytest.mark.parametrize(
    "value, kind", [([1.0], "a list"), ({}, "a dict"), (1j, "a complex"), (np.array(["a"]), "<U1")]
)
def test_constants_that_cannot_be_written(value, kind):
    with pytest.raises(RefusedError, match=kind):
        constant_lines("value", value)


def test_large_arrays_are_refused():
    with pytest.raises(RefusedError, match=r"`BIG` has 2000 elements.*\n.*pass `BIG` as an argument"):
        module_text(large)


def test_wrong_usage():
    with pytest.raises(UsageError, match="mode='tangent'"):
        module_text(loss, mode="tangent")
    with pytest.raises(UsageError, match="no parameter `q`"):
        module_text(loss, "q")


def stepped(out, y, h):
    out[0] = y[0] + h * y[1]
    out[1] = y[1] - h * np.sin(y[0])


def trajectory(y: "Float[np.ndarray, 'n']", h: float, n: int):
    states = np.zeros((n + 1, 2))
    states[0] = y
    for i in range(n):
        stepped(states[i + 1], states[i], h)
    return np.sum(states[:, 0] ** 2)


@pytest.mark.parametrize("jit", [False, True])
def test_a_callee_that_returns_nothing(jit, tmp_path):
    """It is called for what it writes, and stands in the module beside the function."""
    path = tmp_path / "written.py"
    path.write_text(module_text(trajectory, "y", jit=jit))
    spec = importlib.util.spec_from_file_location("written", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    y = np.array([0.3, 1.2])
    np.testing.assert_allclose(module.trajectory_grad(y, 0.1, 5), ad.grad(trajectory)(y, 0.1, 5), rtol=1e-12)
    np.testing.assert_allclose(module.trajectory(y, 0.1, 5), trajectory(y, 0.1, 5), rtol=1e-12)
