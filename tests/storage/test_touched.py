"""What adjoint statements do to adjoints."""

from __future__ import annotations

import pytest

from tangent_ad.core import nodes as n
from tangent_ad.frontend.read import read_function
from tangent_ad.runtime.helpers import add_at
from tangent_ad.storage.touched import base_of, has_lists, indices_of, own_elements, touched
from tests.frontend.defining import define

BARS = frozenset(("a", "b", "c"))


def body(text: str) -> tuple[n.Stmt, ...]:
    """The statements of a text, as they stand."""
    lines = "".join(f"    {line}\n" for line in text.splitlines())
    return read_function(define(f"def f(a, b, c, i, j, x):\n{lines}    return a\n", "f", {"add_at": add_at})).body[:-1]


@pytest.mark.parametrize(
    ("text", "read", "assigned", "added"),
    [
        ("a = b * x", "b", "a", ""),
        ("a = a + b", "b", "", "a"),
        ("a = b + a", "ab", "a", ""),  # the other way round it is not looked at
        ("a = a + a * x", "a", "a", ""),
        ("a = a - b", "ab", "a", ""),
        ("a += b", "b", "", "a"),
        ("a -= a * x", "a", "", "a"),
        ("a *= b", "b", "a", ""),
        ("a[i] += b", "b", "", "a"),
        ("a[i] = b[j]", "b", "a", ""),
        ("a[b] += x", "b", "", "a"),
        ("a[b] = x", "b", "a", ""),
        ("a[1:][i] += x", "", "", "a"),
        ("a.T[i] = x", "", "a", ""),
        ("if b > x:\n    a += c\nelse:\n    c = 0.0", "bc", "c", "a"),
        ("for i in range(b):\n    a[i] += x", "b", "", "a"),
        ("x = 2.0", "", "", ""),
    ],
)
def test_one_statement(text: str, read: str, assigned: str, added: str) -> None:
    found = touched(body(text), BARS)
    assert (found.read, found.assigned, found.added) == (set(read), set(assigned), set(added))
    assert found.all == set(read + assigned + added)


def test_adding_at_indices() -> None:
    call = n.Call(add_at, "add_at", (n.Index(n.Name("a"), n.Slice()), n.Name("b"), n.Name("c")))
    found = touched((n.ExprStmt(call),), BARS)
    assert (found.read, found.assigned, found.added) == ({"b", "c"}, set(), {"a"})
    found = touched((n.ExprStmt(n.Call(list.append, ".append()", (n.Name("a"), n.Name("b")))),), BARS)
    assert found.assigned == {"a", "b"}, "of another effect nothing is known"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("a[i] += b[i] * x", "abc"),
        ("a[i] += a[i] * c", "ab"),
        ("a[i] += b[j]", "ac"),
        ("a[i] += b[i + 1]", "ac"),
        ("a[i, j] += b[j, i]", "abc"),
        ("a[i, j] += a[j, i]", "bc"),
        ("a[0, i] += x", "bc"),  # constants in front are not looked through
        ("a[:, i] += x", "bc"),
        ("a[i][j] += b[i]", "abc"),
        ("a[i:] += x", "bc"),
        ("a[b[i]] += x", "bc"),
        ("a += b[i]", "bc"),
        ("if c > x:\n    a[i] = b[i]", "ab"),
    ],
)
def test_elements_of_each_iteration(text: str, own: str) -> None:
    lines = "".join(f"    {line}\n" for line in text.splitlines())
    (loop,) = body(f"for i in range(x):\n{lines}")
    assert isinstance(loop, n.For)
    assert own_elements(loop.body, loop, set(BARS)) == set(own)
    (loop,) = body(f"for i in range(-1, x):\n{lines}")
    assert isinstance(loop, n.For)
    assert own_elements(loop.body, loop, set(BARS)) == set()


def test_places() -> None:
    (stmt,) = body("a[i].T[b:, j] = x")
    assert isinstance(stmt, n.Assign)
    assert (base_of(stmt.target), indices_of(stmt.target)) == ("a", {"i", "b", "j"})
    assert base_of(n.Const(2.0)) == ""


def test_lists() -> None:
    assert has_lists(body("for j in range(i):\n    a.append(b)"), set(BARS))
    assert has_lists(body("if b.pop() > x:\n    pass"), set(BARS))
    assert not has_lists(body("a.append(b)"), {"b", "c"})
