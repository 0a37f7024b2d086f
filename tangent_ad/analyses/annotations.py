"""Kinds that the user wrote down.

In: a function.  Out: kinds of its parameters, from annotations: numbers, `np.ndarray`, `NDArray[np.float32]`, and the
jaxtyping spelling `Float[np.ndarray, "n d"]`, read from the source.
"""

from __future__ import annotations

import operator
import re
from dataclasses import replace

import numpy as np

from tangent_ad.core import nodes as n
from tangent_ad.core.kinds import BOOL, FLOAT, INT, Kind, array
from tangent_ad.core.walk import bound_names, is_guard

_NUMBERS = {"float": FLOAT, "int": INT, "bool": BOOL, "np.float64": FLOAT, "np.float32": FLOAT.with_dtype("float32")}
_DTYPES = {"Float": "float", "Float64": "float", "Float32": "float32", "Int": "int", "Int64": "int", "Bool": "bool"}
_SHAPED = re.compile(r"""(\w+)\[\s*(?:np\.ndarray|numpy\.ndarray|NDArray|Array)\s*,\s*["']([^"']*)["']\s*\]""")
_NDARRAY = re.compile(r"(?:\w+\.)*NDArray\[\s*(?:np\.|numpy\.)?(\w+)\s*\]")


def annotated_kinds(fn: n.Function) -> dict[str, Kind]:
    """The kinds that annotations give to parameters; `x: float` says a number, not an array."""
    found = {p.name: kind_of_annotation(p.annotation) for p in fn.params if p.annotation}
    known = {name: kind for name, kind in found.items() if kind is not None}
    return {**known, **guarded_kinds(fn, known)}


def guarded_kinds(fn: n.Function, known: dict[str, Kind]) -> dict[str, Kind]:
    """The kinds that the guards at the head of derived code hold parameters to.

    `if x.ndim != 2 or x.dtype.kind != "f": raise ...`, `if np.ndim(x) != 0: raise ...` for a number, and
    `if x_dot.shape != x.shape: raise ...` for a tangent.
    """
    found: dict[str, Kind] = {}
    alike: list[tuple[str, str]] = []
    params = {p.name for p in fn.params}
    for stmt in fn.body:
        if isinstance(stmt, n.Assign) and not set(bound_names(stmt.target)) & params:
            continue
        if not is_guard(stmt):
            break
        tests = stmt.test.values if isinstance(stmt.test, n.BoolOp) and stmt.test.op == "or" else (stmt.test,)
        for test in tests:
            match test:
                case n.Call(
                    fn=operator.ne, args=(n.Call(fn=np.ndim, args=(n.Name(id=name),)), n.Const(value=int(rank)))
                ):
                    old = found.get(name) or known.get(name) or Kind("value")
                    found[name] = replace(old, form="value", rank=rank)
                case n.Call(
                    fn=operator.ne,
                    args=(n.Call(fn=np.shape, args=(n.Name(id=name),)), n.Call(fn=np.shape, args=(n.Name(id=like),))),
                ):
                    alike.append((name, like))
                case n.Call(
                    fn=operator.ne, args=(n.Call(fn=np.dtype.kind, args=(n.Call(args=(n.Name(id=name),)),)), _)
                ):
                    old = found.get(name) or known.get(name) or array(None, None)
                    found[name] = old if old.dtype else old.with_dtype("float")
    for name, like in alike:
        same = found.get(like) or known.get(like)
        if same is not None:
            found[name] = same
    return {name: kind for name, kind in found.items() if name in params}


def named_axes(text: str) -> tuple[str, ...]:
    """The names of the axes in an annotation, a size among them as it is written.

    >>> named_axes('Float[np.ndarray, "n 3"]')
    ('n', '3')
    """
    shaped = _SHAPED.search(text)
    axes = shaped[2].split() if shaped else []
    return tuple(axes) if all(a.isidentifier() or a.isdecimal() for a in axes) else ()


def kind_of_annotation(text: str) -> Kind | None:
    """The kind that one annotation means, or None if it says nothing.

    >>> kind_of_annotation('Float[np.ndarray, "n d"]').rank
    2
    """
    text = text.strip()
    if text[:1] in ("'", '"') and text[-1:] == text[:1]:
        text = text[1:-1].strip()
    if text in _NUMBERS:
        return _NUMBERS[text]
    if text in ("np.ndarray", "numpy.ndarray", "NDArray"):
        return array(None, None)
    shaped = _SHAPED.search(text)
    if shaped and shaped[1] in _DTYPES:
        axes = shaped[2].split()
        if any(a.startswith("*") or a == "..." for a in axes):
            return array(None, _DTYPES[shaped[1]])
        return Kind("value", _DTYPES[shaped[1]], len(axes))
    typed = _NDARRAY.search(text)
    if typed:
        dtype = {"float64": "float", "float32": "float32", "bool_": "bool"}.get(typed[1])
        return array(None, dtype or ("int" if "int" in typed[1] else None))
    return None
