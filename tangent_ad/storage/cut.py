"""The cheapest set of values to keep.

In: a graph of values: what each is computed from, what keeping it costs, which cannot be computed again, which are
wanted.  Out: the values to keep, such that every wanted one is kept or computed from kept ones.

A minimum vertex cut between what cannot be computed again and what is wanted; of several, the one nearest to the
former, so that a loop keeps its state rather than what follows from it.  Source: Ford and Fulkerson 1956 (augmenting
paths, found breadth first as by Edmonds and Karp 1972); in differentiation since Zhang's and others' work on
recomputation, where it decides what is recomputed and what stored.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)
ENDLESS = 10**9


def cheapest_cut(
    operands: Mapping[Node, Iterable[Node]], cost: Mapping[Node, int], fixed: Iterable[Node], wanted: Iterable[Node]
) -> frozenset[Node]:
    """The nodes to keep.

    Parameters: `operands`: for each node the nodes it is computed from; `cost` of keeping each; `fixed`: the nodes that
        cannot be computed; `wanted`: those that are needed.
    Returns: the set of least total cost that separates `fixed` from `wanted`.

    >>> sorted(cheapest_cut({"x": (), "t": ("x",), "u": ("x",)}, {"x": 1, "t": 1, "u": 1}, ["x"], ["t", "u"]))
    ['x']
    >>> sorted(cheapest_cut({"a": (), "b": (), "t": ("a", "b")}, {"a": 1, "b": 1, "t": 1}, ["a", "b"], ["t"]))
    ['t']
    """
    index = {node: k for k, node in enumerate(operands)}
    # node k is split into 2k (in) and 2k + 1 (out), joined by its cost; the last two are source and sink
    source, sink = 2 * len(index), 2 * len(index) + 1
    residual: list[dict[int, int]] = [{} for _ in range(sink + 1)]

    def join(a: int, b: int, capacity: int) -> None:
        residual[a][b] = residual[a].get(b, 0) + capacity
        residual[b].setdefault(a, 0)

    for node, k in index.items():
        join(2 * k, 2 * k + 1, cost[node])
        for operand in operands[node]:
            join(2 * index[operand] + 1, 2 * k, ENDLESS)
    for node in fixed:
        join(source, 2 * index[node], ENDLESS)
    for node in wanted:
        join(2 * index[node] + 1, sink, ENDLESS)
    while True:
        came = _paths(residual, source)
        if sink not in came:
            break
        path, at = [], sink
        while at != source:
            path.append((came[at], at))
            at = came[at]
        least = min(residual[a][b] for a, b in path)
        for a, b in path:
            residual[a][b] -= least
            residual[b][a] += least
    return frozenset(node for node, k in index.items() if 2 * k in came and 2 * k + 1 not in came)


def _paths(residual: list[dict[int, int]], source: int) -> dict[int, int]:
    """The vertices that can be reached, each with the one before it."""
    came = {source: source}
    queue = deque((source,))
    while queue:
        at = queue.popleft()
        for to, capacity in residual[at].items():
            if capacity > 0 and to not in came:
                came[to] = at
                queue.append(to)
    return came
