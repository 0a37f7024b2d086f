"""Recursion without the stack."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from tangent_ad.core.trampoline import trampoline

Work = Generator[Any, Any, int]


def depth(k: int) -> Work:
    return 0 if k == 0 else 1 + (yield depth(k - 1))


def tree(k: int) -> Work:
    if k < 2:
        return k
    return (yield tree(k - 1)) + (yield tree(k - 2))


def test_as_deep_as_it_may_be() -> None:
    assert trampoline(depth(20_000)) == 20_000


def test_results_come_back_to_who_asked() -> None:
    assert trampoline(tree(15)) == 610


def falls(k: int, log: list[int]) -> Work:
    try:
        if k == 0:
            raise KeyError("at the bottom")
        return (yield falls(k - 1, log))
    finally:
        log.append(k)


def catches(log: list[int]) -> Work:
    try:
        yield falls(3, log)
    except KeyError:
        return (yield depth(7))
    return -1


def test_errors_go_up_as_in_calls() -> None:
    log: list[int] = []
    with pytest.raises(KeyError, match="at the bottom"):
        trampoline(falls(3, log))
    assert log == [0, 1, 2, 3]
    log = []
    assert trampoline(catches(log)) == 7 and log == [0, 1, 2, 3]
