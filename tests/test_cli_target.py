"""What a command line means: functions, `wrt`, arguments; and messages for everything else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tangent_ad import cli_target
from tangent_ad.errors import UsageError


@pytest.fixture(autouse=True)
def _unchanged():
    """No test leaves a module or a folder behind."""
    path, modules = list(sys.path), dict(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - set(modules):
        del sys.modules[name]
    sys.modules.update(modules)


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def test_wrt() -> None:
    texts = ("x", "0", "x,y", " x , 1 ", "x,", "1,", ",x")
    assert [cli_target.wrt(t) for t in texts] == ["x", 0, ("x", "y"), ("x", 1), ("x",), (1,), ("x",)]
    for empty in ("", " ", ","):
        with pytest.raises(ValueError, match="empty"):
            cli_target.wrt(empty)


def test_functions_of_files(tmp_path: Path) -> None:
    folder = written(tmp_path, target_a="import target_b\ndef f(x):\n    return target_b.K * x\n"
                     "class Holder:\n    @staticmethod\n    def g(x):\n        return -x\n",
                     target_b="K = 3.0\n")  # fmt: skip
    assert cli_target.load(f"{folder}/target_a.py:f")(2.0) == 6.0
    assert cli_target.load(f"{folder}/target_a.py:Holder.g")(2.0) == -2.0
    assert cli_target.load(f"{folder}/target_a.py:f") is cli_target.load(f"{folder}/target_a.py:f")


def test_a_file_called_like_a_module_does_not_take_its_place(tmp_path: Path) -> None:
    import json

    folder = written(tmp_path, json="def f(x):\n    return x + 1.0\n")
    assert cli_target.load(f"{folder}/json.py:f")(1.0) == 2.0
    assert sys.modules["json"] is json and hasattr(json, "dumps")


def test_two_files_of_one_name(tmp_path: Path) -> None:
    """Also what they import may be called alike."""
    found = []
    for k, name in enumerate(("one", "two")):
        folder = tmp_path / name
        folder.mkdir()
        written(
            folder,
            target_model="from target_part import K\ndef f(x):\n    return K * x\n",
            target_part=f"K = {k + 1}.0\n",
        )
        before = (list(sys.path), set(sys.modules))
        with cli_target.alone():
            found.append(cli_target.load(f"{folder}/target_model.py:f")(1.0))
        assert (sys.path, set(sys.modules)) == before
    assert found == [1.0, 2.0]


def test_what_was_loaded_before_is_not_forgotten(tmp_path: Path) -> None:
    folder = written(
        tmp_path, target_old="K = 1.0\n", target_new="import colorsys\nimport target_old\ndef f(x):\n    return x\n"
    )
    sys.path.insert(0, str(folder))
    import target_old  # type: ignore[import-not-found]

    sys.modules.pop("colorsys", None)
    with cli_target.alone():
        cli_target.load("target_new:f")
    assert sys.modules["target_old"] is target_old
    assert "colorsys" in sys.modules, "a module of Python is kept: others may hold parts of it"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("f", "names no function: write FILE.py:FUNC"),
        (":f", "names no function"),
        ("a.py:", "names no function"),
        ("nowhere.py:f", "no such file: nowhere.py"),
        ("no_such_module_at_all:f", "cannot import no_such_module_at_all: ModuleNotFoundError"),
        ("math:pi", "'pi' in math is not a function but a float"),
        ("{0}/target_a.py:h", "has no function 'h'; it has f, g"),
        ("{0}/target_a.py:f.k", "has no function 'f.k'"),
        ("{0}/target_bad.py:f", "cannot import target_bad.py: ZeroDivisionError"),
        ("{0}/target_exit.py:f", "cannot import target_exit.py: SystemExit"),
        ("{0}/target_syntax.py:f", "cannot import target_syntax.py: SyntaxError"),
    ],
)
def test_messages(tmp_path: Path, text: str, message: str) -> None:
    folder = written(tmp_path, target_a="def g(x):\n    return x\ndef f(x):\n    return x\nK = 1\n",
                     target_bad="1 / 0\n",
                     target_exit="import sys\nsys.exit(0)\n", target_syntax="def f(:\n")  # fmt: skip
    with pytest.raises(UsageError) as caught:
        cli_target.load(text.format(folder))
    assert message in str(caught.value)
    assert not {name for name in sys.modules if name.startswith("target_")} - {"target_a"}, "half a module is left"


def numbers(x, y=2.0, *, p=None):
    return x * y


def writes(u, k):
    u[0] = k
    return u.sum()


def test_arguments() -> None:
    assert cli_target.arguments(lambda x, y, n=3: x * y, None) == (0.7, 0.7, 3)
    assert cli_target.arguments(lambda x, n=3: x, "2.0, n=5") == (2.0, 5)
    assert cli_target.arguments(lambda x, n=3: x, "n=5, x=1.0") == (1.0, 5)
    u, _ = cli_target.arguments(writes, "np.ones(3), math.pi")
    np.testing.assert_array_equal(u, np.ones(3))  # the trial call wrote into a copy
    (table,) = cli_target.arguments(lambda x: x, "numpy.array([[1.0, 2.0]])")
    assert table.shape == (1, 2)


@pytest.mark.parametrize(
    ("f", "text", "message"),
    [
        (writes, "np.ones(3)", "missing a required argument"),
        (writes, "np.ones(3), 1, 2", "too many positional arguments"),
        (writes, "nothing", "NameError: name 'nothing' is not defined"),
        (writes, "1.0 +", "SyntaxError"),
        (writes, None, "give its arguments: --args"),
        (writes, "2.0, 3.0", "fails for (2.0, 3.0): TypeError"),
        (numbers, "1.0", "has keyword-only parameters"),
        (writes, "np.ones(90), 'a' * 200", "fails for these arguments"),
    ],
)
def test_messages_of_arguments(f: Any, text: str | None, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        cli_target.arguments(f, text)
    assert message in str(caught.value)
