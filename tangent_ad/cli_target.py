"""What a command line means: the function `FILE.py:FUNC`, the `wrt` of `--wrt`, the arguments of `--args`.

In: words a person typed.  Out: the function, the wrt, the arguments; or a UsageError that says what is wrong.
"""

from __future__ import annotations

import copy
import importlib
import importlib.util
import inspect
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from tangent_ad.errors import UsageError


def load(text: str) -> Callable[..., Any]:
    """The function that `FILE.py:FUNC` or `package.module:FUNC` names.

    Parameters: the text; FUNC may be dotted (`Class.method`).
    Returns: the function.
    Raises: UsageError if there is no such file, module or function, or the file cannot be imported.

    >>> load("math:sin")(0.0)
    0.0
    """
    place, colon, name = text.rpartition(":")
    if not colon or not place or not name:
        raise UsageError(f"{text!r} names no function: write FILE.py:FUNC or package.module:FUNC")
    value: Any = _module_of_file(Path(place)) if place.endswith(".py") else _module(place)
    for part in name.split("."):
        try:
            value = getattr(value, part)
        except AttributeError:
            raise UsageError(f"{place} has no function {name!r}{_suggestions(value)}") from None
    if not callable(value):
        raise UsageError(f"{name!r} in {place} is not a function but a {type(value).__name__}")
    return value


@contextmanager
def alone() -> Iterator[None]:
    """What is loaded within is forgotten afterwards, with the modules that were found beside it: two files may be
    called alike, and so may what they import."""
    path, modules = list(sys.path), dict(sys.modules)
    try:
        yield
    finally:
        added = {folder for folder in sys.path if folder not in path}
        sys.path[:] = path
        new = {name: module for name, module in sys.modules.items() if modules.get(name) is not module}
        roots = {name for name, module in new.items() if "." not in name and _lies_in(module, added)}
        for name in new:
            if name.partition(".")[0] in roots:
                del sys.modules[name]


def _lies_in(module: Any, folders: set[str]) -> bool:
    """Is it a file or a package right in one of the folders?"""
    file = getattr(module, "__file__", None)
    places = [file] if file is not None else list(getattr(module, "__path__", ()))
    paths = [Path(place) for place in places]
    return any(str(p.parent) in folders or (p.stem == "__init__" and str(p.parent.parent) in folders) for p in paths)


def wrt(text: str) -> int | str | tuple[int | str, ...]:
    """The `wrt` a person typed: names or positions, with commas between them; a comma makes it a tuple.

    >>> wrt("x"), wrt("1"), wrt("x, y"), wrt("x,")
    ('x', 1, ('x', 'y'), ('x',))
    """
    parts = [part.strip() for part in text.split(",")]
    items = tuple(int(part) if part.isdecimal() else part for part in parts if part)
    if not items:
        raise ValueError("empty")
    return items if len(parts) > 1 else items[0]


def arguments(f: Callable[..., Any], text: str | None) -> tuple[Any, ...]:
    """The positional arguments of a trial call of `f`.

    Parameters: the function; a Python expression with `np`, `math` and the names of the function's module, written as
    between the parentheses of a call.  None stands for 0.7 for each parameter without a default.
    Returns: the arguments, defaults filled in.
    Raises: UsageError if the expression is wrong or `f` cannot be called with its values.

    >>> arguments(lambda x, y, n=3: x * y, None)
    (0.7, 0.7, 3)
    >>> arguments(lambda x, n=3: x, "2.0, n=5")
    (2.0, 5)
    """
    signature = inspect.signature(f)
    try:
        if text is None:
            kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
            free = [p for p in signature.parameters.values() if p.kind in kinds and p.default is p.empty]
            bound = signature.bind(*(0.7 for _ in free))
        else:
            scope = {"np": np, "numpy": np, "math": math, **getattr(f, "__globals__", {})}
            positional, named = eval(f"(lambda *args, **named: (args, named))({text})", scope)
            bound = signature.bind(*positional, **named)
    except Exception as error:
        shown = "" if text is None else f" {text!r}"
        raise UsageError(f"--args{shown}: {_message(error)}") from error
    bound.apply_defaults()
    if bound.kwargs:
        raise UsageError(f"{f.__name__} has keyword-only parameters; check it in Python with ad.check")
    try:
        f(*copy.deepcopy(bound.args))
    except Exception as error:
        hint = "" if text is not None else ', give its arguments: --args "np.ones(3), 2.0"'
        raise UsageError(f"{f.__name__} fails for {_shown(bound.args)}: {_message(error)}{hint}") from error
    return bound.args


def _module_of_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise UsageError(f"no such file: {path}")
    path = path.resolve()
    # as `python FILE.py` does, so that the file finds the modules beside it
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    # a file that is called like a module already imported must not take its place
    known = sys.modules.get(path.stem)
    if known is not None and getattr(known, "__file__", None) == str(path):
        return known
    name = path.stem if known is None else f"_{path.stem}_file"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None  # a .py file always has a loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise UsageError(f"cannot import {path.name}: {_message(error)}") from error
    return module


def _module(name: str) -> ModuleType:
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        raise UsageError(f"cannot import {name}: {_message(error)}") from error


def _suggestions(value: Any) -> str:
    names = sorted(n for n, v in vars(value).items() if inspect.isfunction(v)) if hasattr(value, "__dict__") else []
    return f"; it has {', '.join(names[:8])}" if names else ""


def _message(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _shown(args: tuple[Any, ...]) -> str:
    text = ", ".join(repr(a) for a in args)
    return f"({text})" if len(text) <= 80 else "these arguments"
