"""An optimisation that breaks a law costs speed, not the derivative."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import tangent_ad as ad
from tangent_ad.pipeline import Request, derive
from tangent_ad.storage import stored

X = np.array([0.3, -0.7, 0.5])


def written_over(x: "Float[np.ndarray, 'n']"):
    h = np.zeros(len(x))
    for i in range(len(x)):
        h[i] = np.exp(x[i])
    for i in range(len(x)):
        h[i] = h[i] * h[i] * x[i]
    return np.sum(h * h)


def other(x: "Float[np.ndarray, 'n']"):
    return written_over(x) + x[0]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Storage takes what has been written over for what it was."""
    monkeypatch.setattr(stored, "is_left_alone", lambda *_: True)


def test_strict(broken: None) -> None:
    with pytest.raises(ad.InternalError, match="version law"):
        derive(written_over, Request("grad", ("x",)), "made")


@pytest.mark.parametrize("jit", [False, True], ids=["plain", "compiled"])
def test_the_derivative_is_right(broken: None, monkeypatch: pytest.MonkeyPatch, jit: bool) -> None:
    monkeypatch.delenv("TANGENT_AD_STRICT")
    with pytest.warns(ad.NotOptimisedWarning, match="please report"):
        found = ad.grad(other, jit=jit)(X)
    exact = 2.0 * X**2 * np.exp(2.0 * X) ** 2 * 2.0 + 2.0 * X * np.exp(2.0 * X) ** 2
    np.testing.assert_allclose(found, exact + np.array([1.0, 0.0, 0.0]), rtol=1e-12)


def test_nothing_is_said_without_a_reason(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    text = """
        import numpy as np
        import tangent_ad as ad

        def f(x: float):
            return np.sin(x) * x

        assert ad.grad(f)(0.0) == 0.0
    """
    program.write_text(textwrap.dedent(text), encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k != "TANGENT_AD_STRICT"}
    subprocess.run([sys.executable, "-W", "error", str(program)], check=True, env=environment)
