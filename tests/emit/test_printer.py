"""Our printer beside astor's: what we read and print is the program that astor prints from Python's own tree."""

from __future__ import annotations

import ast

import astor
import pytest

from tangent_ad.emit.text import function_text
from tangent_ad.frontend.read import read_function
from tests.random_programs.generate import Program, generate
from tests.random_programs.load import load, unload

CHAINED = {"chained assignment", "chained assignment of an array", "test: chained comparison"}
"""What is read as two statements, or as two comparisons."""
PROGRAMS = [p for p in (generate(7, k) for k in range(120)) if not CHAINED & set(p.uses)][:40]


def tree(text: str) -> str:
    """The syntax tree of the one function in `text`, without its docstring."""
    [function] = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)
    if ast.get_docstring(function) is not None:
        function.body = function.body[1:]
    return ast.dump(function)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p.name)
def test_prints_what_astor_prints(program: Program) -> None:
    try:
        f = load(program.name, program.source)["f"]
        ours = function_text(read_function(f))
    finally:
        unload(program.name)
    whole = ast.parse(program.source)
    [node] = [n for n in ast.walk(whole) if isinstance(n, ast.FunctionDef) and n.name == "f"]
    assert tree(ours) == tree(astor.to_source(node))
