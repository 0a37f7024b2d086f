"""The README does what it says: its programs run, what it shows is what the compiler gives, its commands exist."""

from __future__ import annotations

import doctest
import importlib.util
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from tangent_ad.cli import _parser
from tangent_ad.cli_build import build
from tangent_ad.errors import RefusedError

ROOT = Path(__file__).parents[1]
FENCE = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]*) -->\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A fenced block, and the comment right above it, which says what it shows."""

    language: str
    mark: str
    text: str


def blocks() -> list[Block]:
    found = FENCE.finditer((ROOT / "README.md").read_text(encoding="utf-8"))
    return [Block(m["language"], m["mark"] or "", m["text"]) for m in found]


def marked(words: str) -> list[Block]:
    return [b for b in blocks() if b.mark.startswith(words)]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The programs of the README, in the order of the page, as the module `model`."""
    path = tmp_path_factory.mktemp("readme") / "model.py"
    path.write_text("\n\n".join(b.text for b in blocks() if b.language == "python" and not b.mark), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("model", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["model"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["model"]


def test_every_block_has_its_test() -> None:
    for block in blocks():
        kind = (block.language, block.mark.split(":")[0])
        assert kind in {
            ("python", ""),
            ("python", "shows"),
            ("pycon", ""),
            ("sh", ""),
            ("text", "refuses"),
            ("text", "commands"),
            ("toml", "config"),
            ("text", "rooms"),
        }, block


def test_texts_shown(model: ModuleType) -> None:
    for block in marked("shows: "):
        made = eval(block.mark.removeprefix("shows: "), vars(model))
        assert block.text.strip() == made.strip()


def test_dialogues(model: ModuleType) -> None:
    for block in blocks():
        if block.language == "pycon":
            test = doctest.DocTestParser().get_doctest(block.text, dict(vars(model)), "README.md", None, None)
            assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


def test_refusals(model: ModuleType) -> None:
    for block in marked("refuses: "):
        with pytest.raises(RefusedError) as caught:
            eval(block.mark.removeprefix("refuses: "), vars(model))
        message = re.sub(r"^.*model\.py:\d+", "model.py:5", str(caught.value))
        assert block.text.strip() == message.strip()


def test_commands() -> None:
    [block] = marked("commands")
    for line in block.text.splitlines():
        command, _ = re.split(r"\s{3,}", line, maxsplit=1)
        program, *words = shlex.split(command)
        assert program == "tangent-ad"
        assert _parser().parse_args(words).run


def test_configuration(model: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [block] = marked("config")
    (tmp_path / "pyproject.toml").write_text(block.text, encoding="utf-8")
    (tmp_path / "model.py").write_text(Path(str(model.__file__)).read_text(encoding="utf-8"), encoding="utf-8")
    assert build(tmp_path / "pyproject.toml", check=False) and build(tmp_path / "pyproject.toml", check=True)
    assert "def f_grad_x_y(x, y):" in (tmp_path / "f_grad.py").read_text(encoding="utf-8")


def test_rooms() -> None:
    [block] = marked("rooms")
    for line in block.text.splitlines():
        for room in re.split(r"\s{3,}", line)[0].split(", "):
            path = ROOT / "tangent_ad" / room
            assert path.is_dir() or path.with_suffix(".py").is_file(), room


def test_shell_commands_are_the_two_of_ci() -> None:
    first, second = [b.text.strip() for b in blocks() if b.language == "sh"]
    assert first.endswith("tangent-ad demo") and "\n" not in first
    assert "pytest" in second and "\n" not in second
