"""Generated modules on disk.

In: the text of a module.  Out: the name of a file that holds exactly this text, so that tracebacks, debuggers and
`inspect` can show it.

Files lie in the user's cache directory (`TANGENT_AD_CACHE` names another one; `off` writes nothing), readable by
nobody else and named by their content.  Where nothing can be written the text is handed to `linecache`.
"""

from __future__ import annotations

import contextlib
import hashlib
import linecache
import os
import stat
import sys
import tempfile
from pathlib import Path


def source_file(text: str, name: str) -> str:
    """The file name to compile `text` under; afterwards `linecache` finds the text there."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    folder = cache_dir()
    if folder is not None:
        with contextlib.suppress(OSError):
            return str(_written(folder / f"{name}_{digest[:32]}.py", text))
    filename = f"<tangent_ad {name} {digest[:16]}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    return filename


def cache_dir() -> Path | None:
    """The directory for generated files, or None if they are switched off or it is not ours alone."""
    chosen = os.environ.get("TANGENT_AD_CACHE", "")
    if chosen == "off":
        return None
    try:
        folder = Path(chosen) if chosen else _platform_dir() / "tangent_ad"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder.resolve() if _is_private(folder) else None
    except (OSError, RuntimeError):
        return None


def compiled_dir() -> Path | None:
    """The directory for generated files if compiled code may lie there too: Numba keeps it in a folder below."""
    folder = cache_dir()
    try:
        if folder is None:
            return None
        below = folder / "__pycache__"
        below.mkdir(mode=0o700, exist_ok=True)
        return folder if _is_private(below) else None
    except OSError:
        return None


def note(name: str, key: str, text: str) -> None:
    """Keep a text that belongs to compiled code, to be shown when the code is found again."""
    folder = cache_dir()
    if folder is not None:
        with contextlib.suppress(OSError):
            _written(folder / f"{_noted_name(name, key)}.txt", f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}")


def noted(name: str, key: str) -> str | None:
    """A text that was kept; None if there is none, or it is not what was kept."""
    folder = cache_dir()
    try:
        if folder is None:
            return None
        digest, _, text = (folder / f"{_noted_name(name, key)}.txt").read_bytes().decode().partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    return text if hashlib.sha256(text.encode()).hexdigest() == digest else None


def _noted_name(name: str, key: str) -> str:
    return f"{name[:60]}_{hashlib.sha256(f'{name} {key}'.encode()).hexdigest()[:32]}"


def _platform_dir() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _is_private(folder: Path) -> bool:
    """True if nobody else can write into the directory: what lies there is run."""
    if sys.platform == "win32":
        return True
    found = folder.stat()
    return found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _written(path: Path, text: str) -> Path:
    """Make sure that `path` holds `text`, also when several processes do so at once."""
    data = text.encode()
    try:
        if not path.is_symlink() and path.read_bytes() == data:
            return path
    except FileNotFoundError:
        pass
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    return path
