"""Text to Python's AST, and expressions of any depth to core."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tangent_ad.core import nodes as n
from tangent_ad.frontend.parse import parse
from tangent_ad.frontend.read import read_function


def lowered(folder: Path, text: str) -> Any:
    """The core form of an expression of x."""
    path = folder / "deep.py"
    path.write_text(f"import numpy as np\n\n\ndef f(x):\n    return {text}\n", encoding="utf-8")
    scope: dict[str, Any] = {"__name__": "deep"}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), scope)
    last = read_function(scope["f"]).body[-1]
    assert isinstance(last, n.Return)
    return last.value


@pytest.mark.parametrize("count", [2, 40, 2000])
def test_sums_of_any_length(tmp_path: Path, count: int) -> None:
    found, terms = lowered(tmp_path, " + ".join(["x"] * count)), 1
    while isinstance(found, n.Call):
        assert found.spelling == "+" and found.args[1] == n.Name("x")
        found, terms = found.args[0], terms + 1
    assert found == n.Name("x") and terms == count


def test_wide_and_deep(tmp_path: Path) -> None:
    depth = 60
    found = lowered(tmp_path, "np.stack((" + ", ".join(["np.sin(" * depth + "x" + ")" * depth] * 3) + "))")
    for part in found.args[0].elts:
        for _ in range(depth):
            assert part.fn is np.sin
            part = part.args[0]
        assert part == n.Name("x")


def test_parsed_as_python_does() -> None:
    text = "def f(x):\n    return -x[0] ** 2\n"
    assert ast.dump(parse(text, "<text>")) == ast.dump(ast.parse(text))
    with pytest.raises(SyntaxError):
        parse("def f(:", "<text>")
