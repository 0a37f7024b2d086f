"""What a statement becomes in the backward sweep."""

from __future__ import annotations

import pytest

from tangent_ad.core import nodes as n
from tangent_ad.core.walk import expressions, subexpressions
from tangent_ad.errors import RefusedError
from tangent_ad.storage.marks import before, behind
from tests.modes.reverse.sweeping import adjoints, lines, steps, sweep_of


@pytest.mark.parametrize(
    ("stmt", "adjoint"),
    [
        ("a = x", "x_bar += a_bar"),
        ("a = x * y", "x_bar += a_bar * y; y_bar += a_bar * x"),
        ("a = x * x", "x_bar += a_bar * (2.0 * x)"),
        ("a = x * k", "x_bar += a_bar * k"),
        ("a = x - x", "x_bar += a_bar * 0.0"),
        ("a = u * w", "u_bar += a_bar * w; w_bar += a_bar * u"),
        ("a = u * x", "u_bar += a_bar * x; x_bar += sum_to(a_bar * u, x)"),
        ("a = m * w", "m_bar += sum_to(a_bar * w, m); w_bar += sum_to(a_bar * m, w)"),
        ("a = np.exp(x)", "x_bar += a_bar * a"),
        ("a = u[k]", "u_bar[k] += a_bar"),
        ("a = m[k, 0]", "m_bar[k, 0] += a_bar"),
        ("a = u @ w", "u_bar += a_bar * w; w_bar += a_bar * u"),
        ("a = np.sign(x)", ""),
        ("a = k * 2", ""),
        ("a = u > 0", ""),
        ("a = u", ""),  # the same memory, and the same adjoint
        ("a = m[k]", ""),
        ("a = u.shape", ""),
    ],
)
def test_definitions(stmt: str, adjoint: str) -> None:
    found = adjoints(f"{stmt}\nreturn np.sum(a * u[0] + m[0] * x * y * w[0])")[stmt]
    assert found == adjoint


@pytest.mark.parametrize(
    ("body", "stmt", "adjoint"),
    [
        ("a = x\nb = a * y\na = y\nreturn a * b", "a = y", "y_bar += a_bar2"),  # nothing to do with the first one
        ("a = x\nif k:\n    b = a * y\n    a = y\nreturn a", "a = y", "y_bar += a_bar; a_bar = 0.0"),
        ("a = x\nb = a * y\na = 2.0\nreturn a * b", "a = 2.0", ""),
        ("x = x * y\nreturn x", "x = x * y", "y_bar += x_bar * x; x_bar = x_bar * y"),
        ("x = x + x\nreturn x", "x = x + x", "x_bar = x_bar * 2.0"),
        ("x = y + x\nreturn x", "x = y + x", "y_bar += x_bar"),
        ("x = k + x\nreturn x", "x = k + x", ""),
        ("u = u * u[0]\nreturn u", "u = u * t", "t_bar += sum_to(u_bar * u, t); u_bar = u_bar * t"),
        ("a = u * 2.0\na = a[1:]\nreturn a", "a = a[1:]", "t_bar = a_bar; a_bar = np.zeros((1,)); "
         "a_bar = spread(a_bar, a); a_bar[1:] += t_bar"),
        ("a = x * u\na = a[0]\nreturn a", "a = a[0]", "t_bar = a_bar; a_bar = 0.0; a_bar = spread(a_bar, a); "
         "a_bar[0] += t_bar"),
    ],
)  # fmt: skip
def test_names_bound_again(body: str, stmt: str, adjoint: str) -> None:
    found = adjoints(body, "u x y")[stmt]
    assert found == adjoint


@pytest.mark.parametrize(
    ("loop", "back", "first"),
    [
        ("range(k)", "range(k - 1, -1, -1)", ""),
        ("range(2, k)", "range(k - 1, 1, -1)", ""),
        ("range(k, 0, -1)", "range(1, k + 1)", ""),
        ("range(k, -1, -1)", "range(k + 1)", ""),
        ("range(1, k, 3)", "range(len(range(1, k, 3)) - 1, -1, -1)", "i = 1 + k2 * 3"),
        ("range(k, 1, -2)", "range(len(range(k, 1, -2)) - 1, -1, -1)", "i = k + k2 * -2"),
        ("range(0, 5, k)", "range(len(range(0, 5, k)) - 1, -1, -1)", "i = k2 * k"),
    ],
)
def test_loops(loop: str, back: str, first: str) -> None:
    step = steps(f"for i in {loop}:\n    x = x * i * y\nreturn x")[0]
    assert step.header is not None
    assert lines((step.header,)).split("; ")[0].partition(" in ")[2] == f"{back}:"
    assert lines(step.first) == first
    for k in (1, 2, 3, 5):
        there = list(eval(loop, {"k": k}))
        again = [eval(first[4:], {"k": k, "k2": k2}) if first else k2 for k2 in eval(back, {"k": k})]
        assert again == there[::-1]


def test_compound_statements() -> None:
    loop, branch = (
        step for step in steps("while x < y:\n    x = x * y\nif y > 0.0:\n    x = y\nreturn x") if step.blocks
    )
    assert loop.trips == "trips" and branch.trips is None
    assert loop.header is not None and lines((loop.header,)).startswith("for k2 in range(trips):")
    assert branch.header is not None and lines((branch.header,)).startswith("if y > 0.0:")
    assert [block.is_active for block in branch.blocks] == [True, False]


def test_what_has_no_derivative_has_no_backward_sweep() -> None:
    found = steps(
        "for i in range(k):\n    k = k + i\nif y > 0.0:\n    k = 2\nwhile k < 3:\n    k = k + 1\nreturn x * k"
    )
    assert all(step.header is None for step in found)
    assert not any(block.is_active for step in found for block in step.blocks)


def test_reads_say_which_value_they_mean() -> None:
    p, sweep = sweep_of("a = np.exp(x)\na = a * y\nreturn a")
    marks = [
        {(e.id, e.version) for s in sweep.step(p.fn.body[k]).adjoint for part in expressions(s) for e in names(part)}
        for k in (0, 1)
    ]
    assert marks[0] >= {("a", behind(0))}
    assert marks[1] >= {("a", before(1)), ("y", before(1))}
    assert {version for found in marks for name, version in found if name.endswith("_bar")} == {None}


def names(expr: n.Expr) -> list[n.Name]:
    return [e for e in subexpressions(expr) if isinstance(e, n.Name)]


def test_adjoints_of_a_block_start_at_zero() -> None:
    p, sweep = sweep_of("for i in range(k):\n    a = x * i\n    b = u * a\n    x = x + np.sum(b)\nreturn x")
    loop = p.fn.body[0]
    assert isinstance(loop, n.For)
    assert set(lines(tuple(sweep.zeros((loop.num, 0)))).split("; ")) >= {"a_bar = 0.0"}
    block = sweep.block(loop.body, (loop.num, 0))
    assert block.is_active and len(block.steps) == len(loop.body)


def test_refusals_have_a_place() -> None:
    p, sweep = sweep_of("a = x * 2.0\nb = np.linalg.norm(u, 3)\nreturn a * b")
    with pytest.raises(RefusedError, match=r"<text \d+>:3:"):
        sweep.step(p.fn.body[1])
