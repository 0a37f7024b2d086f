"""What a written module holds for Numba: everything that the helpers need, nothing that they do not."""

from __future__ import annotations

import ast
import builtins
import inspect
from types import FunctionType

import pytest

from tangent_ad.backends import written
from tangent_ad.errors import RefusedError
from tangent_ad.runtime import helpers

HELPERS = {name: fn for name, fn in vars(helpers).items() if isinstance(fn, FunctionType)}


def compiled() -> list[str]:
    found = []
    for name, helper in HELPERS.items():
        try:
            written.support([helper], "")
        except RefusedError:
            continue
        found.append(name)
    return found


COMPILED = compiled()


def test_most_helpers_have_a_compiled_form() -> None:
    assert {"sum_to", "spread", "copy_of", "unreduce", "add_at"} <= set(COMPILED)
    for name in set(HELPERS) - set(COMPILED):
        with pytest.raises(RefusedError, match=f"`{name}` has no compiled form"):
            written.support([HELPERS["sum_to"], HELPERS[name]], "")


@pytest.mark.parametrize("name", COMPILED)
def test_a_module_of_it_defines_every_name(name: str) -> None:
    """Run as a module of its own it binds all that it reads, and reads all that it binds."""
    blocks, imports, also = written.support([HELPERS[name]], "")
    sources = [inspect.getsource(helper) for helper in dict.fromkeys((HELPERS[name], *also))]
    text = "\n".join([*imports, "import numpy as np", *sources, *blocks])
    tree = ast.parse(text)
    top = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert len(top) == len(set(top)), "defined once"
    space: dict[str, object] = {"__name__": "made"}
    exec(compile(tree, "made", "exec"), space)
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    inner = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    args = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    assert not {name for name in read - bound - inner - args if name not in space and not hasattr(builtins, name)}
    assert "helpers" not in read
    helpers_read = {helper.__name__ for helper in also}
    assert all(other in read for other in helpers_read), "nothing beyond"


@pytest.mark.parametrize("name", COMPILED)
def test_each_with_its_overload(name: str) -> None:
    blocks, imports, _ = written.support([HELPERS[name]], "")
    assert any(f"@overload({name}" in block or f"def _{name}(" in block for block in blocks)
    assert "import numba" in imports and len(set(imports)) == len(imports)
    assert not any("->" in line for block in blocks for line in block.splitlines() if line.lstrip().startswith("def "))


def test_together_is_each_once() -> None:
    some = [HELPERS[name] for name in COMPILED]
    blocks, _, also = written.support(some, "np.ndim(x) np.may_share_memory(x, y)")
    assert len(blocks) == len(set(blocks)) and blocks[0] == written.NDIM
    assert len(also) == len(set(also))
    single = [block for helper in some for block in written.support([helper], "")[0]]
    assert set(single) <= set(blocks)
    assert [b for b in blocks if b in single] == sorted(set(single), key=blocks.index), (
        "in the order of their definition"
    )


def test_nothing_for_nothing() -> None:
    assert written.support([], "np.sin(x)") == ([], ["import sys", "import numba"], [])
    blocks, imports, _ = written.support([], "np.ndim(x)")
    assert blocks == [written.NDIM] and "import numpy as np" in imports and "from numba import types" in imports
    assert "from numba.extending import overload" in imports
