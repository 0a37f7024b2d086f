"""What single passes do, and what they must leave alone, on text."""

from __future__ import annotations

import linecache
from typing import Any

import numpy as np
import pytest

from tangent_ad.core.kinds import FLOAT, array
from tangent_ad.core.order import number
from tangent_ad.emit.text import body_text
from tangent_ad.frontend.read import read_function
from tangent_ad.simplify import Context, simplify

KINDS = {"x": FLOAT, "y": FLOAT, "u": array(1), "v": array(1)}
USER = frozenset(("x", "y", "u", "v", "n", "z"))


def simplified(body: str) -> str:
    """The body of `f(x, y, u, v, n)` after simplification; t, x_bar and the like are the compiler's."""
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    text = f"def f(x, y, u, v, n):\n{lines}"
    file = "<simplify test>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    space: dict[str, Any] = {"np": np}
    exec(compile(text, file, "exec"), space)
    fn = number(read_function(space["f"]))
    return body_text(simplify(fn, Context(USER, KINDS)).body).strip()


CHANGED = {
    "moved": ("t = x * y\nreturn t + x", "return x * y + x"),
    "renamed": ("t = x\nz = t * t\nreturn z + t", "z = x * x\nreturn z + x"),
    "accumulated": ("x_bar = x * y\nx_bar += y\nreturn x_bar * x", "x_bar = x * y + y\nreturn x_bar * x"),
    "double negation": ("t_bar = -(-x)\nreturn t_bar * y", "return x * y"),
    "negated term": ("x_bar = y * y\nfor i in range(n):\n    x_bar += -y\nreturn x_bar",
                     "x_bar = y * y\nfor i in range(n):\n    x_bar -= y\nreturn x_bar"),
    "a sum that begins with an argument": ("x_bar = y\nfor i in range(n):\n    x_bar += y\nreturn x_bar",
                                           "x_bar = y\nfor i in range(n):\n    x_bar = x_bar + y\nreturn x_bar"),
    "countdown": ("for _ in range(n - 1, -1, -1):\n    x = x * y\nreturn x",
                  "for _ in range(n):\n    x = x * y\nreturn x"),
    "bounds": ("for i in range(len(u) - 1 - 1, 0, -1):\n    x = x * u[i]\nreturn x",
               "for i in range(len(u) - 2, 0, -1):\n    x = x * u[i]\nreturn x"),
    "dead tape": ("x_saved = []\nfor i in range(n):\n    x_saved.append(x)\n    x = x * y\n"
                  "for i in range(n):\n    t = x_saved.pop()\nreturn x",
                  "for i in range(n):\n    x = x * y\nreturn x"),
    "constant tape": ("x_saved = []\nif y > 0:\n    x_saved.append(x)\nif y > 0:\n    x = x_saved.pop()\nreturn x",
                      "return x"),
    "flag": ("branch = x > y\nif branch:\n    z = x\nelse:\n    z = y\nif branch:\n    z = z * x\nreturn z",
             "if x > y:\n    z = x\nelse:\n    z = y\nif x > y:\n    z = z * x\nreturn z"),
    "constant length": ("t = np.zeros(3)\nt_bar = np.zeros_like(t)\nt_bar[n] = x\nreturn t_bar * len(t)",
                        "t = np.zeros(3)\nt_bar = np.zeros(3)\nt_bar[n] = x\nreturn t_bar * len(t)"),
    "elements": ("t_bar = np.zeros(2)\nt_bar[0] += x\nt_bar[1] += t_bar[0] * y\nt_bar[0] = 0.0\n"
                 "return t_bar[-1] * t_bar[0]",
                 "t_0_bar = x\nt_1_bar = t_0_bar * y\nt_0_bar = 0.0\nreturn t_1_bar * t_0_bar"),
    "element of a loop": ("for k in range(2):\n    t_bar = np.zeros(2)\n    t_bar[k] += 1.0\n    u[k] = t_bar[0]\n"
                          "return u",
                          "for k in range(2):\n    u[k] = 1.0 * (k == 0)\nreturn u"),
    "rows": ("u_jac = np.empty((n,) + u.shape, u.dtype)\nfor k in range(n):\n    u_bar = np.zeros_like(u)\n"
             "    u_bar[k] += x\n    u_jac[k] = u_bar\nreturn u_jac",
             "u_jac = np.zeros((n,) + u.shape, u.dtype)\nfor k in range(n):\n    u_bar = u_jac[k]\n"
             "    u_bar[k] = x\nreturn u_jac"),
}  # fmt: skip

KEPT = {
    "operand is bound again": "t = x * y\nx = x + 1.0\nreturn t * x",
    "memory is written": "t = u[0] * 2.0\nu[0] = x\nreturn t",
    "memory is written through a view": "z = u[1:]\nt = np.sum(u)\nz[0] = x\nreturn t",
    "into a loop": "t = np.sin(x)\nfor i in range(n):\n    y = y * t\nreturn y",
    "read twice": "t = np.sin(x)\nreturn t * t",
    "a copy that is written": "t = u.copy()\nt[0] = x\nreturn t",
    "pop": "x_saved = [x]\nt = x_saved.pop()\nx_saved.append(y)\nreturn t",
    "renamed name is bound again": "t = x\nx = x * y\nreturn t * x",
    "renamed in a loop": "t = x\nfor i in range(n):\n    x = x * t\nreturn x",
    "flag of what changes": "branch = x > y\nx = x * 2.0\nif branch:\n    x = x * x\nreturn x",
    "flag of what changes inside": "branch = x > y\nif branch:\n    x = x * y\nif branch:\n    y = y * x\nreturn x + y",
    "array that is added to": "u_bar = 2.0 * u\nu_bar += v\nreturn u_bar",
    "second name of an array": "u_bar = v\nz = u_bar * v\nu_bar += z\nreturn u_bar",
    "the user's name": "z = x * y\nreturn z + x",
    "a loop that reads its variable": "for i in range(n - 1, -1, -1):\n    x = x * i\nreturn x",
    "under a condition": "t = np.log(x)\nreturn t if x > 0 else y",
    "elements of what is seen whole": "t_bar = np.zeros(2)\nt_bar[0] = x\nz = t_bar * y\nt_bar[0] = y\nreturn z",
    "elements that an index names": "t_bar = np.zeros(2)\nt_bar[n] = x\nreturn t_bar[0] + t_bar[1]",
    "elements of a loop that goes on": "t_bar = np.zeros(2)\nfor k in range(3):\n    t_bar[k] = 1.0\n"
    "return t_bar[0] + t_bar[1]",
    "elements behind the end": "t_bar = np.zeros(2)\nt_bar[0] = x\nreturn t_bar[0] + t_bar[2]",
    "elements of the user's array": "z = np.zeros(2)\nz[0] = x\nz[1] = z[0] * y\nreturn z[0] + z[1]",
    "elements of two lengths": "if x > y:\n    t_bar = np.zeros(2)\nelse:\n    x = y\n    t_bar = np.zeros(3)\n"
    "t_bar[0] = x\nreturn t_bar[0]",
    "rows of a name that is bound again": "u_jac = np.empty((n,) + u.shape, u.dtype)\nfor k in range(n):\n"
    "    u_bar = np.zeros_like(u)\n    u_bar[0] = x\n    u_bar = u_bar * v\n    u_jac[k] = u_bar\nreturn u_jac",
    "rows that are seen meanwhile": "u_jac = np.empty((n,) + u.shape, u.dtype)\nfor k in range(n):\n"
    "    u_bar = np.zeros_like(u)\n    u_bar[0] += np.sum(u_jac)\n    u_jac[k] = u_bar\nreturn u_jac",
    "rows in another order": "u_jac = np.empty((n,) + u.shape, u.dtype)\nfor k in range(n):\n"
    "    u_bar = np.zeros_like(u)\n    u_bar[0] = x\n    u_jac[n - k] = u_bar\nreturn u_jac",
    "rows of one array": "u_jac = np.empty((n,) + u.shape, u.dtype)\nu_bar = np.zeros_like(u)\nfor k in range(n):\n"
    "    u_bar[0] += x\n    u_jac[k] = u_bar\nreturn u_jac",
    "rows of another shape": "u_jac = np.empty((n,) + v.shape, v.dtype)\nfor k in range(n):\n"
    "    u_bar = np.zeros_like(u)\n    u_bar[0] = x\n    u_jac[k] = u_bar\nreturn u_jac",
    "rows with a second name": "u_jac = np.empty((n,) + u.shape, u.dtype)\nz = u\nfor k in range(n):\n"
    "    u_bar = np.zeros_like(u)\n    if k > 0:\n        z[0] = x\n    z = u_bar\n    u_jac[k] = u_bar\nreturn u_jac",
    "tape of what changes": "x_saved = []\nfor i in range(n):\n    x_saved.append(x)\n    x = x * y\n"
    "for i in range(n):\n    x = x_saved.pop()\nreturn x",
}


@pytest.mark.parametrize("case", CHANGED)
def test_changed(case: str) -> None:
    body, expected = CHANGED[case]
    assert simplified(body) == expected


@pytest.mark.parametrize("case", KEPT)
def test_kept(case: str) -> None:
    assert simplified(KEPT[case]) == KEPT[case]
