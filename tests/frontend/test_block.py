"""The lines of a function: what `inspect.getblock` gives, whether or not the depth of lines is enough to tell."""

from __future__ import annotations

import ast
import inspect
import textwrap

import pytest

from tangent_ad.frontend.block import block_of

BLOCKS = {
    "followed by code": "def f(x):\n    return x\ny = 1\n",
    "followed by comments": "def f(x):\n    return x\n    # inside\n# outside\n\ny = 1\n",
    "a comment at the margin": "def f(x):\n# here\n    a = x\n# there\n    return a\ny = 1\n",
    "a comment less deep than the body": "def f(x):\n    return x\n  # between\ny = 1\n",
    "a header of several lines": "def f(\n    x,\n):\n    return x\ny = 1\n",
    "a decorator": "@property\n# why\ndef f(x):\n    return x\ny = 1\n",
    "a string that reaches the margin": 'def f(x):\n    """Doc\n\nmore\n# no comment\n    """\n    return x\ny = 1\n',
    "a string that ends like a comment": 'def f(x):\n    s = """\n# end """\n    return x\ny = 1\n',
    "brackets that reach the margin": "def f(x):\n    return (x\n+ 1\n)\ny = 1\n",
    "a continued line": "def f(x):\n    return x + \\\n1\ny = 1\n",
    "one line": "def f(x): return x\ny = 1\n",
    "one line, then deeper comments": "def f(x): return x\n    # odd\ny = 1\n",
    "the end of the file": "def f(x):\n    return x",
    "blank lines at the end": "def f(x):\n    return x\n\n\n   \n",
    "a function in it": "def f(x):\n    def g(y):\n        return y\n\n    return g(x)\ny = 1\n",
    "tabs": "def f(x):\n\tif x:\n\t\tx = 1\n\treturn x\ny = 1\n",
    "followed by what is no Python": "def f(x):\n    return x\n)\n",
}


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("depth", ["", "    ", "\t"])
def test_as_inspect_has_it(name: str, depth: str) -> None:
    lines = [depth + line if line.strip() else line for line in BLOCKS[name].splitlines(keepends=True)]
    head = "if 1:\n" if depth else ""

    def is_whole(text: str) -> bool:
        try:
            ast.parse(head + text)
        except SyntaxError:
            return False
        return True

    assert block_of(lines, is_whole) == "".join(inspect.getblock(lines))


def test_nothing_is_tokenized_where_depth_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspect, "getblock", lambda lines: pytest.fail("tokenized"))
    lines = textwrap.dedent("def f(x):\n    return x\n\ny = 1\n").splitlines(keepends=True)
    assert block_of(lines, lambda text: True) == "def f(x):\n    return x\n"
