"""Files of generated modules: they hold the text, lie where nobody else writes, and are not used when damaged."""

from __future__ import annotations

import linecache
import os
import stat
import sys
import threading
from pathlib import Path

import pytest

from tangent_ad.backends import files

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no POSIX modes of folders")
TEXT = "def f(x):\n    return x  # größer\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "cache"
    monkeypatch.setenv("TANGENT_AD_CACHE", str(found))
    return found


def test_the_file_holds_the_text(folder: Path) -> None:
    path = Path(files.source_file(TEXT, "f_grad"))
    assert path.parent == folder.resolve() and path.name.startswith("f_grad_") and path.suffix == ".py"
    assert path.read_bytes() == TEXT.encode()
    assert linecache.getline(str(path), 2) == "    return x  # größer\n"
    assert files.source_file(TEXT, "f_grad") == str(path)
    assert files.source_file(TEXT + " ", "f_grad") != str(path)
    assert files.source_file(TEXT, "g_grad") != str(path)
    assert [p.suffix for p in folder.iterdir()] == [".py"] * 3, "nothing else is left"


@posix
def test_the_folder_is_ours_alone(folder: Path) -> None:
    files.source_file(TEXT, "f")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_another_text_in_the_file_is_replaced(folder: Path) -> None:
    path = Path(files.source_file(TEXT, "f"))
    path.write_text("import os  # not ours\n")
    assert files.source_file(TEXT, "f") == str(path) and path.read_bytes() == TEXT.encode()


@posix
def test_a_link_is_replaced_not_followed(folder: Path, tmp_path: Path) -> None:
    path = Path(files.source_file(TEXT, "f"))
    elsewhere = tmp_path / "elsewhere.py"
    elsewhere.write_text(TEXT)
    path.unlink()
    path.symlink_to(elsewhere)
    files.source_file(TEXT, "f")
    assert not path.is_symlink() and path.read_bytes() == TEXT.encode()
    elsewhere.write_text("x = 1\n")
    assert path.read_bytes() == TEXT.encode()


def assert_in_memory(name: str, text: str) -> None:
    assert name.startswith("<tangent_ad ") and linecache.getlines(name) == text.splitlines(keepends=True)


@posix
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_write_into_is_not_used(folder: Path, mode: int) -> None:
    folder.mkdir()
    folder.chmod(mode)
    assert files.cache_dir() is None and files.compiled_dir() is None
    assert_in_memory(files.source_file(TEXT, "f"), TEXT)
    assert not list(folder.iterdir())


def test_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANGENT_AD_CACHE", "off")
    assert files.cache_dir() is None and files.compiled_dir() is None
    assert_in_memory(files.source_file(TEXT, "f"), TEXT)
    files.note("f", "key", TEXT)
    assert files.noted("f", "key") is None


def test_a_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TANGENT_AD_CACHE", str(tmp_path / "file" / "below"))
    assert files.cache_dir() is None
    assert_in_memory(files.source_file(TEXT, "f"), TEXT)


@posix
def test_compiled_code_lies_in_a_folder_of_ours_too(folder: Path) -> None:
    assert files.compiled_dir() == folder.resolve()
    (folder / "__pycache__").chmod(0o777)
    assert files.compiled_dir() is None and files.cache_dir() == folder.resolve()


@posix
def test_the_platforms_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "darwin":
        pytest.skip("macOS keeps caches in ~/Library, whatever XDG_CACHE_HOME says")
    monkeypatch.delenv("TANGENT_AD_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "mine"))
    assert files.cache_dir() == (tmp_path / "mine" / "tangent_ad").resolve()
    monkeypatch.setenv("TANGENT_AD_CACHE", "")
    assert files.cache_dir() == (tmp_path / "mine" / "tangent_ad").resolve()


def test_notes(folder: Path) -> None:
    files.note("f_grad", "float64", TEXT)
    files.note("f_grad", "float32", "")
    assert files.noted("f_grad", "float64") == TEXT and files.noted("f_grad", "float32") == ""
    assert files.noted("f_grad", "int64") is None and files.noted("g_grad", "float64") is None
    files.note("a" * 300, "key", TEXT)
    files.note("a" * 300 + "b", "key", "another")
    assert files.noted("a" * 300, "key") == TEXT and files.noted("a" * 300 + "b", "key") == "another"


@pytest.mark.parametrize("damage", [b"", b"x", b"\xff\xfe", b"0" * 64 + b"\n" + TEXT.encode()])
def test_a_damaged_note_is_none(folder: Path, damage: bytes) -> None:
    files.note("f", "key", TEXT)
    (note,) = folder.iterdir()
    good = note.read_bytes()
    note.write_bytes(damage)
    assert files.noted("f", "key") is None
    for k in range(0, len(good), 7):
        note.write_bytes(good[:k] + bytes([good[k] ^ 1]) + good[k + 1 :])
        assert files.noted("f", "key") is None
    note.write_bytes(good)
    assert files.noted("f", "key") == TEXT


def test_several_at_once(folder: Path) -> None:
    """Nobody ever sees half a file."""
    texts = [f"{TEXT}# {k % 3}\n" * 500 for k in range(12)]
    wrong: list[str] = []

    def write(text: str) -> None:
        for _ in range(10):
            path = Path(files.source_file(text, "f"))
            if path.read_bytes() != text.encode():
                wrong.append(str(path))

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and len(os.listdir(folder)) == 3
