"""The text of both sweeps."""

from __future__ import annotations

import pytest

from tangent_ad.emit.text import body_text
from tests.storage.planned import backward, kept, loops, planned


def test_only_what_is_needed_runs() -> None:
    found = planned(
        "s = 0.0\nfor i in range(k):\n    s = s + x * y\n    a = np.sin(s)\nb = np.exp(a)\nreturn s * x", "x y"
    )
    text = body_text(found.made.body)
    assert "np.sin" not in text and "np.exp" not in text


def test_loops_run_backwards() -> None:
    body = "for i in range(k):\n    for j in range(i, 0, -1):\n        x = x * x + j\nreturn x"
    assert loops(planned(body, "x")) == [
        "for i in range(k):",
        "for j in range(i, 0, -1):",
        "for i in range(k - 1, -1, -1):",
        "for j in range(1, i + 1):",
    ]


def test_a_sweep_in_any_order_is_in_that_of_the_text() -> None:
    body = "for i in range(len(u)):\n    u[i] = np.sin(u[i])\nreturn np.sum(u * u)"
    found = planned(body, "u", without=frozenset(("fuse",)))
    assert len(loops(found)) == 2
    assert kept(found) == {"t": "array"}


def test_a_branch_that_has_no_adjoint() -> None:
    text = backward(planned("if y > 0.5:\n    a = 2.0\nelse:\n    a = x * x\nreturn a", "x"))
    (test,) = [line for line in text if line.startswith("if ")]
    assert test == "if not y > 0.5:"
    assert "else:" not in text


def test_a_while_that_is_never_entered_again() -> None:
    text = body_text(planned("while x < y:\n    x = x * x\nreturn x", "x").made.body)
    assert text.index("trips = 0") < text.index("while x < y:") < text.index("trips += 1")
    assert text.index("trips += 1") < text.index("in range(trips):")


@pytest.mark.parametrize(
    ("body", "copied"),
    [
        ("a = u\nfor i in range(k):\n    a = a * a\nreturn np.sum(a)", False),
        ("a = u * 1.0\nfor i in range(k):\n    b = np.sin(a)\n    a[0] = b[1]\nreturn np.sum(a)", True),
        # each iteration has a `b` of its own
        ("a = u * 1.0\nfor i in range(k):\n    b = a * 2.0\n    b[0] = x\n    a = b * a\nreturn np.sum(a)", False),
        (
            "for i in range(k):\n    a = u * i\n    s = np.sum(a * a)\n    a[0] = s\n    u = a * 2.0\nreturn np.sum(u)",
            True,
        ),
    ],
)
def test_arrays_that_are_written_later_are_kept_as_copies(body: str, copied: bool) -> None:
    found = planned(body, "u", optimise=False)
    text = body_text(found.made.body)
    assert (".copy())" in text) == copied
    assert "list" in kept(found).values()
