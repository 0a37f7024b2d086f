"""From a Python function to core.

In: a function (or a Numba dispatcher, or a lambda that stands alone on its line).  Out: a core `Function`, names
resolved, comments attached, statements numbered.  What cannot be read rightly is refused.
"""

from __future__ import annotations

import ast
import functools
import linecache
import types
from collections.abc import Iterable
from typing import Any

from tangent_ad.core import nodes as n
from tangent_ad.errors import RefusedError, refuse
from tangent_ad.frontend.block import block_of
from tangent_ad.frontend.lower import lower_function
from tangent_ad.frontend.parse import parse


def read_function(function: Any, procedure: bool = False) -> n.Function:
    """Read a function into core.

    Parameters: a plain Python function, a lambda or a Numba dispatcher; whether it may end without `return`, as a
    callee that is called for what it writes.
    Returns: the function in core.
    Raises: RefusedError, with the place in the source, for what is not in the language.

    >>> from tangent_ad.frontend.scope import has_members
    >>> read_function(has_members).params[0].name
    'value'
    """
    pyfunc = plain_function(function)
    code = pyfunc.__code__
    filename = code.co_filename
    linecache.checkcache(filename)
    lines = linecache.getlines(filename, pyfunc.__globals__)
    first = code.co_firstlineno
    if not lines or first > len(lines):
        raise RefusedError(
            f"the source of `{pyfunc.__qualname__}` is not available",
            hint="define the function in a file or notebook cell",
        )
    source = n.Source(filename, "".join(lines))
    if code.co_name == "<lambda>":
        node, name = _find_lambda(source, first, pyfunc)
        return lower_function(node, pyfunc, source, source.text, 0, name)
    # An indented function is parsed under `if 1:`, which keeps every column as it is in the file.
    indented = lines[first - 1][:1] in (" ", "\t")
    head, shift = ("if 1:\n", first - 2) if indented else ("", first - 1)
    tree: ast.Module | None = None

    def parsed(block: str) -> bool:
        nonlocal tree
        try:
            tree = parse(head + block, filename)
        except SyntaxError:
            return False
        return True

    text = head + block_of(lines[first - 1 :], parsed)
    if tree is None and not parsed(text.removeprefix(head)):
        raise _stale(pyfunc, source)
    assert tree is not None
    found: Any = tree.body[0]
    if indented:
        found = found.body[0]
    if isinstance(found, ast.AsyncFunctionDef):
        at = n.Span(found.lineno + shift, found.col_offset, found.lineno + shift, found.col_offset + len("async def"))
        raise refuse("async code cannot be differentiated", at, source, "an ordinary function")
    if not isinstance(found, ast.FunctionDef) or found.name != code.co_name or not _is_current(pyfunc, text, filename):
        raise _stale(pyfunc, source)
    return lower_function(found, pyfunc, source, text, shift, found.name, procedure)


def plain_function(function: Any) -> types.FunctionType:
    """The Python function behind a callable, or a refusal that says what to pass instead."""
    inner = getattr(function, "py_func", None)
    if isinstance(inner, types.FunctionType):
        function = inner
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", None) or repr(function)
    if hasattr(function, "cache_info") and hasattr(function, "__wrapped__"):
        raise RefusedError(f"`{name}` is wrapped in `functools.lru_cache`", hint=f"{name}.__wrapped__")
    if isinstance(function, types.MethodType):
        raise RefusedError(f"`{name}` is a bound method", hint="a function that takes the object's data as arguments")
    if isinstance(function, functools.partial):
        raise RefusedError("`functools.partial` is not supported", hint="a function that makes the call")
    if isinstance(function, type):
        raise RefusedError(f"`{name}` is a class", hint="a function")
    if not isinstance(function, types.FunctionType):
        raise RefusedError(f"`{name}` is not a Python function", hint="a function written in Python with `def`")
    if hasattr(function, "__wrapped__"):
        raise RefusedError(
            f"`{name}` is wrapped by a decorator, whose effect cannot be read",
            hint=f"{name}.__wrapped__, if it is what you mean",
        )
    return function


def _stale(pyfunc: types.FunctionType, source: n.Source) -> RefusedError:
    line = pyfunc.__code__.co_firstlineno
    return refuse(
        f"the source of `{pyfunc.__qualname__}` has changed since it was defined",
        n.Span(line, 0, line, 1),
        source,
        "define the function again (reload its module)",
    )


def _is_current(pyfunc: types.FunctionType, text: str, filename: str) -> bool:
    """Does the text compile to a function with the names and constants of `pyfunc`?"""
    code = pyfunc.__code__
    if str(pyfunc.__module__).startswith("tangent_ad.generated."):
        return True  # its text is found by what it says, and its guards are compiled to stop more than they spell
    if any(name.startswith("@py") for name in (*code.co_names, *code.co_varnames)):
        return True  # rewritten by pytest: the text is right and the code is not what it compiles to
    try:
        module = compile(text, filename, "exec", dont_inherit=True)
    except (SyntaxError, RecursionError):
        return True
    found = next((c for c in _codes(module) if c.co_name == code.co_name), None)
    return found is not None and _signature(found) == _signature(code)


def _codes(code: types.CodeType) -> Iterable[types.CodeType]:
    stack = [code]
    while stack:
        top = stack.pop(0)
        yield top
        stack.extend(c for c in top.co_consts if isinstance(c, types.CodeType))


def _signature(code: types.CodeType) -> tuple[Any, ...]:
    consts = tuple(repr(c) for c in code.co_consts if not isinstance(c, types.CodeType))
    return (code.co_varnames, code.co_argcount, code.co_kwonlyargcount, consts)


def _find_lambda(source: n.Source, line: int, pyfunc: types.FunctionType) -> tuple[ast.Lambda, str]:
    """The only lambda on a line of the file, and the name it is assigned to."""
    try:
        tree = parse(source.text, source.file)
    except SyntaxError:
        raise _stale(pyfunc, source) from None
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda) and node.lineno == line]
    at = n.Span(line, 0, line, len(source.text.splitlines()[line - 1]))
    if len(found) != 1:
        raise refuse("several lambdas stand on this line", at, source, "`def`, or one lambda on a line")
    node = found[0]
    if tuple(arg.arg for arg in node.args.args) != pyfunc.__code__.co_varnames[: pyfunc.__code__.co_argcount]:
        raise _stale(pyfunc, source)
    for parent in ast.walk(tree):
        if isinstance(parent, ast.Assign) and parent.value is node and isinstance(parent.targets[0], ast.Name):
            return node, parent.targets[0].id
    return node, "fn"
