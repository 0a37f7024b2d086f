"""Derivatives in files: `grad --check`, `[tool.tangent-ad]`, `build`; what makes a file stale."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tangent_ad.cli import main
from tangent_ad.errors import UsageError

ROOT = Path(__file__).parent.parent
MODEL = """\
import numpy as np
from build_beside import SCALE, inner

TABLE = np.array([1.0, 2.0, 3.0])


def loss(x: float, n: int = 3):
    # a loop
    for i in range(n):
        x = inner(x) * TABLE[i] * SCALE
    return x
"""
BESIDE = """\
SCALE = 0.5


def inner(x):
    return x * x
"""
CONFIG = """\
[project]
name = "x"

[[tool.tangent-ad.derivatives]]
function = "build_model.py:loss"
output = "loss_grad.py"

[[tool.tangent-ad.derivatives]]
function = "build_model.py:loss"
output = "out/loss_jvp.py"
wrt = ["x"]
mode = "jvp"

[[tool.tangent-ad.derivatives]]
function = "build_model.py:loss"
output = "out/compiled.py"
wrt = "x"
jit = true
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "build_model.py").write_text(MODEL)
    (tmp_path / "build_beside.py").write_text(BESIDE)
    (tmp_path / "pyproject.toml").write_text(CONFIG)
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def replaced(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    later = path.stat().st_mtime + 10  # so that no bytecode of the old text is taken for that of the new one
    os.utime(path, (later, later))


def test_build_writes_what_is_stale(project, capsys):
    assert main(["build", "--check"]) == 1
    assert capsys.readouterr().out == (
        "loss_grad.py is missing\nout/loss_jvp.py is missing\nout/compiled.py is missing\n"
    )
    assert not (project / "loss_grad.py").exists()
    assert main(["build"]) == 0
    assert capsys.readouterr().out == "wrote loss_grad.py\nwrote out/loss_jvp.py\nwrote out/compiled.py\n"
    written = [(project / name).stat().st_mtime_ns for name in ("loss_grad.py", "out/loss_jvp.py")]
    assert main(["build"]) == 0 and main(["build", "--check"]) == 0
    assert capsys.readouterr().out.count("is up to date") == 6
    assert [(project / name).stat().st_mtime_ns for name in ("loss_grad.py", "out/loss_jvp.py")] == written
    assert not [name for name in os.listdir(project) if name.startswith(".")]
    code = "import sys; sys.path.append('out'); import loss_jvp, compiled; print(loss_jvp.loss_jvp(1.0, 1.0)[1])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=project)
    assert float(done.stdout) == pytest.approx(0.75), done.stderr


@pytest.mark.parametrize(
    "file, old, new",
    [
        ("build_model.py", "# a loop", "# a long loop"),
        ("build_model.py", "n: int = 3", "n: int = 4"),
        ("build_model.py", "1.0, 2.0", "1.0, 2.5"),
        ("build_beside.py", "x * x", "x * x * x"),
        ("build_beside.py", "SCALE = 0.5", "SCALE = 0.25"),
        ("loss_grad.py", "import", "#\nimport"),
    ],
)
def test_what_makes_a_file_stale(file, old, new, project, capsys):
    command = ["grad", "build_model.py:loss", "-o", "loss_grad.py"]
    assert main(command) == 0 and main([*command, "--check"]) == 0
    before = (project / "loss_grad.py").read_bytes()
    replaced(project / file, old, new)
    changed = (project / "loss_grad.py").read_bytes()
    assert main([*command, "--check"]) == 1
    assert re.search(r"loss_grad\.py is stale: line \d+ differs\n$", capsys.readouterr().err)
    assert (project / "loss_grad.py").read_bytes() == changed
    assert main(command) == 0 and main([*command, "--check"]) == 0
    assert ((project / "loss_grad.py").read_bytes() == before) == (file == "loss_grad.py")


def test_a_change_elsewhere_makes_nothing_stale(project):
    command = ["grad", "build_model.py:loss", "-o", "loss_grad.py"]
    assert main(command) == 0
    replaced(project / "build_beside.py", "SCALE = 0.5", "OTHER = 1.0\nSCALE = 0.5")
    assert main([*command, "--check"]) == 0


def test_check_as_a_process(project):
    env = {**os.environ, "PYTHONPATH": str(ROOT)}

    def run(*words):
        command = [sys.executable, "-m", "tangent_ad.cli", "build", *words]
        return subprocess.run(command, capture_output=True, text=True, cwd=project / "out", env=env)

    assert run().returncode == 0
    done = run("--check")
    assert done.returncode == 0 and "is up to date" in done.stdout and done.stderr == ""
    (project / "out" / "compiled.py").unlink()
    done = run("--check", "--config", "../pyproject.toml")
    assert done.returncode == 1 and "compiled.py is missing" in done.stdout


def test_files_called_alike(project, capsys):
    """Each is loaded with what lies beside it, whatever was loaded before; what it is called in the text is its own."""
    parts = []
    for folder, scale in (("a", "2.0"), ("b", "3.0")):
        (project / folder).mkdir()
        (project / folder / "model.py").write_text("from near import K\n\n\ndef f(x):\n    return K * x\n")
        (project / folder / "near.py").write_text(f"K = {scale}\n")
        parts.append(f'{{function = "{folder}/model.py:f", output = "{folder}/made.py"}}')
    (project / "pyproject.toml").write_text(f"[tool.tangent-ad]\nderivatives = [{', '.join(parts)}]\n")
    path = list(sys.path)
    assert main(["build"]) == 0
    texts = [(project / folder / "made.py").read_text() for folder in "ab"]
    assert texts[0].replace("2.0", "3.0") == texts[1] and texts[0].startswith("# grad of model.f in x\n")
    assert sys.path == path and not {"model", "near"} & set(sys.modules)


def test_nothing_is_written_if_one_is_refused(project, capsys):
    replaced(project / "pyproject.toml", 'wrt = ["x"]', 'wrt = ["q"]')
    assert main(["build"]) == 2
    assert "no parameter `q`" in capsys.readouterr().err
    assert not (project / "loss_grad.py").exists()


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "lists no derivatives"),
        ("[tool.tangent-ad]\nderivates = []", "lists no derivatives"),
        ("[tool.tangent-ad", "cannot read"),
        ("tool.tangent-ad.derivatives = [1]", "derivative 1 is not a table"),
        ('tool.tangent-ad.derivatives = [{function = "m.py:f"}]', "derivative 1 has no 'output'"),
        (
            'tool.tangent-ad.derivatives = [{function = "m.py:f", output = "a", jit = 1}]',
            "jit = 1 is of the wrong type",
        ),
        ('tool.tangent-ad.derivatives = [{function = "m.py:f", output = "a", wrt = []}]', "names no parameter"),
        ('tool.tangent-ad.derivatives = [{function = "m.py:f", file = "a"}]', "unknown key 'file'; known are function"),
        (
            "tool.tangent-ad.derivatives = "
            '[{function = "m.py:f", output = "a"}, {function = "m.py:g", output = "./a"}]',
            "two derivatives have the output",
        ),
    ],
)
def test_wrong_configurations(text, message, project, capsys):
    (project / "pyproject.toml").write_text(text)
    assert main(["build"]) == 2
    error = capsys.readouterr().err
    assert message in error and "Traceback" not in error


def test_no_configuration(project, capsys):
    assert main(["build", "--config", "nowhere.toml"]) == 2
    assert "cannot read nowhere.toml" in capsys.readouterr().err


def test_check_needs_a_file(project, capsys):
    assert main(["grad", "build_model.py:loss", "--check"]) == 2
    assert "-o OUT.py" in capsys.readouterr().err


def test_lines_that_end_as_on_windows_are_not_stale(project):
    command = ["grad", "build_model.py:loss", "-o", "loss_grad.py"]
    assert main(command) == 0
    path = project / "loss_grad.py"
    assert b"\r" not in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert main([*command, "--check"]) == 0


def test_no_pyproject_above(monkeypatch):
    from tangent_ad.cli_build import find_config

    with pytest.raises(UsageError, match=r"no pyproject\.toml"):
        find_config(Path(Path.cwd().anchor))
