"""The work of making a derivative grows with the length of the function and no faster.

Work is counted, not timed: the calls that the compiler makes, the same on every machine.
"""

from __future__ import annotations

import cProfile
from collections.abc import Callable

import pytest

import tangent_ad as ad
from tests.frontend.defining import define

SMALL, LARGE, MORE = 40, 160, 1.35
"""The two sizes, and how much more work a unit of the larger function may take."""


def straight(size: int) -> str:
    lines = [f"    a{k} = np.sin(a{k - 1}) * y + a{max(0, k - 3)}" for k in range(1, size)]
    return "\n".join(["def f(x, y):", "    a0 = x * y", *lines, f"    return a{size - 1}", ""])


def ladder(size: int) -> str:
    rungs = [f"    elif x < {k}.0:\n        r = y * x + {k}.0" for k in range(1, size)]
    first = "    if x < 0.0:\n        r = y * x"
    return "\n".join(["def f(x, y):", first, *rungs, "    else:\n        r = x", "    return r", ""])


def branches(size: int) -> str:
    lines = [f"    a{k} = a{k - 1} * y\n    if a{k} > 0.0:\n        a{k} = a{k} * x" for k in range(1, size)]
    return "\n".join(["def f(x, y):", "    a0 = x * y", *lines, f"    return a{size - 1}", ""])


def loops(size: int) -> str:
    lines = [f"    a{k} = a{k - 1} * x\n    for i{k} in range(n):\n        a{k} = a{k} * x" for k in range(1, size)]
    return "\n".join(["def f(x, n):", "    a0 = x * 2.0", *lines, f"    return a{size - 1}", ""])


def work(text: str, mode: str) -> int:
    """The number of calls that it takes to derive the function that `text` defines."""
    f = define(text)
    profile = cProfile.Profile()
    profile.enable()
    getattr(ad, mode)(f)
    profile.disable()
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("mode", ["grad", "jvp"])
@pytest.mark.parametrize("program", [straight, ladder, branches, loops])
def test_work_is_linear(program: Callable[[int], str], mode: str) -> None:
    work(program(4), mode)  # what is imported and remembered once
    small, large = (work(program(size), mode) / size for size in (SMALL, LARGE))
    assert large < MORE * small
