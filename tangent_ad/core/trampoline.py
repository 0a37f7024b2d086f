"""Recursion without the stack.

In: a generator that yields the work it needs done first, as further generators, or what is known without any.  Out:
what it returns.

A sum of 3,000 terms is a chain 3,000 calls deep, and Python's stack is shorter.
"""

from __future__ import annotations

from collections.abc import Generator
from types import GeneratorType
from typing import Any, TypeVar, cast

T = TypeVar("T")
Task = Generator[Any, Any, T]


def trampoline(task: Generator[Any, Any, T] | T) -> T:
    """Run a generator that yields further generators and receives their results: recursion without the stack.  What
    is no generator is a result already."""
    if type(task) is not GeneratorType:
        return cast(T, task)
    stack: list[Generator[Any, Any, Any]] = [task]
    value: Any = None
    error: BaseException | None = None
    while stack:
        try:
            if error is not None:
                pending, error = error, None
                step = stack[-1].throw(pending)
            else:
                step = stack[-1].send(value)
        except StopIteration as stop:
            stack.pop()
            value = stop.value
        except BaseException as raised:
            stack.pop()
            if not stack:
                raise
            error = raised
        else:
            if type(step) is GeneratorType:
                stack.append(step)
                value = None
            else:
                value = step
    result: T = value
    return result
