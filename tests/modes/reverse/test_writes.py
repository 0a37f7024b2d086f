"""The adjoints of statements that write."""

from __future__ import annotations

import pytest

from tangent_ad.core import nodes as n
from tests.modes.reverse.sweeping import HEAD, adjoints, lines, steps


@pytest.mark.parametrize(
    ("stmt", "adjoint"),
    [
        ("u[0] = x", "t_bar = u_bar[0]; u_bar[0] = 0.0; x_bar += t_bar"),
        ("u[0] = 2.0", "u_bar[0] = 0.0"),
        ("u[0] = k", "u_bar[0] = 0.0"),
        ("m[k, 1] = y", "t_bar = m_bar[k, 1]; m_bar[k, 1] = 0.0; y_bar += t_bar"),
        ("u[0] += x", "x_bar += u_bar[0]"),
        ("u[0] -= x", "x_bar -= u_bar[0]"),
        ("u[0] += k", ""),
        ("u[1:] = w[1:]", "t_bar = u_bar[1:].copy(); u_bar[1:] = 0.0; w_bar[1:] += t_bar"),
        ("u[:] = w", "t_bar = u_bar[:].copy(); u_bar[:] = 0.0; w_bar += t_bar"),
        ("u[:] = x", "t_bar = u_bar[:].copy(); u_bar[:] = 0.0; x_bar += sum_to(t_bar, x)"),
        ("m[:] = m[0]", "t_bar = m_bar[:].copy(); m_bar[:] = 0.0; m_bar[0] += sum_to(t_bar, t)"),
        ("m[:, 0] = u", "t_bar = m_bar[:, 0].copy(); m_bar[:, 0] = 0.0; u_bar += t_bar"),
        ("m[:, 0] += u", "t_bar = m_bar[:, 0].copy(); u_bar += t_bar"),
        ("m[:, 0] -= x", "t_bar = m_bar[:, 0].copy(); x_bar -= sum_to(t_bar, x)"),
        ("u[j] = y", "t_bar = read_last(u_bar, j); u_bar[j] = 0.0; y_bar += sum_to(t_bar, y)"),
        ("u[j] += y", "t_bar = read_last(u_bar, j); y_bar += sum_to(t_bar, y)"),
        (
            "m[j, 1:] = y",
            "t_bar = read_last(m_bar, (j, slice(1, None, None))); m_bar[j, 1:] = 0.0; y_bar += sum_to(t_bar, y)",
        ),
    ],
)
def test_by_index(stmt: str, adjoint: str) -> None:
    found = steps(f"j = np.array([0, 1, 0])\n{stmt}\nreturn u * x * y * np.sum(w) + m[0, 0]")
    (step,) = [step for step in found if isinstance(getattr(step.stmt, "target", None), n.Index)]
    assert lines(step.adjoint) == adjoint


def test_without_lengths_every_adjoint_is_summed_back() -> None:
    found = adjoints("u[:] = w\nreturn u", known=False)["u[:] = w"]
    assert found == "t_bar = u_bar[:].copy(); u_bar[:] = 0.0; w_bar += sum_to(t_bar, w)"


def test_lengths_that_only_may_be_equal() -> None:
    head = HEAD.replace('w: \'Float[np.ndarray, "n"]', 'w: \'Float[np.ndarray, "j"]')
    found = adjoints("u[:] = w\nreturn u", head=head)["u[:] = w"]
    assert found.endswith("w_bar += sum_to(t_bar, w)")
    single = head.replace("Float[np.ndarray", "Float32[np.ndarray")
    found = adjoints("u[:] = w\nreturn u", head=single.replace('"j"', '"n"'))["u[:] = w"]
    assert found.endswith("sum_to(t_bar, w)"), "an adjoint on its way may be of another precision"


def test_lists() -> None:
    found = adjoints("s = []\ns.append(x)\ns.append(2.0)\na = s.pop()\nb = s.pop()\nreturn a * b")
    assert found["s.append(x)"] == "t_bar = s_bar.pop(); x_bar += t_bar"
    assert found["s.append(2.0)"] == "t_bar2 = s_bar.pop()"
    assert (found["a = s.pop()"], found["b = s.pop()"]) == ("s_bar.append(a_bar)", "s_bar.append(b_bar)")


def test_what_is_popped_and_not_used() -> None:
    found = adjoints("s = []\ns.append(x)\ns.append(y)\ns.pop()\nreturn s.pop()")
    assert [a for s, a in found.items() if "s.pop()" in s] == ["s_bar.append(0.0)", "s_bar.append(t_bar3)"]
