"""The global names that code reads: what Python's own disassembler finds."""

from __future__ import annotations

import dis
import inspect
import types

import pytest

from tangent_ad.analyses import kinds
from tangent_ad.backends.python import names_in
from tangent_ad.frontend import desugar

LONG = "\n".join(f"n{k} = m{k}.a{k}" for k in range(700))  # more names than fit into one byte


@pytest.mark.parametrize("text", [inspect.getsource(kinds), inspect.getsource(desugar), LONG])
def test_names_are_those_that_dis_shows(text: str) -> None:
    code = compile(text, "sample", "exec", dont_inherit=True)
    found: set[str] = set()
    stack = [code]
    while stack:
        top = stack.pop()
        found.update(i.argval for i in dis.get_instructions(top) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME"))
        stack.extend(const for const in top.co_consts if isinstance(const, types.CodeType))
    assert names_in(code) == found
