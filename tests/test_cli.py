"""The command line: each subcommand through `main(argv)` and as a process; errors are messages, never tracebacks."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from tangent_ad.cli import main
from tangent_ad.errors import UsageError

ROOT = Path(__file__).parent.parent


@pytest.fixture
def model(tmp_path):
    """A file with functions, as a user would have it."""
    path = tmp_path / "cli_model.py"
    path.write_text(
        textwrap.dedent("""\
        import math

        import numpy as np
        from cli_model_helper import SCALE

        points = np.array([0.5, 1.5, 2.5])


        def loss(x, y=2.0):
            # a slope
            z = math.sin(x) * y
            return z * z


        def total(w, n):
            s = 0.0
            for i in range(n):
                s += w[i] * w[i] * SCALE
            return s


        def unknown(x):
            return np.sum(x * x)


        def refused(x):
            return open(x)


        class Holder:
            @staticmethod
            def square(x):
                return x * x


        number = 3
        """)
    )
    (tmp_path / "cli_model_helper.py").write_text("SCALE = 2.0\n")
    yield str(path)
    sys.modules.pop("cli_model", None)
    sys.modules.pop("cli_model_helper", None)
    sys.path[:] = [p for p in sys.path if p != str(tmp_path.resolve())]


def process(*argv, cwd=ROOT):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tangent_ad.cli", *argv]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=env, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("command", [(), ("grad",), ("build",), ("check",), ("explain",), ("rules",), ("demo",)])
def test_help(command, capsys):
    with pytest.raises(SystemExit) as left:
        main([*command, "--help"])
    assert left.value.code == 0
    text = capsys.readouterr().out
    assert "usage: tangent-ad" in text
    if command not in [("rules",), ("demo",)]:
        assert "examples:" in text and f"tangent-ad {' '.join(command)}" in text.split("examples:")[1]


def test_help_as_a_process_imports_no_numba():
    done = process("--help")
    assert done.returncode == 0 and "Old Faithful" in done.stdout
    code = "import sys, tangent_ad.cli; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.DEVNULL).returncode == 0


@pytest.mark.parametrize(
    "target, message",
    [
        ("nowhere.py:f", "no such file: nowhere.py"),
        ("nowhere.py", "names no function"),
        ("no_such_package.module:f", "cannot import no_such_package.module"),
        ("MODEL:nothing", "has no function 'nothing'; it has loss, refused, total, unknown"),
        ("MODEL:number", "is not a function but a int"),
    ],
)
@pytest.mark.parametrize("command", ["grad", "check", "explain"])
def test_unknown_targets(command, target, message, model, capsys):
    assert main([command, target.replace("MODEL", model)]) == 2
    captured = capsys.readouterr()
    assert message in captured.err
    assert captured.out == "" and "Traceback" not in captured.err


def test_error_as_a_process():
    done = process("grad", "nowhere.py:f")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "tangent-ad: no such file: nowhere.py\n"


def test_a_file_that_fails_to_import(tmp_path, capsys):
    path = tmp_path / "broken_file.py"
    path.write_text("def f(x:\n")
    assert main(["grad", f"{path}:f"]) == 2
    assert "cannot import broken_file.py: SyntaxError" in capsys.readouterr().err


def test_a_file_called_like_an_imported_module_does_not_replace_it(tmp_path):
    from tangent_ad.cli_target import load

    path = tmp_path / "textwrap.py"
    path.write_text("def f(x):\n    return 2 * x\n")
    assert load(f"{path}:f")(3) == 6
    assert sys.modules["textwrap"] is textwrap


def test_targets(model, monkeypatch, tmp_path):
    from tangent_ad.cli_target import load

    assert load(f"{model}:loss").__name__ == "loss"
    assert load(f"{model}:Holder.square")(3) == 9
    assert load("numpy.linalg:norm") is np.linalg.norm
    # a module of the working directory
    (tmp_path / "cli_here.py").write_text("def f(x):\n    return x\n")
    monkeypatch.chdir(tmp_path)
    assert load("cli_here:f")(3) == 3


def test_trial_arguments(model):
    from tangent_ad.cli_target import arguments, load

    total = load(f"{model}:total")
    w, n = arguments(total, "points, n=2")
    assert (w.tolist(), n) == ([0.5, 1.5, 2.5], 2)
    assert arguments(load(f"{model}:loss"), None) == (0.7, 2.0)
    with pytest.raises(UsageError, match=r"NameError: name 'nn' is not defined"):
        arguments(total, "nn, 2")
    with pytest.raises(UsageError, match=r"missing a required argument: 'n'"):
        arguments(total, "np.ones(3)")
    with pytest.raises(UsageError, match=r"total fails for \(0.7, 0.7\): TypeError.*give its arguments"):
        arguments(total, None)


def test_the_trial_call_leaves_the_arguments_alone():
    from tangent_ad.cli_target import arguments

    def f(x):
        x[0] = 5.0
        return x[1]

    assert arguments(f, "np.ones(2)")[0].tolist() == [1.0, 1.0]


def test_wrong_usage_of_wrt(model, capsys):
    with pytest.raises(SystemExit) as left:
        main(["grad", f"{model}:loss", "--wrt", ","])
    assert left.value.code == 2
    assert "--wrt" in capsys.readouterr().err


def test_rules(capsys):
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["function", "modes", "note"]
    assert any(line.split()[:3] == ["np.sin", "jvp,", "vjp"] for line in lines)
    assert any(line.split()[:2] == ["np.floor", "none"] for line in lines)
    alone = process("rules").stdout.splitlines()  # here other tests may have declared functions of theirs
    assert len(alone) > 100 and {line[:20] for line in alone} <= {line[:20] for line in lines}


def test_grad_prints_a_module(model, capsys):
    assert main(["grad", f"{model}:loss"]) == 0
    text = capsys.readouterr().out
    scope = {}
    exec(text, scope)
    assert scope["loss_grad"](0.3) == pytest.approx(2 * 4.0 * np.sin(0.3) * np.cos(0.3))
    assert "# a slope" in text and "tangent_ad" not in "".join(
        line for line in text.splitlines() if line.lstrip().startswith(("import", "from"))
    )
    assert process("grad", f"{model}:loss").stdout == text


@pytest.mark.parametrize("mode", ["grad", "value_and_grad", "jvp", "vjp", "hvp", "jacobian", "hessian"])
def test_every_mode(mode, model, capsys):
    assert main(["grad", f"{model}:loss", "--mode", mode]) == 0
    compile(capsys.readouterr().out, "out.py", "exec")


def test_grad_writes_a_file(model, tmp_path, capsys):
    out = tmp_path / "derivative.py"
    assert main(["grad", f"{model}:loss", "--wrt", "x,y", "-o", str(out)]) == 0
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err == f"wrote {out}\n"
    code = f"import runpy; print(runpy.run_path({str(out)!r})['loss_grad_x_y'](0.3))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.stderr == "" and done.stdout.startswith("(")


def test_a_written_file_is_legal_input(model, tmp_path, capsys):
    """Second derivatives through two files: helpers and constants of the first are known in the second."""
    first, second = tmp_path / "cli_first.py", tmp_path / "cli_second.py"
    assert main(["grad", f"{model}:total", "-o", str(first)]) == 0
    done = process("grad", f"{first}:total_grad", "--mode", "jvp", "--wrt", "w", "-o", str(second))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"wrote {second}\n")
    code = (
        "import runpy, numpy as np; f = runpy.run_path('cli_second.py')['total_grad_jvp'];"
        "print([v.tolist() for v in f(np.ones(3), np.array([1.0, 0.0, 2.0]), 3)])"
    )
    alone = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert alone.stdout == "[[4.0, 4.0, 4.0], [4.0, 0.0, 8.0]]\n", alone.stderr


def test_grad_with_jit(model, tmp_path, capsys):
    out = tmp_path / "compiled.py"
    assert main(["grad", f"{model}:loss", "--jit", "-o", str(out)]) == 0
    assert "@numba.njit" in out.read_text()
    code = "import runpy; print(runpy.run_path('compiled.py')['loss_grad'](0.3))"
    alone = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert float(alone.stdout) == pytest.approx(2 * 4.0 * np.sin(0.3) * np.cos(0.3)), alone.stderr
    assert main(["grad", f"{model}:unknown", "--jit"]) == 2
    assert "annotate it: `x: float`" in capsys.readouterr().err


def test_output_that_cannot_be_written(model, tmp_path, capsys):
    assert main(["grad", f"{model}:loss", "-o", str(tmp_path / "no" / "folder.py")]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_refused(model, capsys):
    assert main(["grad", f"{model}:refused"]) == 2
    error = capsys.readouterr().err
    assert "cli_model.py:" in error and "^" in error and "Traceback" not in error


def test_unknown_parameter(model, capsys):
    assert main(["grad", f"{model}:loss", "--wrt", "q"]) == 2
    assert "q" in capsys.readouterr().err


def test_check(model, capsys):
    assert main(["check", f"{model}:loss", "--wrt", "x,y"]) == 0
    assert capsys.readouterr().out.strip()
    assert main(["check", f"{model}:total", "--args", "points, 3"]) == 0
    assert process("check", f"{model}:loss", "--args", "0.25", "--order", "1").returncode == 0


def test_explain(model, capsys):
    assert main(["explain", f"{model}:loss"]) == 0
    text = capsys.readouterr().out
    assert "def loss" in text
    assert process("explain", f"{model}:loss").stdout == text


def test_demo(tmp_path):
    done = process("demo", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert "log-likelihood after      -1130.264" in done.stdout
    assert "the same numbers" in done.stdout
    assert (tmp_path / "out" / "negative_log_likelihood_grad.py").exists()


def test_the_version_is_that_of_the_project(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    told = capsys.readouterr().out.split()
    assert told[0] == "tangent-ad" and f'\nversion = "{told[1]}"\n' in (ROOT / "pyproject.toml").read_text()
