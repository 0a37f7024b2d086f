"""Modules of generated code.

In: core functions that belong together.  Out: the text of one module: header, imports, the helpers used, functions.
"""

from __future__ import annotations

import builtins
import importlib
import inspect
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core import scope as sc
from tangent_ad.core import spelling as sp
from tangent_ad.core.answers import kept
from tangent_ad.core.walk import expressions, map_body, map_expr, map_expressions, statements, subexpressions
from tangent_ad.emit.text import function_text, locals_of
from tangent_ad.errors import RefusedError
from tangent_ad.rules.registry import Carried

HELPERS = "tangent_ad.runtime.helpers"
_ROOTS = {"np": np, "numpy": np, "math": math}
_ROOT = re.compile(r"[A-Za-z_]\w*")


def module_text(
    functions: Sequence[n.Function],
    header: Iterable[str] = (),
    constants: Sequence[str] = (),
    imports: Iterable[str] = (),
    decorator: str = "",
    support: Sequence[str] = (),
    also: Iterable[FunctionType] = (),
) -> str:
    """The text of a module.

    Parameters: the functions, in the order they are to stand; the lines of a comment to put on top; the lines that
        bind constants, which stand below the imports; further import lines; the line to put above every function;
        definitions that stand below the helpers; helpers that those need.
    Returns: text that needs only NumPy, `math` and what the functions' own modules define.
    Raises: RefusedError if a name of the user's module clashes with one the text must define.
    """
    functions = [_respelled(fn, _aliases(functions)) for fn in functions]
    helpers = helpers_of(functions, also)
    _check_clashes(functions, helpers)
    imports = {*imports, *(line for fn in functions for line in _imports(fn))}
    if helpers or any("np." in line for line in constants):
        imports.add("import numpy as np")
    parts = []
    top = "\n".join(f"# {line}".rstrip() for line in header)
    if top:
        parts.append(top + "\n")
    if imports:
        own = {line for line in imports if line.split()[1] in ("math", "sys")}
        groups = [sorted(group, key=lambda line: (line.startswith("from"), line)) for group in (own, imports - own)]
        parts += ["\n".join(group) + "\n" for group in groups if group]
    if constants:
        parts.append("\n".join(constants) + "\n")
    start = "\n".join(parts)
    above = f"{decorator}\n" if decorator else ""
    blocks = [inspect.getsource(helper).rstrip() + "\n" for helper in helpers]
    if lines := _alias_lines(functions):
        blocks.append("".join(lines))
    blocks += support
    blocks += [above + function_text(fn) for fn in functions]
    return (f"{start}\n\n" if start else "") + "\n\n".join(blocks)


@kept
def _uses(fn: n.Function) -> dict[tuple[str, int], tuple[str, Any]]:
    """Each name a function takes from outside, with what it means there, in the order of the text."""
    found: dict[tuple[str, int], tuple[str, Any]] = {}
    for param in fn.params:
        if param.default is not None:
            found.update(_uses_in(param.default))
    for stmt in statements(fn.body):
        for expr in expressions(stmt):
            found.update(_uses_in(expr))
    return found


@kept
def _uses_in(expr: n.Expr) -> dict[tuple[str, int], tuple[str, Any]]:
    """The same of an expression, by spelling and identity."""
    found: list[tuple[str, Any]] = []
    for part in subexpressions(expr):
        kind = type(part)
        if kind is n.Call:
            if is_named(part.spelling):  # type: ignore[attr-defined]
                found.append((part.spelling, part.fn))  # type: ignore[attr-defined]
        elif kind is n.Global:
            found.append((part.spelling, part.value))  # type: ignore[attr-defined]
        elif kind is n.Const and _needs_numpy(part.value):  # type: ignore[attr-defined]
            found.append(("np.inf", np.inf))
    return {(spelling, id(value)): (spelling, value) for spelling, value in found}


def is_named(spelling: str) -> bool:
    """True if a call is spelled with a name (`np.sin`), not with an operator, method or attribute."""
    return spelling not in ("not", "is", "is not") and (spelling[0].isalpha() or spelling[0] == "_")


def _needs_numpy(value: Any) -> bool:
    return isinstance(value, np.generic) or (isinstance(value, float) and not math.isfinite(value))


def _root(spelling: str) -> str:
    found = _ROOT.match(spelling)
    assert found is not None
    return found.group()


def _means(module: ModuleType, spelling: str, value: Any) -> bool:
    """True if a dotted spelling, its root taken as `module`, leads to `value`."""
    found: Any = module
    for part in spelling.split(".")[1:]:
        found = getattr(found, part, sc.MISSING)
    return found is value or (callable(value) and found == value)


def _aliases(functions: Sequence[n.Function]) -> dict[str, str]:
    """New names for `np` and `math` where the user's own text means something else by them."""
    found: dict[str, str] = {}
    taken = {_root(spelling) for fn in functions for spelling, _ in _uses(fn).values()}
    own = frozenset().union(*(locals_of(fn) for fn in functions)) if functions else frozenset()
    for root, module in _ROOTS.items():
        uses = [(s, v) for fn in functions for s, v in _uses(fn).values() if _root(s) == root]
        clash = root in own or any(not _means(module, s, v) for s, v in uses)
        if clash and any(_means(module, s, v) for s, v in uses):
            alias = f"_{root}"
            while alias in taken or alias in own:
                alias = f"_{alias}"
            found[root] = alias
    meant = {spelling: value for fn in functions for spelling, value in _uses(fn).values()}
    for name in sorted(own & meant.keys()):  # a helper, or `len`, where the user has a variable of that name
        if _is_helper(meant[name]) or getattr(builtins, name, sc.MISSING) is meant[name]:
            alias = f"_{name}"
            while alias in taken or alias in own:
                alias = f"_{alias}"
            found[name] = alias
    return found


def _alias_lines(functions: Sequence[n.Function]) -> list[str]:
    """The lines that give helpers and builtins their other names."""
    lines = set()
    for fn in functions:
        for spelling, value in _uses(fn).values():
            known = _is_helper(value) or getattr(builtins, getattr(value, "__name__", ""), sc.MISSING) is value
            if known and spelling != value.__name__ and spelling.lstrip("_") == value.__name__:
                lines.add(f"{spelling} = {value.__name__}\n")
    return sorted(lines)


def _respelled(fn: n.Function, aliases: dict[str, str]) -> n.Function:
    if not aliases:
        return fn

    def new_name(spelling: str, value: Any) -> str:
        root = _root(spelling)
        if root in aliases and (root not in _ROOTS or _means(_ROOTS[root], spelling, value)):
            return aliases[root] + spelling[len(root) :]
        return spelling

    def new_expr(expr: n.Expr) -> n.Expr:
        if isinstance(expr, n.Global):
            return replace(expr, spelling=new_name(expr.spelling, expr.value))
        if isinstance(expr, n.Call) and is_named(expr.spelling):
            return replace(expr, spelling=new_name(expr.spelling, expr.fn))
        if isinstance(expr, n.Const) and "np" in aliases and _needs_numpy(expr.value):
            return _spelled_constant(expr.value, aliases["np"])
        return expr

    def new_stmt(_: int, stmt: n.Stmt) -> tuple[n.Stmt]:
        return (map_expressions(stmt, lambda expr: map_expr(expr, new_expr)),)

    params = tuple(p if p.default is None else replace(p, default=map_expr(p.default, new_expr)) for p in fn.params)
    return replace(fn, params=params, body=map_body(fn.body, new_stmt))


def _spelled_constant(value: Any, alias: str) -> n.Expr:
    """A constant that prints with NumPy's name, under another name for NumPy."""
    if isinstance(value, np.generic):
        return n.Call(type(value), f"{alias}.{type(value).__name__}", (n.Const(value.item()),))
    if math.isnan(value):
        return n.Global(f"{alias}.nan", np.nan)
    infinity = n.Global(f"{alias}.inf", np.inf)
    return infinity if value > 0 else n.Call(sp.UNARY["USub"], "-", (infinity,))


def _imports(fn: n.Function) -> Iterator[str]:
    """The import lines for the roots of names that are NumPy or `math` under some name."""
    scope = sc.scope_of(fn.pyfunc) if isinstance(fn.pyfunc, FunctionType) else None
    own = locals_of(fn)
    annotations = " ".join(p.annotation for p in fn.params if p.annotation is not None)
    for root in ("np", "numpy"):
        if re.search(rf"\b{root}\.", annotations) and root not in own:
            yield "import numpy as np" if root == "np" else "import numpy"
    for spelling, value in _uses(fn).values():
        root = _root(spelling)
        if "." not in spelling or root in own:
            continue
        module = _ROOTS.get(root) or _ROOTS.get(root.lstrip("_"))
        if module is None or not _means(module, spelling, value):
            module = scope.find(root) if scope is not None else None
            known = isinstance(module, ModuleType) and module.__name__.partition(".")[0] in ("numpy", "math")
            if not known or not _means(module, spelling, value):  # type: ignore[arg-type]
                continue
        assert isinstance(module, ModuleType)
        yield f"import {module.__name__}" + (f" as {root}" if root != module.__name__ else "")


def helpers_of(functions: Sequence[n.Function], also: Iterable[FunctionType] = ()) -> list[FunctionType]:
    """The runtime helpers the functions call, and those that these call, in the order of their names."""
    todo = [
        value for fn in functions for spelling, value in _uses(fn).values() if _is_helper(value) and "." not in spelling
    ]
    todo += also
    found: dict[str, FunctionType] = {}
    while todo:
        helper = todo.pop()
        if helper.__name__ in found:
            continue
        found[helper.__name__] = helper
        module = importlib.import_module(HELPERS)
        inner = (getattr(module, name, None) for name in helper.__code__.co_names)
        todo.extend(value for value in inner if _is_helper(value))
    return [found[name] for name in sorted(found)]


def _is_helper(value: Any) -> bool:
    return isinstance(value, FunctionType) and value.__module__ == HELPERS


def _check_clashes(functions: Sequence[n.Function], helpers: Sequence[FunctionType]) -> None:
    """Refuse if a name that the module defines means something else to the user's text."""
    defined: dict[str, Any] = {helper.__name__: helper for helper in helpers}
    made = {fn.name for fn in functions}
    for fn in functions:
        for spelling, value in _uses(fn).values():
            root = _root(spelling)
            if root in defined:
                clash = value is not defined[root]
            else:
                # Generated functions may call each other; anything else of that name is the user's.
                clash = root in made and (root != spelling or not isinstance(value, FunctionType | Carried))
            if clash:
                raise RefusedError(
                    f"`{root}` in `{fn.name}` has the name of a function of the generated module",
                    hint=f"rename `{root}` in your module",
                )
