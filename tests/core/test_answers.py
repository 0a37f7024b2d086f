"""What is asked of a node is answered once, and never for another node."""

from __future__ import annotations

from tangent_ad.core import nodes as n
from tangent_ad.core.answers import forget, kept


def test_each_node_is_asked_once() -> None:
    asked: list[n.Expr] = []

    @kept
    def width(expr: n.Expr) -> int:
        """How wide?"""
        asked.append(expr)
        return len(asked)

    x, same = n.Name("x"), n.Name("x")
    assert [width(x), width(x), width(same), width(x)] == [1, 1, 2, 1]
    assert asked == [x, same] and width.__doc__ == "How wide?"
    forget()
    assert width(x) == 3


def test_an_answer_that_is_none_or_empty_is_one() -> None:
    asked: list[n.Expr] = []

    @kept
    def nothing(expr: n.Expr) -> None:
        asked.append(expr)

    x = n.Name("x")
    assert nothing(x) is nothing(x) is None
    assert len(asked) == 1
    forget()


def test_a_node_that_is_gone_leaves_its_identity_to_nobody() -> None:
    """The answers hold their nodes: what is made later lies elsewhere."""

    @kept
    def name(expr: n.Name) -> str:
        return expr.id

    assert [name(n.Name(f"x{k}")) for k in range(1000)] == [f"x{k}" for k in range(1000)]
    forget()
