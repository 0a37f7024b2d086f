"""What the modes derive that is not the program itself: its sum for second derivatives, its compiled form, the
program with annotations.

In: a program and its loaded `f`.  Out: functions.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import tangent_ad as ad
from tests.random_programs.generate import Program
from tests.random_programs.judge import close, flat, fresh
from tests.random_programs.load import load, unload


def summed(program: Program, f: Callable[..., Any]) -> Callable[..., Any]:
    """`f` itself if its result is a number; else a function of the program's module that adds up what `f` returns."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        value = f(*fresh(program.arguments()))
    if not isinstance(value, tuple) and np.ndim(value) == 0:
        return f
    names = [p.name for p in program.params]
    parts = [f"r{k}" for k in range(len(value))] if isinstance(value, tuple) else ["r0"]
    values = value if isinstance(value, tuple) else (value,)
    terms = [f"np.sum(np.sin({r}))" if np.ndim(v) else f"{r} * {r}" for r, v in zip(parts, values, strict=True)]
    lines = [
        f"def summed({', '.join(_heading(f, names))}):",
        f"    {', '.join(parts)} = f({', '.join(names)})",
        f"    return {' + '.join(terms)}",
    ]
    name = program.name + "_summed"
    made: Callable[..., Any] = load(name, program.source + "\n\n" + "\n".join(lines) + "\n")["summed"]
    return made


def _heading(f: Callable[..., Any], names: list[str]) -> list[str]:
    """The parameters of `f` with its annotations."""
    return [
        f"{k}: {v if isinstance(v := f.__annotations__[k], str) else _spelled(v)}" if k in f.__annotations__ else k
        for k in names
    ]


def _spelled(annotation: Any) -> str:
    return "np.ndarray" if annotation is np.ndarray else str(annotation.__name__)


def compiled_pair(program: Program, f: Callable[..., Any]) -> Any:
    """(plain, compiled): the vjp or, for every other program, the jvp."""
    wrt = program.wrt[0] if len(program.wrt) == 1 else program.wrt
    derive = ad.jvp if program.seed % 2 else ad.vjp
    return derive(f, wrt), derive(f, wrt, jit=True)


def numba_compiles(program: Program, f: Callable[..., Any]) -> bool:
    """Does Numba compile the program itself, and right?  It has no implementation for some of NumPy, fixes the type of
    a variable, and differs from NumPy in updates of overlapping slices."""
    import numba

    name = program.name + "_compiled"
    try:
        namespace = load(name, program.source)
        for key, value in list(namespace.items()):
            if key.startswith("part"):
                namespace[key] = numba.njit(value)
        value = numba.njit(namespace["f"])(*fresh(program.arguments()))
    except TimeoutError:
        raise
    except Exception:
        return False
    finally:
        unload(name)
    return close(flat(value), flat(f(*fresh(program.arguments()))), 1e-9 if program.dtype == "float64" else 1e-4)


def annotated(program: Program) -> Program:
    """`program` with the kind and rank of every parameter of f written down."""
    tree = ast.parse(program.source)
    [function] = [s for s in ast.walk(tree) if isinstance(s, ast.FunctionDef) and s.name == "f"]
    for param, value in zip(function.args.args, program.arguments(), strict=True):
        if isinstance(value, np.ndarray):
            word = {"f": "Float32" if value.dtype.itemsize == 4 else "Float", "b": "Bool"}.get(value.dtype.kind, "Int")
            axes = " ".join(f"{param.arg}{k}" for k in range(value.ndim))
            text = f"{word}[np.ndarray, '{axes}']"
        else:
            text = "bool" if isinstance(value, bool) else "int" if isinstance(value, int) else "float"
        param.annotation = ast.Constant(text)
    return replace(program, source=ast.unparse(tree) + "\n")
