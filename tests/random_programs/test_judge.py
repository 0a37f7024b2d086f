"""Which programs are fit to test with, and why others are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.random_programs.judge import BIG, WORST, Case, OracleError, close, judge
from tests.random_programs.load import load, unload


def judged(body: str, *args: Any, single: bool = False) -> Case | str:
    """The judgement of `f(x, ...)` with this body, differentiated in x."""
    names = ", ".join("xyz"[: len(args)])
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    try:
        f = load("judged", f"import numpy as np\n\n\ndef f({names}):\n{lines}")["f"]
        return judge(f, list(args), (0,), 0, 11, single)
    finally:
        unload("judged")


def test_a_fit_program() -> None:
    found = judged("return np.sin(x) * x", 0.5)
    assert isinstance(found, Case) and found.variant == 0
    np.testing.assert_allclose(found.dot, found.tangents[0] * (np.sin(0.5) + 0.5 * np.cos(0.5)), rtol=1e-14)
    assert found.value == np.sin(0.5) * 0.5


UNFIT: dict[str, tuple[str, tuple[Any, ...], str]] = {
    "raises": ("return np.ones(3)[5] * x", (0.5,), "primal raises IndexError"),
    "infinite on the way": ("y = x / np.zeros(1)[0]\nreturn x", (0.5,), "a value on the way is not finite"),
    "nan": ("return x + np.nan", (0.5,), "value not finite or huge"),
    "huge": ("return x * 1e7", (0.5,), "value not finite or huge"),
    "steep": ("return np.sin(x * 1e8) * 0.1", (0.5,), "derivative not finite or huge"),
    "a kink nearby": ("return np.abs(x)", (1e-6,), "not smooth here"),
    "a jump": ("return x if x > 0.0 else x - 1.0", (0.0,), "not smooth here"),
    "a neighbour raises": ("if x > 0.5:\n    raise ValueError('x')\nreturn x", (0.5,), "a neighbour raises"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_unfit(case: str) -> None:
    body, args, reason = UNFIT[case]
    assert judged(body, *args) == reason


MATRICES = {
    "inv": "return np.linalg.inv(x)[0, 1]",
    "solve": "return np.linalg.solve(x, np.ones(2))[0]",
    "det": "return np.linalg.det(x)",
    "slogdet": "return np.linalg.slogdet(x)[1]",
    "nobody reads it": "y = np.linalg.inv(x)\nreturn x[0, 0]",
    "the second of two": "y = np.linalg.inv(np.eye(2))\nreturn np.linalg.det(x) * y[0, 0]",
    "in a loop": "y = x\nfor i in range(2):\n    y = np.linalg.inv(y)\nreturn y[0, 1]",
}


def of_condition(condition: float, dtype: type = np.float64) -> np.ndarray:
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    return (turn @ np.diag([1.0, 1.0 / condition]) @ turn.T).astype(dtype)


@pytest.mark.parametrize("case", MATRICES)
def test_nearly_singular_matrices(case: str) -> None:
    double, single = WORST["double"], WORST["single"]
    assert isinstance(judged(MATRICES[case], of_condition(0.5 * double)), Case)
    assert judged(MATRICES[case], of_condition(2.0 * double)) == "a matrix is nearly singular"
    assert isinstance(judged(MATRICES[case], of_condition(0.2 * single, np.float32), single=True), Case)
    assert judged(MATRICES[case], of_condition(2.0 * single, np.float32), single=True) == "a matrix is nearly singular"


def test_a_small_matrix_is_not_nearly_singular() -> None:
    """What counts is the condition, not the determinant."""
    assert isinstance(judged(MATRICES["inv"], 1e-2 * of_condition(2.0)), Case)


def test_watching_leaves_numpy_as_it_was() -> None:
    before: list[Callable[..., Any]] = [np.linalg.inv, np.linalg.solve, np.linalg.det, np.linalg.slogdet]
    for k in (2.0, 1e9):
        judged(MATRICES["inv"], of_condition(k))
    judged("y = np.linalg.inv(x)\nreturn y[5, 5]", of_condition(2.0))
    judged("return np.linalg.inv(x)[0, 0]", np.zeros((2, 2)))
    assert [np.linalg.inv, np.linalg.solve, np.linalg.det, np.linalg.slogdet] == before


def test_an_oracle_that_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests import oracle

    right = oracle.jvp

    def wrong(f: Any, args: Any, tangents: Any) -> Any:
        value, dot = right(f, args, tangents)
        return value, 1.01 * np.asarray(dot)

    monkeypatch.setattr(oracle, "jvp", wrong)
    with pytest.raises(OracleError, match="finite differences"):
        judged("return np.sin(x) * x", 0.5)


def test_arguments_stay_what_they_are() -> None:
    x = np.array([0.5, 0.25])
    assert isinstance(judged("x[0] = x[1] * x[0]\nreturn x[0]", x), Case)
    np.testing.assert_array_equal(x, [0.5, 0.25])


def test_close() -> None:
    one = np.array([1.0, 1e4])
    assert close(one, one + [5e-5, 0.0], 1e-8) and not close(one, one + [2e-4, 0.0], 1e-8)
    assert close(np.array([1e-12]), np.array([0.0]), 1e-8), "absolutely, below 1"
    assert not close(np.zeros(2), np.zeros(3), 1.0) and not close(np.zeros((1, 2)), np.zeros(2), 1.0)
    assert close(np.zeros(0), np.zeros(0), 0.0)
    assert not close(np.array([np.nan]), np.array([np.nan]), 1.0) and BIG == 1e6
