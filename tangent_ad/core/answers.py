"""Questions about nodes, each answered once for each node.

In: a function of a node.  Out: the same function, which remembers.

Every pass asks the same of every statement, and most nodes outlive many passes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

N = TypeVar("N")
T = TypeVar("T")
Answers = dict[int, tuple[Any, Any]]
_KEPT: list[Answers] = []


def kept(ask: Callable[[N], T]) -> Callable[[N], T]:
    """`ask`, a question about a node (or a body) alone, answered once for each that it is asked of.

    Nodes are frozen, so an answer holds as long as its node lives; it is kept by identity, together with the node, so
    that the identity stays its own.  `forget` drops all answers.
    """
    answers: Answers = {}
    find = answers.get
    _KEPT.append(answers)

    @functools.wraps(ask)
    def asked(node: N) -> T:
        known = find(id(node))
        if known is None:
            known = answers[id(node)] = (node, ask(node))
        answer: T = known[1]
        return answer

    return asked


def forget() -> None:
    """Drop what `kept` questions remember: whoever has made a function calls it."""
    for answers in _KEPT:
        answers.clear()
