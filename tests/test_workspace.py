"""`workspace=True`: what a derivative keeps lies in memory that the caller gives; values are what they were without."""

import inspect
import pickle
import subprocess
import sys
import types

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.cli import main
from tangent_ad.errors import UsageError
from tangent_ad.generated import function_of
from tangent_ad.saved import module_text

WEIGHTS = np.array([0.3, -0.2, 0.5])
workspace = np.array([2.0, 3.0])  # a captured array that is called like the parameter


def simulate(x, r, n):
    for _ in range(n):
        x = r * x * (1.0 - x)
    return x


def smooth(u, c, sweeps):
    for _ in range(sweeps):
        for i in range(1, len(u) - 1):
            u[i] = u[i] + c * u[i] * (u[i - 1] - 2.0 * u[i] + u[i + 1])
    return np.sum(u * u)


def in_turn(x, n, m):
    """Two loops; the length of the second is known between them."""
    for _ in range(n):
        x = x * x - 0.1
    k = m + n
    x = 2.0 * x
    for _ in range(k):
        x = np.sin(x) * x
    return x


def until_then(x, n):
    """The length of the second loop is a result of the first."""
    k = 0
    for _ in range(n):
        x = x * x - 0.1
        if x > 0.0:
            k = k + 1
    for _ in range(k):
        x = np.sin(x) * x
    return x


def captured(x, n):
    for k in range(n):
        x = x * x * WEIGHTS[k % 3] + workspace[k % 2]
        x = np.sin(x)
    return x


def taken_name(x, workspace, n=3):
    for _ in range(n):
        x = x * x * workspace
    return x


def buffers(x, steps):
    """Arrays of the function's own, exchanged; one of them is returned through a view."""
    n = len(x)
    u = np.empty(n)
    v = np.empty(n)
    for i in range(n):
        u[i] = x[i] * x[i]
        v[i] = 0.0
    for _ in range(steps):
        for i in range(n):
            v[i] = u[i] * u[n - 1 - i]
        u, v = v, u
    return u[1:]


def kept_rows(x, n):
    """The value is read off a tape's array."""
    rows = np.empty((n, 2))
    for k in range(n):
        rows[k, 0] = x * x
        rows[k, 1] = x
        x = np.sin(x) + rows[k, 0]
    return rows[n - 1]


def mixed(x, n, flag):
    """A branch is kept as a bool, a count as an int."""
    k = 0
    for i in range(n):
        if x > 0.5:
            x = x * x
            k = k + i
        else:
            x = x + 0.3
        x = x * (1.0 + 0.01 * k)
    return x


def pair(state, n):
    a, b = state[0], state[1]
    for _ in range(n):
        a = a * b
        b = np.sin(a)
    return a * b


LINE = np.linspace(0.1, 1.2, 6)
CASES = [
    (simulate, (0.3, 2.1, 7)),
    (simulate, (0.3, 2.1, 0)),
    (simulate, (0.3, 2.1, -4)),
    (smooth, (LINE, 0.1, 4)),
    (smooth, (LINE[:2], 0.1, 4)),
    (smooth, (LINE[:0], 0.1, 4)),
    (smooth, (LINE[::2], 0.1, 3)),
    (in_turn, (0.4, 3, 2)),
    (until_then, (0.9, 5)),
    (captured, (0.4, 5)),
    (taken_name, (0.4, 1.5)),
    (taken_name, (0.4, 1.5, 6)),
    (mixed, (0.2, 9, True)),
    (pair, (LINE, 4)),
]
VECTORS = [(buffers, (LINE, 3)), (buffers, (LINE, 0)), (kept_rows, (0.4, 3))]


def seeded(f, args, mode):
    """The arguments of a derivative."""
    if mode == "vjp":
        value = f(*(a.copy() if isinstance(a, np.ndarray) else a for a in args))
        return (np.ones_like(value) if np.ndim(value) else 1.0, *args)
    return (args[0], args[0] * 0.5, *args[1:]) if mode == "hvp" else args


def flat(found):
    return [np.asarray(part) for part in found] if isinstance(found, tuple) else [np.asarray(found)]


def with_space(df, args, space):
    """A call with the workspace by name, as it stands in different places."""
    names = [p for p in inspect.signature(df).parameters]
    position = next(k for k, p in enumerate(names) if p in ("workspace2", "workspace"))
    if "workspace2" in names:
        position = names.index("workspace2")
    return df(*args[:position], space, *args[position:])


def agree(f, args, mode, jit=False, exact=True):
    plain = getattr(ad, mode)(f, jit=jit)
    df = getattr(ad, mode)(f, jit=jit, workspace=True)
    given = seeded(f, args, mode)
    before = [a.copy() if isinstance(a, np.ndarray) else a for a in given]
    space = ad.workspace(df, *given)
    assert space.dtype == np.float64 and space.ndim == 1
    wanted = flat(plain(*given))
    for dirt in (np.nan, 1e300, np.inf):  # whatever it holds, and also a larger one
        for memory in (space, np.empty(space.size + 3)):
            memory[:] = dirt
            found = flat(with_space(df, given, memory))
            assert all(map(np.array_equal, found, wanted)), (found, wanted)
            assert not any(np.may_share_memory(part, memory) for part in found)
            kept = [part.copy() for part in found]
            memory[:] = 7.0
            assert all(map(np.array_equal, found, kept))
    assert all(np.array_equal(a, b) for a, b in zip(given, before, strict=True))
    return df, given, space


@pytest.mark.parametrize("mode", ["grad", "value_and_grad", "vjp", "hvp"])
@pytest.mark.parametrize("f, args", CASES, ids=lambda x: getattr(x, "__name__", None))
def test_values_are_what_they_were(f, args, mode):
    agree(f, args, mode)


@pytest.mark.parametrize("mode", ["vjp", "jacobian"])
@pytest.mark.parametrize("f, args", VECTORS, ids=lambda x: getattr(x, "__name__", None))
def test_results_that_are_arrays_share_no_memory_with_it(f, args, mode):
    agree(f, args, mode)


@pytest.mark.parametrize("f, args, mode", [(smooth, CASES[3][1], "value_and_grad"), (buffers, (LINE, 3), "vjp")])
def test_compiled(f, args, mode):
    df, _, space = agree(f, args, mode, jit=True)
    assert "workspace[" in df.source and space.size


def test_too_small_says_how_many_elements_are_needed():
    df = ad.grad(smooth, workspace=True)
    space = ad.workspace(df, LINE, 0.1, 4)
    assert space.size == 2 * 4 * 4
    with pytest.raises(ValueError, match="smooth_grad: workspace has 31 elements and needs 32"):
        df(LINE, 0.1, 4, space[1:])
    compiled = MADE[True]
    with pytest.raises(ValueError) as error:
        compiled(LINE, 0.1, 4, space[1:])
    assert error.value.args == ("smooth_grad: workspace has too few elements (given, needed)", 31, 32)


TWICE = np.lib.stride_tricks.as_strided(np.empty(1), (99,), (0,))
MADE = {jit: ad.grad(smooth, workspace=True, jit=jit) for jit in (False, True)}
WRONG = [
    np.empty((9, 9)),
    np.zeros(99, int),
    np.empty(99, np.float32),
    np.empty(198)[::2],
    TWICE,
    3.0,
    [1.0] * 99,
    None,
]


@pytest.mark.parametrize("wrong", WRONG, ids=["2-d", "int", "float32", "strided", "one", "number", "list", "none"])
def test_another_form_is_refused(wrong):
    text = "smooth_grad: workspace must be a 1-d contiguous float64 array"
    with pytest.raises(TypeError, match=text):
        MADE[False](LINE, 0.1, 4, wrong)
    with pytest.raises(UsageError, match=text):
        MADE[True](LINE, 0.1, 4, wrong)


@pytest.mark.parametrize("jit", [False, True])
def test_memory_of_an_argument_is_refused(jit):
    df = MADE[jit]
    memory = np.linspace(0.0, 1.0, 99)
    with pytest.raises(ValueError, match="smooth_grad: workspace and u must not share memory"):
        df(memory[3:9], 0.1, 4, memory)


def test_memory_of_the_seed_and_of_a_captured_array_is_refused():
    df = ad.vjp(buffers, workspace=True)
    memory = np.ones(99)
    with pytest.raises(ValueError, match="workspace and out_bar must not share memory"):
        df(memory[:5], LINE, 3, memory)
    with pytest.raises(ValueError, match="workspace2 and workspace must not share memory"):
        ad.grad(captured, workspace=True)(0.4, 2, workspace)


def damp(u, c, sweeps):
    for _ in range(sweeps):
        u = np.sin(u) * c
    return np.sum(u)


def by_parts(x, tables, n):
    A, B = tables
    for _ in range(n):
        x = np.sin(x) * A[0] + B[1]
    return x


@pytest.mark.parametrize("jit", [False, True])
def test_memory_of_an_array_in_a_tuple_is_refused(jit):
    df = ad.grad(by_parts, workspace=True, jit=jit)
    memory = np.ones(20)
    away = (np.ones(3), np.ones(3))
    assert df(0.3, away, 4, memory.copy()) == ad.grad(by_parts)(0.3, away, 4)
    for tables in ((memory[:3], away[1]), (away[0], memory[9:12])):
        with pytest.raises(ValueError, match="workspace and tables must not share memory"):
            df(0.3, tables, 4, memory)


def test_seeds_of_any_form():
    def both(x: float, n: int):
        t = np.sin(x)
        for _ in range(n):
            x = x * np.sin(x)
        return x, t

    df = ad.vjp(both, workspace=True)
    memory = np.full(50, np.nan)
    assert df((1.0, 2.0), 0.7, 3, memory) == ad.vjp(both)((1.0, 2.0), 0.7, 3)
    for part in (memory[:1].reshape(()), memory[2:3].reshape(())):
        for seed in ((1.0, part), (part, 1.0), [part, 1.0]):
            with pytest.raises(ValueError, match="workspace and out_bar must not share memory"):
                df(seed, 0.7, 3, memory)


def test_arrays_of_another_dtype_stay_where_they_are():
    df = ad.grad(damp, workspace=True, jit=True)
    single = LINE.astype(np.float32)
    assert ad.workspace(df, LINE, 0.5, 3).size >= 3 * 6 and ad.workspace(df, single, 0.5, 3).size == 0
    plain = ad.grad(damp, jit=True)
    for u in (LINE, single):
        memory = ad.workspace(df, u, 0.5, 3)
        memory[:] = np.nan
        found = df(u, 0.5, 3, memory)
        assert found.dtype == u.dtype and np.array_equal(found, plain(u, 0.5, 3))


def test_lists_stay_where_they_are():
    assert "append" in ad.grad(damp, workspace=True).source


def test_the_parameter_stands_before_those_with_a_default():
    df = ad.grad(taken_name, workspace=True)
    assert list(inspect.signature(df).parameters) == ["x", "workspace", "workspace2", "n"]
    assert ad.workspace(df, 0.4, 1.5).size == 3 and ad.workspace(df, 0.4, 1.5, n=5).size == 5
    assert df(0.4, 1.5, n=5, workspace2=np.empty(5)) == ad.grad(taken_name)(0.4, 1.5, 5)


def test_lengths_that_are_known_later_move_and_those_that_come_of_loops_stay():
    df = ad.grad(in_turn, workspace=True)
    assert "np.empty" not in df.source.split("def in_turn_grad(")[1] and ad.workspace(df, 0.4, 3, 2).size >= 8
    df = ad.grad(until_then, workspace=True)
    body = df.source.split("def until_then_grad(")[1]
    assert "workspace[0:" in body and "np.empty(" in body


def test_what_keeps_nothing_takes_any_workspace():
    def area(x, y):
        return x * y

    df = ad.grad(area, workspace=True)
    assert ad.workspace(df, 2.0, 3.0).size == 0 and df(2.0, 3.0, np.empty(0)) == 3.0


def test_what_takes_no_workspace_says_so():
    with pytest.raises(UsageError, match="`simulate_grad` takes no workspace: make it with workspace=True"):
        ad.workspace(ad.grad(simulate), 0.3, 2.0, 4)
    with pytest.raises(UsageError, match="forward mode keeps nothing"):
        ad.jacobian(simulate, mode="forward", workspace=True)
    with pytest.raises(UsageError, match="takes no workspace; grad, value_and_grad, vjp, hvp, jacobian do"):
        module_text(simulate, mode="jvp", workspace=True)
    with pytest.raises(UsageError, match="takes no workspace; grad"):
        ad.explain(simulate, mode="hessian", workspace=True)


def test_compiled_code_calls_it():
    import numba

    df = ad.grad(simulate, jit=True, workspace=True)
    allocate = df.workspace

    @numba.njit
    def run(count):
        memory = allocate(0.3, 2.1, 7)
        total = 0.0
        for k in range(count):
            total += df(0.1 * k, 2.1, 7 - k, memory)
        return total

    plain = ad.grad(simulate)
    assert run(4) == pytest.approx(sum(plain(0.1 * k, 2.1, 7 - k) for k in range(4)), rel=1e-14)


def test_derivatives_of_it():
    """In plain Python the workspace is a parameter as others are; what cannot be right is refused."""
    df = ad.grad(simulate, workspace=True)
    second = ad.grad(df)
    memory = np.full(7, np.nan)
    assert second(0.3, 2.1, 7, memory) == pytest.approx(ad.grad(ad.grad(simulate))(0.3, 2.1, 7), rel=1e-13)
    assert np.isnan(memory).all()
    with pytest.raises(UsageError, match="is a compiled derivative with a workspace"):
        ad.grad(ad.grad(simulate, workspace=True, jit=True), jit=True)


def test_the_same_function_again_and_by_pickle():
    from tangent_ad.demo.mixture import negative_log_likelihood

    df = ad.grad(negative_log_likelihood, workspace=True)
    assert ad.grad(negative_log_likelihood, workspace=True) is df
    assert ad.grad(negative_log_likelihood) is not df
    assert df.__module__.endswith("negative_log_likelihood.grad+workspace_weights") or "+workspace_" in df.__module__
    assert pickle.loads(pickle.dumps(df)) is df and pickle.loads(pickle.dumps(df.workspace)) is df.workspace
    assert function_of(["tangent_ad", "demo", "mixture", "negative_log_likelihood"]) is negative_log_likelihood
    code = "import pickle, sys; f = pickle.load(sys.stdin.buffer); print(f.__name__, f.workspace.__name__)"
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(df), capture_output=True, check=True)
    assert done.stdout.split() == [df.__name__.encode(), df.workspace.__name__.encode()]


@pytest.mark.parametrize("jit", [False, True])
def test_written_modules_hold_the_allocator(jit):
    def decay(x: float, r: float, n: int):
        for _ in range(n):
            x = r * x * (1.0 - x)
        return x

    text = module_text(decay, jit=jit, workspace=True)
    assert "tangent_ad" not in text.split("\n", 1)[1]
    made = types.ModuleType("written")
    exec(text, made.__dict__)
    memory = made.decay_grad_workspace(0.3, 2.1, 7)
    memory[:] = np.nan
    assert memory.size == 7 and made.decay_grad(0.3, 2.1, 7, memory) == ad.grad(decay)(0.3, 2.1, 7)
    with pytest.raises(ValueError, match="workspace has"):
        made.decay_grad(0.3, 2.1, 8, memory)
    with pytest.raises(TypeError, match="1-d contiguous float64"):
        made.decay_grad(0.3, 2.1, 7, np.zeros(9, np.float32))


def test_written_compiled_modules_know_shared_memory():
    def smooth(u: "Float[np.ndarray, 'n']", c: float, sweeps: int):
        for _ in range(sweeps):
            for i in range(1, len(u) - 1):
                u[i] = u[i] + c * u[i] * (u[i - 1] - 2.0 * u[i] + u[i + 1])
        return np.sum(u * u)

    made = types.ModuleType("written")
    exec(module_text(smooth, jit=True, workspace=True), made.__dict__)
    memory = np.full(99, np.nan)
    assert np.allclose(made.smooth_grad(LINE, 0.1, 4, memory), ad.grad(smooth)(LINE, 0.1, 4), rtol=1e-13)
    memory[:] = 0.5
    with pytest.raises(ValueError, match="workspace and u must not share memory"):
        made.smooth_grad(memory[1:7], 0.1, 4, memory)


def test_the_command_and_the_list_of_files(tmp_path, capsys):
    model = tmp_path / "decaying.py"
    model.write_text("def decay(x, r, n):\n    for _ in range(n):\n        x = r * x * x\n    return x\n")
    assert main(["grad", f"{model}:decay", "--workspace"]) == 0
    text = capsys.readouterr().out
    assert "def decay_grad(x, r, n, workspace):" in text and "def decay_grad_workspace(x, r, n):" in text
    assert main(["grad", f"{model}:decay", "--workspace", "--mode", "jvp"]) == 2
    capsys.readouterr()
    lines = [
        "[[tool.tangent-ad.derivatives]]",
        'function = "decaying.py:decay"',
        'output = "out.py"',
        "workspace = true",
    ]
    (tmp_path / "pyproject.toml").write_text("\n".join(lines))
    assert main(["build", "--config", str(tmp_path / "pyproject.toml")]) == 0
    assert (tmp_path / "out.py").read_text() == text


def test_explain_shows_it():
    text = ad.explain(simulate, workspace=True)
    assert "x_saved = workspace[0:end]" in text and "what is kept lies in memory that the caller gives" in text
