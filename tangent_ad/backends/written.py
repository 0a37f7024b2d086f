"""What a written module holds so that Numba compiles it.

In: derived functions with the kinds of their parameters; the helpers that they call.  Out: the functions in the form
that Numba takes; the definitions that teach Numba the helpers, and the import lines they need.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import FunctionType
from typing import Any

from tangent_ad.backends import njit
from tangent_ad.backends.taken import COMPILED
from tangent_ad.backends.typed import for_numba
from tangent_ad.backends.workspace import with_workspace
from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import Kind
from tangent_ad.core.order import number
from tangent_ad.core.walk import is_guard
from tangent_ad.errors import RefusedError
from tangent_ad.modes.calls import parameters_of
from tangent_ad.runtime import helpers

DECORATOR = '@numba.njit(cache=_cache, error_model="numpy")'
CACHE = """\
# Numba finds compiled code again on disk only for a module that was imported by its name
_cache = __name__ in sys.modules and globals().get("__spec__") is not None"""
"""All that such a module compiles stands in its own file, so the file is all that the disk cache must go by."""
OVERLOADS = Path(__file__).with_name("overloads.py")
NDIM = """\
@overload(np.ndim)
def _ndim(x):
    rank = x.ndim if isinstance(x, types.Array) else 0
    return lambda x: rank
"""
_ANNOTATION = re.compile(r"(\w+): [\w\[\], |.]+?(?=(?: = |, \w+[:=,)]|\)))")
_RESULT = re.compile(r" -> [^:]+:")


def compilable(made: Any, plan: njit.Plan, known: Mapping[str, Kind], result: Kind) -> FunctionType:
    """A derivative as a plain function whose text Numba compiles.

    Parameters: the derivative; its plan; the kinds of the differentiated function's parameters and of its result.
    Returns: the function.
    """
    kinds: dict[str, Kind] = {}
    before = result
    for param, role in zip(plan.params, plan.roles, strict=True):
        if role == "workspace":
            continue
        kinds[param.name] = before if role == "tangent" else result if role == "seed" else known[param.name]
        before = kinds[param.name]
    own = parameters_of(made.functions)
    functions = tuple(_with_guards(fn, own.get(fn.name, kinds)) for fn in made.functions)
    if plan.takes_workspace:
        functions = (*functions[:-1], *with_workspace(functions[-1], kinds, COMPILED))
    loaded: FunctionType = replace(made, functions=functions).load()
    return loaded


def _with_guards(fn: n.Function, kinds: Mapping[str, Kind]) -> n.Function:
    """`fn` for Numba, with the guards at its head as they are: here the kinds are presumed, not known from types."""
    count = 0
    for stmt in fn.body:
        if not is_guard(stmt):
            break
        count += 1
    rest = for_numba(replace(fn, body=fn.body[count:]), kinds)
    return number(replace(rest, body=fn.body[:count] + rest.body))


def support(called: Iterable[FunctionType], text: str) -> tuple[list[str], list[str], list[FunctionType]]:
    """How Numba learns the helpers.

    Parameters: the helpers that are called; the text of the functions.
    Returns: definitions, in order; import lines; helpers that the definitions need besides.
    Raises: RefusedError for a helper that has no compiled form.
    """
    source = OVERLOADS.read_text(encoding="utf-8")
    defined = {name: node for node in ast.parse(source).body for name in _names(node)}
    wanted: set[str] = set()
    also: dict[str, FunctionType] = {}
    todo = ["_may_share_memory"] if "np.may_share_memory(" in text else []
    for helper in called:
        if f"_{helper.__name__}" not in defined:
            raise RefusedError(f"`{helper.__name__}` has no compiled form", hint="write the module without jit")
        todo.append(f"_{helper.__name__}")
    while todo:
        name = todo.pop()
        if name in wanted or name not in defined:
            continue
        wanted.add(name)
        for node in ast.walk(defined[name]):
            if isinstance(node, ast.Name) and node.id != "Body":
                todo.append(node.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "helpers":
                also[node.attr] = getattr(helpers, node.attr)
                todo.append(f"_{node.attr}")
    lines = source.splitlines()
    blocks = [_block(lines, node) for name, node in defined.items() if name in wanted]
    if "np.ndim(" in text:
        blocks.insert(0, NDIM)
    together = "".join(blocks)
    imports = ["import sys", "import numba", *(["import numpy as np"] if "np." in together else [])]
    if "types." in together:
        imports.append("from numba import types")
    used = [word for word in ("overload", "register_jitable") if f"@{word}" in together]
    if used:
        imports.append(f"from numba.extending import {', '.join(used)}")
    return blocks, imports, list(also.values())


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    return [t.id for t in node.targets if isinstance(t, ast.Name)] if isinstance(node, ast.Assign) else []


def _block(lines: list[str], node: Any) -> str:
    """The source of a definition, without the annotations, which would need imports."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    found = []
    for line in lines[first - 1 : node.end_lineno]:
        if line.lstrip().startswith("def "):
            line = _RESULT.sub(":", _ANNOTATION.sub(r"\1", line))
            line = re.sub(r"(\w) = ", r"\1=", line)
        else:
            line = re.sub(r"^(\s+\w+): [A-Za-z][\w\[\], .]* = ", r"\1 = ", line)
        found.append(line.replace("helpers.", ""))
    return "\n".join(found) + "\n"
