"""Derivatives kept in files: written by `tangent-ad grad -o` and `tangent-ad build`, compared by `--check`.

In: a pyproject.toml whose `[tool.tangent-ad]` lists derivatives.  Out: the files, or whether each is what would be
written now.

    [[tool.tangent-ad.derivatives]]
    function = "model.py:loss"      # also "package.module:loss"; files are relative to the pyproject.toml
    output = "loss_grad.py"
    wrt = "w,b"                     # a name, a position, or several; 0 if left out
    mode = "grad"                   # as of `tangent-ad grad --mode`
    jit = false                     # true for a module compiled by Numba
    workspace = false               # true for a derivative that keeps values in memory that the caller gives

A file is stale if any byte of it would change: the function, a function that it calls, a number or array that it
captures, or this compiler may have changed.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tangent_ad import cli_target as target
from tangent_ad.core.frozen import record
from tangent_ad.errors import TangentError, UsageError

KEYS = {"function": str, "output": str, "wrt": (str, int, list), "mode": str, "jit": bool, "workspace": bool}


@record(frozen=True)
class Entry:
    """One derivative of a pyproject.toml."""

    function: str
    output: Path
    wrt: Any = 0
    mode: str = "grad"
    jit: bool = False
    workspace: bool = False


def find_config(start: Path) -> Path:
    """The pyproject.toml of a folder, or of the nearest one above it.

    Raises: UsageError if there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / "pyproject.toml").is_file():
            return folder / "pyproject.toml"
    raise UsageError(f"no pyproject.toml in {start} nor above it")


def read_config(path: Path) -> tuple[Entry, ...]:
    """The derivatives that a pyproject.toml lists.

    Raises: UsageError, which says what is wrong with the file.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error
    table = found.get("tool", {}).get("tangent-ad")
    if (
        not isinstance(table, Mapping)
        or not isinstance(table.get("derivatives"), list)
        or set(table) != {"derivatives"}
    ):
        raise UsageError(f"{path} lists no derivatives: write them as [[tool.tangent-ad.derivatives]]")
    entries = tuple(_entry(one, k, path) for k, one in enumerate(table["derivatives"], 1))
    outputs = [entry.output for entry in entries]
    for output in outputs:
        if outputs.count(output) > 1:
            raise UsageError(f"{path}: two derivatives have the output {output}")
    return entries


def _entry(one: Any, k: int, path: Path) -> Entry:
    where = f"{path}: derivative {k}"
    if not isinstance(one, Mapping):
        raise UsageError(f"{where} is not a table")
    for key, value in one.items():
        if key not in KEYS:
            raise UsageError(f"{where} has the unknown key {key!r}; known are {', '.join(KEYS)}")
        if not isinstance(value, KEYS[key]) or (key == "wrt" and isinstance(value, bool)):  # type: ignore[arg-type]
            raise UsageError(f"{where}: {key} = {value!r} is of the wrong type")
    for key in ("function", "output"):
        if key not in one:
            raise UsageError(f"{where} has no {key!r}")
    place, _, name = one["function"].rpartition(":")
    function = f"{path.parent / place}:{name}" if place.endswith(".py") else one["function"]
    try:
        wrt = _wrt(one.get("wrt", 0))
    except ValueError:
        raise UsageError(f"{where}: wrt = {one['wrt']!r} names no parameter") from None
    flags = one.get("jit", False), one.get("workspace", False)
    return Entry(function, path.parent / one["output"], wrt, one.get("mode", "grad"), *flags)


def _wrt(value: Any) -> Any:
    if isinstance(value, str):
        return target.wrt(value)
    if not isinstance(value, list):
        return value
    if not value or not all(isinstance(v, (str, int)) and not isinstance(v, bool) for v in value):
        raise ValueError("wrt")
    return tuple(value)


def text_of(entry: Entry) -> str:
    """The text that the file of a derivative should have.

    Raises: RefusedError, UsageError.
    """
    from tangent_ad.saved import module_text

    with target.alone():
        text = module_text(target.load(entry.function), entry.wrt, entry.mode, entry.jit, entry.workspace)
    return text if text.endswith("\n") else text + "\n"


def difference(path: Path, text: str) -> str | None:
    """What is not as it should be of a file; None if it holds this text."""
    try:
        found = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
    except OSError:
        return "is missing"
    if found == text:
        return None
    lines, wanted = found.split("\n"), text.split("\n")
    same = next((k for k, (a, b) in enumerate(zip(lines, wanted)) if a != b), min(len(lines), len(wanted)))  # noqa: B905
    return f"is stale: line {same + 1} differs"


def write(path: Path, text: str) -> None:
    """Put the text into the file, all of it or nothing; the same bytes on every system.

    Raises: TangentError if that cannot be done.
    """
    temporary = None
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            path.write_bytes(text.encode())  # a device, a link: written through
            return
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        raise TangentError(f"cannot write {path}: {error.strerror}") from error


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def build(config: Path, check: bool) -> bool:
    """Write every derivative that the pyproject.toml lists, or with `check` only compare.

    Returns: True if every file is, or with `check` was, what it should be.  Files that are right are left alone.
    Raises: RefusedError, UsageError; no file is written then.
    """
    entries = read_config(config)
    texts = [(entry.output, text_of(entry)) for entry in entries]
    good = True
    for path, text in texts:
        wrong = difference(path, text)
        shown = _shown(path)
        if wrong is None:
            print(f"{shown} is up to date")
        elif check:
            good = False
            print(f"{shown} {wrong}")
        else:
            write(path, text)
            print(f"wrote {shown}")
    return good


def _shown(path: Path) -> str:
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)
