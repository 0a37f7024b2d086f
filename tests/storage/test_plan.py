"""What is kept, what is computed again, and what its name still holds."""

from __future__ import annotations

import pytest

from tests.storage.planned import again, backward, kept, planned

LOOP = "for i in range(k):\n"


@pytest.mark.parametrize(
    ("body", "stays", "computed"),
    [
        # its name still holds it
        ("a = x * y\nb = a * x\nreturn b * a", {}, set()),
        # kept before it is overwritten; of a straight line, under another name
        ("x = x * y\nx = x * x\nreturn x", {"x": "name"}, set()),
        # computed again from what is at hand
        ("a = x * y\nb = a * a\na = 2.0\nreturn b * a", {}, {"a"}),
        (f"s = 0.0\n{LOOP}    a = x * i\n    s = s + a * a * y\nreturn s", {}, {"a", "t"}),
        # carried from iteration to iteration: in an array
        (f"{LOOP}    x = x * x\nreturn x", {"x": "array"}, set()),
        (f"{LOOP}    x = x * y + i\nreturn x", {"x": "array"}, set()),
        (f"{LOOP}    x = x * 2.0\nreturn x", {}, set()),
        # the cheapest of a chain: one of them, the others from it
        (f"{LOOP}    a = x * 2.0\n    b = a + y\n    x = b * a * x\nreturn x", {"x": "array"}, {"a", "b", "t"}),
        # of unknown trips: a list
        ("while x < y:\n    x = x * x\nreturn x", {"x": "list"}, set()),
        # an element, not the array
        (f"{LOOP}    u[i] = u[i] * u[i]\nreturn np.sum(u * u)", {"t": "array"}, set()),
        # the same, but nobody reads what is written: then it is not written
        (f"{LOOP}    u[i] = u[i] * u[i]\nreturn np.sum(u)", {}, {"t"}),
        # nothing
        ("return x * y", {}, set()),
        (f"s = 0.0\n{LOOP}    s = s + u[i] * x\nreturn s", {}, {"t"}),
    ],
)
def test_numbers(body: str, stays: dict[str, str], computed: set[str]) -> None:
    found = planned(body, without=frozenset(("fuse",)))
    assert (kept(found), again(found)) == (stays, computed)


def test_conditions() -> None:
    body = f"{LOOP}    if {{}}:\n        x = x * y\n    else:\n        x = x * x\nreturn x"
    assert not planned(body.format("i > 2")).sweeps.plan.flags
    assert not planned(body.format("y > 0.5")).sweeps.plan.flags, "y is what it was"
    assert not planned(body.format("x > 0.5")).sweeps.plan.flags, "x is kept anyway"
    flagged = planned(
        f"{LOOP}    a = np.sin(x)\n    if a > 0.5:\n        x = x * 2.0\n    else:\n        x = x * 3.0\nreturn x"
    )
    assert len(flagged.sweeps.plan.flags) == 1, "a sine computed again may come out on the other side of 0.5"
    assert not again(flagged)


def test_a_shape_takes_no_content() -> None:
    found = planned("a = u * 2.0\nb = np.sum(a)\na = u * b\nreturn np.sum(a)", "u", without=frozenset(("fuse",)))
    assert "a" not in kept(found)
    assert all(
        not value.content for values in found.sweeps.plan.again.values() for value in values if value.name == "a"
    )


def test_one_name_for_two_values() -> None:
    """Where the backward sweep needs both, one stands under another name."""
    found = planned("a = x * y\nb = a * x\na = b * y\nreturn a * b * a", "x y")
    held = found.sweeps.plan.held
    assert [value.name for value in held] == ["a"]
    assert set(held.values()).isdisjoint({"a", "b", "x", "y"})


@pytest.mark.parametrize("body", [
    f"{LOOP}    a = np.sin(x)\n    b = a * 2.0\n    x = np.exp(b) * a\nreturn x",
    "a = x * y\nb = a * a\na = 2.0\nreturn b * a",
])  # fmt: skip
def test_policies(body: str) -> None:
    reference = planned(body, optimise=False)
    assert not again(reference) and set(kept(reference).values()) == {"list"}
    assert not again(planned(body, without=frozenset(("recompute",))))
    no_arrays = planned(body, without=frozenset(("preallocate",)))
    assert "array" not in kept(no_arrays).values()


def test_values_are_provided_before_they_are_read() -> None:
    text = [
        line.strip() for line in backward(planned(f"{LOOP}    a = x * 2.0\n    b = a + y\n    x = b * a * x\nreturn x"))
    ]
    provided = [text.index(line) for line in ("x = x_saved[i]", "a = x * 2.0", "b = a + y", "t = b * a")]
    assert provided == list(range(provided[0], provided[0] + 4))
    assert text.index("x_bar = 1.0") < provided[0] < text.index("t_bar = x_bar * x")
