"""The program after each pass: the listings, their order, and that each of them is a program that does the same."""

from __future__ import annotations

import re
from types import FunctionType
from typing import Any

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.errors import RefusedError, UsageError
from tangent_ad.explain import MODES, TITLES, explain
from tangent_ad.runtime import helpers

HELPERS = {name: fn for name, fn in vars(helpers).items() if isinstance(fn, FunctionType)}


def halved(y: float):
    return 0.5 * y


def f(x: float, n: int, w: float = 2.0):
    # a comment
    s = 0.0
    for i in range(n):
        k = i * 2
        s = np.exp(s * w) + halved(x) * k
    return s * x


def listings(text: str) -> dict[str, str]:
    """The listings by their titles' first words."""
    parts = re.split(r"^# \d+\. (.*)$", text, flags=re.M)[1:]
    return {title.partition(":")[0]: body for title, body in zip(parts[::2], parts[1::2], strict=True)}


def run(text: str, name: str) -> Any:
    scope = {"np": np, "halved": halved, **HELPERS}
    exec(text, scope)
    return scope[name]


def test_listings_are_numbered_from_one() -> None:
    for mode in MODES:
        text = explain(f, mode)
        numbers = [int(k) for k in re.findall(r"^# (\d+)\. ", text, flags=re.M)]
        assert numbers == list(range(1, len(numbers) + 1)), mode
        assert text.startswith("# 1. read: the function as it was read")


def test_every_listing_has_a_title_of_its_own() -> None:
    for mode in MODES:
        for title in re.findall(r"^# \d+\. (.*)$", explain(f, mode), flags=re.M):
            assert title in TITLES.values(), title


def test_the_program_stays_the_program() -> None:
    """What is listed before the derivative computes what `f` computes."""
    shown = listings(explain(f, "grad"))
    for stage in ("read", "desugar", "storage"):
        assert run(shown[stage], "f")(0.3, 3) == f(0.3, 3), stage


@pytest.mark.parametrize("mode", ["grad", "value_and_grad", "vjp", "jvp"])
def test_the_derivative_stays_the_derivative(mode: str) -> None:
    shown = listings(explain(f, mode))
    derivative = getattr(ad, mode)(f)
    args = {"vjp": (1.0, 0.3, 3), "jvp": (0.3, 1.0, 3)}.get(mode, (0.3, 3))
    raw = "forward mode" if mode == "jvp" else "reverse mode"
    for stage in (raw, "simplify"):
        np.testing.assert_allclose(run(shown[stage], f"f_{mode}")(*args), derivative(*args), rtol=1e-13)


def test_the_last_listing_is_what_is_returned() -> None:
    def code(text: str) -> str:
        return "\n".join(
            line for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", '"'))
        )

    last = listings(explain(f, "vjp"))["simplify"]
    assert code(last).splitlines()[1:] == [
        line for line in code(ad.vjp(f).source).split("def f_vjp", 1)[1].splitlines()[1:] if "Returns:" not in line
    ]


def test_storage_says_what_becomes_of_each_variable() -> None:
    shown = listings(explain(f, "grad"))["storage"]
    lines = {line.split("#")[0].strip(): line.split("#", 1)[1] for line in shown.splitlines() if line.count("  # ")}
    loop = next(note for code, note in lines.items() if code.startswith("k = "))
    assert "not active" in loop
    assert any("kept" in note or "computed again" in note for note in lines.values())
    assert "# a comment" in shown


def test_without_wrt_there_is_no_adjoint() -> None:
    assert "w_bar" in explain(f, "grad", wrt="w")
    assert "w_bar" not in explain(f, "grad", wrt="x")
    assert "return x_bar, w_bar" in listings(explain(f, "grad", wrt=("x", "w")))["simplify"]


def test_a_second_derivative_shows_both() -> None:
    text = explain(f, "hvp")
    assert text.count("storage: ") == 2
    assert text.index("reverse mode: ") < text.index("forward mode: ") < text.index("tangent only: ")
    assert "write the loop: " in explain(f, "hessian")


def test_with_a_workspace() -> None:
    assert "workspace: " in explain(f, "grad", workspace=True)
    assert "workspace: " not in explain(f, "grad")
    for mode in ("jvp", "hessian"):
        with pytest.raises(UsageError, match="takes no workspace; grad, value_and_grad, vjp, hvp, jacobian do"):
            explain(f, mode, workspace=True)


def test_wrong_calls() -> None:
    with pytest.raises(UsageError, match="mode='gradient': it must be one of grad, value_and_grad"):
        explain(f, "gradient")
    with pytest.raises(UsageError, match="no parameter `q`"):
        explain(f, "grad", wrt="q")
    with pytest.raises(RefusedError, match="comprehension"):
        explain(refused, "grad")


def refused(x):
    return sum([v for v in x])


@ad.partials(rule=lambda y, x: 2.0 * x)
def declared(x):
    return x * x


def test_a_declared_function_is_shown_as_a_call() -> None:
    shown = listings(explain(declared, "grad"))
    assert "declared" in shown["read"] and "2.0 * x" in shown["simplify"]
